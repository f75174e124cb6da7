#!/usr/bin/env python3
"""Write the contract's operations into docs/operations.md: what is faithful, assumed, or not there.

Without --write this program compares the page with the contract and prints the differences. It fails
with the id of an operation that names neither evidence nor assumptions, or that the contract lists as
both served and not there.
"""
import argparse
import difflib
import pathlib
import re
import sys
import textwrap

import contract_files

BEGIN = "<!-- schema/operations_page.py makes this part from schema/openapi; ./dev format renews it. -->\n"
PAGE = "docs/operations.md"
END = "<!-- The end of the part that schema/operations_page.py makes. -->\n"
STUB = "Stub"
WIDTH = 100


class Mistake(Exception):
    """The contract or the page lacks what this program needs."""


def check_sentences(where, value):
    """YAML can easily parse a sentence as something else."""
    if not isinstance(value, list) or not value:
        raise Mistake(f"{where}: not a list of sentences")
    for sentence in value:
        if not isinstance(sentence, str) or not sentence.strip().endswith("."):
            raise Mistake(f"{where}: not a sentence: {sentence!r}")


def cell(text):
    return text.replace("|", "\\|")


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def rests_on(name, node):
    evidence = node.get("x-evidence")
    if evidence is not None and (not isinstance(evidence, str) or not evidence.strip()):
        raise Mistake(f"{name}: x-evidence is not a string")
    if "x-assumed" not in node:
        if evidence is None:
            raise Mistake(f"{name}: neither x-evidence nor x-assumed")
        return f"faithful: {evidence}"
    check_sentences(f"{name}: x-assumed", node["x-assumed"])
    rest = f" Evidence for the rest: {evidence}." if evidence else ""
    return f"**assumed**: {' '.join(node['x-assumed'])}{rest}"


def statuses(responses):
    """Lists successful statuses first: `200; 401, 404`."""
    numbers = sorted(int(status) for status in responses)
    success = [str(n) for n in numbers if n < 400]
    failure = [str(n) for n in numbers if n >= 400]
    return "; ".join(", ".join(part) for part in (success, failure) if part)


def operations(document):
    for path, item in document["paths"].items():
        for method, node in item.items():
            yield method.upper(), path, node


def answers_before(name, default, older):
    """Tells what an operation answers in each older version where that differs: `1.0, 1.3: 201; 401`."""
    versions = {}
    for version, document in older.items():
        found = [node for _, _, node in operations(document) if node["operationId"] == name]
        text = statuses(found[0]["responses"]) if found else "not there"
        if text != default:
            versions.setdefault(text, []).append(version)
    return "<br>".join(f"{', '.join(names)}: {text}" for text, names in versions.items())


def served(document, older):
    """Renders a table for each tag, in the order of the document's tags."""
    rows = {tag["name"]: [] for tag in document["tags"]}
    for method, path, node in operations(document):
        tag = node["tags"][0]
        if tag not in rows:
            raise Mistake(f"{node['operationId']}: '{tag}' is not among the document's tags")
        if tag != STUB:
            name = node["operationId"]
            answers = statuses(node["responses"])
            rows[tag].append([f"`{name}`", f"{method} `{path}`", answers,
                              answers_before(name, answers, older), cell(rests_on(name, node))])
    head = ["operation", "request", "answers", "other versions", "rests on"]
    return "".join(f"### {tag}\n\n{table(head, members)}\n" for tag, members in rows.items() if members)


def shared(document):
    """Renders the assumptions about all operations, by topic."""
    text = "### Assumed of all operations\n\n"
    for topic, sentences in document.get("x-assumed", {}).items():
        check_sentences(f"x-assumed: {topic}", sentences)
        text += textwrap.fill(f"- **{topic}**: {' '.join(sentences)}", WIDTH, subsequent_indent="  ",
                              break_on_hyphens=False, break_long_words=False) + "\n"
    return f"{text}\n"


def missing(document):
    """Renders the operations that the real server has and kestub has not."""
    def key(method, path):
        return method, re.sub(r"{\w+}", "{}", path)

    there = {key(method, path) for method, path, _ in operations(document)}
    names = {node["operationId"] for _, _, node in operations(document)}
    rows = []
    for resource in document.get("x-not-there", []):
        entries = []
        for name, request in resource["operations"].items():
            method, _, path = request.partition(" ")
            if name in names or key(method, resource["path"] + path) in there:
                raise Mistake(f"x-not-there: {name} is served")
            entries.append(f"`{name}` {method}" + (f" `{path}`" if path else ""))
        rows.append([resource["resource"], f"`{resource['path']}`", cell(", ".join(entries))])
    return f"### Not there\n\n{table(['resource', 'path', 'operations'], rows)}" if rows else ""


def render(document, older):
    return f"{served(document, older)}{shared(document)}{missing(document)}"


def update(page, document, older=None):
    """Returns the page with an updated text between the markers. `older` has the documents of other versions."""
    if page.count(BEGIN) != 1 or page.count(END) != 1 or page.index(END) < page.index(BEGIN):
        raise Mistake(f"{PAGE}: needs exactly one pair of markers")
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n{render(document, older or {})}\n{END}{rest.split(END)[1]}"


def compare(page, document, older=None):
    """Returns the lines of a diff; none when the page agrees with the contract."""
    return list(difflib.unified_diff(page.splitlines(True), update(page, document, older).splitlines(True),
                                     PAGE, f"{PAGE} after ./dev format"))


def main():
    root = pathlib.Path(__file__).resolve().parents[1]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="update the page instead of checking it")
    args = parser.parse_args()
    path = root / PAGE
    page = path.read_text(encoding="utf-8")
    versions = contract_files.read_versions(root / "schema/versions.yaml")
    older = contract_files.documents_of(contract_files.load(root / "schema/openapi"), versions)
    document = older.pop(versions[-1]["name"])
    try:
        if args.write:
            path.write_text(update(page, document, older), encoding="utf-8")
            return 0
        difference = compare(page, document, older)
    except Mistake as mistake:
        sys.exit(str(mistake))
    sys.stdout.writelines(difference)
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main())
