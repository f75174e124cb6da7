"""Clients that see every byte."""
import base64
import json
import socket
import struct
import time
import urllib.parse

PATIENCE = 20  # seconds; only a server that hangs takes so long
HEALTH = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


def connect(server):
    address = urllib.parse.urlsplit(server.url)
    client = socket.create_connection((address.hostname, address.port), PATIENCE)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def read_all(client):
    """What comes until the server closes; a reset ends it, too."""
    received = b""
    try:
        while block := client.recv(65536):
            received += block
    except ConnectionError:
        pass
    return received


def read_answer(client):
    """(status, body) of one answer; (0, b"") when the connection ends without one."""
    received = b""
    try:
        while b"\r\n\r\n" not in received:
            block = client.recv(65536)
            if not block:
                return 0, b""
            received += block
        head, _, body = received.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        while len(body) < length:
            block = client.recv(65536)
            if not block:
                return 0, b""
            body += block
    except ConnectionError:
        return 0, b""
    return int(head.split(b" ")[1]), body


def exchange(server, request):
    """All that comes in answer to these bytes."""
    with connect(server) as client:
        try:
            client.sendall(request)
        except ConnectionError:
            pass  # refused early: what was sent before that counts
        return read_all(client)


def ask(server, method, path, body=None, headers=b""):
    """(status, body) over a connection of its own."""
    text = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(text)}\r\n"
    with connect(server) as client:
        client.sendall(
            head.encode() + b"Content-Type: application/json\r\n" + headers + b"\r\n" + text
        )
        return read_answer(client)


def basic(username, password):
    token = base64.b64encode(f"{username}:{password}".encode()).decode()
    return f"Authorization: Basic {token}\r\n".encode()


def vanish(client):
    """Ends the connection with a reset, as a client does that is killed."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def health_ms(server):
    """How long an ordinary request takes."""
    start = time.monotonic()
    assert ask(server, "GET", "/health")[0] == 200
    return (time.monotonic() - start) * 1000


def is_answered(client, seconds):
    """Whether anything comes from the server in that time."""
    client.settimeout(seconds)
    try:
        client.recv(1, socket.MSG_PEEK)
        return True
    except TimeoutError:
        return False
    finally:
        client.settimeout(PATIENCE)


class Kept:
    """One connection for many calls. Raises EOFError when it ends."""

    def __init__(self, server, headers=b""):
        self.socket, self.headers = connect(server), headers

    def ask(self, method, path, body=None):
        """(status, body)"""
        text = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(text)}\r\n".encode()
        if text:
            head += b"Content-Type: application/json\r\n"
        self.socket.sendall(head + self.headers + b"\r\n" + text)
        status, answer = read_answer(self.socket)
        if status == 0:
            raise EOFError
        return status, answer

    def close(self):
        self.socket.close()
