"""What the tests of packages share: the programs that they need, and what they install."""
import fcntl
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ["dh", "fish", "gpg", "groff", "lintian", "mandoc", "mmdebstrap", "systemd-analyze", "zsh"]
KEY = "Tests of releases <tester@kestub.invalid>"


def pytest_collection_modifyitems(items):
    """The suite needs all packages of docker/packages/packages, or skips all tests."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    for item in items:
        if missing and not os.environ.get("CI"):
            item.add_marker(pytest.mark.skip(reason=f"not installed: {', '.join(missing)}"))


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


def commit_release(clone):
    """Gives the version a day and commits that, as who releases it does."""
    changelog = clone / "docs/CHANGELOG.md"
    changelog.write_text(changelog.read_text().replace(" - unreleased\n", " - 2026-01-02\n", 1))
    if git(clone, "status", "--porcelain"):
        git(clone, "commit", "--quiet", "--all", "--message=release")


def git(clone, *arguments):
    who = ("-c", "user.name=A Tester", "-c", "user.email=tester@kestub.invalid")
    return subprocess.run(["git", "-C", clone, *who, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


def make_key(home):
    """Makes a key that signs the release. Returns the environment in which gpg finds it."""
    home.mkdir(mode=0o700)
    environment = {**os.environ, "GNUPGHOME": str(home)}
    subprocess.run(["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", KEY], env=environment, check=True)
    return environment


@pytest.fixture(scope="session")
def release(clone, tmp_path_factory):
    """The folder that docker/release makes; one for both workers."""
    # Its parent is the same for all workers.
    root = tmp_path_factory.getbasetemp().parent
    folder = root / "release"
    with (root / "release.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            commit_release(clone)
            git(clone, "config", "user.signingkey", KEY)
            # Without an engine, since the suite `docker` builds the image.
            environment = {**make_key(root / "gpg"), "DOCKER_HOST": f"unix://{root}/none"}
            done = subprocess.run([clone / "docker/release", folder], env=environment, text=True,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            assert done.returncode == 0, done.stdout
    return folder


@pytest.fixture(scope="session")
def wheel(release):
    [path] = release.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def archive(release):
    [path] = release.glob("*.tar.xz")
    return path


@pytest.fixture(scope="session")
def deb(release):
    [path] = release.glob("kestub_*.deb")
    return path


@pytest.fixture(scope="session")
def venv(wheel, tmp_path_factory):
    """A virtual environment with the wheel, pytest and pytest-xdist."""
    folder = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pins = [line for line in (ROOT / "tests/requirements.txt").read_text().split() if line.startswith("pytest")]
    subprocess.run([folder / "bin/pip", "install", "--quiet", "--disable-pip-version-check", wheel, *pins], check=True)
    return folder
