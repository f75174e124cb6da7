"""Database files that are damaged, or that nobody may write: kestub says so, or serves; it never
crashes."""
import os
import pathlib
import random
import shutil
import signal
import tempfile

import pytest

from kestub import BINARY
from launch import Launched
from wire import ask

TOKEN = b"Authorization: Bearer KESTUB-root-token-for-tests-only-0123456789\r\n"
CALLS = [
    ("GET", "/health", None),
    ("GET", "/api/v1/users?size=100", None),
    ("GET", "/api/v1/main/groups/search?size=100", None),
    ("GET", "/api/v1/main/groups/7C1klfgdQmLTCyrnlejrtg/members", None),
    ("GET", "/api/v1/tenants/search", None),
    ("GET", "/__admin/kestub/state", None),
    ("POST", "/api/v1/main/groups", {"name": "a new one"}),
    ("PUT", "/api/v1/main/users/4by6NvSLcPXFhCj8nwbZOM/groups", {"groupIds": []}),
    ("DELETE", "/api/v1/users/1l08woM6yObCVr7nwrDZBX", None),
    ("GET", "/sandbox/other/api/v1/users", None),
    ("DELETE", "/api/v1/tenants/main", None),
    ("POST", "/__admin/reset", None),
]


NOBODY = {"user": 65534, "group": 65534, "extra_groups": []}


def serve(directory, database, **process):
    """What came of it: "refused" and why, or "served" and the statuses of all calls."""
    server = Launched(directory, "--db", database, **process)
    if not server.url:
        code = server.end()
        # A message may quote what is in the file.
        lines = server.log.read_text(errors="replace").splitlines()
        assert code == 2, (code, lines)
        assert len(lines) == 1 and lines[0].startswith("kestub: --db: "), lines
        return "refused", lines[0]
    statuses = [ask(server, *call, headers=TOKEN)[0] for call in CALLS]
    assert server.end(signal.SIGTERM) == 0, server.log.read_text()
    return "served", statuses


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A file with some hundred groups, and one with a WAL that was not merged."""
    directory = tmp_path_factory.mktemp("whole")
    database, killed = directory / "state.db", directory / "killed.db"
    for path, number in ((database, signal.SIGTERM), (killed, signal.SIGKILL)):
        server = Launched(directory, "--db", path)
        for i in range(300):
            body = {"name": f"group {i}", "description": "x" * 100}
            assert ask(server, "POST", "/api/v1/main/groups", body, TOKEN)[0] == 200
        server.end(number)
    return {False: [database], True: [killed, directory / "killed.db-wal"]}


def flip(rng, data):
    for _ in range(rng.choice([1, 3, 30, 300])):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def flip_near_the_start(rng, data):
    data[rng.randrange(min(200, len(data)))] = rng.randrange(256)


def cut_out(rng, data):
    start = rng.randrange(len(data))
    del data[start : start + rng.choice([1, 100, 4096, 40960])]


def blank(rng, data):
    start = rng.randrange(len(data))
    size = min(rng.choice([1, 100, 4096, 40960]), len(data) - start)
    data[start : start + size] = bytes(size)


def truncate(rng, data):
    del data[rng.randrange(len(data)) :]


def append(rng, data):
    data.extend(rng.randbytes(rng.choice([1, 100, 4096])))


def swap_pages(rng, data):
    a, b = (rng.randrange(len(data) // 4096 or 1) * 4096 for _ in range(2))
    data[a : a + 4096], data[b : b + 4096] = data[b : b + 4096], data[a : a + 4096]


DAMAGES = [flip, flip_near_the_start, cut_out, blank, truncate, append, swap_pages]


def test_damaged_files(tmp_path, figure, whole, rounds, seed):
    rng = random.Random(seed)
    counts = {"refused": 0, "served": 0}
    failed = 0
    for number in range(rounds(210)):
        directory = tmp_path / str(number)
        directory.mkdir()
        sources = whole[rng.random() < 0.4]
        damaged = rng.choice(sources)
        damage = rng.choice(DAMAGES)
        for source in sources:
            shutil.copy(source, directory)
        data = bytearray(damaged.read_bytes())
        damage(rng, data)
        (directory / damaged.name).write_bytes(data)
        try:
            kind, statuses = serve(directory, directory / sources[0].name)
        except AssertionError as error:
            raise AssertionError(f"{number}: {damage.__name__} of {damaged.name}") from error
        counts[kind] += 1
        if kind == "served":
            assert statuses[0] == 200 and 0 not in statuses, statuses
            failed += any(status >= 500 for status in statuses)
        shutil.rmtree(directory)
    figure(
        f"{counts['refused']} refused, {counts['served']} served, {failed} of them with a 5xx; "
        f"seed {seed}"
    )
    assert counts["refused"] and counts["served"]


@pytest.mark.parametrize("what", ["file", "directory", "both"])
@pytest.mark.parametrize("is_merged", [True, False], ids=["merged", "with a WAL"])
def test_read_only(figure, whole, what, is_merged):
    """Root may write everywhere, so another user runs kestub, in a place that this one reaches."""
    if os.getuid() != 0:
        pytest.skip("only root can run kestub as another user")
    directory = pathlib.Path(tempfile.mkdtemp())
    try:
        binary = shutil.copy(BINARY, directory)
        for source in whole[not is_merged]:
            shutil.copy(source, directory)
            os.chown(directory / source.name, 65534, 65534)
            (directory / source.name).chmod(0o444 if what != "directory" else 0o644)
        os.chown(directory, 65534, 65534)
        directory.chmod(0o555 if what != "file" else 0o755)
        before = whole[not is_merged][0].read_bytes()
        database = directory / whole[not is_merged][0].name
        kind, outcome = serve(directory, database, binary=binary, **NOBODY)
        figure(f"{kind}: {outcome}")
        assert kind == "refused"
        assert database.read_bytes() == before
    finally:
        shutil.rmtree(directory)
