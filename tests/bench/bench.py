#!/usr/bin/env python3
"""Measures kestub, most of it beside a bare libmicrohttpd handler, and says which goals are met.

wrk runs on the same machine and puts the same load on all servers of an experiment in turns. A ratio is
that of one round, and the result is the median of the rounds, so that it suffers less when the machine's
speed drifts.
"""
import argparse
import dataclasses
import datetime
import fnmatch
import json
import os
import pathlib
import platform
import re
import signal
import subprocess
import sys
import tempfile

import instructions
import load
import page
import processor_time
import report
import rows
import servers
import states

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build-release"


@dataclasses.dataclass(frozen=True)
class Options:
    seconds: int  # of each measurement with wrk
    rounds: int
    repeats: int  # of single requests and starts
    warm_up: int  # in seconds

    def __str__(self):
        return f"rounds: {self.rounds} of {self.seconds} s; wrk has 1 thread and {load.CONNECTIONS} connections"


FULL = Options(seconds=2, rounds=5, repeats=21, warm_up=1)
QUICK = Options(seconds=1, rounds=1, repeats=5, warm_up=0)
# These take minutes to prepare.
NOT_QUICK = "huge*"


class Bench:
    """What the experiments need, and what they leave behind besides samples."""

    def __init__(self, arguments, options, directory):
        self.kestub = arguments.kestub
        self.baseline = arguments.baseline
        self.options = options
        self.directory = directory
        self.fixtures = states.Fixtures(directory)
        self.rates = {}

    def keep(self, name, results):
        self.rates[name] = report.summarize_rates(results)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], prog="./dev bench")
    parser.add_argument("--quick", action="store_true", help="takes a minute: one round, no 1,000,000 users")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="some rows, such as put-1 or 'large*'")
    parser.add_argument("--list", action="store_true", help="print the names of the rows")
    parser.add_argument("--peers", action="store_true", help="compare with Prism, Mockoon and WireMock too")
    parser.add_argument("--profile", action="store_true", help="say where the time of a request goes; needs perf")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the result there as well")
    parser.add_argument("--rounds", type=int, help="how often each server has its turn")
    parser.add_argument("--seconds", type=int, help="of each turn")
    parser.add_argument("--kestub", type=pathlib.Path, default=BUILD / "kestub")
    parser.add_argument("--baseline", type=pathlib.Path, default=BUILD / "tests/bench/bench-baseline")
    parser.add_argument("--write-docs", action="store_true", help=f"measure nothing, renew {page.PAGE.name}")
    parser.add_argument(
        "--record-instructions",
        action="store_true",
        help="measure nothing else, renew the record that the suite `bench` compares with",
    )
    arguments = parser.parse_args()
    if min(arguments.rounds or 1, arguments.seconds or 1) < 1:
        parser.error("--rounds and --seconds: from 1")
    unknown = [name for name in arguments.only or () if not fnmatch.filter(rows.ROWS, name)]
    if unknown:
        parser.error(f"--only: no row is called {', '.join(unknown)}; --list names them")
    return arguments


def choose(arguments):
    """Returns the rows of this run."""
    patterns = arguments.only or ("*",)
    chosen = [row for name, row in rows.ROWS.items() if any(fnmatch.fnmatch(name, p) for p in patterns)]
    if arguments.quick and not arguments.only:
        chosen = [row for row in chosen if not fnmatch.fnmatch(row.name, NOT_QUICK)]
    return chosen


def output_of(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def describe(arguments, options, load_average):
    model = re.search(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    version = dict(line.split(" ", 1) for line in output_of(arguments.kestub, "version").splitlines())
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": version["commit"],
        "machine": f"{len(os.sched_getaffinity(0))} processors ({model[1] if model else platform.machine()}), "
        f"{memory:.0f} GiB, {system}, Linux {platform.release()}",
        "libraries": f"libmicrohttpd {version['libmicrohttpd']}, SQLite {version['SQLite']}",
        "compiler": output_of("cc", "--version").splitlines()[0],
        "settings": str(options),
        "load_average": round(load_average, 1),
    }


def measure(arguments, chosen, options):
    """Returns the tree of the results. An experiment that fails costs only its own rows."""
    results, failed = {}, []
    load_average = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="kestub-bench-") as name:
        bench = Bench(arguments, options, pathlib.Path(name))
        for experiment in dict.fromkeys(row.experiment for row in chosen):
            load.report(f"{experiment.__module__}: {experiment.__name__}")
            try:
                samples = experiment(bench)
            except servers.BenchError as error:
                failed.append(f"{experiment.__module__}.{experiment.__name__} failed: {error}")
                load.report(failed[-1])
                continue
            results |= {
                row.name: {**report.summarize(samples[row.name]), "goal": row.goal_text}
                for row in chosen
                if row.experiment is experiment
            }
        tree = {"run": describe(arguments, options, load_average), "rows": results, "rates": bench.rates}
        if arguments.profile:
            tree["profile"] = processor_time.measure(bench)
        if arguments.peers:
            import peers  # needs the Python packages of the test suites

            tree["peers"] = peers.measure(bench)
    return {**tree, "failed": failed}


def main():
    # The signals become exceptions, so that the contexts end the servers.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    arguments = parse_arguments()
    options = QUICK if arguments.quick else FULL
    changes = {name: getattr(arguments, name) for name in ("rounds", "seconds") if getattr(arguments, name)}
    options = dataclasses.replace(options, **changes)
    if arguments.list:
        print("\n".join(rows.ROWS))
        return
    try:
        if arguments.record_instructions:
            instructions.record(arguments.kestub)
            return
        if arguments.write_docs:
            page.write()
            return
        tree = measure(arguments, choose(arguments), options)
    except (servers.BenchError, OSError, subprocess.SubprocessError) as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    print(report.text(tree))
    if arguments.json:
        arguments.json.write_text(json.dumps(tree, indent=2) + "\n")
    sys.exit(1 if tree["failed"] else 0)


if __name__ == "__main__":
    main()
