"""The features of WireMock that kestub has alike, in features.yaml, and the known differences, in
differences.yaml."""
import json
import pathlib
import re

import yaml

import comparing
import templating

HERE = pathlib.Path(__file__).resolve().parent


def load(name):
    return yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))


FEATURES = load("features")
DIFFERENCES = load("differences")


def texts(difference):
    """Returns the texts that the regular expressions of an entry's `when` search."""
    return {
        "what": difference.what,
        "mapping": json.dumps(difference.mapping, ensure_ascii=False),
        "request": str(difference.request or ""),
        "kestub": difference.kestub,
        "wiremock": difference.wiremock,
    }


def explains(entry, difference):
    found = texts(difference)
    alternatives = entry["when"] if isinstance(entry["when"], list) else [entry["when"]]
    return any(
        all(re.search(regex, found[name], re.M) for name, regex in when.items()) for when in alternatives
    )


def explanation(difference):
    """Returns the entry of a known difference, or None."""
    return next((entry for entry in DIFFERENCES if explains(entry, difference)), None)


def read_request(item):
    """Reads `METHOD URL`, or an object that has it as `send`, with headers and a body."""
    item = {"send": item} if isinstance(item, str) else item
    method, url = item["send"].split(" ", 1)
    return comparing.request(method, url, item.get("headers", {}), item.get("body", ""))


def read_case(item):
    mappings = item["mappings"] if "mappings" in item else [item["mapping"]]
    return comparing.Case(mappings, [read_request(request) for request in item.get("requests", [])])


def table():
    """Returns the rows of the table in docs/mocking.md."""
    same = [[entry["feature"], "the same", entry["kestub"]] for entry in FEATURES]
    different = [[entry["feature"], entry["verdict"], entry["kestub"]] for entry in DIFFERENCES]
    return same + sorted(different, key=lambda row: ["refused", "different", "more"].index(row[1]))


def collection():
    """Returns the files of mappings as teams have them, with requests, by name."""
    files = sorted((HERE / "collection").glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in files}


def cases(entries):
    """Returns the cases of the entries, each with its name. Each line of `templates` is a case."""
    return [
        (f"{entry['name']}-{number}", entry, case)
        for entry in entries
        for number, case in enumerate([*entry.get("cases", []), *templating.cases(entry.get("templates", ""))])
    ]
