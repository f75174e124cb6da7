"""Programs of others that know nothing of Kestra provision through SCIM, in the oldest and the newest version
of the server, which differ in all other errors."""
import subprocess

import pytest

import sdks
from conftest import running
from test_scenarios import SCENARIO_SECONDS, steps_of

STEPS = [
    "bootstrap",
    "compliance",
    "discovery",
    "users",
    "groups",
    "queries",
    "deactivate",
    "patch",
    "replace",
    "delete",
    "disable",
]


@pytest.fixture(scope="module")
def scenario(request, tmp_path_factory):
    """Runs the scenario. Returns the outcomes of its steps."""
    command = sdks.prepared("scim")
    version = request.param
    directory = tmp_path_factory.mktemp(f"scim-{version}")
    with running(directory, "empty", "--server-version", version) as kestub:
        done = subprocess.run(
            [*command, kestub.url],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SCENARIO_SECONDS,
        )
    steps = steps_of(done.stdout)
    assert done.returncode == 0 and set(steps) <= set(STEPS), done.stdout + done.stderr
    return steps


@pytest.mark.parametrize(
    "scenario, step",
    [(version, step) for version in ("1.0", "2.0") for step in STEPS],
    indirect=["scenario"],
    scope="module",
)
def test_step(scenario, step):
    why = scenario.get(step, "the scenario has not run this step")
    if why:
        pytest.fail(why, pytrace=False)
