"""`./dev compare`: kestub finds no difference to itself, and to another version those of the versions."""
import contextlib
import json
import pathlib
import sqlite3
import subprocess
import sys

import pytest
from kestub import BINARY

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMPARE = ROOT / "tests/compare/compare.py"
USER = ("--user", "root@root.com", "--password", "Root!1234")
TEST_SERVER = "--yes-this-is-a-test-server"
sys.path[:0] = [str(ROOT / "schema"), str(ROOT / "tests/compare")]

import calls  # noqa: E402
import contract_files  # noqa: E402

VERSIONS = contract_files.read_versions(ROOT / "schema/versions.yaml")
DOCUMENTS = contract_files.documents_of(contract_files.load(ROOT / "schema/openapi"), VERSIONS)
NAMES = list(DOCUMENTS)

# What differs between 1.3 and 2.0 besides the form of errors and the name of the privilege.
MOVED = {
    ("addUserToGroup", "without access"),
    ("addUserToGroup", "with access"),  # 1.3 has given it already
    ("addUserToGroup", "by username"),
    ("autocompleteUsers", "by name"),
    ("createTenantAccess", "bob"),
    ("createTenantAccess_1", "ada again"),
    ("createUser", "a password with _"),
    ("deleteUser", "dan"),  # who has that password
    ("getConfiguration", "no parameters"),
    ("getCurrentUser", "an ordinary user"),
    ("getCurrentUser", "an owner"),
    ("getCurrentUser", "eve"),
    ("getTenantAccess", "after joining"),
    ("getTenantAccess", "after leaving"),
    ("getTenantAccess", "one's own"),
    ("listTenantAccess", "all"),
    ("listUsers", "1000"),
    ("listUsers", "1001"),
    ("listUsers", "an unknown filter"),
    ("listUsers", "by name"),
    ("listUsers", "sorted"),
    ("listUsers", "the filter instance_owner"),
    ("listUsers", "the filter superAdmin"),
    ("patchCurrentUser", "eve"),
    ("patchUserSuperAdmin", "instanceOwner"),
    ("searchGroupMembers", "all"),
    ("searchGroups", "filtered"),
    ("setupConfiguration", "no parameters"),
    ("updateUser", "no lists"),
}
ERRORS = {f".{name}" for name in ("message", "_links", "_embedded", "type", "title", "status", "detail", "instance", "errors")}


def compare(url, *options):
    command = [sys.executable, COMPARE, url, "--kestub", BINARY, *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def is_about_rules(entry):
    name = entry["where"].rpartition(".")[2]
    return (
        entry["kind"] not in ("media", "slug", "route matched")
        and entry["where"] not in ERRORS
        and name not in ("superAdmin", "instanceOwner")
        and entry["operation"] in calls.operations(DOCUMENTS["1.3"])
    )


def users_and_tenants(kestub):
    with contextlib.closing(sqlite3.connect(f"{kestub.database.as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT id FROM users UNION ALL SELECT id FROM tenants").fetchall()


@pytest.mark.parametrize("version", NAMES)
def test_finds_no_difference_to_itself(start, version):
    kestub = start("default", "--server-version", version)
    before = users_and_tenants(kestub)
    done = compare(kestub.url, *USER, TEST_SERVER)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"kestub emulates {version}.\n" in done.stdout
    assert "0 operations differ" in done.stdout and "0 assumptions contradicted" in done.stdout
    assert users_and_tenants(kestub) == before


def test_finds_the_differences_of_another_version(start, tmp_path):
    kestub = start("default", "--server-version", "1.3")
    report = tmp_path / "report.json"
    done = compare(kestub.url, *USER, TEST_SERVER, "--server-version", "2.0", "--json", report)
    assert done.returncode == 1, done.stderr
    text = report.read_text()
    found = json.loads(text)
    assert {(e["operation"], e["call"]) for e in found["differences"] if is_about_rules(e)} == MOVED
    kinds = {entry["kind"] for entry in found["differences"]}
    assert kinds == {"status", "media", "member", "entries", "route matched"}
    verdicts = {entry["verdict"] for entry in found["assumptions"]}
    assert verdicts == {"confirmed", "contradicted", "untested"}
    for secret in ("Root!1234", calls.PASSWORD, calls.CHANGED, "fullToken\":"):
        assert secret not in done.stdout + text


def test_leaves_servers_with_other_users_alone(start):
    kestub = start()
    before = users_and_tenants(kestub)
    done = compare(kestub.url, *USER)
    assert done.returncode == 1 and TEST_SERVER in done.stderr
    assert users_and_tenants(kestub) == before


def test_works_with_a_token(start):
    kestub = start()
    token = "KESTUB-root-token-for-tests-only-0123456789"
    done = compare(kestub.url, "--token", token, TEST_SERVER)
    assert done.returncode == 0 and token not in done.stdout, done.stdout + done.stderr


def test_a_dry_run_sends_nothing():
    done = compare("http://127.0.0.1:1", "--dry-run")
    assert done.returncode == 0
    operations = calls.operations(DOCUMENTS[NAMES[-1]])
    listed = {line.split(": ")[1].split(",")[0] for line in done.stdout.splitlines()}
    assert listed == operations.keys()


@pytest.mark.parametrize("version", NAMES)
def test_calls_every_operation(version):
    planned, cleaning = calls.plan(DOCUMENTS[version], "run")
    called = {call.operation for call in planned + cleaning}
    assert called == calls.operations(DOCUMENTS[version]).keys()


def test_tests_assumptions_that_are_there():
    planned, _ = calls.plan(DOCUMENTS[NAMES[-1]], "run")
    older, _ = calls.plan(DOCUMENTS[NAMES[0]], "run")
    for call in planned + older:
        if not call.assumes:
            continue
        documents = DOCUMENTS.values()
        own = [s for d in documents for n in [calls.operations(d).get(call.about or call.operation)] if n for s in n[2].get("x-assumed", [])]
        shared = [s for d in documents for group in d["x-assumed"].values() for s in group]
        assert any(call.assumes in sentence for sentence in own + shared), call
