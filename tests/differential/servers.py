"""kestub and WireMock's own server, side by side."""
import contextlib
import dataclasses
import http.client
import json
import queue
import re
import subprocess
import threading
import time
import urllib.parse

import pytest

import kestub
import sdks

# Generous, since only a server that hangs takes this long.
SECONDS = 10
# A server that starts faster matters more here than one that is fast after a while.
JVM = ["-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]


@dataclasses.dataclass(frozen=True)
class Request:
    method: str
    url: str
    headers: tuple = ()
    body: bytes = b""

    def __str__(self):
        lines = [f"{self.method} {self.url}", *(f"{name}: {value}" for name, value in self.headers)]
        return "\n".join([*lines, "", self.body.decode("utf-8", "backslashreplace")]).strip()


@dataclasses.dataclass
class Answer:
    """What a client gets. Status 0 stands for a connection that broke."""

    status: int
    reason: str = ""
    headers: http.client.HTTPMessage = dataclasses.field(default_factory=http.client.HTTPMessage)
    body: bytes = b""

    @property
    def is_failure(self):
        """Whether WireMock failed to answer, without an event in its journal."""
        return self.status == 500 and "must-revalidate" in self.headers.get("Cache-Control", "")

    @property
    def json(self):
        """Keeps the digits of numbers."""
        return json.loads(self.body, parse_float=str, parse_int=str)


def exchange(connection, request):
    connection.putrequest(request.method, request.url, skip_accept_encoding=True)
    for name, value in request.headers:
        connection.putheader(name, value.encode())
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        connection.putheader("Content-Length", str(len(request.body)))
    connection.endheaders(request.body or None)
    response = connection.getresponse()
    return Answer(response.status, response.reason, response.headers, response.read())


class Server:
    """One of the two."""

    def __init__(self, name, url):
        self.name = name
        self.place = urllib.parse.urlsplit(url)
        self.control = self.connection()

    def connection(self):
        return http.client.HTTPConnection(self.place.netloc, timeout=SECONDS)

    def send(self, request):
        """Uses a connection of its own. Over one that stays open, WireMock takes the value of a header
        for an earlier one that differs in case alone."""
        with contextlib.closing(self.connection()) as connection:
            try:
                return exchange(connection, request)
            except (http.client.HTTPException, ConnectionError):
                return Answer(0)

    def admin(self, method, path, body=None):
        """Returns the answer of the control plane. A body that is bytes goes as it is."""
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = (("Content-Type", "application/json"),) if data else ()
        return exchange(self.control, Request(method, f"/__admin{path}", headers, data))

    def events(self, count):
        """Returns the journal, the oldest first, as soon as it has so many events: WireMock may answer a
        request before it is there."""
        deadline = time.monotonic() + SECONDS
        while True:
            events = self.admin("GET", "/requests").json["requests"][::-1]
            if len(events) >= count:
                return events
            assert time.monotonic() < deadline, f"{self.name} has {len(events)} events, not {count}"

    def reset(self):
        for path in "/mappings", "/requests":
            assert self.admin("DELETE", path).status == 200
        assert self.admin("POST", "/scenarios/reset").status == 200


def port_of(process):
    """Reads on until WireMock has told its port, which it does when it listens."""
    lines = queue.Queue()

    def read():
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    seen = ""
    while not (port := re.search(r"^port: +(\d+)$", seen, re.M)):
        with contextlib.suppress(queue.Empty):
            line = lines.get(timeout=SECONDS)
            if line is not None:
                seen += line
                continue
        pytest.fail(f"WireMock does not start: {seen}")
    return port[1]


@contextlib.contextmanager
def wiremock(directory):
    """Runs WireMock at a port that it chooses itself, with its files in the directory."""
    runtime, jars = sdks.wiremock_server()
    process = subprocess.Popen(
        [runtime, *JVM, "-cp", f"{jars}/*", "wiremock.Run", "--port", "0", "--disable-banner",
         "--root-dir", directory],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield Server("WireMock", f"http://127.0.0.1:{port_of(process)}")
    finally:
        kestub.stop(process)


def make_files(directory):
    files = directory / "__files"
    files.mkdir()
    (files / "page.html").write_text("<p>a page</p>\n")
    (files / "GET.txt").write_text("{{request.method}} {{parameters.p}} {{jsonPath request.body '$.a'}}\n")
    (files / "POST.txt").write_text("a file without templates }}\n")
    return files


@contextlib.contextmanager
def both(directory):
    """Runs both servers. They serve the same files."""
    files = make_files(directory)
    with wiremock(directory) as real, kestub.running(directory, "empty", "--files", files) as ours:
        yield Server("kestub", ours.url), real
