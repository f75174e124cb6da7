"""Every published SDK runs the same steps in a scenario of its own language, against the version of the
server that it was made for. So do WireMock's clients, which drive the control plane.

A scenario is a program that gets the URL of an empty kestub and reports its steps in the style of TAP:
`ok - STEP`, or `not ok - STEP` followed by lines that start with `#` and give the reason.
"""
import os
import re
import subprocess

import pytest

import sdks
from conftest import running

SDK_STEPS = [
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
    "roles",
    "search_roles",
    "managed_roles",
    "bindings",
    "rights",
    "service_accounts",
    "service_accounts_of_tenant",
    "invitations",
    "basic_and_bearer",
    "unauthorized",
    "forbidden",
    "not_found",
    "conflict",
    "unprocessable",
    "bad_request",
    "clean_up",
]
CLIENT_STEPS = [
    "create_stub",
    "priorities",
    "request_patterns",
    "delays",
    "faults",
    "scenario",
    "verify",
    "unmatched",
    "delete_stub",
    "templates",
    "waiting",
    "find_requests",
    "near_misses",
    "reset_journal",
    "reset",
]
STEPS = {
    "kestrapy-1.0": SDK_STEPS,
    # It has no classes for tenant access and bindings.
    "kestrapy-1.3": [
        *(s for s in SDK_STEPS if "tenant_access" not in s and s != "bindings"),
        "privilege",
        "errors",
    ],
    "kestrapy-2.0": [*SDK_STEPS, "me", "privilege", "page_size", "errors", "headers"],
    # It knows only those service accounts that belong to a tenant.
    "javascript": [
        *(s for s in SDK_STEPS if s != "service_accounts"),
        "security_integrations",
        "scim",
    ],
    "java": SDK_STEPS,
    "wiremock-python": CLIENT_STEPS,
    "wiremock-captain": CLIENT_STEPS,
    # The others have no multipart patterns.
    "wiremock-go": [*CLIENT_STEPS, "multipart"],
    "wiremock-java": [*CLIENT_STEPS, "multipart"],
}
# The version of the server that an SDK was made for; the others run with the default one.
SERVER_VERSIONS = {
    "kestrapy-1.0": "1.0",
    "kestrapy-1.3": "1.3",
    "kestrapy-2.0": "2.0",
    "javascript": "1.3",
    "java": "1.3",
}
# Generous: only a scenario that hangs takes this long.
SCENARIO_SECONDS = 120


def steps_of(output):
    """Returns {step: the reason why it failed, or None}."""
    steps = {}
    for outcome, step, why in re.findall(r"^(ok|not ok) - (\w+)\n((?:#.*\n)*)", output, re.M):
        steps[step] = why or "no reason given" if outcome == "not ok" else None
    return steps


def run(name, directory, *options, trust=None):
    """Runs the scenario of an SDK or a client. Returns the outcomes of its steps. `trust` returns
    variables for it, once the server runs."""
    command = sdks.prepared(name)
    version = SERVER_VERSIONS.get(name)
    if version:
        options = ["--server-version", version, *options]
    with running(directory, "empty", *options) as kestub:
        done = subprocess.run(
            [*command, kestub.url],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SCENARIO_SECONDS,
            env={**os.environ, **(trust() if trust else {})},
        )
    steps = steps_of(done.stdout)
    assert done.returncode == 0 and set(steps) <= set(STEPS[name]), done.stdout + done.stderr
    return steps


@pytest.fixture(scope="module")
def scenario(request, tmp_path_factory):
    return run(request.param, tmp_path_factory.mktemp(request.param))


@pytest.mark.parametrize(
    "scenario, step",
    [(name, step) for name, steps in STEPS.items() for step in steps],
    indirect=["scenario"],
    scope="module",  # otherwise each step would run the whole scenario
)
def test_step(scenario, step):
    why = scenario.get(step, "the scenario has not run this step")
    if why:
        pytest.fail(why, pytrace=False)


def trusting(certificate):
    """Returns the variables that make clients trust a certificate, whatever language they have."""
    store = certificate.with_name("trust.p12")
    subprocess.run(
        ["keytool", "-importcert", "-noprompt", "-file", certificate, "-keystore", store]
        + ["-storetype", "PKCS12", "-storepass", "changeit"],
        check=True,
        capture_output=True,
    )
    return {
        "SSL_CERT_FILE": str(certificate),  # Python's ssl, Go
        "REQUESTS_CA_BUNDLE": str(certificate),
        "NODE_EXTRA_CA_CERTS": str(certificate),
        "JAVA_TOOL_OPTIONS": f"-Djavax.net.ssl.trustStore={store} -Djavax.net.ssl.trustStorePassword=changeit",
    }


@pytest.mark.parametrize("name", STEPS)
def test_over_tls(name, tmp_path):
    certificate = tmp_path / "kestub.pem"
    options = ["--tls-self-signed", "--tls-cert-out", certificate]
    steps = run(name, tmp_path, *options, trust=lambda: trusting(certificate))
    assert steps == dict.fromkeys(STEPS[name])
