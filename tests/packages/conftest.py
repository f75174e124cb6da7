"""What the tests of packages share: the programs that they need, and what they install."""
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

TOOLS = ["bash", "dh", "dpkg-buildpackage", "fish", "groff", "lintian", "mandoc", "meson", "mmdebstrap", "zsh"]


def pytest_collection_modifyitems(items):
    """The suite needs the packages of docker/packages/packages, all or none."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing and not os.environ.get("CI"):
        for item in items:
            item.add_marker(pytest.mark.skip(reason=f"not installed: {', '.join(missing)}"))


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """The prefix into which `meson install` has put the build."""
    root = tmp_path_factory.mktemp("installed")
    subprocess.run(
        ["meson", "install", "-C", ROOT / "build", "--no-rebuild", "--quiet", "--destdir", root], check=True)
    [prefix] = root.glob("usr/local")
    return prefix
