"""The plugin for pytest, in runs of pytest that have the wheel."""
import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree

import pytest

import kestub

SECONDS = 60
HELP = """
import json
import urllib.error
import urllib.request

import pytest

ALAN = "/api/v1/users/2EPi5XC0oluKRCVF56gcC"

def send(kestub, method, path, **body):
    request = urllib.request.Request(f"{kestub.url}{path}", json.dumps(body).encode() if body else None, method=method)
    request.add_header("Content-Type", "application/json")
    request.add_header("Authorization", f"Bearer {kestub.token}")
    try:
        return urllib.request.urlopen(request).status
    except urllib.error.HTTPError as refusal:
        return refusal.code
"""


class Run:
    """A run of pytest over tests that follow HELP, and what came of it."""

    def __init__(self, venv, folder, tests, *options, ini="", **environment):
        self.folder = folder
        (folder / "test_it.py").write_text(HELP + tests)
        (folder / "pytest.ini").write_text(f"[pytest]\n{ini}\n")
        report = folder / "report.xml"
        self.command = [venv / "bin/pytest", "-p", "no:cacheprovider", "--junitxml", report, *options]
        inherited = {name: value for name, value in kestub.environment().items() if not name.startswith("PYTEST_")}
        self.environment = {**inherited, **environment}
        self.done = subprocess.run(
            self.command, cwd=folder, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS)
        self.output = self.done.stdout
        [suite] = xml.etree.ElementTree.parse(report).getroot()
        self.counts = {name: int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")}

    def passed(self, count):
        assert self.counts == {"tests": count, "failures": 0, "errors": 0, "skipped": 0}, self.output

    def written(self, name):
        return (self.folder / name).read_text()


@pytest.fixture
def run(venv, tmp_path):
    return lambda *arguments, **options: Run(venv, tmp_path, *arguments, **options)


SEPARATE = """
@pytest.mark.parametrize("number", range(8))
def test_is_alone(kestub, kestub_server, number):
    assert send(kestub, "GET", ALAN) == 200
    assert send(kestub, "DELETE", ALAN) == 204
    assert send(kestub, "GET", ALAN) == 404
    assert kestub.count(urlPath=ALAN) == 3
    with open("servers", "a") as file:
        file.write(kestub_server.url + "\\n")
"""


@pytest.mark.parametrize("workers", [0, 2])
def test_gives_each_test_a_sandbox(run, workers):
    done = run(SEPARATE, f"--numprocesses={workers}")
    done.passed(8)
    servers = done.written("servers").split()
    assert len(servers) == 8
    assert 1 <= len(set(servers)) <= max(workers, 1)
    for url in set(servers):  # they ended with the run
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(url)


def test_has_what_a_test_needs(run):
    run("""
def test_credentials(kestub):
    assert (kestub.username, kestub.password) == ("root@root.com", "Root!1234")
    assert kestub.token == "KESTUB-root-token-for-tests-only-0123456789"

def test_stub(kestub):
    mapping = kestub.stub(request={"method": "GET", "urlPath": ALAN}, response={"status": 418})
    assert mapping["id"] and send(kestub, "GET", ALAN) == 418
    kestub.reset()
    assert send(kestub, "GET", ALAN) == 200

def test_requests(kestub):
    assert kestub.requests() == [] and kestub.count() == 0
    kestub.verify(0, method="GET")
    send(kestub, "GET", ALAN)
    send(kestub, "PUT", ALAN + "/groups", groupIds=[])
    assert [request["method"] for request in kestub.requests()] == ["GET", "PUT"]
    kestub.verify(method="PUT", bodyPatterns=[{"equalToJson": {"groupIds": []}}])
    kestub.verify(2, urlPathPattern=".*")

def test_faults(kestub):
    assert kestub.faults("filters-ignored", "flaky=1") == ["filters-ignored", "flaky=1:0"]
    assert send(kestub, "GET", ALAN) == 503
    assert kestub.faults() == []
    assert send(kestub, "GET", ALAN) == 200

def test_clock(kestub):
    assert kestub.clock(now="2024-02-29T12:00:00Z", frozen=True)["now"] == "2024-02-29T12:00:00Z"
    assert kestub.clock(advance="P1D")["now"] == kestub.clock()["now"] == "2024-03-01T12:00:00Z"

def test_snapshot(kestub):
    kestub.snapshot()
    kestub.snapshot("second")
    send(kestub, "DELETE", ALAN)
    kestub.restore()
    assert send(kestub, "GET", ALAN) == 200
    kestub.restore("second")

def test_admin(kestub):
    assert kestub.admin("GET", "/kestub/state")["users"]
    with pytest.raises(Exception, match="POST /__admin/mappings: 422: .*/request/nope"):
        kestub.stub(request={"nope": "GET"})

@pytest.mark.kestub(serverVersion="1.3", fixture={"tenants": [{"id": "other"}]})
def test_marker(kestub):
    state = kestub.admin("GET", "/kestub/state")
    assert [tenant["id"] for tenant in state["tenants"]] == ["other"]
    assert kestub.admin("GET", f"/kestub/sandboxes/{kestub.url.rpartition('/')[2]}")["serverVersion"] == "1.3"

@pytest.mark.parametrize("word", ["\\u00e4\\u00f6", "a/b c", "x" * 200, "-."])
def test_name(kestub, word):
    assert send(kestub, "GET", ALAN) == 200

class Test:
    def test_in_a_class(self, kestub):
        assert send(kestub, "GET", ALAN) == 200
""").passed(13)


FAILING = """
def test_verifies(kestub):
    send(kestub, "PUT", "/api/v1/main/users/nobody/groups", groupIds=["nope"])
    kestub.verify(method="PUT", urlPath=ALAN)

def test_verifies_less(kestub):
    send(kestub, "GET", ALAN)
    kestub.verify(0, urlPath=ALAN)

@pytest.fixture
def broken(kestub):
    send(kestub, "GET", "/api/v1/broken")
    assert False

def test_breaks_before(broken):
    pass

def test_without():
    assert False
"""


@pytest.mark.parametrize("workers", [0, 2])
def test_shows_requests_of_failures(run, workers):
    done = run(FAILING, f"--numprocesses={workers}")
    assert done.counts == {"tests": 4, "failures": 3, "errors": 1, "skipped": 0}
    for line in (
        r"kestub got 0 of 1 requests that match .*\"urlPath\": \"/api/v1/users/2EPi5XC0oluKRCVF56gcC\"",
        r"  close: PUT /api/v1/main/users/nobody/groups",
        r"    part: url, expected: /api/v1/users/2EPi5XC0oluKRCVF56gcC, actual: .*/groups",
        r"^PUT /api/v1/main/users/nobody/groups -> 404 from updateUserGroups",
        r'    > \{"groupIds": ?\["nope"\]\}',
        r"kestub got 1 of 0 requests",
        r"  matches: GET /api/v1/users/2EPi5XC0oluKRCVF56gcC",
        r"GET /api/v1/broken -> 404 from nothing",
    ):
        assert re.search(line, done.output, re.M), (line, done.output)
    assert len(re.findall("^-+ kestub -+$", done.output, re.M)) == 3


def test_takes_options_of_the_server(run, tmp_path):
    (tmp_path / "world.json").write_text(json.dumps({
        "tenants": [{"id": "main"}],
        "users": [{"email": "ada@example.com", "password": "It, is!1234", "instanceOwner": True, "tenants": ["main"]}]}))
    ini = "kestub_args = --fixture world.json --admin-token 'a b' --server-version 2.0"
    run("""
def test_options(kestub, kestub_server):
    assert (kestub.username, kestub.password, kestub.token) == ("ada@example.com", "It, is!1234", None)
    name = kestub.url.rpartition("/")[2]
    assert kestub_server.admin("GET", f"/kestub/sandboxes/{name}")["serverVersion"] == "1.3"
""", "--kestub-args=--server-version=1.3", ini=ini).passed(1)


@pytest.mark.parametrize("options, environment, message", [
    (["--kestub-args=--auth nope"], {}, "--auth: 'nope' is not one of strict|any|off"),
    (["--kestub-args=--journal 0"], {}, "the journal is switched off"),
    (["--kestub-args=--admin off"], {}, "PUT /__admin/kestub/sandboxes/.*: 404"),
    ([], {"KESTUB_URL": "http://127.0.0.1:1"}, "no answer from http://127.0.0.1:1: .*Connection refused"),
    ([], {"KESTUB_AUTH": "nope"}, "KESTUB_AUTH: 'nope' is not one of"),
])
def test_says_what_is_wrong(run, options, environment, message):
    done = run("def test_it(kestub):\n    kestub.verify(0, method='GET')", *options, **environment)
    assert done.counts["tests"] == done.counts["failures"] + done.counts["errors"] > 0
    assert re.search(f"KestubError: .*{message}", done.output), done.output


def test_names_a_missing_program(run, venv, tmp_path):
    program = venv / "bin/kestub"
    hidden = program.rename(tmp_path / "hidden")
    try:
        done = run("def test_it(kestub):\n    pass", PATH="/usr/bin:/bin")
    finally:
        hidden.rename(program)
    assert "KestubError: no program kestub" in done.output


@pytest.mark.parametrize("workers", [0, 2])
def test_uses_a_running_server(run, tmp_path, workers):
    options = "--admin-token", "secret", "--journal", "5"
    with kestub.running(tmp_path, "default", *options) as server:
        # To run it must not need a program.
        done = run(SEPARATE, f"--numprocesses={workers}", KESTUB_URL=f"{server.url}/", KESTUB_ADMIN_TOKEN="secret")
        done.passed(8)
        assert set(done.written("servers").split()) == {server.url}
        request = urllib.request.Request(f"{server.url}/__admin/kestub/sandboxes")
        request.add_header("Authorization", "Bearer secret")
        with urllib.request.urlopen(request) as answer:
            assert json.load(answer)["sandboxes"] == [{"name": "default"}]


def test_works_from_the_file_alone(run, venv, tmp_path):
    """As it does for those who copy the file, and have no wheel."""
    source = kestub.ROOT / "tests/plugin/pytest_kestub.py"
    (tmp_path / "pytest_kestub.py").write_text(source.read_text())
    done = run(SEPARATE, "-p", "pytest_kestub", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", PYTHONPATH=str(tmp_path))
    done.passed(8)


def test_leaves_no_server_when_it_is_killed(run, venv, tmp_path):
    done = run("""
import os, signal
def test_dies(kestub_server):
    open("server", "w").write(kestub_server.url)
    if os.environ["DIES"] == "yes":
        os.kill(os.getpid(), signal.SIGKILL)
""", DIES="no")
    done.passed(1)
    killed = subprocess.run(done.command, cwd=tmp_path, env={**done.environment, "DIES": "yes"}, capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    end = time.monotonic() + SECONDS
    while answers(done.written("server")):
        assert time.monotonic() < end


def answers(url):
    try:
        return bool(urllib.request.urlopen(f"{url}/health"))
    except OSError:
        return False
