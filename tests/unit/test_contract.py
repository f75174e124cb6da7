#!/usr/bin/env python3
"""Tests of the generator: its golden output, and that it rejects what it does not implement. TAP.

`test_contract.py --accept` rewrites the golden files.
"""
import copy
import pathlib
import re
import sys
import tempfile

import yaml

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here.parents[1] / "schema"))
import contract  # noqa: E402
import contract_files  # noqa: E402

golden = here / "golden"
document = yaml.safe_load((golden / "openapi.yaml").read_text(encoding="utf-8"))


def broken(change):
    copied = copy.deepcopy(document)
    change(copied["paths"]["/things/{id}"]["put"])
    return copied


def body(operation):
    return operation["requestBody"]["content"]["application/json"]["schema"]


def deep_object(**changes):
    parameter = {"name": "o", "in": "query", "style": "deepObject", "explode": True,
                 "schema": {"type": "object", "additionalProperties": True}, **changes}
    return {key: value for key, value in parameter.items() if value is not None}


MISTAKES = {
    "schema keyword": lambda put: body(put).update(minProperties=1),
    "nested schema keyword": lambda put: body(put)["properties"]["tags"]["items"].update(maxLength=1),
    "parameter schema keyword": lambda put: put["parameters"][0]["schema"].update(maxLength=1),
    "version key without versions": lambda put: put.update({"x-from": "old"}),
    "default of a string": lambda put: body(put)["properties"]["displayName"].update(default="a"),
    "format": lambda put: body(put)["properties"]["displayName"].update(format="email"),
    "additionalProperties": lambda put: body(put).update(additionalProperties={"type": "string"}),
    "parameter pattern": lambda put: put["parameters"][0]["schema"].update(pattern=r"\S"),
    "security": lambda put: put.update(security=[{"other": []}]),
    "operation key": lambda put: put.update(callbacks={}),
    "parameter key": lambda put: put["parameters"][0].update(style="simple"),
    "parameter place": lambda put: put["parameters"][0].update({"in": "cookie"}),
    "object in the query": lambda put: put["parameters"].append({"name": "o", "in": "query", "schema": {"type": "object"}}),
    "object in the query without a style": lambda put: put["parameters"].append(deep_object(style=None)),
    "object in the query of another style": lambda put: put["parameters"].append(deep_object(style="form")),
    "object in the query that is not exploded": lambda put: put["parameters"].append(deep_object(explode=False)),
    "object in the query with members": lambda put: put["parameters"].append(
        deep_object(schema={"type": "object", "additionalProperties": True, "properties": {}})),
    "deep object that is a string": lambda put: put["parameters"].append(deep_object(schema={"type": "string"})),
    "deep object in the path": lambda put: put["parameters"][0].update(deep_object(name="id", **{"in": "path"})),
    "parameter that the path lacks": lambda put: put["parameters"][0].update(name="other"),
    "body media type": lambda put: put["requestBody"]["content"].update({"text/csv": {"schema": body(put)}}),
    "schema for a media type": lambda put: put["requestBody"]["content"].update({"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}),
    "type of a body": lambda put: body(put).update(type="integer"),
    "text that is an object": lambda put: put["requestBody"].update(content={"text/plain": {"schema": body(put)}}),
    "permission without a vocabulary": lambda put: put.update({"x-permission": "GROUP:UPDATE"}),
    "audit type": lambda put: put.update({"x-audit": "USER:LOOK"}),
    "fault role": lambda put: put.update({"x-fault-role": "writes"}),
    "fault role without the field that it needs": lambda put: put["parameters"][0].pop("x-role"),
    "role of a parameter": lambda put: put["parameters"][0].update({"x-role": "owner"}),
    "role in another place": lambda put: put["parameters"][0].update({"x-role": "sort"}),
    "role of another type": lambda put: body(put)["properties"]["isOn"].update({"x-role": "username"}),
    "role of the path in a body": lambda put: body(put)["properties"]["displayName"].update({"x-role": "integration"}),
    "role that appears twice": lambda put: [body(put)["properties"][name].update({"type": "string", "x-role": "username"})
                                        for name in ("displayName", "isOn")],
    "role of a body": lambda put: body(put).update({"x-role": "username"}),
    "role of an element": lambda put: body(put)["properties"]["tags"]["items"].update({"x-role": "username"}),
    "required without property": lambda put: body(put)["required"].append("ghost"),
}


def joining():
    """Joins a document from several files. Each may add members to a path or a group, but not the same ones."""
    parts = [{"paths": {"/a": {"get": 1}}, "components": {"schemas": {"A": 1}}},
             {"paths": {"/a": {"put": 2}, "/b": {}}, "components": {"schemas": {"B": 2}, "responses": {"A": 3}}}]
    document = {}
    for part in copy.deepcopy(parts):
        contract_files.join(document, part, "a file")
    yield "joins files", document == {
        "paths": {"/a": {"get": 1, "put": 2}, "/b": {}},
        "components": {"schemas": {"A": 1, "B": 2}, "responses": {"A": 3}}}
    for twice in ({"paths": {"/a": {"put": 2}}}, {"components": {"schemas": {"B": 2}}}):
        try:
            contract_files.join(document, twice, "a file")
            yield f"fails when two files have {twice}", False
        except contract.Unsupported:
            yield f"fails when two files have {twice}", True


OLD_AND_NEW = [{"name": name, "announces": f"{name}.0",
                "traits": {trait: kind(name == "new") for trait, kind in contract_files.TRAITS.items()} | {"permissions": name}}
               for name in ("old", "new")]


PERMISSIONS = contract.Permissions({
    "actions": ["VIEW", "READ", "UPDATE"],
    "vocabularies": {"old": {"actions": ["READ", "UPDATE"], "resources": {"GROUP": None}, "old": {}},
                     "new": {"actions": ["VIEW", "UPDATE"], "resources": {"USER": ["VIEW"], "GROUP": None},
                             "old": {"READ": ["VIEW"]}}},
    "templates": {"VIEWER": {"resources": ["GROUP"], "actions": ["VIEW", "READ"]}}})


def vocabularies():
    """A permission has the numbers of its version's vocabulary; a managed role has a word for each resource."""
    def source(permission):
        copied = copy.deepcopy(document)
        copied["paths"]["/things/{id}"]["put"]["x-permission"] = permission
        return contract.generate(copied, {}, "golden", OLD_AND_NEW, PERMISSIONS)[1]

    yield "numbers of a permission", re.findall(r"permissions_\d+\[\] = {\n(.*)\n", source("GROUP:UPDATE")) == ["    {0, 2},", "    {1, 2},"]
    yield "words of a managed role", re.findall(r"words_\d+\[\] = {(.*)}", source("GROUP:UPDATE")) == ["0x2", "0x0, 0x1"]
    for permission in ("THING:UPDATE", "GROUP:PUSH", "GROUP", "GROUP:READ"):
        try:
            source(permission)
            yield f"fails on the permission {permission}", False
        except contract.Unsupported:
            yield f"fails on the permission {permission}", True


def projecting():
    """A document says of each version what that version has."""
    node = {"required": ["a", "b", "ghost"],
            "properties": {"a": {"x-until": "old"}, "b": {"x-from": "new", "type": "string"}, "c": {}},
            "list": [{"x-from": "new", "$ref": "#"}, 1],
            "x-as-of": {"new": {"maximum": 7}}, "maximum": 3}
    names = ["old", "new"]
    yield "projects to an old version", contract_files.project(node, names, "old") == {
        "required": ["a", "ghost"], "properties": {"a": {}, "c": {}}, "list": [1], "maximum": 3}
    yield "projects to a new version", contract_files.project(node, names, "new") == {
        "required": ["b", "ghost"], "properties": {"b": {"type": "string"}, "c": {}},
        "list": [{"$ref": "#"}, 1], "maximum": 7}
    yield "leaves out an empty list of what is required", contract_files.project(
        {"required": ["a"], "x-as-of": {"new": {"required": []}}}, names, "new") == {}
    for key in ({"x-from": "newer"}, {"x-until": "newer"}, {"x-as-of": {"newer": {}}}):
        try:
            contract_files.project({"a": key}, names, "old")
            yield f"fails on the unknown version of {key}", False
        except contract.Unsupported:
            yield f"fails on the unknown version of {key}", True


def versions():
    """Each version has its own routes, and shares the tables that are equal."""
    copied = copy.deepcopy(document)
    copied["paths"]["/things/check"]["post"]["x-from"] = "new"
    header, source = contract.generate(copied, {}, "golden", OLD_AND_NEW, PERMISSIONS)
    yield "the header has what any version has", "handle_check_thing(" in header
    yield "a version has its number of routes", re.findall(r"\.routes = {routes_\d+, (\d)", source) == ["3", "4"]
    yield "equal tables are emitted once", source.count('.id = "updateThing"') == 1
    yield "numbers are the same in all versions", len(set(re.findall(r"\.number = (\d+)", source))) == 6
    yield "the newest version is the default", '#define GOLDEN_DEFAULT_VERSION "new"' in header


def long_paths():
    """The table has a first route for each number of segments up to the greatest."""
    for n_segments in (contract.MAX_SEGMENTS, contract.MAX_SEGMENTS + 1):
        copied = copy.deepcopy(document)
        copied["paths"]["/a" * n_segments] = copied["paths"].pop("/things/check")
        try:
            source = contract.generate(copied, {}, "golden")[1]
            taken = re.search(r"routes_\d+, 4, {0, 0, 2, (?:0, )*1}", source) is not None
        except contract.Unsupported:
            taken = False
        yield f"a path of {n_segments} segments", taken == (n_segments == contract.MAX_SEGMENTS)


def traits():
    """A version has each trait, and no other."""
    for change in (lambda traits: traits.pop("privilege"), lambda traits: traits.update(other=True),
                   lambda traits: traits.update(privilege=True)):
        changed = copy.deepcopy(OLD_AND_NEW)
        change(changed[1]["traits"])
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            yaml.safe_dump(changed, file)
            try:
                contract_files.read_versions(pathlib.Path(file.name))
                yield f"fails on {changed[1]['traits'].keys() ^ OLD_AND_NEW[1]['traits'].keys() or 'a wrong type'}", False
            except contract.Unsupported:
                yield "fails on traits that are missing, unknown or of another type", True


def main():
    header, source = contract.generate(document, {"golden_schema": body(document["paths"]["/things/{id}"]["put"])})
    if sys.argv[1:] == ["--accept"]:
        (golden / "contract_input.h").write_text(header, encoding="utf-8")
        (golden / "contract_data.c").write_text(source, encoding="utf-8")
        return 0
    results = [
        ("the header is the golden one", header == (golden / "contract_input.h").read_text(encoding="utf-8")),
        ("the source is the golden one", source == (golden / "contract_data.c").read_text(encoding="utf-8")),
    ]
    for group in (joining, projecting, versions, traits, vocabularies, long_paths):
        results += group()
    for name, change in MISTAKES.items():
        try:
            contract.generate(broken(change), {})
            results.append((f"fails on: {name}", False))
        except contract.Unsupported:
            results.append((f"fails on: {name}", True))
    print(f"1..{len(results)}")
    for number, (name, passed) in enumerate(results, 1):
        print(f"{'ok' if passed else 'not ok'} {number} - {name}")
    return 0 if all(passed for _, passed in results) else 1


if __name__ == "__main__":
    sys.exit(main())
