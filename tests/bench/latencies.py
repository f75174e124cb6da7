"""The experiments that measure single requests, starts and memory. Each takes a Bench and returns the
samples of rows by their names, see rows.py."""
import contextlib
import random
import statistics
import threading

import client
import servers
import states
from states import HUGE, LARGE

PUTS_BESIDE = 200
SANDBOXES = 200
READY_PATH = "/api/v1/users/root"


def milliseconds(connection, request, status=200):
    return connection.ask(request, status)[0] * 1e3


def listing_requests(state, chance):
    """First pages by name, each of another user or group."""
    user = chance.randint(1, state.users)
    group = states.group_id(chance.randint(1, state.groups))
    paths = {
        "page": "/api/v1/users",
        "search": f"/api/v1/users?q=user{user}",
        "sort": "/api/v1/users?sort=username:desc",
        "members": f"/api/v1/main/groups/{group}/members",
    }
    return {name: client.request_bytes("GET", path) for name, path in paths.items()}


@contextlib.contextmanager
def listing_on(url, state):
    """Somebody asks for listings all the time."""
    end, problems = threading.Event(), []

    def ask():
        chance = random.Random(2)
        try:
            with client.connect(url) as connection:
                while not end.is_set():
                    for request in listing_requests(state, chance).values():
                        connection.ask(request, 200)
        except (OSError, servers.BenchError) as problem:
            problems.append(problem)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()
    if problems:
        raise servers.BenchError(f"listings beside a PUT: {problems[0]}")


def slow_puts(connection, state, chance, batches):
    """Returns the p99 of PUTs in milliseconds, one for each batch."""
    p99s = []
    for _ in range(batches):
        times = []
        for _ in range(PUTS_BESIDE):
            user = states.user_id(chance.randint(1, state.users))
            groups = [states.group_id(i) for i in chance.sample(range(1, state.groups + 1), 3)]
            times.append(milliseconds(connection, client.put_groups(user, groups), 204))
        p99s.append(statistics.quantiles(times, n=100)[98])
    return p99s


def listings_of(bench, name, state, threads=2):
    options = bench.options
    chance = random.Random(1)
    fixture = bench.fixtures.path(state)
    with servers.kestub(bench.kestub, "--threads", threads, "--fixture", fixture) as kestub:
        ready, memory = kestub.ready_seconds, kestub.memory()
        with client.connect(kestub.url) as connection:
            samples = {f"{name}-{listing}": [] for listing in listing_requests(state, chance)}
            for _ in range(options.repeats):
                for listing, request in listing_requests(state, chance).items():
                    samples[f"{name}-{listing}"].append(milliseconds(connection, request))
            samples[f"{name}-alone"] = slow_puts(connection, state, chance, options.rounds)
            with listing_on(kestub.url, state):
                samples[f"{name}-wait"] = slow_puts(connection, state, chance, options.rounds)
    return {**samples, f"{name}-ready": [ready], f"{name}-memory": [memory]}


def large(bench):
    samples = listings_of(bench, "large", LARGE)
    for _ in range(bench.options.rounds - 1):
        with servers.kestub(bench.kestub, "--fixture", bench.fixtures.path(LARGE)) as kestub:
            samples["large-ready"].append(kestub.ready_seconds)
            samples["large-memory"].append(kestub.memory())
    return samples


def huge(bench):
    return listings_of(bench, "huge", HUGE)


def start(bench):
    """Starts an empty server and the default fixture in turns."""
    samples = {"start-empty": [], "start-default": [], "start-ratio": [], "memory-default": []}
    for _ in range(bench.options.repeats):
        with servers.kestub(bench.kestub, "--fixture", "empty") as kestub:
            empty = kestub.ready_seconds
        with servers.kestub(bench.kestub) as kestub:
            default = kestub.ready_seconds
            samples["memory-default"].append(kestub.memory())
        samples["start-empty"].append(empty * 1e3)
        samples["start-default"].append(default * 1e3)
        samples["start-ratio"].append(default / empty)
    return samples


def sandbox(bench):
    """What a sandbox takes beyond a plain request of the same client: the first request makes it."""
    made, reset = [], []
    with servers.kestub(bench.kestub, "--threads", 1) as kestub:
        with client.connect(kestub.url) as connection:
            connection.ask(client.request_bytes("GET", READY_PATH), 200)
            before = kestub.memory()
            for number in range(SANDBOXES):
                prefix = f"/sandbox/t{number}"
                ask = client.request_bytes("GET", prefix + READY_PATH)
                first = milliseconds(connection, ask)
                again = statistics.median(milliseconds(connection, ask) for _ in range(3))
                made.append(first - again)
            memory = (kestub.memory() - before) * 1024 / SANDBOXES
            for number in range(SANDBOXES):
                prefix = f"/sandbox/t{number}/__admin"
                plain = milliseconds(connection, client.request_bytes("GET", prefix + "/health"))
                took = milliseconds(connection, client.request_bytes("POST", prefix + "/reset"))
                reset.append(took - plain)
    return {"sandbox-made": made, "sandbox-reset": reset, "sandbox-memory": [memory]}
