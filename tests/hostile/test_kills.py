"""A kill -9 or a stop at any moment loses nothing that was acknowledged, and harms no file."""
import json
import random
import signal
import sqlite3
import threading
import time

import pytest

from launch import Launched
from wire import Kept, health_ms

WRITERS = 6
TOKEN = b"Authorization: Bearer KESTUB-root-token-for-tests-only-0123456789\r\n"
GROUPS = "/api/v1/main/groups"


class Writer(threading.Thread):
    """Creates, changes and deletes groups until the server is gone, and remembers what was
    acknowledged. The last call is open: it may have happened or not."""

    def __init__(self, server, name, known, seed):
        super().__init__(daemon=True)
        self.client, self.name, self.known = Kept(server, TOKEN), name, known
        self.random = random.Random(seed)
        self.acknowledged, self.open = 0, None

    def call(self, method, path, body, statuses):
        status, answer = self.client.ask(method, path, body)
        if status == 503 and b"the server is stopping" in answer:
            raise EOFError
        assert status in statuses, (status, answer)
        self.acknowledged += 1
        return answer

    def step(self, count):
        kind = self.random.random()
        if kind < 0.6 or not self.known:
            name = f"{self.name}-{count}"
            self.open = (None, name)
            answer = self.call("POST", GROUPS, {"name": name}, [200])
            self.known[json.loads(answer)["id"]] = name
        else:
            group = self.random.choice(list(self.known))
            name = None if kind > 0.85 else f"{self.name}-{count}"
            self.open = (group, name)
            if name:
                self.call("PUT", f"{GROUPS}/{group}", {"name": name}, [200])
                self.known[group] = name
            else:
                self.call("DELETE", f"{GROUPS}/{group}", None, [200])
                del self.known[group]
        self.open = None

    def run(self):
        count = 0
        try:
            while True:
                self.step(count)
                count += 1
        except (ConnectionError, EOFError):
            pass  # the end


def groups_of(database):
    """What the file holds, by SQLite itself."""
    connection = sqlite3.connect(database)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return dict(connection.execute("SELECT id, name FROM groups"))
    finally:
        connection.close()


def check(found, known, open_calls):
    """`known` becomes what is there, as far as an open call explains the difference."""
    may_differ = {group for group, _ in open_calls}
    may_be_new = {name for group, name in open_calls if group is None}
    changed = dict(open_calls)
    for group, name in known.items():
        if group in may_differ:
            assert found.get(group) in (name, changed[group]), group
        else:
            assert found.get(group) == name, f"{name} was acknowledged, and is lost"
    for group in found.keys() - known.keys():
        assert found[group] in may_be_new, f"nobody has made {found[group]}"


def storm(directory, database, known, rng, name, how):
    """Ends a server under load with the signal `how`. Returns the acknowledged writes."""
    server = Launched(directory, "--db", database)
    shares = [dict(list(known.items())[i::WRITERS]) for i in range(WRITERS)]
    writers = [
        Writer(server, f"{name}w{i}", shares[i], rng.random()) for i in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    time.sleep(rng.uniform(0.02, 0.8))
    assert server.end(how) == (-how if how == signal.SIGKILL else 0)
    for writer in writers:
        writer.join(20)
        assert not writer.is_alive() and writer.acknowledged > 0
        writer.client.close()
    known.clear()
    for writer in writers:
        known.update(writer.known)
    open_calls = [writer.open for writer in writers if writer.open]
    # Half of the time kestub meets the file first, as it was left behind.
    if rng.random() < 0.5:
        server = Launched(directory, "--db", database)
        health_ms(server)
        assert server.end(signal.SIGTERM) == 0
    found = groups_of(database)
    check(found, known, open_calls)
    known.clear()
    known.update(found)
    return sum(writer.acknowledged for writer in writers)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_storms(tmp_path, figure, rounds, seed, how):
    rng = random.Random(seed)
    database = tmp_path / "state.db"
    assert Launched(tmp_path, "--db", database).end(signal.SIGTERM) == 0
    known = groups_of(database)
    ends = rounds(5)
    acknowledged = sum(
        storm(tmp_path, database, known, rng, f"s{i}", how) for i in range(ends)
    )
    figure(
        f"{acknowledged} acknowledged writes, {ends} times {how.name}, {len(known)} groups left; seed {seed}"
    )
