"""All at once, under ThreadSanitizer: the API, the control plane, sandboxes, stubs, and a stop."""
import random
import signal
import threading
import time

import pytest

from kestub import ROOT
from launch import Launched
from wire import Kept

BINARY = ROOT / "build-thread/kestub"
CLIENTS = 8
TOKEN = b"Authorization: Bearer KESTUB-root-token-for-tests-only-0123456789\r\n"
ROOT_PASSWORD = b"Authorization: Basic cm9vdEByb290LmNvbTpSb290ITEyMzQ=\r\n"
USER = "/api/v1/users/4by6NvSLcPXFhCj8nwbZOM"
GROUPS = ["7C1klfgdQmLTCyrnlejrtg", "4LeYKUcqzLlRGlnKAzeqvF"]
STATE = {
    "tenants": [{"id": "main"}],
    "users": [{"username": f"u{i}", "email": f"u{i}@x.org", "password": "a"} for i in range(20)],
}


def stub(rng):
    return {
        "priority": rng.randrange(1, 9),
        "request": {"urlPathPattern": "/stubbed/.*", "method": "ANY"},
        "scenarioName": rng.choice(["a", "b"]),
        "newScenarioState": rng.choice(["Started", "other"]),
        "response": {
            "status": 200,
            "body": "x" * rng.choice([0, 10, 10000]),
            "fixedDelayMilliseconds": rng.choice([0, 1, 30]),
        },
    }


def verification(rng):
    return {
        "request": {"urlPathPattern": "/stubbed/.*"},
        "atLeast": rng.randrange(9),
        "within": rng.choice(["PT0S", "PT0.02S", "PT60S"]),
    }


# Each with its weight. What they answer is for other suites; here only the races count.
CALLS = [
    (4, lambda rng: ("GET", "/api/v1/users?q=a&sort=username:asc", None)),
    (4, lambda rng: ("PUT", f"/api/v1/main/users{USER[13:]}/groups", {"groupIds": GROUPS})),
    (2, lambda rng: ("POST", "/api/v1/main/groups", {"name": f"g{rng.random()}"})),
    (2, lambda rng: ("GET", f"/api/v1/main/groups/{GROUPS[0]}/members", None)),
    (1, lambda rng: ("POST", f"{USER}/api-tokens", {"name": f"t{rng.random()}"})),
    (1, lambda rng: ("PATCH", f"{USER}/password", {"newPassword": f"Pass!{rng.random()}"})),
    (1, lambda rng: ("POST", "/login", {"username": "root@root.com", "password": "no"})),
    (1, lambda rng: ("DELETE", "/api/v1/tenants/main", None)),
    (4, lambda rng: ("GET", f"/stubbed/{rng.randrange(9)}", None)),
    (3, lambda rng: ("POST", "/__admin/mappings", stub(rng))),
    (1, lambda rng: ("DELETE", "/__admin/mappings", None)),
    (1, lambda rng: ("GET", "/__admin/mappings", None)),
    (1, lambda rng: ("POST", "/__admin/mappings/import", {"mappings": [stub(rng), stub(rng)]})),
    (1, lambda rng: ("POST", "/__admin/mappings/save", None)),
    (1, lambda rng: ("POST", "/__admin/mappings/reset", None)),
    (1, lambda rng: ("GET", "/__admin/scenarios", None)),
    (1, lambda rng: ("POST", "/__admin/scenarios/reset", None)),
    (1, lambda rng: ("GET", "/__admin/requests", None)),
    (1, lambda rng: ("GET", "/__admin/requests/unmatched/near-misses", None)),
    (1, lambda rng: ("POST", "/__admin/requests/count", {"urlPathPattern": "/stubbed/.*"})),
    (2, lambda rng: ("POST", "/__admin/kestub/verify", verification(rng))),
    (1, lambda rng: ("DELETE", "/__admin/requests", None)),
    (1, lambda rng: ("PUT", "/__admin/settings", {"fixedDelay": rng.choice([0, 5])})),
    (1, lambda rng: ("PUT", "/__admin/kestub/faults", {"faults": rng.choice([[], ["sort-500"]])})),
    (1, lambda rng: ("GET", "/__admin/kestub/coverage", None)),
    (1, lambda rng: ("GET", "/__admin/kestub/state", None)),
    (1, lambda rng: ("PUT", "/__admin/kestub/state", STATE)),
    (1, lambda rng: ("POST", f"/__admin/kestub/snapshots/s{rng.randrange(3)}", None)),
    (1, lambda rng: ("POST", f"/__admin/kestub/snapshots/s{rng.randrange(3)}/restore", None)),
    (1, lambda rng: ("GET", "/__admin/kestub/sandboxes", None)),
    (1, lambda rng: ("DELETE", f"/__admin/kestub/sandboxes/{rng.choice('abc')}", None)),
    (1, lambda rng: ("PUT", "/__admin/kestub/clock", {"advance": "PT1S"})),
    (2, lambda rng: ("POST", "/__admin/reset", None)),
]


class Client(threading.Thread):
    def __init__(self, server, seed):
        super().__init__(daemon=True)
        self.server, self.random, self.answers = server, random.Random(seed), {}
        self.kept = Kept(server)

    def call(self):
        rng = self.random
        make = rng.choices([make for _, make in CALLS], [weight for weight, _ in CALLS])[0]
        method, path, body = make(rng)
        # Sandboxes come and go, and most calls meet in few of them.
        sandbox = rng.choice(["", "", "/sandbox/a", "/sandbox/b", f"/sandbox/c{rng.randrange(9)}"])
        self.kept.headers = rng.choice([TOKEN, TOKEN, ROOT_PASSWORD])
        status = self.kept.ask(method, sandbox + path, body)[0]
        self.answers[status // 100] = self.answers.get(status // 100, 0) + 1
        if rng.random() < 0.05:
            self.kept.close()
            self.kept = Kept(self.server)

    def run(self):
        try:
            while True:
                self.call()
        except (EOFError, OSError):
            pass  # the stop


@pytest.mark.parametrize("is_file", [False, True], ids=["memory", "file"])
def test_a_mixed_load_has_no_races(tmp_path, figure, is_file, rounds, seed):
    answers = {}
    count = rounds(2)
    for number in range(count):
        directory = tmp_path / str(number)
        directory.mkdir()
        options = ["--threads", "4", *(("--db", directory / "state.db") if is_file else ())]
        server = Launched(directory, *options, binary=BINARY)
        clients = [Client(server, f"{seed} {number} {i}") for i in range(CLIENTS)]
        for client in clients:
            client.start()
        time.sleep(2.5)
        code = server.end(signal.SIGTERM)
        for client in clients:
            client.join(20)
            for kind, calls in client.answers.items():
                answers[kind] = answers.get(kind, 0) + calls
        log = server.log.read_text()
        assert "ThreadSanitizer" not in log, log
        assert code == 0, log
    kinds = ", ".join(f"{calls} {kind}xx" for kind, calls in sorted(answers.items()))
    figure(f"{count} stops under load after {kinds}; seed {seed}")
    assert answers[2] > 100 * count
