"""Requests of a million bytes take a time that grows with their size, not with its square."""
import json
import pathlib
import struct

import pytest

from kestub import running
from wire import ask, connect, exchange, read_answer

N = 9000
FLOOR = 0.01  # seconds; shorter times say nothing
MANY_TIMES = 4  # how much longer twice as much may take
TOKEN = b"Authorization: Bearer KESTUB-root-token-for-tests-only-0123456789\r\n"
USER_GROUPS = "/api/v1/main/users/4by6NvSLcPXFhCj8nwbZOM/groups"


def members(count, value=1):
    return {f"member number {i}": value for i in range(count)}


def same_members(count):
    return '{"name":"x",' + ",".join(['"name":"x"'] * count) + "}"


def stub(**request):
    return {"request": request, "response": {"status": 200}}


def scenarios(count):
    return [
        {"scenarioName": f"scenario {i}", "requiredScenarioState": "Started", "newScenarioState": "b"}
        for i in range(count)
    ]


def ids(count):
    return [{"id": f"00000000-0000-4000-8000-{i:012x}"} for i in range(count)]


def tokens(count):
    return [{"name": f"token {i}", "token": f"secret-of-token-{i:012}"} for i in range(count)]


def state(count):
    users = [
        {"username": f"user{i}", "email": f"user{i}@x.org", "tenants": ["main"]} for i in range(count)
    ]
    return {"tenants": [{"id": "main", "name": "main"}], "users": users}


def groups(count):
    return {"tenants": [{"id": "main", "groups": [{"id": f"{i}", "name": f"g{i}"} for i in range(count)]}]}


# What to send, as a function of a count, and the statuses that it may get.
FLOODS = {
    "unknown members": ("POST", "/api/v1/main/groups", members, {200, 422}),
    "the same member": ("POST", "/api/v1/main/groups", same_members, {200, 422}),
    "group ids": ("PUT", USER_GROUPS, lambda n: {"groupIds": [f"none{i}" for i in range(n)]}, {404, 422}),
    "a group id": ("PUT", USER_GROUPS, lambda n: {"groupIds": ["7C1klfgdQmLTCyrnlejrtg"] * n}, {204}),
    "unknown members of a stub": ("POST", "/__admin/mappings", members, {422}),
    "headers of a stub": (
        "POST",
        "/__admin/mappings",
        lambda n: {"request": {}, "response": {"headers": members(n, "v")}},
        {201, 422},
    ),
    "header patterns": (
        "POST",
        "/__admin/mappings",
        lambda n: stub(headers=members(n, {"absent": True})),
        {201, 422},
    ),
    "a schema's properties": (
        "POST",
        "/__admin/mappings",
        lambda n: stub(
            bodyPatterns=[{"matchesJsonSchema": {"properties": members(n, {"type": "string"})}}]
        ),
        {201, 422},
    ),
    "metadata": ("POST", "/__admin/mappings", lambda n: {"metadata": members(n)}, {201, 422}),
    "stub ids": ("POST", "/__admin/mappings/import", lambda n: {"mappings": ids(n)}, {200}),
    "scenarios": ("POST", "/__admin/mappings/import", lambda n: {"mappings": scenarios(n)}, {200}),
    "users": ("PUT", "/__admin/kestub/state", state, {200}),
    "groups": ("PUT", "/__admin/kestub/state", groups, {200}),
    "tokens": (
        "PUT",
        "/__admin/kestub/state",
        lambda n: {"users": [{"username": "a", "email": "a@x.org", "tokens": tokens(n)}]},
        {200},
    ),
    "a form": ("POST", "/login", lambda n: "&".join(f"field{i}=value" for i in range(n)), {422}),
}


def text_of(body):
    return (body if isinstance(body, str) else json.dumps(body)).encode()


def processor_seconds(server):
    """What all threads have used. Unlike the time that passes, others do not add to it."""
    tasks = pathlib.Path(f"/proc/{server.process.pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def send(server, method, path, text):
    """The status, and the seconds of a processor."""
    kind = "application/json" if text[:1] in b"{[" else "application/x-www-form-urlencoded"
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\n".encode()
    head += TOKEN + b"Content-Length: %d\r\n\r\n" % len(text)
    with connect(server) as client:
        start = processor_seconds(server)
        client.sendall(head + text)
        status = read_answer(client)[0]
        return status, processor_seconds(server) - start


def reset(server):
    assert ask(server, "POST", "/__admin/reset")[0] == 200


def quickest(server, method, path, text, statuses):
    """The least of three times, each from the same state."""
    times = []
    for _ in range(3):
        reset(server)
        status, seconds = send(server, method, path, text)
        assert status in statuses, status
        times.append(seconds)
    return min(times)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    options = "--max-body", "8m", "--log", "off"
    with running(tmp_path_factory.mktemp("floods"), "default", *options) as kestub:
        yield kestub


def report(figure, once, twice):
    figure(f"{once * 1000:.0f} ms, and {twice * 1000:.0f} ms for twice as much")
    assert twice < MANY_TIMES * max(once, FLOOR)


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_takes_linear_time(server, figure, name):
    method, path, make, statuses = FLOODS[name]
    texts = [text_of(make(count)) for count in (N // 2, N)]
    report(figure, *(quickest(server, method, path, text, statuses) for text in texts))


PATTERNS = {
    "equalToJson": lambda n: {"equalToJson": members(n)},
    "equalToJson of an array in any order": lambda n: {
        "equalToJson": list(range(n)),
        "ignoreArrayOrder": True,
    },
    "a path to each": lambda n: {"matchesJsonPath": "$..none"},
    "a schema": lambda n: {
        "matchesJsonSchema": {"additionalProperties": {"type": "integer"}, "maxProperties": n}
    },
    "a regular expression": lambda n: {"matches": "(.*,)*none"},
}


@pytest.mark.parametrize("name", PATTERNS)
def test_to_match_a_flood_takes_bounded_time(server, figure, name):
    """The budget of a match bounds it, even where the time is no longer linear."""
    in_any_order = "order" in name
    body = list(range(N))[::-1] if in_any_order else dict(reversed(members(N).items()))
    reset(server)
    mapping = {
        "request": {"urlPath": "/matched", "bodyPatterns": [PATTERNS[name](N)]},
        "response": {"status": 203},
    }
    assert ask(server, "POST", "/__admin/mappings", mapping)[0] == 201
    status, seconds = send(server, "POST", "/matched", text_of(body))
    assert status in (203, 404)
    figure(f"{seconds * 1000:.0f} ms, {'matched' if status == 203 else 'not matched'}")
    assert seconds < 3


# The head has to fit into 32 KiB.
HEADS = {
    "parameters": lambda n: ("/health?" + "&".join(f"a{i}=b" for i in range(4 * n)), []),
    "filters": lambda n: ("/api/v1/users?" + "&".join(["filters[q][IN]=a"] * n), []),
    "sort keys": lambda n: ("/api/v1/users?" + "&".join(["sort=email:asc"] * n), []),
    "headers": lambda n: ("/health", [f"a{i}: b" for i in range(n)]),
    "cookies": lambda n: ("/health", ["Cookie: " + "; ".join(f"a{i}=b" for i in range(n))]),
    "segments": lambda n: ("/" + "a/" * (8 * n), []),
    "escapes": lambda n: ("/" + "%61" * (8 * n), []),
}


@pytest.mark.parametrize("name", HEADS)
def test_a_full_head_takes_linear_time(server, figure, name):
    times = []
    for count in (125, 250):
        target, headers = HEADS[name](count)
        lines = [f"GET {target} HTTP/1.1", "Host: x", TOKEN.decode().strip(), *headers]
        start = processor_seconds(server)
        for _ in range(10):
            answer = exchange(server, "\r\n".join([*lines, "Connection: close\r\n\r\n"]).encode())
            assert answer[9:12] in (b"200", b"400", b"404", b"422"), answer[:100]
        times.append((processor_seconds(server) - start) / 10)
    report(figure, *times)


COLLIDING = 6000
M32 = 0xFFFFFFFF
GOLDEN = 0x9E3779B9


def mix(a, b, c):
    """As Bob Jenkins mixes, whose hash is that of uthash."""
    for first, second, third in ((13, 8, 13), (12, 16, 5), (3, 10, 15)):
        a = (a - b - c & M32) ^ (c >> first)
        b = (b - c - a & M32) ^ (a << second & M32)
        c = (c - a - b & M32) ^ (b >> third)
    return a, b, c


def add_block(sums, block):
    words = struct.unpack("<3I", block)
    return mix(*(sum + word & M32 for sum, word in zip(sums, words)))


def colliding_ids(count):
    """Ids that uthash's own hash would put into one chain, however many chains it has: it gives up
    with 128 of them."""
    start = b"00000000-0000-4000-8000-"
    sums = add_block(add_block((GOLDEN, GOLDEN, 0xFEEDBEEF), start[:12]), start[12:])
    found, number = [], 0
    while len(found) < count:
        end = b"%012x" % number
        number += 1
        a, b, c = add_block(sums, end)
        if mix(a, b, c + 36 & M32)[2] % 128 == 0:
            found.append({"id": (start + end).decode()})
    return found


def test_ids_that_would_collide_do_not(server, figure):
    """The hash has a key that no client knows."""
    path, times = "/__admin/mappings/import", []
    for some in (ids(COLLIDING), colliding_ids(COLLIDING)):
        text = text_of({"mappings": some})
        times.append(quickest(server, "POST", path, text, {200}))
    figure(f"{times[0] * 1000:.0f} ms, and {times[1] * 1000:.0f} ms when chosen to collide")
    assert times[1] < 2 * max(times[0], FLOOR)
