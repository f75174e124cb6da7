#!/usr/bin/env python3
"""Tests of ./dev, of its summary, and of docker/install-packages on machines made of fake tools. TAP."""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SUITES = "unit lint fuzz integration conformance model contract differential browser console hostile bench docker packages fresh"
UPDATE, INSTALL = "apt-get update", "apt-get install --no-install-recommends"
MISSING = " ".join((ROOT / "docker/packages/build").read_text().split())
BY_HAND = f"{UPDATE} && {INSTALL} {MISSING}"
BY_SUDO = f"sudo {UPDATE} && sudo {INSTALL} {MISSING}"

DPKG = {"dpkg-query": "exit 1"}
DPKG_HAS_ALL = {"dpkg-query": "echo install ok installed"}
APT = {"apt-get": 'echo "apt-get $*" >>"$CALLS"'}
BROKEN_APT = {"apt-get": "exit 100"}
ROOT_USER, USER = {"id": "echo 0"}, {"id": "echo 1000"}
SUDO = {"sudo": '[ "$1" = -n ] || { echo sudo >>"$CALLS" && "$@"; }'}
SUDO_WITH_PASSWORD = {"sudo": "exit 1"}

CALLS = f"{UPDATE} -qq\napt-get install -y -qq --no-install-recommends {MISSING}\n"
SUDO_CALLS = "".join(f"sudo\n{line}\n" for line in CALLS.splitlines())
# The tools of a machine, the exit code, the end of the one line on stderr, and the calls.
MACHINES = {
    "nothing is missing, for a user": ([DPKG_HAS_ALL, USER], 0, None, ""),
    "root": ([DPKG, APT, ROOT_USER], 0, None, CALLS),
    "root, but apt-get fails": ([DPKG, BROKEN_APT, ROOT_USER], 1, f": {BY_HAND}", ""),
    "sudo": ([DPKG, APT, USER, SUDO], 0, None, SUDO_CALLS),
    "sudo wants a password": ([DPKG, APT, USER, SUDO_WITH_PASSWORD], 1, f": {BY_SUDO}", ""),
    "no sudo": ([DPKG, APT, USER], 1, f"root can install them: {BY_HAND}", ""),
    "no apt-get": ([DPKG, ROOT_USER], 1, f": {BY_HAND}", ""),
    "no dpkg": ([ROOT_USER], 0, f": {BY_HAND}", ""),
}

# The arguments of ./dev, and a text in the one line on stderr.
MISTAKES = {
    ("brew",): "brew: no such command; there are: run, test, hostile, coverage, mutate, bench, fuzz, compare, format",
    ("hostile", "--short"): "hostile: --short: the only option is --long",
    ("test", "nope"): f"nope: no such suite; suites: {SUITES};",
    ("test", "unit", "--suite", "nope"): f"nope: no such suite; suites: {SUITES};",
    ("test", "--nope"): f"--nope: no such option; suites: {SUITES}; options: --suite NAME",
    ("test", "--suite"): "--suite: needs a name",
}

REPORTS = {
    "unit": '<testcase name="a"/><testcase name="b"/>',
    "docker": """<testcase name="c"><skipped message="collection skipped">(
        '/test_image.py', 34, 'Skipped: no engine')</skipped></testcase>""",
    "model": """<testcase name="d"><skipped message="why"/></testcase>
        <testcase name="e"><skipped message="why"/></testcase>
        <testcase name="f"><failure/></testcase>""",
}
SUMMARY = """failed: model: f
failed: lint did not run
skipped: docker, 1 of its tests: no engine
skipped: model, 2 of its tests: why
2 passed, 2 failed, 3 skipped
"""


def install(*tools):
    """Runs it with only these tools. Returns the process and the calls."""
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        for real in "sh", "dirname", "grep":
            (directory / real).symlink_to(shutil.which(real))
        for fakes in tools:
            for fake, script in fakes.items():
                (directory / fake).write_text(f"#!/bin/sh\n{script}\n")
                (directory / fake).chmod(0o755)
        calls = directory / "calls"
        calls.touch()
        done = subprocess.run(
            [ROOT / "docker/install-packages", "build"], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, env={"PATH": name, "CALLS": str(calls)})
        return done, calls.read_text()


def meets(tools, code, end, calls):
    done, called = install(*tools)
    says = done.stderr == "" if end is None else (
        done.stderr.endswith(f"{end}\n") and done.stderr.count("\n") == 1)
    return done.returncode == code and says and called == calls and done.stdout == ""


def refuses(arguments, text):
    done = subprocess.run([ROOT / "dev", *arguments], capture_output=True, text=True)
    return done.returncode == 2 and text in done.stderr and done.stderr.count("\n") == 1


def sums_up(reports, expected, code, text):
    with tempfile.TemporaryDirectory() as name:
        for suite in reports:
            path = pathlib.Path(name, f"{suite}.xml")
            path.write_text(f"<testsuites>{REPORTS[suite]}</testsuites>")
        done = subprocess.run(
            [sys.executable, ROOT / "tests/support/summary.py", name, *expected],
            capture_output=True, text=True)
    return (done.returncode, done.stdout) == (code, text)


def judges(covered, code, text):
    """Gives coverage.py 100 branches in each of two files."""
    files = [{"filename": name, "branch_total": 100, "branch_covered": n} for name, n in covered.items()]
    with tempfile.NamedTemporaryFile("w") as file:
        json.dump({"files": files}, file)
        file.flush()
        done = subprocess.run([sys.executable, ROOT / "tests/support/coverage.py", file.name],
                              capture_output=True, text=True)
    return done.returncode == code and text in done.stdout


def main():
    results = [(name, meets(*machine)) for name, machine in MACHINES.items()]
    results += [(" ".join(words), refuses(words, text)) for words, text in MISTAKES.items()]
    results += [
        ("sums up", sums_up(REPORTS, ["unit", "lint"], 1, SUMMARY)),
        ("sums up what passed", sums_up(["unit"], ["unit"], 0, "2 passed, 0 failed\n")),
        ("reaches the goals of coverage", judges(
            {"src/iam/a.c": 95, "src/b.c": 85}, 0, "reached: 90.0 % of the branches of src/, goal 90 %")),
        ("misses the goal of a folder", judges(
            {"src/iam/a.c": 94, "src/b.c": 99}, 1, "missed: 94.0 % of the branches of src/iam/, goal 95 %")),
        ("misses the goal of all", judges({"src/iam/a.c": 95, "src/b.c": 84}, 1, "missed: 89.5 % of the branches")),
        ("sums up nothing", sums_up([], [], 1, "0 passed, 0 failed\n")),
    ]
    print(f"1..{len(results)}")
    for number, (name, passed) in enumerate(results, 1):
        print(f"{'ok' if passed else 'not ok'} {number} - {name}")
    return 0 if all(passed for _, passed in results) else 1


if __name__ == "__main__":
    sys.exit(main())
