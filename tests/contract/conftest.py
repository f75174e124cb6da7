"""Starts kestub for a test, with the state in a file that the test can look into."""
import contextlib
import os
import pathlib
import re
import select
import sqlite3
import subprocess
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("KESTUB_BINARY", ROOT / "build/kestub")
# The scenarios of all SDKs begin with the set-up of an empty server.
HAS_SETUP = "operationId: setupKestra" in (ROOT / "schema/openapi.yaml").read_text()
collect_ignore = [] if HAS_SETUP else ["test_scenarios.py"]
# Generous, since only a server that hangs waits so long.
READY_SECONDS = 60
STOP_SECONDS = 30

MEMBERSHIPS = """
    SELECT u.id, t.id, g.id, m.kind, m.external
    FROM memberships m
    JOIN users u ON u.pk = m.user_pk
    JOIN groups g ON g.pk = m.group_pk
    JOIN tenants t ON t.pk = g.tenant_pk
"""


class Kestub:
    def __init__(self, process, url, database):
        self.process = process
        self.url = url
        self.database = database

    def memberships(self):
        """{(user, tenant, group): (kind, external)} of everyone, as the file has it now."""
        uri = f"{self.database.as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as connection:
            return {row[:3]: row[3:] for row in connection.execute(MEMBERSHIPS)}

    def groups_of(self, user, tenant="main"):
        return {key[2] for key in self.memberships() if key[:2] == (user, tenant)}


def ready_line(process, log):
    if not select.select([process.stdout], [], [], READY_SECONDS)[0]:
        pytest.fail(f"kestub was not ready within {READY_SECONDS} s: {log.read_text()}")
    return process.stdout.readline().decode()


@contextlib.contextmanager
def running(directory, fixture="default", *options):
    """A Kestub with its files in the directory. It must end well."""
    database, ready_file, log = (directory / n for n in ("state.db", "ready", "stderr"))
    command = [BINARY, "serve", "--port", "0", "--db", database, "--ready-file", ready_file]
    # The caller's environment must not configure this server.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("KESTUB_")}
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [*command, "--fixture", fixture, *options],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
        )
    try:
        line = ready_line(process, log)
        ready = re.match(r"kestub is ready at (http://[^\s,]+)", line)
        assert ready, f"{line!r}, {log.read_text()}"
        assert ready_file.read_text() == f"{ready[1]}\n"
        yield Kestub(process, ready[1], database)
    finally:
        code = stop(process)
    assert code == 0, log.read_text()


@pytest.fixture
def start(tmp_path):
    """Returns start(fixture, *options): a running Kestub. It must end well after the test."""
    with contextlib.ExitStack() as stack:

        def start(*arguments):
            directory = pathlib.Path(tempfile.mkdtemp(dir=tmp_path))
            return stack.enter_context(running(directory, *arguments))

        yield start


def stop(process):
    process.terminate()
    try:
        return process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return f"killed, since it did not stop within {STOP_SECONDS} s"
    finally:
        process.stdout.close()
