import os

import machine
import pytest


@pytest.fixture(scope="session", params=[
    pytest.param(release, marks=pytest.mark.xdist_group(release))
    for release in ("bookworm", "trixie")
])
def newcomer(request):
    """A machine of the release that has only a checkout."""
    if problem := machine.why_not():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(problem)
    made = machine.Machine(request.param)
    yield made
    made.remove()


def pytest_terminal_summary(terminalreporter):
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {name}: {value}")
