"""The experiments that compare rates: those of kestub and the bare handler, and those of two kestubs.

Each takes a Bench and returns the samples of rows by their names, see rows.py.
"""
import contextlib
import json
import os

import load
import servers
from states import HUGE, LARGE, SMALL, THOUSAND

PROCESSORS = len(os.sched_getaffinity(0))


def against_bare(bench, name, mix, state, *options):
    """kestub and the bare handler with 1 and 2 threads. Rows are `name-1` and so on."""
    fixture = bench.fixtures.path(state)
    with contextlib.ExitStack() as stack:
        turns, ours = {}, []
        for threads in (1, 2):
            words = [word.format(directory=bench.directory, threads=threads) for word in options]
            kestub = stack.enter_context(
                servers.kestub(bench.kestub, "--threads", threads, "--fixture", fixture, *words)
            )
            size = load.body_bytes(kestub, mix, state)
            bare = stack.enter_context(servers.bare_handler(bench.baseline, threads, size))
            ours.append(kestub)
            turns[f"bare-{threads}"] = (bare, mix, state, None)
            turns[f"kestub-{threads}"] = (kestub, mix, state, None)
        results = load.take_turns(turns, bench.options)
        for kestub in ours:
            load.check_answers(kestub, mix)
    bench.keep(name, results)
    samples = {
        f"{name}-threads": load.ratios(results, "kestub-2", "kestub-1"),
        f"{name}-room": [PROCESSORS / (one["busy"] + one["wrk_busy"]) for one in results["kestub-1"]],
    }
    for threads in (1, 2):
        for ending, key in (("", "rate"), ("-cpu", "per_cpu"), ("-p99", "p99")):
            ratios = load.ratios(results, f"kestub-{threads}", f"bare-{threads}", key)
            samples[f"{name}{ending}-{threads}"] = ratios
    return samples


def put(bench):
    return against_bare(bench, "put", "put", LARGE)


def file(bench):
    return against_bare(bench, "file", "put", LARGE, "--db", "{directory}/{threads}.db")


def user(bench):
    return against_bare(bench, "user", "user", SMALL)


def groups(bench):
    return against_bare(bench, "groups", "groups", SMALL)


def members(bench):
    return against_bare(bench, "members", "members", SMALL)


def mixed(bench):
    return against_bare(bench, "mixed", "mixed", SMALL)


def connect(bench):
    return against_bare(bench, "connect", "connect", SMALL)


def two_kestubs(bench, name, one, other):
    """Returns the samples of two rows: the rate of one kestub over that of the other, and the same of requests
    for each CPU second. Each is (name, state, options)."""
    with contextlib.ExitStack() as stack:
        turns = {}
        for title, state, options in (other, one):
            fixture = bench.fixtures.path(state)
            command = (bench.kestub, "--threads", 1, "--fixture", fixture, *options)
            turns[title] = (stack.enter_context(servers.kestub(*command)), "put", state, None)
        results = load.take_turns(turns, bench.options)
        for server, mix, _, _ in turns.values():
            load.check_answers(server, mix)
    bench.keep(name, results)
    keys = {name: "rate", f"{name}-cpu": "per_cpu"}
    return {row: load.ratios(results, one[0], other[0], key) for row, key in keys.items()}


def journal(bench):
    return two_kestubs(
        bench, "journal", ("journal", SMALL, ()), ("no journal", SMALL, ("--journal", 0))
    )


def stubs(bench):
    """A thousand stubs that match no request of the load."""
    directory = bench.directory / "mappings"
    directory.mkdir()
    mappings = [
        {"request": {"method": "PUT", "urlPath": f"/idle/{i}"}, "response": {"status": 200}}
        for i in range(1000)
    ]
    (directory / "idle.json").write_text(json.dumps({"mappings": mappings}))
    return two_kestubs(
        bench, "stubs", ("stubs", SMALL, ("--mappings", directory)), ("no stubs", SMALL, ())
    )


def huge(bench):
    return two_kestubs(
        bench, "huge-put", ("1,000,000 users", HUGE, ()), ("1,000 users", THOUSAND, ())
    )


def tls(bench):
    options = ["--threads", 1, "--tls-self-signed", "--tls-port", 0]
    fixture = bench.fixtures.path(SMALL)
    with servers.kestub(bench.kestub, "--fixture", fixture, *options) as kestub:
        turns = {
            "plain": (kestub, "put", SMALL, None),
            "TLS": (kestub, "put", SMALL, kestub.tls_url),
        }
        results = load.take_turns(turns, bench.options)
        load.check_answers(kestub, "put")
    bench.keep("tls", results)
    return {"tls": load.ratios(results, "TLS", "plain")}
