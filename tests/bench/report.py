"""The results of a run, as a tree for JSON and as text."""
import statistics

import rows

# Of fewer samples the range shows all, of more the middle eight of ten.
FEW = 20
MISSED = "missed"
# Above this load average somebody else uses the machine.
QUIET = 0.5
RATE_KEYS = ("rate", "p50", "p99", "per_cpu", "busy", "wrk_busy")


def summarize(samples):
    """Returns median and range."""
    low, high = min(samples), max(samples)
    if len(samples) >= FEW:
        tenths = statistics.quantiles(samples, n=10)
        low, high = tenths[0], tenths[-1]
    return {"median": statistics.median(samples), "low": low, "high": high, "samples": len(samples)}


def summarize_rates(results):
    """Returns the medians of each server's rounds."""
    return {
        name: {key: statistics.median(one[key] for one in rounds) for key in RATE_KEYS}
        for name, rounds in results.items()
    }


def number(value):
    """Three digits that count."""
    digits = next((n for n, least in enumerate((100, 10, 0.1)) if abs(value) >= least), 3)
    return f"{value:,.{digits}f}"


def range_text(result):
    if result["samples"] == 1:
        return number(result["median"])
    return f"{number(result['median'])} ({number(result['low'])} to {number(result['high'])})"


def measured_text(row, result):
    return f"{range_text(result)} {row.unit}".rstrip()


def verdict(row, result):
    return {None: "", True: "met", False: MISSED}[row.meets(result["median"], result["low"])]


def sections(results):
    """Yields those sections and rows that were measured."""
    for section in rows.SECTIONS:
        found = [(row, results[row.name]) for row in section.rows if row.name in results]
        if found:
            yield section, found


def table(cells):
    """Aligns the columns of a table of text."""
    widths = [max(map(len, column)) for column in zip(*cells)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in cells]


def rate_cells(tree):
    yield ["experiment", "server", "requests/s", "p50 us", "p99 us", "CPU us", "busy", "wrk busy"]
    for experiment, servers in tree.items():
        for name, row in servers.items():
            values = [row["rate"], row["p50"], row["p99"], 1e6 / row["per_cpu"], row["busy"], row["wrk_busy"]]
            yield [experiment, name, *map(number, values)]


PEER_HEAD = ["server", "requests/s", "over bare", "p99 ms", "start ms", "memory MiB", "package MiB"]
PEER_KEYS = ("rate", "over_bare", "p99", "start", "memory", "size")


def peer_cells(peers):
    yield PEER_HEAD
    for name, row in peers.items():
        yield [name, *("" if row[key] is None else number(row[key]) for key in PEER_KEYS)]


def profile_cells(tree):
    """Has the parts of each request as microseconds."""
    parts = list(next(iter(next(iter(tree.values())).values())))
    yield ["request", "server", *parts, "all"]
    for what, servers in tree.items():
        for name, row in servers.items():
            yield [what, name, *map(number, [*row.values(), sum(row.values())])]


def other_work(run):
    """Says what the figures are worth."""
    idle = run["load_average"] < QUIET
    return f"load average {run['load_average']} before the run" + ("" if idle else ": too busy for sound figures")


def text(tree):
    cells = []
    for section, found in sections(tree["rows"]):
        cells.append([section.title.upper(), "", "", "", ""])
        for row, result in found:
            what = row.what.replace("`", "")
            cells.append([f"  {what}", measured_text(row, result), row.goal_text, verdict(row, result), row.name])
    verdicts = [line[3] for line in cells if line[3]]
    run = tree["run"]
    title = f"{run['date']}, commit {run['commit']}, {run['machine']}; {run['settings']}"
    lines = [title, other_work(run), *table(cells)]
    if verdicts:
        lines.append(f"{verdicts.count('met')} of {len(verdicts)} goals are met")
    if tree["rates"]:
        lines += ["", "Medians. CPU us: of the server, for a request. Busy: processors in use."]
        lines += table(list(rate_cells(tree["rates"])))
    if tree.get("profile"):
        lines += ["", "Microseconds of a processor for a request, by where they are spent."]
        lines += table(list(profile_cells(tree["profile"])))
    if tree.get("peers"):
        lines += ["", *table(list(peer_cells(tree["peers"])))]
    return "\n".join([*lines, *tree["failed"]])
