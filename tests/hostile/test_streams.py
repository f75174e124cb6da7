"""Clients that follow the events: there is a limit, and each end of a stream gives its place back."""
import select
import time

import pytest

from launch import Launched
from wire import PATIENCE, ask, connect, read_all, read_answer, vanish

PLACES = 2000
REQUEST = b"GET /__admin/kestub/events HTTP/1.1\r\nHost: x\r\nX-Kestub-Sandbox: %s\r\n\r\n"


def follow(server, sandbox=b"here"):
    client = connect(server)
    client.sendall(REQUEST % sandbox)
    return client


def read_head(client):
    """The status, once the head is whole."""
    received = b""
    while b"\r\n\r\n" not in received:
        block = client.recv(65536)
        if not block:
            return 0
        received += block
    return int(received.split(b" ")[1])


def read_end(client):
    """Reads on to the last chunk; the connection stays."""
    received = b""
    while not received.endswith(b"0\r\n\r\n"):
        block = client.recv(65536)
        assert block
        received += block


def is_followed(server, sandbox=b"here"):
    """Whether there is a place for one more, for a moment."""
    with follow(server, sandbox) as client:
        return read_head(client) == 200


def refused_of(clients):
    """Those who get an answer with an end. Each stream begins with a comment."""
    statuses = {}
    poll = select.poll()
    by_number = {client.fileno(): client for client in clients}
    for number in by_number:
        poll.register(number, select.POLLIN)
    while len(statuses) < len(clients):
        for number, _ in poll.poll(PATIENCE * 1000):
            poll.unregister(number)
            statuses[by_number[number]] = int(by_number[number].recv(12, 2).split(b" ")[1])
    return [client for client, status in statuses.items() if status != 200]


@pytest.mark.parametrize("leave", [lambda client: client.close(), vanish], ids=["FIN", "RST"])
def test_too_many_are_refused_until_others_leave(server, leave):
    clients = [follow(server) for _ in range(PLACES + 1)]
    [refused] = refused_of(clients)
    status, body = read_answer(refused)
    assert (status, b"too many clients follow journals" in body) == (503, True)
    assert ask(server, "GET", "/health")[0] == 200
    for client in clients:
        leave(client)
    start = time.monotonic()
    while not is_followed(server):
        assert time.monotonic() < start + PATIENCE


def test_a_deleted_sandbox_ends_its_streams(server):
    assert ask(server, "GET", "/sandbox/here/health")[0] == 200
    clients = [follow(server) for _ in range(200)]
    other = follow(server, b"elsewhere")
    assert [read_head(client) for client in [*clients, other]] == [200] * 201
    assert ask(server, "DELETE", "/__admin/kestub/sandboxes/here")[0] == 204
    for client in clients:
        read_end(client)
    assert ask(server, "GET", "/sandbox/elsewhere/health")[0] == 200
    assert other.recv(65536)


def test_a_stop_ends_them(tmp_path):
    server = Launched(tmp_path)
    clients = [follow(server) for _ in range(500)]
    assert [read_head(client) for client in clients] == [200] * 500
    start = time.monotonic()
    server.process.terminate()
    for client in clients:
        read_all(client)
    assert server.end() == 0
    assert time.monotonic() < start + 5
