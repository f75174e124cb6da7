"""A pytest plugin: the fixture `kestub` gives each test a sandbox of a running kestub.

One server runs for each process of pytest, so for each worker of pytest-xdist, and ends with it. Where
KESTUB_URL is set, that server is used instead. The file works by itself too: pytest -p pytest_kestub.
"""
import dataclasses
import http.client
import json
import os
import re
import select
import shlex
import shutil
import subprocess
import sysconfig
import tempfile
import urllib.error
import urllib.request
import uuid

import pytest

READY_SECONDS = 60
ANSWER_SECONDS = 60
REQUESTS_SHOWN = 10
BODY_SHOWN = 300
READY = re.compile(
    r"kestub is ready at (\S+?)(?: with the state of .*?)?(?:, console at \S+?)?"
    r"(?:, administrator (.*?), password (.*?))?(?:, bearer token (\S+))?\n")
# Of the default fixture.
ADMINISTRATOR = "root@root.com", "Root!1234", "KESTUB-root-token-for-tests-only-0123456789"
SANDBOX = pytest.StashKey()


class KestubError(Exception):
    """kestub refused a call of the control plane, did not answer it, or did not start."""


@dataclasses.dataclass
class Server:
    """Where a client finds kestub, and an administrator's `username` and `password`, or `token`."""

    url: str
    username: str
    password: str
    token: str
    admin_token: str = None

    def admin(self, method, path, body=None):
        """Calls the control plane, below /__admin. Returns what the JSON of the answer holds, or None."""
        request = urllib.request.Request(f"{self.url}/__admin{path}", method=method)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        if self.admin_token:
            request.add_header("Authorization", f"Bearer {self.admin_token}")
        without_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with without_proxy.open(request, timeout=ANSWER_SECONDS) as answer:
                text = answer.read()
        except urllib.error.HTTPError as refusal:
            raise KestubError(f"{method} /__admin{path}: {refusal.code}: {refusal.read().decode()}") from None
        except (OSError, http.client.HTTPException) as problem:
            raise KestubError(f"{method} /__admin{path}: no answer from {self.url}: {problem}") from None
        return json.loads(text) if text else None


class Sandbox(Server):
    """A kestub of its own for one test.

    Patterns and stubs have WireMock's members: kestub.verify(method="PUT", urlPath="/api/v1/users")."""

    def stub(self, **mapping):
        """Creates a stub from `request`, `response` and other members of a mapping. Returns the mapping."""
        return self.admin("POST", "/mappings", mapping)

    def requests(self, **pattern):
        """Returns the requests in the journal that match, the oldest first."""
        found = self.admin("POST", "/requests/find", pattern)
        if found["requestJournalDisabled"]:
            raise KestubError("the journal is switched off (--journal 0), so nothing can be verified")
        return found["requests"]

    def count(self, **pattern):
        return len(self.requests(**pattern))

    def verify(self, count=1, **pattern):
        """Fails unless so many requests match, and says which requests come closest."""
        found = self.requests(**pattern)
        if len(found) == count:
            return
        lines = [f"kestub got {len(found)} of {count} requests that match {json.dumps(pattern)}"]
        lines += [f"  matches: {request['method']} {request['url']}" for request in found[:REQUESTS_SHOWN]]
        misses = self.admin("POST", "/near-misses/request-pattern", pattern)["nearMisses"] if len(found) < count else []
        for request in (miss["request"] for miss in misses):
            lines.append(f"  close: {request['method']} {request['url']}")
            for difference in request.get("kestub", {}).get("differences", []):
                lines.append("    " + ", ".join(f"{key}: {value}" for key, value in difference.items()))
        raise AssertionError("\n".join(lines))

    def faults(self, *profiles):
        """Switches on these fault profiles, such as "flaky=0.5", and all others off. Returns them with their arguments."""
        return self.admin("PUT", "/kestub/faults", {"faults": profiles})["faults"]

    def clock(self, **change):
        """Changes the clock by `now`, `advance` or `frozen`. Returns its state."""
        return self.admin("PUT", "/kestub/clock", change) if change else self.admin("GET", "/kestub/clock")

    def snapshot(self, name="snapshot"):
        self.admin("POST", f"/kestub/snapshots/{name}")

    def restore(self, name="snapshot"):
        self.admin("POST", f"/kestub/snapshots/{name}/restore")

    def reset(self):
        """Returns state, clock, stubs and faults to the start of the test, and empties the journal."""
        self.admin("POST", "/reset")

    def last_requests(self):
        """Returns the end of the journal as text."""
        journal = self.admin("GET", f"/requests?limit={REQUESTS_SHOWN}")
        lines = [f"the last of {journal['meta']['total']} requests to {self.url}:"]
        for event in reversed(journal["requests"]):
            request, response = event["request"], event.get("response", {})
            served = request.get("kestub", {}).get("operation") or ("a stub" if event["wasMatched"] else "nothing")
            lines.append(f"{request['method']} {request['url']} -> {response.get('status', 'no status')} from {served}")
            lines += [f"    {mark} {text[:BODY_SHOWN]}" for mark, text in
                      ((">", request.get("body")), ("<", response.get("body"))) if text]
        return "\n".join(lines)


def pytest_addoption(parser):
    text = "options of the server that the kestub fixture starts, as of `kestub serve`"
    parser.getgroup("kestub").addoption("--kestub-args", metavar="OPTIONS", help=f"{text}; after those of kestub_args")
    parser.addini("kestub_args", text, type="args", default=[])


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "kestub(serverVersion=..., fixture=..., snapshot=...): how the sandbox of the kestub fixture starts")


@pytest.fixture(scope="session")
def kestub_server(pytestconfig):
    """The Server of this process."""
    args = [*pytestconfig.getini("kestub_args"), *shlex.split(pytestconfig.getoption("--kestub-args") or "")]
    tokens = re.findall(r"(?:^|\0)--admin-token[=\0]([^\0]*)", "\0".join(args))
    admin_token = tokens[-1] if tokens else os.environ.get("KESTUB_ADMIN_TOKEN")
    if url := os.environ.get("KESTUB_URL"):
        yield Server(url.rstrip("/"), *ADMINISTRATOR, admin_token)
        return
    program = shutil.which("kestub", path=sysconfig.get_path("scripts")) or shutil.which("kestub")
    if not program:
        raise KestubError("no program kestub: it is neither beside Python nor on the PATH, and KESTUB_URL is not set")
    with tempfile.TemporaryFile("w+") as stderr:
        # The options may name files, relative to where the options stand. Ctrl-C is for pytest alone.
        process = subprocess.Popen(
            [program, "serve", "--log", "off", *args, "--port", "0"], cwd=pytestconfig.rootpath, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, start_new_session=True)
        # It ends the server when this process ends, however that happens.
        watch = subprocess.Popen(["sh", "-c", 'read -r line; kill "$0"', str(process.pid)], stdin=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            poll = select.poll()  # unlike select(), it takes any descriptor
            poll.register(process.stdout, select.POLLIN)
            ready = READY.fullmatch(process.stdout.readline() if poll.poll(READY_SECONDS * 1000) else "")
            if not ready:
                stderr.seek(0)
                raise KestubError(f"{shlex.join(process.args)}: {stderr.read().strip() or 'is not ready'}")
            yield Server(*ready.groups(), admin_token)
        finally:
            watch.communicate()
            process.communicate()


@pytest.fixture
def kestub(kestub_server, request):
    """A Sandbox with the server's start state, which is deleted after the test."""
    slug = re.sub(r"[^A-Za-z0-9]+", "-", request.node.name)[:40]
    name = f"{slug}-{uuid.uuid4().hex[:16]}".lstrip("-")
    marker = request.node.get_closest_marker("kestub")
    kestub_server.admin("PUT", f"/kestub/sandboxes/{name}", marker.kwargs if marker else None)
    sandbox = Sandbox(**{**vars(kestub_server), "url": f"{kestub_server.url}/sandbox/{name}"})
    request.node.stash[SANDBOX] = sandbox
    yield sandbox
    del request.node.stash[SANDBOX]  # to ask it for its journal would create it again
    kestub_server.admin("DELETE", f"/kestub/sandboxes/{name}")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    sandbox = item.stash.get(SANDBOX, None)
    if report.failed and sandbox:
        try:
            text = sandbox.last_requests()
        except KestubError as problem:
            text = str(problem)
        report.sections.append(("kestub", text))
