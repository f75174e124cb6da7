"""More connections than there may be, clients that vanish, clients that do nothing."""
import functools
import pathlib
import resource
import selectors
import statistics
import subprocess
import time

import pytest

from kestub import BINARY, running
from wire import HEALTH, ask, connect, health_ms, is_answered, read_answer, vanish

IDLE = 10000
TOKEN = b"Authorization: Bearer KESTUB-root-token-for-tests-only-0123456789\r\n"
LOG_IN = (
    b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b'Content-Length: 48\r\n\r\n{"username":"root@root.com","password":"%08d"} '
)
NO_GROUPS = (
    b"PUT /api/v1/main/users/4by6NvSLcPXFhCj8nwbZOM/groups HTTP/1.1\r\nHost: x\r\n%s"
    b'Content-Type: application/json\r\nContent-Length: 15\r\n\r\n{"groupIds":[]}'
)


def limit_files(count):
    return functools.partial(resource.setrlimit, resource.RLIMIT_NOFILE, (count, count))


def open_files(server):
    return len(list(pathlib.Path(f"/proc/{server.process.pid}/fd").iterdir()))


def hammer(server, count, seconds):
    """`count` clients that ask again and again. The answers they got, and the connections lost."""
    answers = lost = 0
    selector = selectors.DefaultSelector()
    clients = [connect(server) for _ in range(count)]
    for client in clients:
        client.setblocking(False)
        client.send(HEALTH)
        selector.register(client, selectors.EVENT_READ)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for key, _ in selector.select(0.1):
            try:
                received = key.fileobj.recv(4096)
                if received:
                    answers += received.count(b"HTTP/1.1 200")
                    key.fileobj.send(HEALTH)
                    continue
            except ConnectionError:
                pass
            lost += 1
            selector.unregister(key.fileobj)
    for client in clients:
        client.close()
    return answers, lost


def test_a_burst_beyond_the_limit(tmp_path, figure):
    with running(tmp_path, before_exec=limit_files(256)) as server:
        answers, lost = hammer(server, 300, 2)
        assert lost == 0
        assert answers > 300
        later = health_ms(server)
        deadline = time.monotonic() + 10
        while open_files(server) >= 40:  # a busy machine takes a moment to close all of them
            assert time.monotonic() < deadline
            time.sleep(0.02)
    figure(f"300 clients, 256 files: {answers} answers, none lost; the next took {later:.1f} ms")


def test_clients_wait_until_others_leave(tmp_path, figure):
    with running(tmp_path, "default", "--max-connections", "8") as server:
        first = [connect(server) for _ in range(8)]
        for client in first:
            client.sendall(HEALTH)
            assert read_answer(client)[0] == 200
        others = [connect(server) for _ in range(24)]
        for client in others:
            client.sendall(HEALTH)
        assert not any(is_answered(client, 0.02) for client in others)
        start = time.monotonic()
        for client in first + others:
            if client not in first:
                assert read_answer(client)[0] == 200
            client.close()
        figure(f"24 waited for 8 connections, and {time.monotonic() - start:.3f} s for their turn")


def test_a_limit_that_the_files_do_not_allow(tmp_path):
    ended = subprocess.run(
        [BINARY, "--port", "0", "--max-connections", "5000"],
        capture_output=True,
        text=True,
        preexec_fn=limit_files(256),
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith("kestub: --max-connections: the system allows 256 open files")


@pytest.mark.parametrize("files", [64, 128, 1024])
def test_the_database_keeps_its_files(tmp_path, figure, files):
    """With all connections taken the database is written, and a sandbox comes."""
    options = "--db", tmp_path / "state.db", "--threads", "2"
    with running(tmp_path, "default", *options, before_exec=limit_files(files)) as server:
        clients = []
        while True:
            client = connect(server)
            client.sendall(HEALTH)
            if not is_answered(client, 0.5):
                break
            clients.append(client)
        busy = clients[0]
        read_answer(busy)
        for headers in (TOKEN, TOKEN + b"X-Kestub-Sandbox: another\r\n"):
            busy.sendall(NO_GROUPS % headers)
            assert read_answer(busy) == (204, b"")
        figure(f"{files} files: {len(clients)} connections, {open_files(server)} files open")
        for client in [*clients, client]:
            client.close()


@pytest.mark.parametrize("leave", [lambda client: client.close(), vanish], ids=["FIN", "RST"])
def test_clients_that_vanish(tmp_path, figure, leave):
    """Also while the only thread is busy, when libmicrohttpd overlooks that they have closed."""
    requests = [b"", HEALTH, b"GET /hea", b"PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"]
    options = "--max-connections", "256", "--threads", "1", "--log", "off"
    with running(tmp_path, "default", *options) as server:
        count, end = 0, time.monotonic() + 5
        while time.monotonic() < end:
            slow = connect(server)
            slow.sendall(LOG_IN % count)
            clients = [connect(server) for _ in range(200)]
            for i, client in enumerate(clients):
                client.sendall(requests[i % len(requests)])
                leave(client)
            slow.close()
            count += len(clients)
        later = health_ms(server)
        figure(f"{count / 5:.0f} a second for 5 s; the next took {later:.1f} ms")
        assert later < 3000


def test_ten_thousand_idle_connections(server, figure):
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if files < IDLE + 200:
        pytest.skip(f"RLIMIT_NOFILE allows {files} files, not {IDLE + 200}")
    start = time.monotonic()
    clients = [connect(server) for _ in range(IDLE)]
    times = [health_ms(server) for _ in range(200)]
    for client in clients[:: IDLE // 100]:
        client.sendall(HEALTH)
        assert read_answer(client)[0] == 200
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    rss = int(status.partition("VmRSS:")[2].split()[0]) // 1024
    for client in clients:
        client.close()
    figure(
        f"{IDLE} connections after {time.monotonic() - start:.1f} s, {rss} MB; beside them a "
        f"request takes {statistics.median(times):.1f} ms, at most {max(times):.1f}"
    )
    assert max(times) < 2000


dripping = pytest.mark.parametrize(
    "start",
    [
        b"GET /health HTTP/1.1\r\nHost: x\r\nX: ",
        b"PUT /api/v1/main/users/x/groups HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n",
        b"PUT /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n270f\r\n",
    ],
    ids=["heads", "bodies", "chunks"],
)


@dripping
def test_clients_that_drip(server, figure, start):
    clients = [connect(server) for _ in range(1000)]
    for client in clients:
        client.sendall(start)
    times = []
    for _ in range(4):
        for client in clients:
            client.sendall(b"a")
        times += [health_ms(server) for _ in range(10)]
    for client in clients:
        client.close()
    figure(f"beside 1000 of them a request takes {statistics.median(times):.1f} ms")
    assert max(times) < 2000


@pytest.fixture
def impatient(tmp_path):
    with running(tmp_path, "default", "--log", "off", "--request-timeout", "1") as kestub:
        yield kestub


@dripping
@pytest.mark.parametrize("before", [b"", HEALTH], ids=["fresh", "used"])
def test_dripping_comes_to_an_end(impatient, figure, before, start):
    """Each byte starts the timeout of libmicrohttpd anew."""
    clients = [connect(impatient) for _ in range(20)]
    begin = time.monotonic()
    for client in clients:
        client.sendall(before)
        assert not before or read_answer(client)[0] == 200
        client.sendall(start)
    ended = {}
    while len(ended) < len(clients):
        assert time.monotonic() < begin + 20
        for client in clients:
            try:
                client.sendall(b"a")
            except ConnectionError:
                ended.setdefault(client, time.monotonic() - begin)
        time.sleep(0.02)
    for client in clients:
        client.close()
    figure(f"1 s took {min(ended.values()):.1f} to {max(ended.values()):.1f} s")
    assert min(ended.values()) >= 1
    assert max(ended.values()) < 4


def test_who_is_not_to_blame_stays(impatient):
    """A body that comes steadily, an answer that comes late, requests that come now and then."""
    response = {"status": 203, "fixedDelayMilliseconds": 2500}
    stub = {"request": {"urlPath": "/late"}, "response": response}
    assert ask(impatient, "POST", "/__admin/mappings", stub)[0] == 201
    late, steady, often = (connect(impatient) for _ in range(3))
    late.sendall(b"GET /late HTTP/1.1\r\nHost: x\r\n\r\n")
    steady.sendall(b"POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(5):
        steady.sendall(b" " * 20000)
        often.sendall(HEALTH)
        assert read_answer(often)[0] == 200
        time.sleep(0.5)
    assert read_answer(steady)[0] == 404
    assert read_answer(late)[0] == 203
    for client in (late, steady, often):
        client.close()
