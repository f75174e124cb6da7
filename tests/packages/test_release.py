"""docker/release, and what it makes."""
import os
import re
import subprocess

import pytest

import conftest


def refused(clone, *arguments):
    done = subprocess.run([clone / "docker/release", *arguments], cwd=clone.parent, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done
    return done.stderr


@pytest.fixture
def mine(clone, tmp_path):
    """A checkout that a test may change."""
    conftest.git(tmp_path, "clone", "--quiet", clone, "mine")
    conftest.commit_release(tmp_path / "mine")
    return tmp_path / "mine"


def edit(mine, name, old, new):
    path = mine / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    conftest.git(mine, "commit", "--quiet", "--all", "--message=edit")


def test_has_these_files(release):
    names = {re.sub(r"\d+\.\d+\.\d+", "V", path.name) for path in release.iterdir()}
    patterns = {r"kestub-V\.tar\.xz", r"kestub-V\.tar\.gz", r"kestub-V-py3-none-linux_\w+\.whl", r"kestub_V_\w+\.deb",
                r"kestub-dbgsym_V_\w+\.deb", r"kestub_V_\w+\.changes", r"kestub_V_\w+\.buildinfo", "SHA256SUMS",
                r"SHA256SUMS\.asc"}
    assert all(any(re.fullmatch(pattern, name) for pattern in patterns) for name in names), names
    assert len(names) == len(patterns)


def test_the_sums_are_right_and_signed(release):
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=release, check=True)
    summed = {line.split()[1] for line in (release / "SHA256SUMS").read_text().splitlines()}
    assert summed == {path.name for path in release.iterdir() if not path.name.startswith("SHA256SUMS")}
    environment = {**os.environ, "GNUPGHOME": str(release.parent / "gpg")}
    subprocess.run(["gpg", "--batch", "--verify", "SHA256SUMS.asc", "SHA256SUMS"], cwd=release, env=environment, check=True)


def test_the_wheel_is_for_this_machine_and_complete(wheel, venv):
    listed = subprocess.run([venv / "bin/python", "-m", "zipfile", "-l", wheel], check=True, stdout=subprocess.PIPE, text=True)
    names = {re.sub(r"^kestub-\d+\.\d+\.\d+", "", line.split()[0]) for line in listed.stdout.splitlines()[1:]}
    assert names == {".data/purelib/pytest_kestub.py", ".data/scripts/kestub", ".dist-info/METADATA", ".dist-info/WHEEL",
                     ".dist-info/RECORD", ".dist-info/entry_points.txt", ".dist-info/licenses/LICENSE"}


@pytest.mark.parametrize("change", ["README.md", "new"])
def test_refuses_what_is_not_committed(mine, change):
    with (mine / change).open("a") as file:
        file.write("more")
    assert "there are changes that are not committed:" in (said := refused(mine, "out")) and change in said
    assert not (mine.parent / "out").exists()


def test_refuses_a_version_without_section(mine):
    edit(mine, "meson.build", "version: '", "version: '9.")
    assert "docs/CHANGELOG.md: its first section is of " in refused(mine, "out")


def test_refuses_a_version_without_date(mine):
    edit(mine, "docs/CHANGELOG.md", " - 2026-01-02", " - unreleased")
    assert "has no date yet" in refused(mine, "out")


def test_refuses_a_folder_that_is_there(mine):
    assert "is there already" in refused(mine, "mine")


def test_refuses_no_folder(mine):
    assert "it needs a folder" in refused(mine)


@pytest.mark.parametrize("old, new, problem", [
    (" - 2026-01-02\n", " - 2026-02-30\n", "has no such day"),
    (" - 2026-01-02\n", " (2026)\n", "is not VERSION - DATE or VERSION - unreleased"),
    ("\n### Changed\n", "\n## 99.0.0 - 2026-01-01\n### Changed\n", "does not belong below"),
    ("\n### Changed\n", "\n## 0.0.1 - unreleased\n### Changed\n", "does not belong below"),
])
def test_lint_reads_the_changelog(mine, old, new, problem):
    edit(mine, "docs/CHANGELOG.md", old, new)
    done = subprocess.run([mine / "tests/lint/version", mine], capture_output=True, text=True)
    assert done.returncode == 1 and problem in done.stdout
