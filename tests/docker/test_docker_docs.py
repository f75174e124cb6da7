"""The blocks of README.md and docs/ that need a Docker engine, twice in a row."""
import os
import shutil
import subprocess

import pytest

import pages

BLOCKS = {
    str(path.relative_to(pages.ROOT)): [b for b in pages.read(path) if b.suite == "docker"]
    for path in pages.pages()
}
# An engine that leaves the firewall alone gives builds no network but the host's.
PRELUDE = """
docker() {
    case $1 in
    build) shift && command docker build --network=host "$@" ;;
    compose) shift && COMPOSE "$@" ;;
    *) command docker "$@" ;;
    esac
}
"""
# Else Testcontainers fetches an image that cleans up after a crash.
ENVIRONMENT = {"TESTCONTAINERS_RYUK_DISABLED": "true"}


def compose():
    """The command that stands for `docker compose`: Debian 12 has it as a program of its own."""
    if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0:
        return "command docker compose"
    return shutil.which("docker-compose")


@pytest.fixture(scope="module")
def page(request, engine, tmp_path_factory):
    """A reader of the page. Commands that build images need the checkout, and write nothing to it."""
    builds = request.param in ("README.md", "docs/docker.md")
    directory = pages.ROOT if builds else tmp_path_factory.mktemp("page")
    prelude = PRELUDE.replace("COMPOSE", compose() or "false")
    return pages.Reader(directory, {"8080": pages.free_port()}, ENVIRONMENT, prelude)


STEPS = [
    pytest.param(name, block, id=f"{block.place}-{turn}")
    for name, blocks in BLOCKS.items()
    for turn in ("first", "second")
    for block in blocks
]


@pytest.mark.parametrize("page, block", STEPS, indirect=["page"], scope="module")
def test_block(page, block):
    if block.language != "sh":
        return page.save(block)
    if "docker compose" in block.text and not compose() and not os.environ.get("CI"):
        pytest.skip("there is no Compose here")
    problem = page.run(block)
    if problem:
        pytest.fail(f"{block.place}: {problem}", pytrace=False)
