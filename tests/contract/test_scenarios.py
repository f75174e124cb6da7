"""Every published SDK goes through the same steps, each in a scenario of its own language.

A scenario is a program that gets the URL of an empty kestub and reports its steps as TAP does:
`ok - STEP` or `not ok - STEP`, the latter followed by lines that begin with `#` and tell why.
"""
import os
import re
import subprocess

import pytest

import sdks
from conftest import running

STEPS = [
    "bootstrap",
    "users",
    "groups",
    "update_user_groups",
    "group_members",
    "group_owners",
    "create_user_in_groups",
    "update_user_in_groups",
    "tenant_access",
    "search_groups",
    "search_group_members",
    "list_users",
    "list_tenant_access",
    "autocomplete",
    "api_tokens",
    "basic_and_bearer",
    "unauthorized",
    "forbidden",
    "not_found",
    "conflict",
    "unprocessable",
    "bad_request",
    "clean_up",
]
# Generous, since only a scenario that hangs takes so long.
SCENARIO_SECONDS = 120


def steps_of(output):
    """{step: why it failed, or None}"""
    steps = {}
    for outcome, step, why in re.findall(r"^(ok|not ok) - (\w+)\n((?:#.*\n)*)", output, re.M):
        steps[step] = why or "no reason given" if outcome == "not ok" else None
    return steps


@pytest.fixture(scope="module", params=sdks.PINS)
def scenario(request, tmp_path_factory):
    """What the SDK's scenario said of its steps."""
    try:
        command = sdks.prepare(request.param)
    except sdks.Unavailable as problem:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"{request.param} cannot be had here: {problem}")
    with running(tmp_path_factory.mktemp(request.param), "empty") as kestub:
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


@pytest.mark.parametrize("step", STEPS)
def test_step(scenario, step):
    why = scenario.get(step, "the scenario does not have it")
    if why:
        pytest.fail(why, pytrace=False)
