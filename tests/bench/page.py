#!/usr/bin/env python3
"""Makes docs/performance.md from docs/performance.json, which `./dev bench --json` writes.

As a program it compares the page with what it would write, and prints the differences.
"""
import difflib
import json
import pathlib
import sys
import textwrap

import report
from servers import BenchError

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/performance.md"
RESULT = PAGE.with_suffix(".json")
WIDTH = 112


def table(head, lines):
    cells = [head, ["---"] * len(head), *lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


def section_text(section, found):
    lines = [
        [row.what, report.measured_text(row, result), row.goal_text, report.verdict(row, result)]
        for row, result in found
    ]
    parts = [f"## {section.title}\n", textwrap.fill(section.text, WIDTH) + "\n"]
    parts.append(table(["what", "measured", "goal", ""], lines))
    if section.missed and any(line[-1] == report.MISSED for line in lines):
        parts.append(textwrap.fill(section.missed, WIDTH) + "\n")
    return "\n".join(parts)


INTRODUCTION = """\
# Performance

<!-- ./dev bench --write-docs makes this page from performance.json, which ./dev bench --json writes. -->

`./dev bench` measured all of this in one run. The load generator, [wrk](https://github.com/wg/wrk), ran on the
same machine and took a part of its processors, so the rates are worth little by themselves. Most rows therefore
compare: the bare handler is a program that does with libmicrohttpd no more than read a body and answer, with an
empty 204 or with as many bytes as kestub answers. Both had the same settings and threads, and their turns
alternated. A figure is the median of the rounds, with the lowest and the highest round behind it; of single
requests it is the median, with the middle eight of ten.

"""
RATES = """\
## Behind the ratios

Medians of the rounds. CPU is the processor time of the server for a request; busy is how many processors the
server and wrk kept working.

"""
PROFILE = """\
## Where the time goes

Microseconds of a processor for a request, by what the code belongs to, as perf sampled the server. "Server" is
the code of kestub, or of the bare handler.

"""
PEERS = """\
## Beside other mock servers

Each answers `PUT /api/v1/main/users/{id}/groups` with a 204 from a stub, as its documentation shows, with its
defaults. Start is from the spawn to the first answer, memory is that of the whole process after the load, and
package is what its package takes on the disk, without Node.js or Java.

"""


def render(tree):
    run = tree["run"]
    facts = [
        ["when", run["date"]],
        ["commit", f"`{run['commit']}`"],
        ["machine", run["machine"]],
        ["compiler", run["compiler"]],
        ["libraries", run["libraries"]],
        ["load", run["settings"]],
        ["other work", report.other_work(run)],
    ]
    parts = [INTRODUCTION + table(["run", ""], facts)]
    parts += [section_text(*found) for found in report.sections(tree["rows"])]
    if tree.get("profile"):
        head, *lines = report.profile_cells(tree["profile"])
        parts.append(PROFILE + table(head, lines))
    if tree.get("peers"):
        head, *lines = report.peer_cells(tree["peers"])
        parts.append(PEERS + table(head, lines))
    head, *lines = report.rate_cells(tree["rates"])
    parts.append(RATES + table(head, lines))
    return "\n".join(parts)


def write():
    tree = json.loads(RESULT.read_text())
    if tree["failed"]:
        raise BenchError(f"{RESULT.name} lacks what failed: {tree['failed'][0]}")
    PAGE.write_text(render(tree))


def main():
    expected = render(json.loads(RESULT.read_text())).splitlines()
    found = PAGE.read_text().splitlines()
    for line in difflib.unified_diff(found, expected, str(PAGE.name), "./dev bench --write-docs", lineterm=""):
        print(line)
    return 0 if found == expected else 1


if __name__ == "__main__":
    sys.exit(main())
