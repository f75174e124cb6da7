"""Where the processor time of a request goes, by what the code belongs to. perf samples the server."""
import contextlib
import re
import shutil
import signal
import subprocess

import load
import servers
from states import LARGE, SMALL

MIXES = {
    "put": ("PUT of a user's groups", LARGE),
    "user": ("GET of a user", SMALL),
    "groups": ("a page of groups", SMALL),
    "members": ("the members of a group", SMALL),
}
# What perf calls them, in the order of the table.
PARTS = {
    "kernel": r"\[kernel",
    "libmicrohttpd": "libmicrohttpd",
    "SQLite": "libsqlite3",
    "libc": r"libc\.so|\[vdso\]",
    "server": "kestub|bench-baseline",
    "rest": "",
}
HERTZ = 2000
SECONDS = 4


@contextlib.contextmanager
def sampling(server, path):
    command = ("perf", "record", "-q", "-F", HERTZ, "-p", server.process.pid, "-o", path)
    with subprocess.Popen([str(word) for word in command], stderr=subprocess.DEVNULL) as perf:
        try:
            yield
        finally:
            perf.send_signal(signal.SIGINT)


def shares(path):
    """Returns what perf found for each part, of 1."""
    command = ("perf", "report", "-i", path, "--stdio", "--no-children", "--sort", "dso", "-F", "overhead,dso")
    report = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    found = dict.fromkeys(PARTS, 0.0)
    for percent, name in re.findall(r"^\s*([0-9.]+)%\s+(\S+)", report.stdout, re.M):
        part = next(part for part, pattern in PARTS.items() if re.search(pattern, name))
        found[part] += float(percent) / 100
    if not found["kernel"]:
        raise servers.BenchError(f"perf found nothing: {report.stderr.strip()}")
    return found


def of_server(bench, server, mix, state):
    """Returns the microseconds of each part for a request."""
    path = bench.directory / "perf.data"
    load.run_wrk(server, mix, state, 1)
    with sampling(server, path):
        per_cpu = load.run_wrk(server, mix, state, SECONDS)["per_cpu"]
    return {part: share / per_cpu * 1e6 for part, share in shares(path).items()}


def measure(bench):
    """Returns {what: {server: {part: microseconds}}}, with one thread."""
    if not shutil.which("perf"):
        raise servers.BenchError("--profile needs perf, of Debian's package linux-perf")
    found = {}
    for mix, (what, state) in MIXES.items():
        load.report(f"profile: {mix}")
        fixture = bench.fixtures.path(state)
        with servers.kestub(bench.kestub, "--threads", 1, "--fixture", fixture) as kestub:
            size = load.body_bytes(kestub, mix, state)
            found[what] = {"kestub": of_server(bench, kestub, mix, state)}
        with servers.bare_handler(bench.baseline, 1, size) as bare:
            found[what]["bare"] = of_server(bench, bare, mix, state)
    return found
