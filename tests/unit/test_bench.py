#!/usr/bin/env python3
"""Tests of ./dev bench: what it makes of its measurements, and what it refuses to measure. TAP."""
import contextlib
import json
import os
import pathlib
import socket
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/bench"))
import client  # noqa: E402
import instructions  # noqa: E402
import load  # noqa: E402
import page  # noqa: E402
import report  # noqa: E402
import rows  # noqa: E402
import servers  # noqa: E402
import states  # noqa: E402

# Of a result by wrk: the members that differ from a good one.
GOOD = {"requests": 10, "microseconds": 1000000, "p50": 1, "p99": 2, "unexpected": 0, "failed": 0, "preparation": 0}
BAD_RESULTS = {
    "an answer of 400 and above": {"unexpected": 1},
    "a broken connection": {"failed": 1},
    "no answer": {"requests": 0},
}
# What a kestub counted after a mix, and whether that is what the mix wants.
COUNTS = [
    ("put", {("updateUserGroups", 204): 9}, True),
    ("put", {("updateUserGroups", 204): 9, ("updateUserGroups", 404): 1}, False),
    ("put", {("updateUserGroups", 204): 9, ("unknown", 404): 1}, False),
    ("put", {}, False),
    ("user", {("getUser", 200): 9}, True),
    ("user", {("getUser", 404): 9}, False),
    ("mixed", {key: 80 // 3 for key in load.ANSWERS["mixed"]} | {("updateUserGroups", 204): 20}, True),
    ("mixed", {key: 10 for key in load.ANSWERS["mixed"]} | {("updateUserGroups", 204): 90}, False),
]
# Median, lowest round, and what they say of a goal.
GOALS = [
    (rows.Row("a", None, "a", goal=0.6), 0.6, 0.1, True),
    (rows.Row("a", None, "a", goal=0.6), 0.59, 0.59, False),
    (rows.Row("a", None, "a", goal=1.2, floor=1), 1.3, 0.99, False),
    (rows.Row("a", None, "a", goal=1.2, floor=1), 1.3, 1, True),
    (rows.Row("a", None, "a", "ms", rows.AT_MOST, 5), 5, 1, True),
    (rows.Row("a", None, "a", "ms", rows.AT_MOST, 5), 5.1, 1, False),
    (rows.Row("a", None, "a"), 5, 1, None),
]
TREE = {
    "run": dict.fromkeys(("date", "commit", "machine", "compiler", "libraries", "settings"), "x") | {"load_average": 0.4},
    "rows": {"put-1": {"median": 0.5, "low": 0.4, "high": 0.61, "samples": 5}},
    "rates": {"put": {"bare-1": {"rate": 50000, "p50": 300, "p99": 700, "per_cpu": 100000, "busy": 0.5, "wrk_busy": 1}}},
    "peers": {"a peer": {"rate": 2000, "over_bare": 0.04, "p99": 20, "start": 1500, "memory": 150, "size": None}},
    "failed": ["huge failed: why"],
}


def refuses(function, *arguments):
    try:
        function(*arguments)
    except servers.BenchError:
        return True
    return False


class FakeServer:
    url = "http://127.0.0.1:1"

    def cpu_seconds(self):
        return 0


@contextlib.contextmanager
def fake_wrk(script):
    """A wrk that is a shell script."""
    with tempfile.TemporaryDirectory() as name:
        path = pathlib.Path(name, "wrk")
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        before = os.environ["PATH"]
        os.environ["PATH"] = f"{name}:{before}"
        try:
            yield
        finally:
            os.environ["PATH"] = before


def measures(script):
    with fake_wrk(script):
        return load.run_wrk(FakeServer(), "put", states.SMALL, 1)


def result_line(changes):
    members = ", ".join(f'"{key}": {value}' for key, value in {**GOOD, **changes}.items())
    return f"echo 'result: {{{members}}}'"


def answers(text):
    """Returns what the client makes of a server that says the text and closes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(text.encode())

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            with client.connect(f"http://127.0.0.1:{listener.getsockname()[1]}") as connection:
                return connection.ask(client.request_bytes("GET", "/"), 200)[1]
        finally:
            thread.join()


def judges_counts(mix, counts, good):
    before, load.counted = load.counted, lambda server: counts
    try:
        return refuses(load.check_answers, None, mix) != good
    finally:
        load.counted = before


def fixture_of(state):
    with tempfile.TemporaryDirectory() as name:
        path = pathlib.Path(name, "fixture.json")
        states.write_fixture(state, path)
        return json.loads(path.read_text())


def main():
    text, document = report.text(TREE), page.render(TREE)
    tree = fixture_of(states.State(5, 4))
    records = instructions.read_records()
    results = [
        ("takes a good result of wrk", measures(result_line({}))["rate"] == 10),
        ("refuses a wrk that fails", refuses(measures, "exit 1")),
        ("refuses a wrk without a result", refuses(measures, "echo done")),
        ("reads an answer", answers("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") == b"ok"),
        ("refuses another status", refuses(answers, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")),
        ("refuses half an answer", refuses(answers, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok")),
        ("lets a count grow a little", instructions.judge("put", 1100, 1000) is None),
        ("refuses more", "put: 1101 instructions for a request, 10% more than the 1000" in
         instructions.judge("put", 1101, 1000)),
        ("refuses twice as much", "100% more" in instructions.judge("put", 2000, 1000)),
        ("lets a count shrink", instructions.judge("put", 1, 1000) is None),
        ("remarks on a record far above", instructions.remark("put", 799, 1000) is not None),
        ("keeps quiet about one that is near", instructions.remark("put", 800, 1000) is None),
        ("has records of all operations", records and all(
            set(record) == set(instructions.OPERATIONS) and min(record.values()) > 1000
            for record in records.values())),
        ("takes ratios within a round", load.ratios(
            {"a": [{"rate": 1}, {"rate": 9}], "b": [{"rate": 2}, {"rate": 3}]}, "a", "b") == [0.5, 3]),
        ("shows all of few samples", report.summarize([3, 1, 2]) == {"median": 2, "low": 1, "high": 3, "samples": 3}),
        ("leaves out the ends of many", report.summarize([*range(100), 10**6])["high"] < 100),
        ("has a name of its own for each row", len(rows.ROWS) == sum(len(s.rows) for s in rows.SECTIONS)),
        ("prints what was measured", "0.50 (0.40 to 0.61)  at least 0.6  missed  put-1" in text),
        ("trusts a quiet machine", "load average 0.4 before the run\n" in text),
        ("distrusts a busy one", "too busy" in report.other_work({"load_average": 0.5})),
        ("prints what failed", text.endswith("huge failed: why")),
        ("leaves out what was not", "put-2" not in text and "Sandboxes" not in document),
        ("writes a row into the page", "| 0.50 (0.40 to 0.61) | at least 0.6 | missed |" in document),
        ("writes the peers", "| a peer | 2,000 | 0.040 | 20.0 | 1,500 | 150 |  |" in document),
        ("writes no peers when there are none", "mock servers" not in page.render({**TREE, "peers": {}})),
        ("makes all users", len(tree["users"]) == 6 and tree["users"][5]["id"] == states.user_id(5)),
        ("puts each into three groups", all(len({g["id"] for g in user["groups"]}) == 3 for user in tree["users"][1:])),
    ]
    results += [(f"refuses {name}", refuses(measures, result_line(bad))) for name, bad in BAD_RESULTS.items()]
    results += [(f"judges {counts} after {mix}", judges_counts(mix, counts, good)) for mix, counts, good in COUNTS]
    results += [(f"judges {median}, {low}: {row.goal_text}", row.meets(median, low) is met)
                for row, median, low, met in GOALS]
    print(f"1..{len(results)}")
    for number, (name, passed) in enumerate(results, 1):
        print(f"{'ok' if passed else 'not ok'} {number} - {name}")
    return 0 if all(passed for _, passed in results) else 1


if __name__ == "__main__":
    sys.exit(main())
