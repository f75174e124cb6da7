"""A real browser, a Kestub, and a web server of somebody else."""
import contextlib
import http.server
import pathlib
import sys
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

from chromium import launched  # noqa: E402

# The names of hostile pages lead to this machine, as they do after DNS rebinding. The browser's own
# guard of local networks is off, since kestub must not need it.
ARGUMENTS = [
    "--host-resolver-rules=MAP *.example 127.0.0.1",
    "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests",
]
PAGE = b"<!doctype html><title>page</title><body></body>"


@pytest.fixture(scope="session")
def browser():
    with launched(*ARGUMENTS) as browser:
        yield browser


class Foreign(http.server.BaseHTTPRequestHandler):
    """Serves a page, and sends /to/URL on to the URL with the method and body."""

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        goes_on = self.path.startswith("/to/")
        self.send_response(307 if goes_on else 200)
        if goes_on:
            self.send_header("Location", self.path.removeprefix("/to/"))
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(handler):
    """Runs a web server, and gives its port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def foreign_port():
    with serving(Foreign) as port:
        yield port
