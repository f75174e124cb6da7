"""Puts wrk's load on servers in turns, and checks what they answered.

wrk runs on the same machine. How busy it was tells whether wrk or the server was the limit.
"""
import json
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import urllib.request

import client
import states
from servers import TICKS, BenchError

SCRIPT = pathlib.Path(__file__).with_name("load.lua")
CONNECTIONS = 32
SPARE_SECONDS = 120

# The operations of a mix of load.lua, each with the only status that counts.
PUT = {("updateUserGroups", 204)}
READS = {
    "user": {("getUser", 200)},
    "groups": {("searchGroups", 200)},
    "members": {("searchGroupMembers", 200)},
}
ANSWERS = {"put": PUT, "connect": PUT, **READS, "mixed": PUT.union(*READS.values())}


def report(text):
    print(text, file=sys.stderr, flush=True)


def run_wrk(server, mix, state, seconds, url=None):
    """Returns wrk's result, with the CPU seconds that wrk and the server took."""
    command = [
        *("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "5s"),
        *("-s", SCRIPT, url or server.url, "--", mix, state.users, state.groups, 1),
    ]
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_seconds = server.cpu_seconds()
    wrk = subprocess.run(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        text=True,
        timeout=seconds + SPARE_SECONDS,
    )
    cpu_seconds = max(server.cpu_seconds() - cpu_seconds, 1 / TICKS)
    children_now = resource.getrusage(resource.RUSAGE_CHILDREN)
    line = re.search(r"^result: (\{.*\})$", wrk.stdout, re.M)
    if wrk.returncode != 0 or not line:
        raise BenchError(f"wrk ended with status {wrk.returncode} and said:\n{wrk.stdout}")
    result = json.loads(line[1])
    if result["unexpected"] or result["failed"] or not result["requests"]:
        raise BenchError(f"{server.url} did not answer every request of {mix}: {result}")
    wrk_seconds = sum(
        getattr(children_now, name) - getattr(children, name) for name in ("ru_utime", "ru_stime")
    )
    return {
        "rate": result["requests"] / result["microseconds"] * 1e6,
        "p50": result["p50"],
        "p99": result["p99"],
        "per_cpu": result["requests"] / cpu_seconds,
        "busy": cpu_seconds / result["microseconds"] * 1e6,
        "wrk_busy": (wrk_seconds - result["preparation"]) / result["microseconds"] * 1e6,
    }


def counted(server):
    """Returns {(operation, status): count} of a kestub."""
    with urllib.request.urlopen(f"{server.url}/__admin/metrics", timeout=30) as answer:
        text = answer.read().decode()
    lines = re.findall(r'^kestub_requests_total\{operation="(.*)",status="(\d+)"\} (\d+)$', text, re.M)
    return {(operation, int(status)): int(count) for operation, status, count in lines}


def check_answers(server, mix):
    """wrk sees only statuses of 400 and above. kestub counts them all."""
    found = counted(server)
    if set(found) != ANSWERS[mix]:
        raise BenchError(f"answers to {mix}: {found}, not just {sorted(ANSWERS[mix])}")
    if mix == "mixed":
        share = found["updateUserGroups", 204] / sum(found.values())
        if not 0.15 < share < 0.25:
            raise BenchError(f"{share:.0%} of the requests of {mix} were writes, not 20 %")


def body_bytes(server, mix, state):
    """Returns the mean size of the bodies that a kestub answers the reads of a mix with."""
    group = states.group_id(state.groups // 2)
    paths = {
        "user": f"/api/v1/users/{states.user_id(state.users // 2)}",
        "groups": "/api/v1/main/groups/search?size=10&page=2",
        "members": f"/api/v1/main/groups/{group}/members",
    }
    asked = [path for name, path in paths.items() if READS[name] <= ANSWERS[mix]]
    with client.connect(server.url) as connection:
        sizes = [
            len(connection.ask(client.request_bytes("GET", path), 200)[1]) for path in asked
        ]
    return round(statistics.mean(sizes)) if sizes else 0


def take_turns(turns, options):
    """Returns the results by name. `turns` has (server, mix, state, URL or None) by name."""
    results = {name: [] for name in turns}
    for server, mix, state, url in turns.values() if options.warm_up else ():
        run_wrk(server, mix, state, options.warm_up, url)
    for number in range(1, options.rounds + 1):
        for name, (server, mix, state, url) in turns.items():
            result = run_wrk(server, mix, state, options.seconds, url)
            results[name].append(result)
            report(f"  round {number}, {name}: {result['rate']:.0f} requests/s")
    return results


def ratios(results, name, base, key="rate"):
    """Within each round, so that a machine whose speed drifts disturbs less."""
    return [one[key] / other[key] for one, other in zip(results[name], results[base])]
