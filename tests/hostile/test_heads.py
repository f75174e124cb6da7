"""Long queries and large heads get an answer: they are served, or refused as everything else is."""
import json
import pathlib

import pytest

from kestub import running
from wire import exchange

HOST = b"Host: x\r\nConnection: close\r\n"


def of_pairs(count):
    return b"GET %s?" + b"&".join(b"a%d=b" % i for i in range(count)) + b" HTTP/1.1\r\n" + HOST


def of_headers(count):
    return b"GET %s HTTP/1.1\r\n" + HOST + b"".join(b"a%d: b\r\n" % i for i in range(count))


def of_cookies(count):
    return b"GET %s HTTP/1.1\r\n" + HOST + b"Cookie: " + b"a=b; " * count + b"c=d\r\n"


def of_one_header(size):
    return b"GET %s HTTP/1.1\r\n" + HOST + b"X: " + b"a" * size + b"\r\n"


def of_one_value(size):
    return b"GET %s?a=" + b"a" * size + b" HTTP/1.1\r\n" + HOST


SERVED = {
    "490 pairs": of_pairs(490),
    "2000 pairs": of_pairs(2000),
    "300 headers": of_headers(300),
    "200 cookies": of_cookies(200),
    "a header of 16 KB": of_one_header(16000),
    "a query of 16 KB": of_one_value(16000),
}
REFUSED = {
    "5000 pairs": (of_pairs(5000), 414),
    "a query of 36 KB": (of_one_value(36000), 414),
    "a header of 36 KB": (of_one_header(36000), 431),
    "464 headers": (of_headers(464), 431),
    "500 cookies": (of_cookies(500), 431),
    "2000 headers": (of_headers(2000), 431),
    "5000 cookies": (of_cookies(5000), 431),
    "a header of 300 KB": (of_one_header(300000), 431),
    "a query of 300 KB": (of_one_value(300000), 414),
}
PATHS = [b"/health", b"/__admin/health"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    directory = tmp_path_factory.mktemp("heads")
    with running(directory) as kestub:
        kestub.log = directory / "stderr"
        yield kestub


def send(server, head, path):
    received = exchange(server, head % path + b"\r\n")
    answer, _, body = received.partition(b"\r\n\r\n")
    return int(answer.split(b" ")[1]), body


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", SERVED)
def test_a_large_head_is_served(server, name, path):
    assert send(server, SERVED[name], path)[0] == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", REFUSED)
def test_a_larger_one_is_refused_as_usual(server, name, path):
    head, status = REFUSED[name]
    before = len(pathlib.Path(server.log).read_text())
    found, body = send(server, head, path)
    assert found == status
    error = json.loads(body)
    # Of a target that does not fit, nobody has seen that it starts with /__admin.
    if path == PATHS[1] and status != 414:
        assert error["errors"][0]["code"] == status
    else:
        assert error["title"] and error["detail"]
    assert f" {status} " in pathlib.Path(server.log).read_text()[before:]


def test_a_refused_head_leaves_the_others_alone(server, figure):
    """Many that are too large come in pieces, and at the same time."""
    for _ in range(50):
        test_a_larger_one_is_refused_as_usual(server, "2000 headers", PATHS[0])
        test_a_large_head_is_served(server, "300 headers", PATHS[0])
    figure("heads up to some 30 KB are served, each header costs 64 bytes more")
