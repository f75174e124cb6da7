"""Starts kestub for a test, with the state in a file that the test can read."""
import contextlib
import pathlib
import sqlite3
import sys
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

import kestub

MEMBERSHIPS = """
    SELECT u.id, t.id, g.id, m.kind, m.external
    FROM memberships m
    JOIN users u ON u.pk = m.user_pk
    JOIN groups g ON g.pk = m.group_pk
    JOIN tenants t ON t.pk = g.tenant_pk
"""


class Kestub:
    def __init__(self, url, database):
        self.url = url
        self.database = database

    def memberships(self):
        """Returns {(user, tenant, group): (kind, external)} of all users, as the file has it now."""
        uri = f"{self.database.as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as connection:
            return {row[:3]: row[3:] for row in connection.execute(MEMBERSHIPS)}

    def groups_of(self, user, tenant="main"):
        return {key[2] for key in self.memberships() if key[:2] == (user, tenant)}


@contextlib.contextmanager
def running(directory, fixture="default", *options):
    database = directory / "state.db"
    with kestub.running(directory, fixture, "--db", database, *options) as server:
        yield Kestub(server.url, database)


@pytest.fixture
def start(tmp_path):
    """Returns start(fixture, *options): a running Kestub. The test fails if it does not end cleanly."""
    with contextlib.ExitStack() as stack:

        def start(*arguments):
            directory = pathlib.Path(tempfile.mkdtemp(dir=tmp_path))
            return stack.enter_context(running(directory, *arguments))

        yield start
