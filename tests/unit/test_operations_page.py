#!/usr/bin/env python3
"""Tests of the list of operations in docs/operations.md: its text, and the mistakes that it rejects. TAP."""
import copy
import pathlib
import sys

import yaml

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here.parents[1] / "schema"))
import operations_page  # noqa: E402

document = yaml.safe_load("""
tags: [{name: Things}, {name: Stub}]
x-assumed:
  Names: [They are unique.]
x-not-there:
  - resource: Others
    path: /others
    operations: {listOthers: GET, getOther: "GET /{id}"}
paths:
  /things/{id}:
    get:
      operationId: getThing
      tags: [Things]
      x-evidence: contract
      responses: {'404': {}, '200': {}}
    put:
      operationId: setThing
      tags: [Things]
      x-evidence: docs
      x-assumed: [All is well., 'Or | not.']
      responses: {'204': {}}
  /health:
    get:
      operationId: getHealth
      tags: [Stub]
      responses: {'200': {}}
""")
MARKED = f"before\n{operations_page.BEGIN}{operations_page.END}after\n"
TEXT = f"""before
{operations_page.BEGIN}
### Things

| operation | request | answers | other versions | rests on |
| --- | --- | --- | --- | --- |
| `getThing` | GET `/things/{{id}}` | 200; 404 |  | faithful: contract |
| `setThing` | PUT `/things/{{id}}` | 204 |  | **assumed**: All is well. Or \\| not. Evidence for the rest: docs. |

### Assumed of all operations

- **Names**: They are unique.

### Not there

| resource | path | operations |
| --- | --- | --- |
| Others | `/others` | `listOthers` GET, `getOther` GET `/{{id}}` |

{operations_page.END}after
"""


# Older versions of the document, and the page that tells of them.
OLDER = {name: copy.deepcopy(document) for name in ("1.0", "1.3", "2.0-rc")}
for name in "1.0", "1.3":
    OLDER[name]["paths"]["/things/{id}"]["get"]["responses"].pop("404")
OLDER["1.0"]["paths"]["/things/{id}"].pop("put")
OLD_TEXT = TEXT.replace("200; 404 |  |", "200; 404 | 1.0, 1.3: 200 |").replace("204 |  |", "204 | 1.0: not there |")


def rename_other(changed):
    changed["x-not-there"][0]["operations"] = {"getThing": "GET /{id}"}


def serve_other(changed):
    changed["paths"]["/others/{otherId}"] = {"get": changed["paths"]["/health"]["get"]}


# Each mistake, and the change to the operation getThing or to the whole document that makes it.
OPERATION_MISTAKES = {
    "neither evidence nor assumption": lambda get: get.pop("x-evidence"),
    "no evidence": lambda get: get.update({"x-evidence": " "}),
    "a list of evidence": lambda get: get.update({"x-evidence": ["contract"]}),
    "no assumption": lambda get: get.update({"x-assumed": []}),
    "assumptions that are not a list": lambda get: get.update({"x-assumed": "All is well."}),
    "an assumption that is not a sentence": lambda get: get.update({"x-assumed": ["well"]}),
    "an assumption that is a mapping": lambda get: get.update({"x-assumed": [{"All": "is well."}]}),
    "a tag that the document lacks": lambda get: get.update(tags=["Others"]),
}
DOCUMENT_MISTAKES = {
    "a topic without shared assumptions": lambda changed: changed["x-assumed"].update(Names=None),
    "a missing operation whose id is served": rename_other,
    "a missing operation whose path is served": serve_other,
}
MARKER_MISTAKES = {
    "no markers": "before\nafter\n",
    "one marker": f"before\n{operations_page.BEGIN}after\n",
    "two pairs of markers": MARKED + MARKED,
    "markers in the wrong order": f"{operations_page.END}{operations_page.BEGIN}",
}


def fails(text, changed):
    try:
        operations_page.update(text, changed)
    except operations_page.Mistake:
        return True
    return False


def changed_by(change, *, operation):
    copied = copy.deepcopy(document)
    change(copied["paths"]["/things/{id}"]["get"] if operation else copied)
    return copied


def main():
    results = [
        ("fills an empty table", operations_page.update(MARKED, document) == TEXT),
        ("leaves a correct table alone", operations_page.update(TEXT, document) == TEXT),
        ("updates a stale table", operations_page.update(TEXT.replace("404", "409"), document) == TEXT),
        ("tells of other versions", operations_page.update(MARKED, document, OLDER) == OLD_TEXT),
        ("accepts a correct page", operations_page.compare(TEXT, document) == []),
        ("reports a stale page", any(line.startswith("-| `getThing`")
                              for line in operations_page.compare(TEXT.replace("404", "409"), document))),
    ]
    for name, change in OPERATION_MISTAKES.items():
        results.append((f"fails on {name}", fails(MARKED, changed_by(change, operation=True))))
    for name, change in DOCUMENT_MISTAKES.items():
        results.append((f"fails on {name}", fails(MARKED, changed_by(change, operation=False))))
    for name, text in MARKER_MISTAKES.items():
        results.append((f"fails on {name}", fails(text, document)))
    print(f"1..{len(results)}")
    for number, (name, passed) in enumerate(results, 1):
        print(f"{'ok' if passed else 'not ok'} {number} - {name}")
    return 0 if all(passed for _, passed in results) else 1


if __name__ == "__main__":
    sys.exit(main())
