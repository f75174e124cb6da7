"""Counts the instructions that the server runs for a request, under valgrind's callgrind.

Unlike times, the counts do not depend on what else the machine does. They differ with the compiler, the build
and the libraries, so instructions.json has a record for each such combination, and a count is compared only
with the record of its own. `./dev bench --record-instructions` renews the record of this machine.
"""
import concurrent.futures
import json
import pathlib
import platform
import random
import re
import signal
import subprocess
import tempfile

import client
import servers
import states

RECORDS = pathlib.Path(__file__).with_name("instructions.json")
BOUND = 1.10
# What is far below its record no longer guards anything.
STALE = 0.80
# The journal is full long before the last of these.
REQUESTS = 150
JOURNAL = 50
SECONDS = 300
STATE = states.State(200, 50)
# Callgrind counts every byte of a `rep stosb` or `rep movsb`, for which libc would then be most of a request.
NO_REPETITION = {
    "GLIBC_TUNABLES": "glibc.cpu.x86_rep_stosb_threshold=0x10000000:glibc.cpu.x86_rep_movsb_threshold=0x10000000"
}
STUB = "stub"
STUB_PATH = "/stubbed/thing"
IMPORT_PATH = "/__admin/mappings/import"


def put_requests(chance):
    while True:
        user = states.user_id(chance.randint(1, STATE.users))
        groups = [states.group_id(i) for i in chance.sample(range(1, STATE.groups + 1), 3)]
        yield client.put_groups(user, groups), 204


def get_requests(paths):
    while True:
        for path in paths:
            yield client.request_bytes("GET", path), 200


# Each operation, and the function that makes its requests.
OPERATIONS = {
    "put groups": put_requests,
    "get user": lambda chance: get_requests(
        [f"/api/v1/users/{states.user_id(i)}" for i in range(1, STATE.users + 1)]
    ),
    "page of users": lambda chance: get_requests(
        [f"/api/v1/users?page={i}" for i in range(1, STATE.users // 10 + 1)]
    ),
    "page of groups": lambda chance: get_requests(
        [f"/api/v1/main/groups/search?page={i}" for i in range(1, STATE.groups // 10 + 1)]
    ),
    "members of a group": lambda chance: get_requests(
        [f"/api/v1/main/groups/{states.group_id(i)}/members" for i in range(1, STATE.groups + 1)]
    ),
    STUB: lambda chance: get_requests([STUB_PATH]),
}


def mappings():
    """The stub that answers, and some that it is found among."""
    others = [{"request": {"urlPath": f"/other/{i}"}, "response": {"status": 404}} for i in range(20)]
    found = {
        "request": {"method": "GET", "urlPathPattern": "/stubbed/[a-z]+"},
        "response": {"status": 200, "jsonBody": {"answer": "from a stub"}},
    }
    return {"mappings": [found, *others]}


def total(binary, fixture, operation, n_requests):
    """Returns the instructions of a server from its start to its end, with so many requests between."""
    requests = OPERATIONS[operation](random.Random(1))
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", binary, "serve"]
    command += ["--log", "off", "--port", 0, "--threads", 1, "--journal", JOURNAL]
    command += ["--fixture", fixture]
    with servers.running(command, NO_REPETITION, stderr=subprocess.PIPE) as process:
        line = servers.read_line(process)
        url = re.match(r"kestub is ready at (http://[0-9.:]+)", line)
        if not url:
            raise servers.BenchError(f"kestub printed {line!r} instead of the ready line")
        with client.connect(url[1]) as connection:
            if operation == STUB:
                connection.ask(client.request_bytes("POST", IMPORT_PATH, json.dumps(mappings())), 200)
            for _ in range(n_requests):
                connection.ask(*next(requests))
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=SECONDS)[1].decode()
    counted = re.search(r"^==\d+== Collected : (\d+)$", said, re.M)
    if process.returncode != 0 or not counted:
        raise servers.BenchError(f"kestub under valgrind ended with {process.returncode}: {said}")
    return int(counted[1])


def per_request(binary, operations=tuple(OPERATIONS)):
    """Returns the instructions of a request by operation. What the start and the end take is in both of two
    runs, so their difference is that of the requests."""
    with (
        tempfile.TemporaryDirectory(prefix="kestub-bench-") as name,
        concurrent.futures.ThreadPoolExecutor(2) as pool,
    ):
        fixture = pathlib.Path(name, "fixture.json")
        states.write_fixture(STATE, fixture)
        runs = {
            (operation, n): pool.submit(total, binary, fixture, operation, n)
            for operation in operations
            for n in (REQUESTS, 2 * REQUESTS)
        }
        totals = {key: run.result() for key, run in runs.items()}
    return {
        operation: round((totals[operation, 2 * REQUESTS] - totals[operation, REQUESTS]) / REQUESTS)
        for operation in operations
    }


def build_name(binary):
    """Names what the counts depend on besides the source: compiler, build and libraries."""
    build = pathlib.Path(binary).resolve().parent
    options = json.loads((build / "meson-info/intro-buildoptions.json").read_text())
    kinds = {option["name"]: option["value"] for option in options}
    log = (build / "meson-logs/meson-log.txt").read_text()
    compiler = re.search(r'^C compiler for the host machine: .* \((\w+) ([\d.]+) ', log, re.M)
    version = subprocess.run([binary, "version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    libraries = re.findall(r"^(?:libmicrohttpd|SQLite) .*$", version, re.M)
    words = [platform.machine(), f"{compiler[1]} {compiler[2]}", kinds["buildtype"], *libraries]
    return ", ".join(words)


def read_records():
    return json.loads(RECORDS.read_text()) if RECORDS.exists() else {}


def record(binary):
    """Replaces the record of this build, and leaves those of others alone."""
    records = {**read_records(), build_name(binary): per_request(binary)}
    RECORDS.write_text(json.dumps(records, indent=2, sort_keys=True) + "\n")


def judge(operation, count, recorded):
    """Returns what is wrong with a count, or None."""
    if count <= recorded * BOUND:
        return None
    return (
        f"{operation}: {count} instructions for a request, {count / recorded - 1:.0%} more than the {recorded}"
        f" of the record; the bound is {BOUND - 1:.0%}. If the change is worth it, renew the record with"
        " ./dev bench --record-instructions"
    )


def remark(operation, count, recorded):
    """Tells when a count has left its record behind, or returns None."""
    if count >= recorded * STALE:
        return None
    return f"{operation}: {count} instructions, the record says {recorded}: ./dev bench --record-instructions"
