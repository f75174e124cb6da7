"""A connection that stays open.

It uses plain sockets, since http.client would take half of the suite's time."""
import base64
import dataclasses
import json
import re
import socket
import urllib.parse

from call import CSRF_TOKEN, OPERATIONS

TIMEOUT_SECONDS = 30


def target_of(call):
    """The path with the parameters in the order of the call's, and the query."""
    parts = iter(call.path)
    segments = OPERATIONS[call.operation].route.split("/")
    path = "/".join(urllib.parse.quote(next(parts), safe="") if "{" in s else s for s in segments)
    query = urllib.parse.urlencode(call.query)
    root = "" if call.operation == "login_1" else "/api/v1"
    return root + path + (f"?{query}" if query else "")


def headers_of(call):
    if call.credentials and len(call.credentials) == 1:
        yield f"Authorization: Bearer {call.credentials[0]}"
    elif call.credentials and len(call.credentials) == 3:
        yield f"Cookie: JWT={call.credentials[1]}; csrfToken={CSRF_TOKEN}"
        yield f"X-CSRF-TOKEN: {call.credentials[2]}"
    elif call.credentials:
        encoded = base64.b64encode(":".join(call.credentials).encode()).decode()
        yield f"Authorization: Basic {encoded}"
    if call.body is not None:
        if call.flaw != "untyped":
            yield f"Content-Type: {'text/plain' if call.flaw == 'media' else 'application/json'}"
        yield f"Content-Length: {len(body_of(call))}"


def body_of(call):
    if call.raw is not None or call.body is None:
        return call.raw or b""
    return json.dumps(call.body).encode()


def request_of(call):
    line = f"{OPERATIONS[call.operation].method} {target_of(call)} HTTP/1.1"
    return "\r\n".join([line, "Host: kestub", *headers_of(call), "", ""]).encode() + body_of(call)


@dataclasses.dataclass
class Answer:
    status: int
    body: object  # parsed JSON, or None
    session: str  # that it started, or None
    content_type: str
    edition: str
    route_matched: str


def header(head, name):
    found = re.search(rb"(?i)\r\n%s: *([^\r]*)" % name.encode(), head)
    return found[1].decode() if found else None


class Client:
    """Raises OSError when an answer is slow or cut off, and ValueError when it is not HTTP."""

    def __init__(self, url):
        address = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((address.hostname, address.port), TIMEOUT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.unread = b""

    def exchange(self, calls):
        """Sends all calls, then yields for each an Answer."""
        self.socket.sendall(b"".join(map(request_of, calls)))
        for _ in calls:
            yield self.receive()

    def receive(self):
        while b"\r\n\r\n" not in self.unread:
            self.receive_more()
        head, _, self.unread = self.unread.partition(b"\r\n\r\n")
        status = re.match(rb"HTTP/1\.1 (\d{3}) ", head)
        if not status:
            raise ValueError(f"not an HTTP answer: {head!r}")
        length = re.search(rb"(?i)\r\nContent-Length: *(\d+)", head)
        size = int(length[1]) if length else 0
        while len(self.unread) < size:
            self.receive_more()
        text, self.unread = self.unread[:size], self.unread[size:]
        session = re.search(rb"(?i)\r\nSet-Cookie: *JWT=(\w+);", head)
        return Answer(
            int(status[1]),
            json.loads(text) if text else None,
            session[1].decode() if session else None,
            header(head, "Content-Type"),
            header(head, "X-Kestra-Edition"),
            header(head, "X-Kestra-Route-Matched"),
        )

    def receive_more(self):
        more = self.socket.recv(65536)
        if not more:
            raise ConnectionError("kestub closed the connection")
        self.unread += more

    def close(self):
        self.socket.close()
