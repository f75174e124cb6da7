#!/usr/bin/env python3
"""Turn the contract into C data: routes, parameters, fields. Never logic.

Reads an OpenAPI document, which may be a folder of files, JSON Schemas, and the versions of the server.
Writes a header with one input struct and one handler declaration per operation, and a source with the
tables of src/contract/contract.h: one set for each version. It fails with the place and the key of
anything in the documents that it does not implement.
"""
import argparse
import functools
import json
import pathlib
import re
import sys

import yaml

import contract_files
import embed
from contract_files import Unsupported, documents_of, files_of, load, publish, read_versions, strip

METHODS = ("get", "put", "post", "delete", "patch")
# x-evidence and x-assumed are for operations_page.py.
OPERATION_KEYS = {"operationId", "tags", "summary", "description", "parameters", "requestBody",
                  "responses", "security", "x-permission", "x-group-owners", "x-own", "x-superadmin", "x-slow",
                  "x-takes-dump", "x-fault-role", "x-audit",
                  "x-evidence", "x-assumed"}
PARAMETER_KEYS = {"name", "in", "required", "description", "schema", "x-role"}
SCHEMA_KEYS = {"type", "nullable", "description", "title", "$schema", "items", "properties", "required",
               "additionalProperties", "enum", "minLength", "pattern", "format", "minimum", "maximum", "default"}
# What the audit log calls a change.
AUDIT_TYPES = {"CREATE", "UPDATE", "DELETE", "LOGIN", "IMPERSONATE"}
# The rights of a principal are a word of actions for each resource.
MAX_RESOURCES = MAX_ACTIONS = 64
MAX_SEGMENTS = 12  # of a path, as in src/contract/contract.h
# The meaning of a member of the input struct for code other than the handler, and its place and bind.
ROLES = {"tenant": ("path", "BIND_STRING"), "user": ("path", "BIND_STRING"), "group": ("path", "BIND_STRING"),
         "username": ("body", "BIND_STRING"), "search": ("query", "BIND_STRING"), "sort": ("query", "BIND_STRINGS"),
         "filters": ("query", "BIND_PAIRS"), "integration": ("path", "BIND_STRING")}
# The meaning of an operation for the fault profiles, and the roles that its input must then have.
FAULT_ROLES = {"lists-members": {"group", "search", "sort"}, "lists-users": {"sort"}, "lists": set(), "logs-in": {"username"},
               "creates-user": set(), "writes-membership": {"user"}, "creates-token": set(),
               "changes-password": set()}
# Values of enum field_bind in src/contract/contract.h, and their C types in an input struct.
C_TYPES = {"BIND_STRING": "const char *", "BIND_INTEGER": "int64_t ",
           "BIND_BOOLEAN": "struct optional_bool ", "BIND_STRINGS": "struct string_list ", "BIND_JSON": "const cJSON *",
           "BIND_PAIRS": "struct name_value_list "}
# A body with several media types has the same schema for each.
MEDIA_TYPES = {"application/json": "MEDIA_JSON", "application/x-www-form-urlencoded": "MEDIA_FORM", "text/plain": "MEDIA_TEXT",
               "application/scim+json": "MEDIA_SCIM", "multipart/form-data": "MEDIA_MULTIPART"}
FORMATS = {"date-time": "date_time", "duration": "duration"}
# A parameter that is sent as `name[...]=value`; the handler interprets the brackets.
DEEP_OBJECT = {"style": "deepObject", "explode": True}
OPEN_OBJECT = {"type": "object", "additionalProperties": True}


def check_keys(where, value, known):
    for key in value:
        if key not in known:
            raise Unsupported(f"{where}: '{key}' is not implemented")


def snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().replace("-", "_")


def quote(text):
    # JSON and C escape everything that a name, a path or an enum value can contain in the same way.
    return json.dumps(text, ensure_ascii=False)


def bind_of(schema, place="body"):
    if place == "query" and schema == OPEN_OBJECT:
        return "BIND_PAIRS"
    if schema["type"] == "array" and schema["items"]["type"] == "string":
        return "BIND_STRINGS"
    return {"string": "BIND_STRING", "boolean": "BIND_BOOLEAN", "integer": "BIND_INTEGER"}.get(schema["type"], "BIND_JSON")


def constant(prefix, name):
    return f"{prefix}_{name.upper().replace('-', '_')}"


class Tables:
    """The C tables that were emitted so far. Equal tables, which most versions share, are emitted once."""

    def __init__(self):
        self.text = []
        self.names = {}

    def emit(self, declaration, rows):
        """Emit a static table with one field per line; returns its C name."""
        c_type, _, name = declaration.rpartition(" ")
        if (declaration, rows) not in self.names:
            self.names[declaration, rows] = f"{name}_{len(self.names) + 1}"
            self.text.append(f"static const {c_type} {self.names[declaration, rows]}{rows}")
        return self.names[declaration, rows]


class Permissions:
    """The vocabularies of permissions."""

    def __init__(self, document):
        self.document = document
        self.actions = document["actions"]

    def bits(self, names):
        return sum(1 << self.actions.index(name) for name in set(names))

    def resources(self, vocabulary):
        """Returns {name of a resource: its actions}."""
        node = self.document["vocabularies"][vocabulary]
        return {name: actions or node["actions"] for name, actions in node["resources"].items()}

    def find(self, vocabulary, where, permission):
        """Returns (number of the resource, number of the action)."""
        resource, _, action = permission.partition(":")
        resources = self.resources(vocabulary)
        if action not in resources.get(resource, ()):
            raise Unsupported(f"{where}: 'x-permission: {permission}' is not in the vocabulary {vocabulary}")
        return list(resources).index(resource), self.actions.index(action)

    def word(self, template, resource, actions):
        """Returns the actions of a resource that a managed role permits."""
        node = self.document["templates"][template]
        if resource not in node.get("resources", [resource]):
            return 0
        return self.bits(action for action in actions if action in node.get("actions", [action]))

    def emit(self, tables):
        """Emit the vocabularies; returns {name: C name}."""
        if len(self.actions) > MAX_ACTIONS:
            raise Unsupported("permissions: too many actions")
        names = tables.emit("char *const actions", f"[] = {{{', '.join(map(quote, self.actions))}}};")
        return {name: self.emit_vocabulary(tables, name, names) for name in self.document["vocabularies"]}

    def emit_vocabulary(self, tables, vocabulary, names):
        resources = self.resources(vocabulary)
        if len(resources) > MAX_RESOURCES:
            raise Unsupported(f"permissions: {vocabulary}: too many resources")
        rows = "".join(f"    {{{quote(name)}, {self.bits(actions):#x}}},\n" for name, actions in resources.items())
        listed = tables.emit("struct permitted resources", f"[] = {{\n{rows}}};")
        old = self.document["vocabularies"][vocabulary]["old"]
        rows = "".join(f"    {{{quote(name)}, {self.bits(actions):#x}}},\n" for name, actions in old.items())
        old_actions = tables.emit("struct permitted old_actions", f"[] = {{\n{rows}}};") if old else "NULL"
        rows = ""
        for template in self.document["templates"]:
            words = ", ".join(f"{self.word(template, name, actions):#x}" for name, actions in resources.items())
            rows += f"    {{{quote(template)}, {tables.emit('uint64_t words', f'[] = {{{words}}};')}}},\n"
        managed = tables.emit("struct managed_role managed", f"[] = {{\n{rows}}};")
        return tables.emit("struct vocabulary vocabulary",
                           f" = {{{names}, {len(self.actions)}, {listed}, {len(resources)}, {old_actions}, {len(old)}, "
                           f"{managed}, {len(self.document['templates'])}}};")


class Generator:
    """`numbers` has the number of each operation, which is the same in all versions. `find` finds a
    permission in the version's vocabulary."""

    def __init__(self, document, tables, numbers=(), find=None):
        self.document = document
        self.emit = tables.emit
        self.numbers = numbers
        self.find = find
        self.body_structs = set()
        self.roles = []  # of the current operation

    def resolve(self, node):
        while "$ref" in node:
            target = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node

    def schema(self, where, node, base=None):
        """Emit a schema and all it refers to. `base` is (struct, prefix) if its fields are bound."""
        node = self.resolve(node)
        check_keys(where, node, SCHEMA_KEYS)
        lines = [f".type = SCHEMA_{node['type'].upper()},"]
        if node.get("nullable"):
            lines.append(".nullable = true,")
        if "additionalProperties" in node:
            if not isinstance(node["additionalProperties"], bool):
                raise Unsupported(f"{where}: 'additionalProperties' other than true and false is not implemented")
            if not node["additionalProperties"]:
                lines.append(".closed = true,")
        if "pattern" in node:
            # The pattern that is checked on most requests needs no regular expression.
            lines.append(".not_blank = true," if node["pattern"] == r"\S" else f".pattern = {quote(node['pattern'])},")
        if "minLength" in node:
            lines.append(f".min_length = {node['minLength']},")
        if "minimum" in node:
            lines.append(f".minimum = {int(node['minimum'])},")
        elif node["type"] == "integer":
            lines.append(".minimum = INT64_MIN,")
        if node["type"] == "integer":
            lines.append(f".maximum = {int(node['maximum'])}," if "maximum" in node else ".maximum = INT64_MAX,")
        if "default" in node:
            if node["type"] != "integer":
                raise Unsupported(f"{where}: 'default' of other types than integer is not implemented")
            lines.append(f".fallback = {node['default']},")
        # What is binary arrives as a data URL, which is any text.
        if "format" in node and node["format"] != "binary":
            if node["format"] not in FORMATS:
                raise Unsupported(f"{where}: 'format: {node['format']}' is not implemented")
            lines.append(f".{FORMATS[node['format']]} = true,")
        if "enum" in node:
            values = "".join(f"    {quote(v)},\n" for v in node["enum"] if v is not None)
            lines.append(f".enumeration = {self.emit('char *const enumeration', f'[] = {{{chr(10)}{values}    NULL,{chr(10)}}};')},")
        if "items" in node:
            lines.append(f".items = &{self.schema(where + '.items', node['items'])},")
        if "properties" in node:
            fields = self.fields(where, node, base)
            lines.append(f".fields = {fields},")
            lines.append(f".n_fields = {len(node['properties'])},")
        body = "".join(f"    {line}\n" for line in lines)
        return self.emit("struct schema schema", f" = {{\n{body}}};")

    def fields(self, where, node, base):
        required = set(node.get("required", ()))
        if unknown := required - set(node["properties"]):
            raise Unsupported(f"{where}: required but not described: {', '.join(sorted(unknown))}")
        rows = ""
        for name, child in node["properties"].items():
            child = dict(self.resolve(child))
            role = child.pop("x-role", None)
            rows += f"    {{\n        .name = {quote(name)},\n"
            rows += f"        .schema = &{self.schema(f'{where}.{name}', child)},\n"
            if name in required:
                rows += "        .required = true,\n"
            if base:
                rows += f"        .bind = {bind_of(child, base[1].rstrip('.'))},\n"
                rows += f"        .offset = offsetof(struct {base[0]}, {base[1]}{snake(name)}),\n"
            if role:
                place = base[1].rstrip(".") if base else "nowhere"
                rows += self.role(f"{where}.{name}", role, place, bind_of(child, place))
            rows += "    },\n"
        return self.emit("struct field fields", f"[] = {{\n{rows}}};")

    def role(self, where, role, place, bind):
        """Returns the line for a field's role. An operation has each role at most once."""
        if role not in ROLES:
            raise Unsupported(f"{where}: 'x-role: {role}' is not implemented")
        if (place, bind) != ROLES[role]:
            raise Unsupported(f"{where}: 'x-role: {role}' is not implemented for this type here")
        if role in self.roles:
            raise Unsupported(f"{where}: 'x-role: {role}' appears twice")
        self.roles.append(role)
        return f"        .role = {constant('ROLE', role)},\n"

    def permissions(self, operation_id, permissions):
        """Returns the lines for the permissions of an operation; each of several is enough."""
        if not self.find:
            raise Unsupported(f"{operation_id}: 'x-permission' without a vocabulary")
        permissions = [permissions] if isinstance(permissions, str) else permissions
        rows = "".join("    {%d, %d},\n" % self.find(operation_id, permission) for permission in permissions)
        return [f".permissions = {self.emit('struct permission permissions', f'[] = {{{chr(10)}{rows}}};')},",
                f".n_permissions = {len(permissions)},"]

    def fault_role(self, operation_id, role):
        """Returns the line for the fault role. Call this last, when the roles of the input are known."""
        if role not in FAULT_ROLES:
            raise Unsupported(f"{operation_id}: 'x-fault-role: {role}' is not implemented")
        if missing := FAULT_ROLES[role].difference(self.roles):
            raise Unsupported(f"{operation_id}: 'x-fault-role: {role}' without 'x-role: {min(missing)}'")
        return f".fault_role = {constant('FAULT_ROLE', role)},"

    def parameters(self, operation_id, path, node):
        """Returns the path parameters, in the order of the path, and the query parameters."""
        declared = [self.resolve(p) for p in node.get("parameters", ())]
        for parameter in declared:
            where = f"{operation_id}.{parameter.get('name')}"
            is_object = parameter["in"] == "query" and parameter["schema"] == OPEN_OBJECT
            check_keys(where, parameter, PARAMETER_KEYS | DEEP_OBJECT.keys() if is_object else PARAMETER_KEYS)
            if is_object and any(parameter.get(key) != value for key, value in DEEP_OBJECT.items()):
                raise Unsupported(f"{where}: an object in another style than exploded deepObject is not implemented")
            if parameter["in"] not in ("path", "query"):
                raise Unsupported(f"{where}: 'in: {parameter['in']}' is not implemented")
            if parameter["in"] == "path" and parameter["schema"] != {"type": "string"}:
                raise Unsupported(f"{where}: a schema other than a plain string is not implemented")
            if parameter["in"] == "query" and bind_of(parameter["schema"], "query") not in (
                    "BIND_STRING", "BIND_INTEGER", "BIND_BOOLEAN", "BIND_STRINGS", "BIND_PAIRS"):
                raise Unsupported(f"{where}: this type is not implemented in a query")
        in_path = re.findall(r"\{(\w+)\}", path)
        if sorted(in_path) != sorted(p["name"] for p in declared if p["in"] == "path"):
            raise Unsupported(f"{operation_id}: the path and 'parameters' name different parameters")
        return ([next(p for p in declared if p["name"] == name) for name in in_path],
                [p for p in declared if p["in"] == "query"])

    def query(self, operation_id, parameters, struct):
        """Emit the query as the schema of an object, so that it is checked and bound like a body."""
        roles = {p["name"]: {"x-role": p["x-role"]} for p in parameters if "x-role" in p}
        node = {"type": "object", "properties": {p["name"]: p["schema"] | roles.get(p["name"], {}) for p in parameters},
                "required": [p["name"] for p in parameters if p.get("required")]}
        return self.schema(operation_id, node, (struct, "query."))

    def members(self, place, properties, indent):
        """Returns the declarations of the members that `fields` binds."""
        return "".join(f"{indent}{C_TYPES[bind_of(self.resolve(child), place)]}{snake(property)};\n"
                       for property, child in properties.items())

    def body_member(self, node, properties):
        """Returns (member of an input struct, declarations before the struct). All operations that
        take the same named schema get the same struct, so that they can share functions."""
        if "$ref" not in node:
            return f"    struct {{\n{self.members('body', properties, ' ' * 8)}    }} body;\n", ""
        name = snake(node["$ref"].split("/")[-1]) + "_body"
        declaration = f"struct {name} {{\n{self.members('body', properties, ' ' * 4)}}};\n\n"
        first = name not in self.body_structs
        self.body_structs.add(name)
        return f"    struct {name} body;\n", declaration if first else ""

    def body_schema(self, operation_id, content):
        """Returns the unresolved schema of a body: an object or array, or a string if it is plain text."""
        check_keys(operation_id, content, MEDIA_TYPES)
        nodes = [media["schema"] for media in content.values()]
        if any(node != nodes[0] for node in nodes):
            raise Unsupported(f"{operation_id}: a schema for each media type is not implemented")
        if self.resolve(nodes[0])["type"] not in (("string",) if "text/plain" in content else ("object", "array")):
            raise Unsupported(f"{operation_id}: this type is not implemented in a body")
        return nodes[0]

    def operation(self, path, node):
        """Emit one operation; returns (C name of the row, its part of the header)."""
        operation_id = node["operationId"]
        check_keys(operation_id, node, OPERATION_KEYS)
        struct = f"{snake(operation_id)}_input"
        header, members, fields = "", [], []
        self.roles = []
        in_path, in_query = self.parameters(operation_id, path, node)
        for parameter in in_path:
            members.append(f"    const char *{snake(parameter['name'])};\n")
            fields.append(f"    {{\n        .name = {quote(parameter['name'])},\n"
                          f"        .schema = &{self.schema(operation_id, parameter['schema'])},\n"
                          f"        .required = true,\n        .bind = BIND_STRING,\n"
                          f"        .offset = offsetof(struct {struct}, {snake(parameter['name'])}),\n"
                          + (self.role(operation_id, parameter["x-role"], "path", "BIND_STRING") if "x-role" in parameter else "")
                          + "    },\n")
        lines = [f".id = {quote(operation_id)},", f".number = {self.numbers[operation_id]},"]
        if node.get("security"):
            raise Unsupported(f"{operation_id}: 'security' other than [] is not implemented")
        if "security" in node:
            lines.append(".is_public = true,")
        if node.get("x-superadmin"):
            lines.append(".superadmin = true,")
        if node.get("x-slow"):
            lines.append(".slow = true,")
        if node.get("x-takes-dump"):
            lines.append(".takes_dump = true,")
        if "x-permission" in node:
            lines += self.permissions(operation_id, node["x-permission"])
        if "x-audit" in node:
            resource, _, audit_type = node["x-audit"].partition(":")
            if audit_type not in AUDIT_TYPES:
                raise Unsupported(f"{operation_id}: 'x-audit: {node['x-audit']}' is not implemented")
            lines += [f".audit_resource = {quote(resource)},", f".audit_type = {quote(audit_type)},"]
        if node.get("x-group-owners"):
            lines.append(".group_owners = true,")
        if node.get("x-own"):
            lines.append(".own = true,")
        if fields:
            lines.append(f".parameters = {self.emit('struct field parameters', f'[] = {{{chr(10)}' + ''.join(fields) + '};')},")
            lines.append(f".n_parameters = {len(fields)},")
        if in_query:
            inner = self.members("query", {p["name"]: p["schema"] for p in in_query}, " " * 8)
            members.append(f"    struct {{\n{inner}    }} query;\n")
            lines.append(f".query = &{self.query(operation_id, in_query, struct)},")
        if "requestBody" in node:
            body = self.resolve(node["requestBody"])
            node_of_body = self.body_schema(operation_id, body["content"])
            schema = self.resolve(node_of_body)
            if schema["type"] == "string":
                members.append("    const char *body;\n")
                lines.append(f".body_offset = offsetof(struct {struct}, body),")
            elif schema["type"] == "array":
                members.append("    const cJSON *body;\n")
                lines.append(f".body_offset = offsetof(struct {struct}, body),")
            elif "properties" in schema:
                member, header = self.body_member(node_of_body, schema["properties"])
                members.append(member)
            lines.append(f".body = &{self.schema(f'{operation_id}.request', schema, (struct, 'body.'))},")
            lines.append(f".body_media = {' | '.join(MEDIA_TYPES[name] for name in body['content'])},")
            lines.append(f".body_path = {quote(operation_id + '.request')},")
            if body.get("required"):
                lines.append(".body_required = true,")
        if "x-fault-role" in node:
            lines.append(self.fault_role(operation_id, node["x-fault-role"]))
        statuses = "".join(f"    {int(s)},\n" for s in sorted(node["responses"])) + "    0,\n"
        lines.append(f".statuses = {self.emit('int statuses', f'[] = {{{chr(10)}{statuses}}};')},")
        if members:
            header += f"struct {struct} {{\n{''.join(members)}}};\n"
            lines.append(f".input_size = sizeof(struct {struct}),")
        header += f"int handle_{snake(operation_id)}(struct exchange *exchange, const void *input);\n"
        lines.append(f".handle = handle_{snake(operation_id)},")
        body = "".join(f"    {line}\n" for line in lines)
        return self.emit("struct operation operation", f" = {{\n{body}}};"), header

    def route(self, path, item, following):
        """Emit a path with its operations; returns (row of the route table, header part)."""
        check_keys(path, item, METHODS)
        parts = path.removeprefix("/").split("/")
        segments = "".join("    NULL,\n" if p.startswith("{") else f"    {quote(p)},\n" for p in parts)
        row = f"    {{\n        .segments = {self.emit('char *const segments', f'[] = {{{chr(10)}{segments}}};')},\n"
        row += f"        .n_segments = {len(parts)},\n        .next = {following},\n"
        headers = ""
        for method, node in item.items():
            name, header = self.operation(path, node)
            row += f"        .operations[HTTP_{method.upper()}] = &{name},\n"
            headers += header + "\n"
        return row + "    },\n", headers


def route_order(path):
    """Sorts literal segments before parameters, so that the first match is the most specific."""
    return [(part.startswith("{"), part) for part in path.removeprefix("/").split("/")]


def read_permissions(path):
    return Permissions(yaml.safe_load(path.read_text(encoding="utf-8")))


def emit_routes(document, generator):
    """Emit the routes of a document; returns (the first members of its table, the header part)."""
    rows, header = "", ""
    paths = sorted(document["paths"], key=route_order)
    first, following = [0] * (MAX_SEGMENTS + 1), {}
    for number, path in reversed(list(enumerate(paths, 1))):
        n_segments = len(route_order(path))
        if n_segments > MAX_SEGMENTS:
            raise Unsupported(f"{path}: a path may have {MAX_SEGMENTS} segments")
        following[path], first[n_segments] = first[n_segments], number
    for path in paths:
        row, declarations = generator.route(path, document["paths"][path], following[path])
        rows += row
        header += declarations
    routes = generator.emit("struct route routes", f"[] = {{\n{rows}}};")
    return f"{routes}, {len(paths)}, {{{', '.join(map(str, first))}}}", header


def version_row(version, document, tables, numbers, permissions, vocabularies):
    vocabulary = version["traits"]["permissions"]
    if vocabulary not in vocabularies:
        raise Unsupported(f"{version['name']}: 'permissions: {vocabulary}' is not a vocabulary")
    find = functools.partial(permissions.find, vocabulary)
    routes, _ = emit_routes(document, Generator(document, tables, numbers, find))
    text = publish(document).encode()
    lines = [f".name = {quote(version['name'])},", f".announces = {quote(version['announces'])},",
             f".routes = {{{routes}, {len(numbers)}}},",
             f".openapi = {tables.emit('char openapi', f'[] = {{{chr(10)}{embed.numbers(text)}}};')},",
             f".openapi_size = {len(text)},"]
    lines.append(f".vocabulary = &{vocabularies[vocabulary]},")
    for name, value in version["traits"].items():
        if name != "permissions":
            lines.append(f".{name} = {quote(value)},")  # true and false are the same in JSON and C
    return "    {\n" + "".join(f"        {line}\n" for line in lines) + "    },\n"


def generate(openapi, schemas, name="contract", versions=(), permissions=None):
    """Returns (header, source) for an OpenAPI document of this name, {C name: JSON Schema}, versions, and
    the vocabularies of their permissions.

    Without versions the source has one table of routes, or else a table of versions with their routes."""
    tables = Tables()
    numbers = {node["operationId"]: number for number, node in enumerate(
        node for path in sorted(openapi["paths"], key=route_order) for node in openapi["paths"][path].values()
        if "operationId" in node)}
    # The input structs have the members of all versions; their tables are in the versions' routes.
    every = strip(openapi) if versions else openapi
    find = functools.partial(permissions.find, versions[0]["traits"]["permissions"]) if versions else None
    routes, header = emit_routes(every, Generator(every, Tables() if versions else tables, numbers, find))
    if versions:
        vocabularies = permissions.emit(tables)
        documents = documents_of(openapi, versions)
        rows = "".join(version_row(version, documents[version["name"]], tables, numbers, permissions, vocabularies)
                       for version in versions)
        names = [quote(version["name"]) for version in versions]
        header = f"#define {name.upper()}_DEFAULT_VERSION {names[-1]}\n\n{header}"
        table = (f"const struct version {name}_versions[] = {{\n{rows}}};\nconst size_t {name}_n_versions = {len(names)};\n"
                 f"const char *const {name}_version_names[] = {{{', '.join(names)}, NULL}};\n")
    else:
        table = f"const struct route_table {name}_routes = {{\n    {routes},\n    {len(numbers)},\n}};\n"
    externs = ""
    for schema_name, schema in schemas.items():
        externs += f"\nconst struct schema *const {schema_name} = &{Generator(schema, tables).schema(schema_name, schema)};\n"
    text = "\n\n".join(tables.text)
    return (f"/* Made by contract.py. */\n#pragma once\n\n#include \"contract/contract.h\"\n\n{header}",
            f"/* Made by contract.py. */\n#include \"{name}_input.h\"\n\n{text}\n\n{table}{externs}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("openapi", type=pathlib.Path, help="a file, or a folder of files to join")
    parser.add_argument("--schema", action="append", default=[], metavar="NAME=FILE",
                        help="a JSON Schema to turn into `const struct schema *const NAME`")
    parser.add_argument("--name", default="contract", help="name of the route table and the header")
    parser.add_argument("--header", type=pathlib.Path, required=True)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--document", type=pathlib.Path, help="where to write the document of the newest version")
    parser.add_argument("--versions", type=pathlib.Path, help="the versions of the server")
    parser.add_argument("--permissions", type=pathlib.Path, help="the vocabularies of permissions")
    parser.add_argument("--depfile", type=pathlib.Path, help="where to list the files that were read, for ninja")
    args = parser.parse_args()
    schemas = {}
    for option in args.schema:
        name, path = option.split("=", 1)
        schemas[name] = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    try:
        document = load(args.openapi)
        versions = read_versions(args.versions) if args.versions else ()
        permissions = read_permissions(args.permissions) if args.permissions else None
        header, source = generate(document, schemas, args.name, versions, permissions)
    except Unsupported as problem:
        sys.exit(f"{args.openapi}: {problem}")
    args.header.write_text(header, encoding="utf-8")
    args.source.write_text(source, encoding="utf-8")
    if args.document:
        args.document.write_text(publish(documents_of(document, versions)[versions[-1]["name"]]), encoding="utf-8")
    if args.depfile:
        # The folder too: its modification time changes when a file is added or removed.
        read = " ".join(str(path) for path in [args.openapi, *files_of(args.openapi), embed.__file__, contract_files.__file__])
        args.depfile.write_text(f"{args.header.name}: {read}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
