#!/usr/bin/env python3
"""Compares kestub with a bare libmicrohttpd handler: requests per second, and what each costs.

wrk puts the same load on all servers in turns: baseline, kestub in memory, kestub with a file, then the
next thread count, then the next round. The result is the median of the ratios within each round, so
that it suffers less when the machine's speed drifts. wrk runs on the same machine; how busy it was tells
whether wrk or the server was the limit.
"""
import argparse
import contextlib
import json
import os
import pathlib
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import make_fixture

BENCH = pathlib.Path(__file__).resolve().parent
ROOT = BENCH.parent.parent
WARM_UP_SECONDS = 1
READY_SECONDS = 120
START_RUNS = 20
TICKS = os.sysconf("SC_CLK_TCK")

# A call that succeeds with the default fixture.
DEFAULT_REQUEST = (
    "PUT /api/v1/main/users/1l08woM6yObCVr7nwrDZBX/groups HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    "Authorization: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}"
)
DEFAULT_BODY = '{"groupIds":["3nQ0vGfJkXyPz8hLw2RbTd"]}'
AUTHORIZATIONS = {
    "bearer": "Bearer KESTUB-root-token-for-tests-only-0123456789",
    "basic": "Basic cm9vdEByb290LmNvbTpSb290ITEyMzQ=",
}


class BenchError(Exception):
    pass


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=10, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3, help="how often each server has its turn")
    parser.add_argument("--threads", default="1,2", help="thread counts of the servers")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--users", type=int, default=100000)
    parser.add_argument("--groups", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1, help="of the fixture and the requests")
    parser.add_argument("--kestub", type=pathlib.Path, default=ROOT / "build/kestub")
    parser.add_argument(
        "--baseline",
        type=pathlib.Path,
        help="a built bench-baseline (default: build the one of build/)",
    )
    arguments = parser.parse_args()
    try:
        arguments.threads = [int(count) for count in arguments.threads.split(",")]
    except ValueError:
        parser.error("--threads: a list of numbers such as 1,2")
    if min(arguments.threads) < 1 or min(arguments.seconds, arguments.rounds) < 1:
        parser.error("--threads, --seconds and --rounds: from 1")
    if arguments.users < 1 or arguments.groups < 3:
        parser.error("--users: from 1, --groups: from 3")
    return arguments


def build_baseline():
    target = "tests/bench/bench-baseline"
    subprocess.run(["ninja", "-C", ROOT / "build", target], check=True, stdout=sys.stderr)
    return ROOT / "build" / target


def report(text):
    print(text, file=sys.stderr, flush=True)


# ---- Servers


def stop(process):
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()


@contextlib.contextmanager
def running(command):
    """A process whose stdout is a pipe. It always ends with the context."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("KESTUB_")}
    process = subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.PIPE, env=environment
    )
    try:
        yield process
    finally:
        stop(process)


class Server:
    def __init__(self, process, url):
        self.process = process
        self.url = url

    def cpu_seconds(self):
        stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / TICKS

    def memory(self):
        """Resident memory now and at its peak, in MiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return [
            int(re.search(rf"^{name}:\s+(\d+) kB$", status, re.M)[1]) / 1024
            for name in ("VmRSS", "VmHWM")
        ]


@contextlib.contextmanager
def baseline_server(path, threads):
    with running([path, 0, threads]) as process:
        line = process.stdout.readline().decode()
        if not re.fullmatch(r"\d+\n", line):
            raise BenchError(f"{path} printed {line!r} instead of its port")
        yield Server(process, f"http://127.0.0.1:{line.strip()}")


def wait_until_ready(process, ready_file):
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise BenchError(f"kestub ended with status {process.returncode}")
        if ready_file.exists():
            url = ready_file.read_text()
            if url.endswith("\n"):
                return url.strip()
        time.sleep(0.002)
    raise BenchError(f"kestub was not ready within {READY_SECONDS} s")


@contextlib.contextmanager
def kestub_server(path, *options):
    with tempfile.TemporaryDirectory(prefix="kestub-bench-") as directory:
        ready_file = pathlib.Path(directory) / "ready"
        command = [path, "serve", "--log", "off", "--port", 0, "--ready-file", ready_file]
        with running([*command, *options]) as process:
            yield Server(process, wait_until_ready(process, ready_file))


# ---- Load


def run_wrk(server, arguments, seconds, *extra):
    """Returns wrk's result, with the CPU seconds that wrk and the server took."""
    command = [
        *("wrk", "-t1", f"-c{arguments.connections}", f"-d{seconds}s", "--timeout", "5s"),
        *("-s", BENCH / "put.lua", server.url, "--"),
        *(arguments.users, arguments.groups, arguments.seed, *extra),
    ]
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_seconds = server.cpu_seconds()
    wrk = subprocess.run(
        [str(word) for word in command], stdout=subprocess.PIPE, text=True, timeout=seconds + 60
    )
    cpu_seconds = max(server.cpu_seconds() - cpu_seconds, 1 / TICKS)
    children_now = resource.getrusage(resource.RUSAGE_CHILDREN)
    line = re.search(r"^result: (\{.*\})$", wrk.stdout, re.M)
    if wrk.returncode != 0 or not line:
        raise BenchError(f"wrk ended with status {wrk.returncode} and said:\n{wrk.stdout}")
    result = json.loads(line[1])
    if result["unexpected"] or result["failed"] or not result["requests"]:
        raise BenchError(f"{server.url} did not answer every request with 204: {result}")
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


@contextlib.contextmanager
def servers_of(arguments, threads, fixture, database):
    options = ["--threads", threads, "--fixture", fixture]
    with (
        baseline_server(arguments.baseline, threads) as baseline,
        kestub_server(arguments.kestub, *options) as memory,
        kestub_server(arguments.kestub, *options, "--db", database) as file,
    ):
        yield {"baseline": baseline, "memory": memory, "file": file}


def compare(arguments, fixture, directory):
    """Returns the results by thread count, server and round."""
    with contextlib.ExitStack() as stack:
        servers = {
            threads: stack.enter_context(
                servers_of(arguments, threads, fixture, directory / f"{threads}.db")
            )
            for threads in arguments.threads
        }
        turns = [(n, name, server) for n in servers for name, server in servers[n].items()]
        results = {n: {name: [] for name in servers[n]} for n in servers}
        for _, _, server in turns:
            run_wrk(server, arguments, WARM_UP_SECONDS, "check")
        for number in range(1, arguments.rounds + 1):
            for threads, name, server in turns:
                result = run_wrk(server, arguments, arguments.seconds)
                results[threads][name].append(result)
                report(
                    f"round {number}, threads {threads}, {name}: {result['rate']:.0f} requests/s"
                )
    return results


# ---- Start, memory, loading


def put_once(url, authorization):
    host, port = re.fullmatch(r"http://([^:]+):(\d+)", url).groups()
    request = DEFAULT_REQUEST.format(authorization, len(DEFAULT_BODY), DEFAULT_BODY)
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request.encode())
        answer = connection.recv(4096)
    if not answer.startswith(b"HTTP/1.1 204 "):
        raise BenchError(f"the first request was answered with {answer!r}")


def time_start(kestub, authorization):
    """Returns the milliseconds from spawning kestub to its ready line and to its first 204."""
    start = time.perf_counter()
    with running([kestub, "serve", "--log", "off", "--port", 0]) as process:
        line = process.stdout.readline().decode()
        ready = time.perf_counter()
        url = re.match(r"kestub is ready at (http://[0-9.:]+)", line)
        if not url:
            raise BenchError(f"printed {line!r} instead of the ready line")
        put_once(url[1], authorization)
        answered = time.perf_counter()
    return (ready - start) * 1e3, (answered - start) * 1e3


def measure_start(arguments):
    starts = {}
    for scheme, authorization in AUTHORIZATIONS.items():
        times = [time_start(arguments.kestub, authorization) for _ in range(START_RUNS)]
        starts[scheme] = [statistics.median(column) for column in zip(*times)]
    return starts


def measure_loading(arguments, fixture):
    loading = {}
    with kestub_server(arguments.kestub) as server:
        loading["default memory"] = server.memory()
    start = time.perf_counter()
    with kestub_server(arguments.kestub, "--fixture", fixture) as server:
        loading["ready"] = time.perf_counter() - start
        loading["memory"] = server.memory()
    start = time.perf_counter()
    subprocess.run([arguments.kestub, "check", fixture], check=True, stdout=subprocess.DEVNULL)
    loading["check"] = time.perf_counter() - start
    return loading


# ---- Report


def median(results, key):
    return statistics.median(result[key] for result in results)


def ratios(results, others, key="rate"):
    """Returns the ratios of all rounds."""
    return [result[key] / other[key] for result, other in zip(results, others)]


def format_ratio(values):
    return f"{statistics.median(values):.3f} ({min(values):.3f} to {max(values):.3f})"


def format_ratios(comparisons):
    tables = {
        "rate": "kestub's requests/s relative to the baseline's: median of the rounds (lowest to highest)",
        "per_cpu": "The same for requests per CPU second of the server, which other programs and"
        " a busy wrk disturb less",
    }
    for key, title in tables.items():
        yield title
        yield f"{'threads':>7}  {'in memory':<24}  database in a file"
        for threads, results in comparisons.items():
            memory, file = (
                format_ratio(ratios(results[name], results["baseline"], key))
                for name in ("memory", "file")
            )
            yield f"{threads:>7}  {memory:<24}  {file}"


def format_threads(comparisons):
    """Says whether a second thread makes kestub slower."""
    if 1 not in comparisons or 2 not in comparisons:
        return
    yield "Requests/s of 2 threads relative to 1 thread"
    for name, words in (("memory", "in memory"), ("file", "database in a file")):
        values = ratios(comparisons[2][name], comparisons[1][name])
        if min(values) >= 1:
            verdict = "2 are not slower"
        elif max(values) < 1:
            verdict = "2 are SLOWER"
        else:
            verdict = "the rounds disagree whether 2 are slower"
        yield f"  {words:<18}  {format_ratio(values)}: {verdict}"


def format_details(comparisons):
    names = {"baseline": "baseline", "memory": "kestub in memory", "file": "kestub, file"}
    yield "Medians. Busy: processors in use, by the server and by wrk, which has one thread."
    yield (
        f"{'threads':>7}  {'server':<16}  {'requests/s':>10}  {'p50 us':>7}  {'p99 us':>7}"
        f"  {'CPU us/request':>14}  {'busy':>5}  {'wrk busy':>8}"
    )
    for threads, results in comparisons.items():
        for name, rounds in results.items():
            row = {key: median(rounds, key) for key in rounds[0]}
            yield (
                f"{threads:>7}  {names[name]:<16}  {row['rate']:>10.0f}  {row['p50']:>7.0f}"
                f"  {row['p99']:>7.0f}  {1e6 / row['per_cpu']:>14.1f}  {row['busy']:>5.2f}"
                f"  {row['wrk_busy']:>8.2f}"
            )


def format_start(starts):
    yield f"From spawn, default fixture, median of {START_RUNS}"
    for scheme, (ready, answered) in starts.items():
        yield f"  ready, first 204 with {scheme + ' auth':<12} {ready:7.1f} ms {answered:7.1f} ms"


def format_loading(loading, n_users):
    now, peak = loading["default memory"]
    yield "Resident memory, idle: now, peak"
    yield f"  default fixture {now:21.1f} MiB {peak:7.1f} MiB"
    now, peak = loading["memory"]
    yield f"  {f'{n_users} users':<16}{now:21.1f} MiB {peak:7.1f} MiB"
    yield f"Loading {n_users} users"
    yield f"  kestub check, until it ends  {loading['check']:8.2f} s"
    yield f"  kestub serve, until ready    {loading['ready']:8.2f} s"


def format_report(arguments, comparisons, starts, loading):
    return "\n".join(
        [
            f"PUT of 3 of {arguments.groups} groups for one of {arguments.users} users, seed"
            f" {arguments.seed}; wrk -t1 -c{arguments.connections};"
            f" {arguments.rounds} rounds of {arguments.seconds} s; {os.cpu_count()} processors",
            "",
            *format_ratios(comparisons),
            *format_threads(comparisons),
            "",
            *format_details(comparisons),
            "",
            *format_start(starts),
            *format_loading(loading, arguments.users),
        ]
    )


def run(arguments):
    with tempfile.TemporaryDirectory(prefix="kestub-bench-") as name:
        directory = pathlib.Path(name)
        fixture = directory / "fixture.json"
        tree = make_fixture.make_fixture(arguments.users, arguments.groups, arguments.seed)
        fixture.write_text(json.dumps(tree))
        del tree
        report(f"start, memory and loading of {arguments.users} users")
        starts = measure_start(arguments)
        loading = measure_loading(arguments, fixture)
        comparisons = compare(arguments, fixture, directory)
    print(format_report(arguments, comparisons, starts, loading))


def main():
    # The signals become exceptions, so that the contexts end the servers.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    arguments = parse_arguments()
    try:
        if not arguments.baseline:
            arguments.baseline = build_baseline()
        run(arguments)
    except (BenchError, OSError, subprocess.SubprocessError) as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
