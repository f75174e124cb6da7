"""Stopping has a bound, whatever is going on."""
import functools
import os
import pathlib
import signal
import threading
import time

import pytest

from kestub import running
from wire import HEALTH, ask, basic, connect, is_answered, read_answer

GRACE = 5  # seconds, for all that is in flight
SLACK = 1.5  # on a machine that has other things to do
USERS = 600


@pytest.fixture
def server(tmp_path):
    """Passwords are costly, so that log-ins and states are work."""
    with running(tmp_path, "default", "--log", "off", "--password-cost", "high") as kestub:
        yield kestub


def processor_seconds(server):
    fields = pathlib.Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for_work(server, before, seconds=0.2):
    """Until the server has begun with what it was sent."""
    deadline = time.monotonic() + 20
    while processor_seconds(server) < before + seconds:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def send_to_all(server, count, request):
    clients = [connect(server) for _ in range(count)]
    for i, client in enumerate(clients):
        client.sendall(request(i))
    return clients


def log_ins(server):
    """Each costs some 15 ms of a processor, and there are a thousand."""
    before = processor_seconds(server)
    clients = send_to_all(
        server,
        1000,
        lambda i: b"GET /api/v1/users HTTP/1.1\r\nHost: x\r\n"
        + basic("root@root.com", f"wrong-{i}")
        + b"\r\n",
    )
    wait_for_work(server, before)
    return clients


def log_ins_with_a_body(server):
    """As log_ins, and all heads were read before the bodies come."""
    body = b'{"username": "root@root.com", "password": "wrong"}'
    head = (
        b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body)
    )
    clients = send_to_all(server, 1000, lambda i: head)
    for client in clients:
        assert client.recv(25, 0x100).startswith(b"HTTP/1.1 100")  # MSG_WAITALL
        client.sendall(body)
    return clients


def states(server):
    """Two states with many passwords that all differ."""
    users = ",".join(
        f'{{"email":"u{i}@x.org","username":"u{i}","password":"Secret-{i}!"}}' for i in range(USERS)
    )
    body = f'{{"users":[{users}]}}'.encode()
    head = "PUT /__admin/kestub/state HTTP/1.1\r\nHost: x\r\nX-Kestub-Sandbox: s%d\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    before = processor_seconds(server)
    clients = send_to_all(server, 4, lambda i: (head % i).encode() + body)
    wait_for_work(server, before)
    return clients


def slow_heads(server):
    return send_to_all(server, 1000, lambda i: b"GET /hea")


def slow_bodies(server):
    return send_to_all(
        server, 500, lambda i: b"PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{"
    )


def idle(server):
    clients = send_to_all(server, 2000, lambda i: HEALTH)
    for client in clients:
        assert read_answer(client)[0] == 200
    return clients


def delayed(server):
    """Their answers would take an hour."""
    stub = {"request": {"urlPath": "/late"}, "response": {"fixedDelayMilliseconds": 3600000}}
    assert ask(server, "POST", "/__admin/mappings", stub)[0] == 201
    return send_to_all(server, 500, lambda i: b"GET /late HTTP/1.1\r\nHost: x\r\n\r\n")


def unread(server):
    """Nobody reads the answers, which fill all buffers on the way."""
    stub = {"request": {"urlPath": "/large"}, "response": {"body": "x" * 900000}}
    assert ask(server, "POST", "/__admin/mappings", stub)[0] == 201
    clients = send_to_all(server, 50, lambda i: 10 * b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
    assert all(is_answered(client, 20) for client in clients)
    return clients


def repeat_on_threads(server, play, seconds=0.2):
    """Lets 20 clients do the same again and again, until the server is gone."""

    def run():
        try:
            while True:
                play(connect(server))
        except OSError:
            pass

    before = processor_seconds(server)
    for _ in range(20):
        threading.Thread(target=run, daemon=True).start()
    wait_for_work(server, before, seconds)
    return []


def flood(server):
    """Clients that never stop to ask."""

    def play(client):
        with client:
            while True:
                client.sendall(20 * HEALTH)
                client.recv(65536)

    return repeat_on_threads(server, play)


def malformed(server):
    """Clients that libmicrohttpd refuses."""

    def play(client):
        with client:
            client.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nX\r\n\r\n")
            client.recv(65536)

    return repeat_on_threads(server, play)


def oversized(server):
    """Clients whose heads are too large."""

    def play(client):
        with client:
            client.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nX: " + 100000 * b"a")
            client.recv(65536)

    return repeat_on_threads(server, play)


def dripping(server):
    """Clients that send a head byte by byte."""

    def play(client):
        with client:
            client.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nX: ")
            while True:
                client.sendall(b"a")

    return repeat_on_threads(server, play, 0.03)


def matching(server):
    """Each match takes all that its budget allows."""
    pattern = {"urlPath": "/matched", "bodyPatterns": [{"matches": "(.*a)*(.*a)*b"}]}
    for _ in range(20):
        stub = {"request": pattern, "response": {"status": 200}}
        assert ask(server, "POST", "/__admin/mappings", stub)[0] == 201
    before = processor_seconds(server)
    body = b"a" * 900000
    head = b"POST /matched HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
    clients = send_to_all(server, 40, lambda i: head + body)
    wait_for_work(server, before)
    return clients


def imports(server):
    """Clients that replace thousands of stubs again and again."""
    mappings = [{"id": f"00000000-0000-4000-8000-{i:012x}"} for i in range(5000)]

    def play(client):
        client.close()
        while True:
            ask(server, "POST", "/__admin/mappings/import", {"mappings": mappings})

    return repeat_on_threads(server, play)


LOADS = [
    idle,
    dripping,
    matching,
    imports,
    flood,
    malformed,
    oversized,
    slow_heads,
    slow_bodies,
    delayed,
    unread,
    log_ins,
    log_ins_with_a_body,
    states,
]


def stop(server, number=signal.SIGTERM):
    """The exit status, and how long it took."""
    start = time.monotonic()
    server.process.send_signal(number)
    code = server.process.wait(60)
    return code, time.monotonic() - start


@pytest.mark.parametrize("load", LOADS, ids=lambda load: load.__name__)
def test_stop_under_load(server, figure, load):
    clients = load(server)
    code, seconds = stop(server)
    for client in clients:
        client.close()
    figure(f"{seconds:.2f} s")
    assert code == 0
    assert seconds < GRACE + SLACK


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(tmp_path, figure, number):
    with pytest.raises(AssertionError), running(tmp_path, "default", "--log", "off") as server:
        clients = slow_bodies(server)
        assert ask(server, "GET", "/health")[0] == 200
        server.process.terminate()
        # The port is free once it has begun to stop.
        while True:
            try:
                connect(server).close()
            except ConnectionError:
                break
        code, seconds = stop(server, number)
        assert code == -number
        for client in clients:
            client.close()
    figure(f"{seconds:.3f} s")
    assert seconds < 1


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGTERM,
        signal.SIGINT,
        signal.SIGHUP,
        signal.SIGQUIT,
        signal.SIGUSR1,
        signal.SIGUSR2,
        signal.SIGALRM,
        signal.SIGVTALRM,
        signal.SIGPROF,
        signal.SIGIO,
        signal.SIGPWR,
        signal.SIGRTMIN + 3,
    ],
)
def test_every_signal_stops_it_cleanly(tmp_path, number):
    # Whoever runs the tests may ignore the signal, as nohup does; then kestub would ignore it, too.
    default = functools.partial(signal.signal, number, signal.SIG_DFL)
    options = "--db", tmp_path / "state.db"
    with running(tmp_path, "default", *options, before_exec=default) as server:
        assert stop(server, number)[0] == 0
    assert not (tmp_path / "state.db-wal").exists()


def test_a_hangup_that_the_parent_ignores_stays_ignored(tmp_path):
    def ignore():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    with running(tmp_path, before_exec=ignore) as server:
        server.process.send_signal(signal.SIGHUP)
        assert ask(server, "GET", "/health")[0] == 200


def test_what_comes_while_it_stops_is_refused(server):
    """On a connection that is open already."""
    waiting = slow_bodies(server)[:1]
    client = connect(server)
    client.sendall(HEALTH)
    assert read_answer(client)[0] == 200
    server.process.terminate()
    while True:
        try:
            connect(server).close()
        except ConnectionError:
            break
    client.sendall(HEALTH)
    status, body = read_answer(client)
    assert status == 503 and b"the server is stopping" in body
    waiting[0].close()
    assert server.process.wait(20) == 0
