"""The console in a real browser. `--screenshots` also renews the pictures in docs/."""
import contextlib
import json
import pathlib
import sys
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tests/contract")]

from chromium import launched  # noqa: E402
from kestub import running  # noqa: E402

ALAN, PLATFORM, DATA = "2EPi5XC0oluKRCVF56gcC", "7C1klfgdQmLTCyrnlejrtg", "4LeYKUcqzLlRGlnKAzeqvF"
BASIC = "Basic cm9vdEByb290LmNvbTpSb290ITEyMzQ="
# What the browser itself says of answers that a test provokes.
EXPECTED = "Failed to load resource"


def pytest_addoption(parser):
    parser.addoption("--screenshots", action="store_true", help="write the pictures in docs/")


@pytest.fixture(scope="session")
def browser():
    with launched() as browser:
        yield browser


class Client:
    """A client of the emulated API, whose requests the console shows."""

    def __init__(self, url):
        self.url = url

    def send(self, method, path, body=None, **headers):
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": BASIC, "Content-Type": "application/json", **headers},
        )
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()

    def get(self, path, **headers):
        return json.loads(self.send("GET", path, **headers)[1])

    def set_groups(self, *groups, sandbox=""):
        return self.send("PUT", f"{sandbox}/api/v1/main/users/{ALAN}/groups", {"groupIds": groups})


@pytest.fixture(scope="module")
def kestub(tmp_path_factory):
    with running(tmp_path_factory.mktemp("kestub")) as kestub:
        yield kestub


@pytest.fixture
def client(kestub):
    """Each test finds the server as it was at the start."""
    client = Client(kestub.url)
    client.send("POST", "/__admin/reset")
    return client


@pytest.fixture
def visit(browser, kestub):
    """Opens a page of the console, and checks in the end that nothing went wrong in the browser, and that
    it has asked nobody else for anything."""
    with contextlib.ExitStack() as stack:

        def visit(page_name="requests", prefix="", url=kestub.url, waits=True, **options):
            context = stack.enter_context(contextlib.closing(browser.new_context(**options)))
            page = context.new_page()
            complaints = []

            def check():
                assert not complaints

            stack.callback(check)
            page.on("console", lambda message: EXPECTED in message.text or complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("dialog", lambda dialog: complaints.append(f"a dialog says {dialog.message}"))
            page.on(
                "request",
                lambda request: request.url.startswith((url, "data:", "blob:")) or complaints.append(request.url),
            )
            page.goto(f"{url}{prefix}/__admin/ui#{page_name}")
            if waits:
                page.wait_for_selector(".live.live:has-text('live')")
                page.wait_for_selector(f".page.{page_name.split('?')[0]}")
            return page

        yield visit
