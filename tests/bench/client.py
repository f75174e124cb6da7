"""One connection to a server, for latencies that wrk's crowd of connections would hide."""
import contextlib
import re
import socket
import time
import urllib.parse

from servers import BenchError

SECONDS = 120
AUTHORIZATION = "Basic cm9vdEByb290LmNvbTpSb290ITEyMzQ="  # root@root.com:Root!1234
END = b"\r\n\r\n"


def request_bytes(method, path, body=""):
    type_ = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {AUTHORIZATION}\r\n{type_}"
    return f"{head}\r\n{body}".encode()


def put_groups(user, groups):
    """The request that sets the groups of a user."""
    body = '{"groupIds":[' + ",".join(f'"{group}"' for group in groups) + "]}"
    return request_bytes("PUT", f"/api/v1/main/users/{user}/groups", body)


class Client:
    def __init__(self, url):
        place = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((place.hostname, place.port), timeout=SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self):
        self.socket.close()

    def read(self):
        """Returns the head and the body of an answer."""
        data = b""
        while END not in data:
            data += self.receive()
        head, _, body = data.partition(END)
        length = re.search(rb"^content-length: *(\d+)", head, re.M | re.I)
        while length and len(body) < int(length[1]):
            body += self.receive()
        return head, body

    def receive(self):
        data = self.socket.recv(1 << 20)
        if not data:
            raise BenchError("a server closed the connection")
        return data

    def ask(self, request, status):
        """Returns the seconds that the answer took, and its body. It must have the status."""
        start = time.perf_counter()
        self.socket.sendall(request)
        head, body = self.read()
        seconds = time.perf_counter() - start
        if int(head.split(b" ", 2)[1]) != status:
            line = request.partition(b"\r\n")[0].decode()
            raise BenchError(f"{line}: not a {status}: {head.decode()} {body[:300].decode()}")
        return seconds, body


def connect(url):
    return contextlib.closing(Client(url))
