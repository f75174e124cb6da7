"""`--long` lets every test that knows `rounds` go on for many more of them, and repeats all stops."""
import os
import pathlib
import random
import resource
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from kestub import running  # noqa: E402

FIGURES = pytest.StashKey()


# The gate has always the same inputs, and a long run has new ones, unless it is given a seed.
SEED = "KESTUB_HOSTILE_SEED"
LONGER = 400


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="run for hours")


def pytest_configure(config):
    config.stash[FIGURES] = []
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def pytest_generate_tests(metafunc):
    if metafunc.config.getoption("--long") and metafunc.module.__name__ == "test_stop":
        metafunc.fixturenames.append("again")
        metafunc.parametrize("again", range(50))


def pytest_terminal_summary(terminalreporter, config):
    terminalreporter.section("figures")
    for line in config.stash[FIGURES]:
        terminalreporter.write_line(line)


@pytest.fixture
def figure(request):
    """Notes what was measured, for the end of the report."""
    return lambda text: request.config.stash[FIGURES].append(f"{request.node.name}: {text}")


@pytest.fixture
def server(tmp_path):
    """A Kestub as it is by default."""
    with running(tmp_path, "default", "--log", "off") as kestub:
        yield kestub


@pytest.fixture
def seed(request):
    fresh = random.randrange(1_000_000) if request.config.getoption("--long") else 1
    return int(os.environ.get(SEED) or fresh)


@pytest.fixture
def rounds(request):
    """rounds(N) is N in the gate."""
    factor = LONGER if request.config.getoption("--long") else 1
    return lambda count: count * factor
