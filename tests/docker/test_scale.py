"""docker/haproxy.cfg: Debian's haproxy before several kestubs, as processes. Needs no engine."""
import base64
import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import pytest

import kestub
import pages

ROOT = pathlib.Path(__file__).parents[2]
CONFIGURATION = (ROOT / "docker/haproxy.cfg").read_text()
ROOT_USER = {"Authorization": "Basic " + base64.b64encode(b"root@root.com:Root!1234").decode()}
SANDBOXES = [f"ci-{number}" for number in range(300)]
PATIENCE_SECONDS = 30


def call(port, method, path, headers=None, body=None, timeout=20):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body=body, headers={**ROOT_USER, **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.05)


class Balancer:
    """haproxy with the servers, some of which may be gone."""

    def __init__(self, directory, servers):
        self.directory, self.port, self.process = directory, pages.free_port(), None
        self.start(servers)

    def start(self, servers):
        text = CONFIGURATION.replace("bind :8080", f"bind 127.0.0.1:{self.port}")
        text = re.sub(r"    server kestub\d .*\n", "", text)
        for number, server in enumerate(servers, 1):
            text += f"    server kestub{number} {server.url.removeprefix('http://')} id {number}\n"
        path = self.directory / "haproxy.cfg"
        path.write_text(text)
        self.process = subprocess.Popen(["haproxy", "-q", "-f", path], stderr=subprocess.DEVNULL)
        wait_for(self.answers)

    def answers(self):
        with contextlib.suppress(OSError):
            return call(self.port, "GET", "/__admin/health")[0] == 200
        assert self.process.poll() is None, "haproxy refuses its configuration"
        return False

    def stop(self):
        self.process.terminate()
        self.process.wait()


def port_of(server):
    return int(server.url.rsplit(":", 1)[1])


def mark(port, name):
    """Creates a tenant that only this sandbox has."""
    body = json.dumps({"id": name, "name": name})
    headers = {"Content-Type": "application/json"}
    status, answer = call(port, "POST", f"/sandbox/{name}/api/v1/tenants", headers, body)
    assert status in (200, 201), answer


def is_marked(port, name):
    """By the header, although the path has created it."""
    return call(port, "GET", f"/api/v1/tenants/{name}", {"X-Kestub-Sandbox": name})[0] == 200


def answers_in(port, name):
    with contextlib.suppress(OSError):
        return call(port, "GET", f"/sandbox/{name}/api/v1/me", timeout=1)[0] == 200
    return False


def homes(servers):
    """Which server has which sandbox."""
    found = {}
    for number, server in enumerate(servers):
        listing = json.loads(call(port_of(server), "GET", "/__admin/kestub/sandboxes")[1])
        for sandbox in listing["sandboxes"]:
            if sandbox["name"] in SANDBOXES:
                found.setdefault(sandbox["name"], set()).add(number)
    return found


@pytest.fixture
def servers(tmp_path):
    if not shutil.which("haproxy"):
        if os.environ.get("CI") == "true":
            pytest.fail("there is no haproxy", pytrace=False)
        pytest.skip("there is no haproxy")
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(kestub.running(directory)) for number in range(4)
               for directory in [tmp_path / str(number)] if directory.mkdir() is None]


@pytest.fixture
def balancer(tmp_path, servers):
    balancer = Balancer(tmp_path, servers[:3])
    yield balancer
    balancer.stop()


def resume(server):
    server.process.send_signal(signal.SIGCONT)


def test_each_sandbox_stays_where_it_is(servers, balancer, capsys):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: mark(balancer.port, name), SANDBOXES))
        assert all(pool.map(lambda name: is_marked(balancer.port, name), SANDBOXES))
        before = homes(servers)
        assert sorted(before) == sorted(SANDBOXES)
        assert all(len(where) == 1 for where in before.values())
        share = [sum(where == {number} for where in before.values()) for number in range(3)]
        assert min(share) > 30, share

        # A server that hangs is as good as dead. Only what it has is lost, and appears anew elsewhere.
        servers[1].process.send_signal(signal.SIGSTOP)
        try:
            lost = [name for name in SANDBOXES if before[name] == {1}]
            wait_for(lambda: answers_in(balancer.port, lost[0]))
            kept = dict(zip(SANDBOXES, pool.map(lambda name: is_marked(balancer.port, name), SANDBOXES)))
        finally:
            resume(servers[1])
        assert [name for name in SANDBOXES if not kept[name]] == lost

        # With a fourth server, as many move as it shall have, and none between the others.
        balancer.stop()
        balancer.start(servers)
        moved = [name for name, stays in zip(
            SANDBOXES, pool.map(lambda name: is_marked(balancer.port, name), SANDBOXES)) if not stays]
        after = homes(servers)
        assert all(3 in after[name] for name in moved)
    with capsys.disabled():
        print(f"\n300 sandboxes on three servers: {share}; one is gone: {len(lost)} lost; "
              f"a fourth joins: {len(moved)} move")
    assert 30 < len(moved) < 120


@pytest.mark.parametrize("path, headers", [
    ("/sandbox/ci-7/api/v1/tenants/ci-7", {}),
    ("/sandbox/ci%2D7/api/v1/tenants/ci-7", {}),
    ("/sandbox/ci-7/api/v1/tenants/ci-7", {"X-Kestub-Sandbox": "ci-8"}),
    ("/api/v1/tenants/ci-7", {"X-Kestub-Sandbox": "ci-7"}),
])
def test_all_ways_to_name_a_sandbox_lead_to_it(balancer, path, headers):
    mark(balancer.port, "ci-7")
    assert call(balancer.port, "GET", path, headers)[0] == 200


def test_compose_starts_what_the_configuration_names():
    yaml = pytest.importorskip("yaml")
    services = yaml.safe_load((ROOT / "docker/compose.scale.yaml").read_text())["services"]
    named = re.findall(r"server (\S+) (\S+):8080 id", CONFIGURATION)
    assert sorted(services) == ["haproxy", *sorted(name for name, _ in named)]
    assert all(name == host for name, host in named)
