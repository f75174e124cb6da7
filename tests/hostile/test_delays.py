"""A delay ends when nobody waits for it any more."""
import pathlib
import time

import pytest

from wire import ask, connect, is_answered, read_answer, vanish

HOUR_MS = 3600000
COUNT = 200
AT_ONCE = 1.0  # seconds
LATE = b"GET /late HTTP/1.1\r\nHost: x\r\nX-Kestub-Sandbox: %s\r\n\r\n"


def delay(server, sandbox, **response):
    stub = {"request": {"urlPath": "/late"}, "response": response}
    header = f"X-Kestub-Sandbox: {sandbox}\r\n".encode()
    assert ask(server, "POST", "/__admin/mappings", stub, header)[0] == 201


def wait_in(server, sandbox, count=COUNT):
    clients = [connect(server) for _ in range(count)]
    for client in clients:
        client.sendall(LATE % sandbox.encode())
    # All of them wait once the journal has them all.
    path = f"/sandbox/{sandbox}/__admin/requests"
    deadline = time.monotonic() + 20
    while ask(server, "GET", path)[1].count(b'"absoluteUrl"') < count:
        assert time.monotonic() < deadline
    return clients


def open_connections(server):
    """Sockets of the process, but the one that listens."""
    directory = pathlib.Path(f"/proc/{server.process.pid}/fd")
    names = []
    for link in directory.iterdir():
        try:
            names.append(str(link.readlink()))
        except FileNotFoundError:
            pass  # closed meanwhile
    return sum(name.startswith("socket:") for name in names) - 1


def seconds_until(condition):
    start = time.monotonic()
    while not condition():
        assert time.monotonic() < start + 20
        time.sleep(0.005)
    return time.monotonic() - start


@pytest.mark.parametrize("leave", [lambda client: client.close(), vanish], ids=["FIN", "RST"])
@pytest.mark.parametrize(
    "response",
    [
        {"fixedDelayMilliseconds": HOUR_MS},
        {
            "body": "abcdefgh",
            "chunkedDribbleDelay": {"numberOfChunks": 4, "totalDuration": HOUR_MS},
        },
    ],
    ids=["delay", "dribble"],
)
def test_the_client_is_gone(server, figure, response, leave):
    delay(server, "here", **response)
    for client in wait_in(server, "here"):
        leave(client)
    seconds = seconds_until(lambda: open_connections(server) == 0)
    figure(f"{COUNT} of them end within {seconds:.2f} s")
    assert seconds < AT_ONCE


@pytest.mark.parametrize(
    "method, path",
    [("POST", "/sandbox/here/__admin/reset"), ("DELETE", "/__admin/kestub/sandboxes/here")],
)
def test_the_sandbox_is_gone(server, figure, method, path):
    for sandbox in ("here", "elsewhere"):
        delay(server, sandbox, fixedDelayMilliseconds=HOUR_MS, status=203)
    other = wait_in(server, "elsewhere", 1)[0]
    clients = wait_in(server, "here")
    start = time.monotonic()
    assert ask(server, method, path)[0] in (200, 204)
    assert [read_answer(client)[0] for client in clients] == [203] * COUNT
    seconds = time.monotonic() - start
    figure(f"{COUNT} of them end within {seconds:.2f} s")
    assert seconds < AT_ONCE
    assert not is_answered(other, 0.6)
    for client in [*clients, other]:
        client.close()


def test_a_client_that_waits_gets_its_answer_in_time(server, figure):
    delay(server, "here", fixedDelayMilliseconds=1200, status=203)
    start = time.monotonic()
    with connect(server) as client:
        client.sendall(LATE % b"here")
        assert read_answer(client)[0] == 203
    seconds = time.monotonic() - start
    figure(f"1.2 s took {seconds:.3f} s")
    assert 1.2 <= seconds < 2
