"""Memory has one limit, --max-memory, whatever takes it."""
import contextlib
import functools
import itertools
import json
import pathlib
import re
import resource
import threading

import pytest

from kestub import running
from wire import ask, connect, exchange, health_ms, is_answered, read_answer

MIB = 1 << 20
LIMIT = 64 * MIB
# What may come between two measurements, and small requests beyond the limit.
SLACK = 8 * MIB
BODY = "x" * 900_000
FULL = b"--max-memory"
GROUPS = "/api/v1/main/users/2EPi5XC0oluKRCVF56gcC/groups"
GROUP = "7C1klfgdQmLTCyrnlejrtg"
TOKEN = "Authorization: Bearer KESTUB-root-token-for-tests-only-0123456789"


def memory(server, field="VmRSS"):
    """The bytes of the server: VmRSS now, VmHWM at most."""
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(rf"^{field}:\s+(\d+) kB$", status, re.MULTILINE)[1]) * 1024


def mib(count):
    return f"{count / MIB:.0f} MiB"


def of(count, limit):
    return f"{mib(count)} of {mib(limit)}"


@pytest.fixture
def run(tmp_path):
    return lambda limit, *options: running(
        tmp_path, "default", "--log", "off", "--max-memory", str(limit), *options
    )


@contextlib.contextmanager
def limited(run, figure, *options):
    with run(LIMIT, *options) as server:
        yield server
        milliseconds = health_ms(server)
        most = memory(server, "VmHWM")
        figure(f"{of(most, LIMIT)} at most; then {milliseconds:.1f} ms")
        assert most < LIMIT + SLACK


@pytest.fixture
def small(run, figure):
    """A server with little memory. After the test it is alive and has kept to its limit."""
    with limited(run, figure) as server:
        yield server


@pytest.fixture
def crowded(run, figure):
    """The same, but only its memory limits the sandboxes."""
    with limited(run, figure, "--max-sandboxes", "100000") as server:
        yield server


def sandbox(name):
    return f"X-Kestub-Sandbox: {name}\r\n".encode()


def until_full(act, most):
    """How often something can be done before a 507 that names the option."""
    for i in range(most):
        status, body = act(i)
        if status == 507:
            assert FULL in body
            return i
        assert status in (200, 201, 204), body
    raise AssertionError(f"{most} did not fill the memory")


def test_journals(small):
    """They share what is there; the newest entries stay."""
    with connect(small) as client:
        for i in range(3000):
            body = BODY[:30_000].encode()
            head = f"POST /x{i} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
            client.sendall(head.encode() + sandbox(f"s{i % 15}") + b"\r\n" + body)
            assert read_answer(client)[0] == 404
    status, body = ask(small, "GET", "/__admin/requests?limit=1", headers=sandbox("s14"))
    assert status == 200
    assert json.loads(body)["requests"][0]["request"]["url"] == "/x2999"


def test_stubs(small):
    def add(i):
        return ask(small, "POST", "/__admin/mappings", {"response": {"body": BODY}})

    assert until_full(add, 100) > 5
    assert ask(small, "DELETE", "/__admin/mappings")[0] == 200
    assert add(0)[0] == 201


def users(count):
    return {"users": [{"email": f"user-{i}@example.org"} for i in range(count)]}


def test_snapshots(small):
    """Those of the same state would share it."""

    def save(i):
        header = sandbox(f"s{i // 32}")
        status, body = ask(small, "PUT", "/__admin/kestub/state", users(5000), header)
        if status != 200:
            return status, body
        return ask(small, "POST", f"/__admin/kestub/snapshots/{i % 32}", headers=header)

    assert until_full(save, 1000) > 5


def test_sandboxes(crowded, figure):
    """An ordinary request makes them. Those that are there go on working."""

    def change(name, groups):
        headers = sandbox(name) + f"{TOKEN}\r\n".encode()
        return ask(crowded, "PUT", GROUPS, {"groupIds": groups}, headers)

    def enter(i):
        return change(f"s{i}", [GROUP])

    count = until_full(enter, 5000)
    figure(f"{count} sandboxes")
    assert count > 500
    for name in ("s0", f"s{count - 1}", "default"):
        assert change(name, [])[0] == 204
    # These changes may have taken the room of some.
    for i in range(1, 20):
        assert ask(crowded, "DELETE", f"/__admin/kestub/sandboxes/s{i}")[0] == 204
    assert enter(1)[0] == 204


def head(method, path, *fields):
    lines = [f"{method} {path} HTTP/1.1", "Host: x", "Content-Type: application/json", *fields]
    return "\r\n".join([*lines, "", ""]).encode()


def test_a_length_beyond_the_limit_is_refused_before_the_body(small):
    request = head("PUT", "/__admin/kestub/state", f"Content-Length: {LIMIT}")
    assert exchange(small, request).startswith(b"HTTP/1.1 507 ")
    request = head("PUT", "/__admin/kestub/state", f"Content-Length: {1 << 31}")
    assert exchange(small, request).startswith(b"HTTP/1.1 413 ")


def upload(server, path, body, chunked):
    """The status of a large request, whose body may not be taken to its end."""
    block = MIB // 4
    with connect(server) as client:
        length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
        try:
            client.sendall(head("PUT", path, length))
            for i in range(0, len(body), block):
                part = body[i : i + block]
                client.sendall(b"%x\r\n%b\r\n" % (len(part), part) if chunked else part)
            client.sendall(b"0\r\n\r\n" if chunked else b"")
        except ConnectionError:
            pass  # refused early
        return read_answer(client)


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("body", ["users", "numbers", "depth"])
def test_parallel_uploads(small, chunked, body):
    """Texts whose trees take many times their size."""
    body = {
        "users": json.dumps(users(300_000)),
        "numbers": '{"users":[' + "1," * 5_000_000 + "1]}",
        "depth": '{"users":[' + "[[[[]]]]," * 1_000_000 + "1]}",
    }[body].encode()
    answers = []

    def run(i):
        answers.append(upload(small, f"/sandbox/s{i}/__admin/kestub/state", body, chunked))

    threads = [threading.Thread(target=run, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for status, text in answers:
        assert status == 507, text
        assert FULL in text


def test_parallel_bodies_for_the_emulator(run, figure):
    """As far as --max-body lets them."""
    with run(LIMIT, "--max-body", "100m") as server:
        clients = [connect(server) for _ in range(50)]
        for client in clients:
            client.sendall(head("PUT", GROUPS, TOKEN, f"Content-Length: {4 * MIB}"))
            client.sendall(2 * MIB * b" ")
        milliseconds = health_ms(server)
        for client in clients:
            client.sendall(2 * MIB * b" ")
        statuses = [read_answer(client)[0] for client in clients]
        most = memory(server, "VmHWM")
        figure(
            f"{statuses.count(507)} of {len(clients)} refused, {of(most, LIMIT)} at most; "
            f"{milliseconds:.1f} ms meanwhile"
        )
        assert set(statuses) == {400, 507}
        assert most < LIMIT + SLACK


def test_ordinary_writes(small):
    """They fill what is left. Then reading, deleting and resetting go on."""
    token = f"{TOKEN}\r\n".encode()
    made = itertools.count()

    def fill():
        with connect(small) as client:
            for i in made:
                body = json.dumps({"name": f"group-{i}", "description": BODY[:16_000]})
                fields = TOKEN, f"Content-Length: {len(body)}"
                client.sendall(head("POST", "/api/v1/main/groups", *fields) + body.encode())
                status, text = read_answer(client)
                if status == 507:
                    assert FULL in text
                    return
                assert status == 200

    def put():
        return ask(small, "PUT", GROUPS, {"groupIds": []}, token)[0]

    fill()
    assert next(made) > 500
    assert ask(small, "GET", "/api/v1/main/groups/search", headers=token)[0] == 200
    for _ in range(20):  # the allocator may give back a little between two requests
        if put() == 507:
            break
        fill()
    else:
        pytest.fail("writes go on although the memory is full")
    assert ask(small, "POST", "/__admin/reset")[0] == 200
    assert ask(small, "PUT", GROUPS, {"groupIds": []}, token)[0] == 204


def test_the_default_knows_the_address_space(tmp_path, figure):
    space = 256 * MIB
    limit = functools.partial(resource.setrlimit, resource.RLIMIT_AS, (space, space))
    with running(tmp_path, "default", "--log", "off", before_exec=limit) as server:

        def add(i):
            return ask(server, "POST", "/__admin/mappings", {"response": {"body": BODY}})

        count = until_full(add, 1000)
        most = memory(server, "VmHWM")
        figure(f"{count} stubs, {of(most, space)}; then {health_ms(server):.1f} ms")
        assert count > 20
        assert most < space / 2 + SLACK


def read_nothing(server, count, request):
    """Clients that ask for a large answer and take none of it."""
    clients = [connect(server) for _ in range(count)]
    for client in clients:
        client.sendall(request)
    assert all(is_answered(client, 20) for client in clients)
    return clients


def count_bytes(client):
    """Of an answer after which the server closes."""
    count = 0
    while block := client.recv(MIB):
        count += len(block)
    return count


def test_answers_that_nobody_reads(run, figure):
    limit = 512 * MIB
    with run(limit) as server:
        for _ in range(60):
            assert ask(server, "POST", "/__admin/mappings", {"response": {"body": BODY}})[0] == 201
        before = memory(server)
        clients = read_nothing(server, 50, head("GET", "/__admin/mappings"))
        starts = [client.recv(1000) for client in clients]
        sent = sum(start.startswith(b"HTTP/1.1 200") for start in starts)
        refused = [start for start in starts if start.startswith(b"HTTP/1.1 503")]
        most = memory(server, "VmHWM")
        milliseconds = health_ms(server)
        for client in clients:
            client.close()
        figure(
            f"{sent} of {len(clients)} answers of {mib(60 * len(BODY))}, {mib(before)} before, "
            f"{of(most, limit)} at most; then {milliseconds:.1f} ms"
        )
        assert sent > 0
        assert sent + len(refused) == len(clients)
        assert all(FULL in start and b"Retry-After: 1" in start for start in refused)
        assert most < limit + SLACK
        assert ask(server, "GET", "/__admin/mappings?limit=1")[0] == 200


def test_files_that_nobody_reads(run, tmp_path, figure):
    (tmp_path / "large").write_bytes(60 * MIB * b"x")
    with run(LIMIT, "--files", str(tmp_path)) as server:
        stub = {"request": {"urlPath": "/f"}, "response": {"bodyFileName": "large"}}
        assert ask(server, "POST", "/__admin/mappings", stub)[0] == 201
        clients = read_nothing(server, 50, head("GET", "/f", "Connection: close"))
        assert count_bytes(clients[0]) > 60 * MIB
        milliseconds = health_ms(server)
        for client in clients:
            client.close()
        most = memory(server, "VmHWM")
        figure(f"50 answers of 60 MiB, {mib(most)} at most; then {milliseconds:.1f} ms")
        assert most < 32 * MIB


def test_deleted_sandboxes_give_their_memory_back(run, figure):
    with run(1 << 30) as server:
        body = {"fixture": users(100_000)}
        before = memory(server)
        for i in range(3):
            assert ask(server, "PUT", f"/__admin/kestub/sandboxes/s{i}", body)[0] == 201
        filled = memory(server)
        for i in range(3):
            assert ask(server, "DELETE", f"/__admin/kestub/sandboxes/s{i}")[0] == 204
        after = memory(server)
        figure(
            f"{mib(before)}, {mib(filled)} with three sandboxes of 100,000 users, "
            f"{mib(after)} after"
        )
        assert filled > before + 32 * MIB
        assert after < before + 16 * MIB


def test_a_state_that_is_replaced_gives_its_memory_back(run, figure):
    with run(1 << 30) as server:
        before = memory(server)
        assert ask(server, "PUT", "/__admin/kestub/state", users(100_000))[0] == 200
        filled = memory(server)
        assert ask(server, "POST", "/__admin/reset")[0] == 200
        after = memory(server)
        figure(f"{mib(before)}, {mib(filled)} with 100,000 users, {mib(after)} after a reset")
        assert filled > before + 16 * MIB
        assert after < before + 16 * MIB
