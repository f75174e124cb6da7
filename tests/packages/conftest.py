"""What the tests of packages share: the programs that they need, and what they install."""
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ["dh", "fish", "groff", "lintian", "mandoc", "mmdebstrap", "systemd-analyze", "zsh"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """The suite needs all packages of docker/packages/packages, or skips all tests."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    for item in items:
        if missing and not os.environ.get("CI"):
            item.add_marker(pytest.mark.skip(reason=f"not installed: {', '.join(missing)}"))
        group = "wheel" if "wheel" in item.fixturenames else "archive"
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """The prefix into which `meson install` has put the build."""
    root = tmp_path_factory.mktemp("installed")
    subprocess.run(
        ["meson", "install", "-C", ROOT / "build", "--no-rebuild", "--quiet", "--destdir", root], check=True)
    [prefix] = root.glob("usr/local")
    return prefix


@pytest.fixture(scope="session")
def clone(tmp_path_factory):
    """A checkout of what is committed, and of nothing else."""
    folder = tmp_path_factory.mktemp("clone") / "kestub"
    subprocess.run(["git", "clone", "--quiet", "--no-local", ROOT, folder], check=True)
    return folder


@pytest.fixture(scope="session")
def wheel(clone, tmp_path_factory):
    """The wheel that `pip install .` would install."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder, clone], check=True)
    [path] = folder.iterdir()
    return path


@pytest.fixture(scope="session")
def venv(wheel, tmp_path_factory):
    """A virtual environment with the wheel, pytest and pytest-xdist."""
    folder = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pins = [line for line in (ROOT / "tests/requirements.txt").read_text().split() if line.startswith("pytest")]
    subprocess.run([folder / "bin/pip", "install", "--quiet", "--disable-pip-version-check", wheel, *pins], check=True)
    return folder


@pytest.fixture(scope="session")
def archive(clone, tmp_path_factory):
    """The archive of a release, as `meson dist` makes it."""
    build = tmp_path_factory.mktemp("dist")
    subprocess.run(["meson", "setup", build, clone], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["meson", "dist", "-C", build, "--no-tests"], check=True, stdout=subprocess.DEVNULL)
    [path] = build.glob("meson-dist/*.tar.xz")
    return path


@pytest.fixture(scope="session")
def debs(archive, tmp_path_factory):
    """The folder with what docker/build-deb makes."""
    folder = tmp_path_factory.mktemp("debs")
    done = subprocess.run(
        [ROOT / "docker/build-deb", archive, folder], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
    return folder


@pytest.fixture(scope="session")
def deb(debs):
    [path] = debs.glob("kestub_*.deb")
    return path
