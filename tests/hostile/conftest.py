import pathlib
import resource
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from kestub import running  # noqa: E402

FIGURES = pytest.StashKey()


def pytest_configure(config):
    config.stash[FIGURES] = []
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


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
