"""Checks recorded exchanges against an OpenAPI 3.0 document.

This module finds the operation of an exchange, what the document says about it, and the values to
validate. openapi-schema-validator validates them against their JSON Schemas.
"""
import dataclasses
import json
import re
import urllib.parse

import jsonschema
from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator, oas30_format_checker

import parameters

METHODS = ("get", "put", "post", "delete", "patch")
COMPOSITIONS = ("allOf", "anyOf", "oneOf")
DOCUMENTED = "x-documented-properties"


def decode_segments(target):
    """Splits the path of a target and decodes its segments. Returns None when one cannot be decoded."""
    path = re.sub(r"^https?://[^/?]*", "", re.split(r"[?#]", target)[0], flags=re.IGNORECASE)
    if not path.startswith("/") or re.search(r"%(?![0-9A-Fa-f]{2})", path):
        return None
    try:
        segments = [urllib.parse.unquote_to_bytes(part).decode() for part in path[1:].split("/")]
    except UnicodeDecodeError:
        return None
    return None if any("\0" in segment for segment in segments) else segments


def decode_query(target):
    query = target.split("#")[0].partition("?")[2]
    return urllib.parse.parse_qsl(query, keep_blank_values=True, errors="strict")


def media_type(header):
    return header.split(";")[0].strip().lower()


def find_media(content, name):
    """Returns what the document says about a media type, also by a range such as `text/*`."""
    for key in (name, f"{name.split('/')[0]}/*", "*/*"):
        if key in content:
            return content[key]
    return None


def is_json(name):
    return name == "application/json" or name.endswith("+json")


def _once(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError("a name occurs twice in an object")
    return dict(pairs)


def _no_constant(name):
    raise ValueError(f"{name} is not JSON")


def parse(body, name, encoding="utf-8", hook=None):
    """Parses a body into the value that its schema describes."""
    if name == "application/x-www-form-urlencoded":
        return dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
    if name == "multipart/form-data":
        names = re.findall(rb'^Content-Disposition: form-data; name="([^"]*)"', body, re.MULTILINE)
        return {part.decode(): "" for part in names}  # what is in a part is any text
    if not is_json(name):
        return body.decode(errors="replace")
    text = body.decode(encoding)
    return json.loads(text, object_pairs_hook=hook, parse_constant=_no_constant)


def _undocumented(validator, names, instance, schema):
    if validator.is_type(instance, "object"):
        for name in sorted(set(instance) - set(names)):
            yield jsonschema.ValidationError(f"'{name}' is not documented")


ResponseValidator = jsonschema.validators.extend(OAS30ReadValidator, {DOCUMENTED: _undocumented})


@dataclasses.dataclass(frozen=True)
class Operation:
    id: str
    method: str
    segments: list
    node: dict
    parameters: list

    @property
    def statuses(self):
        return list(self.node["responses"])

    def match(self, segments):
        """Returns the variables of the path, or None. A variable cannot be empty."""
        variables = {}
        if len(segments) != len(self.segments):
            return None
        for mine, given in zip(self.segments, segments):
            if mine.startswith("{") and given:
                variables[mine[1:-1]] = given
            elif mine != given:
                return None
        return variables

    def status_key(self, status):
        """Returns the key that documents the status, or None."""
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in self.node["responses"]:
                return key
        return None


class Contract:
    """`error` names the schema of errors that occur before the operation is known, and `media` their type."""

    def __init__(self, document, error="JsonError", media="application/json"):
        self.document = document
        self.error = {media: {"schema": {"$ref": f"#/components/schemas/{error}"}}}
        self.operations = sorted(
            (
                self._operation(path, method, item)
                for path, item in document["paths"].items()
                for method in METHODS
                if method in item
            ),
            # Literal segments sort before variables, so that the first match is the most specific.
            key=lambda operation: [(s.startswith("{"), s) for s in operation.segments],
        )
        schemas = document["components"]["schemas"]
        self.closed_document = {
            "components": {"schemas": {name: self._copy(s) for name, s in schemas.items()}}
        }
        self.reader = parameters.Reader(self._variants)
        self.validators = {}

    def _operation(self, path, method, item):
        node = item[method]
        segments = path[1:].split("/")
        for segment in segments:
            if "{" in segment and not re.fullmatch(r"\{[^{}]+\}", segment):
                raise NotImplementedError(f"{path}: a variable must be a whole segment")
        merged = {}
        for parameter in item.get("parameters", []) + node.get("parameters", []):
            parameter = self._resolve(parameter)
            merged[parameter["in"], parameter["name"]] = parameter
        return Operation(
            node["operationId"], method.upper(), segments, node, list(merged.values())
        )

    def _resolve(self, node):
        while "$ref" in node:
            target = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def _parts(self, schema):
        return [part for key in COMPOSITIONS for part in schema.get(key, ())]

    def _variants(self, schema):
        schema = self._resolve(schema)
        yield schema
        for part in self._parts(schema):
            yield from self._variants(part)

    # A server may only send properties that the document names, although a schema without
    # `additionalProperties` allows more. `additionalProperties: false` cannot express this: each part
    # of an `allOf` would refuse the properties of the other parts.

    def _names(self, schema):
        """Returns the properties that a schema names, or None when it explicitly allows others."""
        names = set()
        for variant in self._variants(schema):
            if "additionalProperties" in variant:
                return None
            names |= set(variant.get("properties", ()))
        return names

    def _close(self, schema):
        names = self._names(schema)
        copy = self._copy(schema)
        return {"allOf": [copy], DOCUMENTED: sorted(names)} if names else copy

    def _copy(self, schema):
        """Returns a copy that closes all inner schemas, but not the outermost."""
        copy = dict(schema)
        for key in COMPOSITIONS:
            if key in copy:
                copy[key] = [self._copy(part) for part in copy[key]]
        if "properties" in copy:
            copy["properties"] = {n: self._close(s) for n, s in copy["properties"].items()}
        for key in ("items", "additionalProperties"):
            if isinstance(copy.get(key), dict):
                copy[key] = self._close(copy[key])
        return copy

    def _validator(self, schema, of_response):
        key = id(schema), of_response
        if key not in self.validators:
            # The schema is put into the document, so that references resolve.
            cls, root = OAS30WriteValidator, {**self.document, "allOf": [schema]}
            if of_response:
                cls = ResponseValidator
                root = {**self.closed_document, "allOf": [self._close(schema)]}
            self.validators[key] = cls(root, format_checker=oas30_format_checker)
        return self.validators[key]

    def _validate(self, what, value, schema, of_response=False):
        for error in self._validator(schema, of_response).iter_errors(value):
            yield f"{what}{error.json_path[1:]}: {error.message}"

    def match(self, exchange):
        """Returns (operation, variables of the path), or None when the contract has no such operation."""
        segments = decode_segments(exchange.target)
        for operation in self.operations if segments else ():
            variables = operation.match(segments)
            if operation.method == exchange.method and variables is not None:
                return operation, variables
        return None

    def check(self, exchange):
        """Returns a sentence for everything that is wrong with an exchange."""
        match = self.match(exchange)
        if not match:
            return list(self._check_outside(exchange))
        operation, variables = match
        problems = list(self._check_response(operation, exchange))
        if 200 <= exchange.status < 300:
            problems += self._check_parameters(operation, variables, exchange)
            problems += self._check_request_body(operation, exchange)
        return problems

    def _check_response(self, operation, exchange):
        key = operation.status_key(exchange.status)
        if key is None:
            yield f"status {exchange.status} is not documented"
            return
        response = self._resolve(operation.node["responses"][key])
        for name, header in response.get("headers", {}).items():
            yield from self._check_header(name, self._resolve(header), exchange)
        may_be_empty = response.get("x-may-be-empty") and not exchange.headers.get("content-type")
        if exchange.body or not may_be_empty:
            yield from self._check_body(response.get("content", {}), exchange)

    def _check_header(self, name, header, exchange):
        value = exchange.headers.get(name.lower())
        if name.lower() == "content-type":
            return
        if value is None:
            if header.get("required"):
                yield f"header {name} is missing"
            return
        value = self.reader.cast(header["schema"], [value])
        yield from self._validate(f"header {name}", value, header["schema"], of_response=True)

    def _check_body(self, content, exchange):
        header = exchange.headers.get("content-type")
        if not content:
            if exchange.body or header is not None:
                yield f"has a body of type {header}, but none is documented"
            return
        if not exchange.body:
            yield "the body is missing"
            return
        media = find_media(content, media_type(header or ""))
        if media is None:
            yield f"content type {header} is not documented, but {', '.join(content)}"
            return
        try:
            value = parse(exchange.body, media_type(header), hook=_once)
        except ValueError as problem:
            yield f"the body is not JSON: {problem}"
            return
        yield from self._validate("body", value, media["schema"], of_response=True)

    def _check_parameters(self, operation, variables, exchange):
        try:
            # Servers ignore parameters that they do not know, whatever those contain.
            takes_query = any(parameter["in"] == "query" for parameter in operation.parameters)
            query = decode_query(exchange.target) if takes_query else []
        except UnicodeDecodeError:
            yield "accepted, although the query is not UTF-8"
            return
        for parameter in operation.parameters:
            name = parameter["name"]
            what = f"accepted, although parameter {name}"
            if parameter["in"] == "header" and name.lower() in parameters.IGNORED_HEADERS:
                continue
            try:
                value = self.reader.read(parameter, variables, query, exchange.request_headers)
            except ValueError as problem:
                yield f"{what}: {problem}"
                continue
            if value is not None:
                yield from self._validate(what, value, parameter["schema"])
            elif parameter.get("required"):
                yield f"{what} is missing"

    def _check_request_body(self, operation, exchange):
        node = self._resolve(operation.node.get("requestBody", {}))
        if not exchange.request_body:
            if node.get("required"):
                yield "accepted, although the request body is missing"
            return
        # HTTP lets clients send a body even when the operation takes none.
        if not node:
            return
        # Without a content type the server may assume the documented one (RFC 9110, 8.3).
        header = exchange.request_headers.get("content-type", next(iter(node["content"])))
        media = find_media(node["content"], media_type(header))
        if media is None:
            yield f"accepted, although request content type {header} is not documented"
            return
        try:
            # RFC 8259 lets a receiver ignore a byte order mark, but no sender may send one.
            value = parse(exchange.request_body, media_type(header), "utf-8-sig")
        except ValueError as problem:
            yield f"accepted, although the request body is not JSON: {problem}"
            return
        yield from self._validate("accepted, although the request body", value, media["schema"])

    def _check_outside(self, exchange):
        if exchange.method == "HEAD":
            if exchange.body:
                yield "there is a body in the answer to HEAD"
        elif exchange.status >= 400:
            yield from self._check_body(self.error, exchange)
        elif exchange.method != "OPTIONS":
            yield "succeeded, but the contract has no such operation"


def group(contract, exchanges):
    """Returns ({operation id: its exchanges}, the exchanges outside the contract)."""
    inside = {operation.id: [] for operation in contract.operations}
    outside = []
    for exchange in exchanges:
        match = contract.match(exchange)
        (inside[match[0].id] if match else outside).append(exchange)
    return inside, outside


def violations(contract, exchanges):
    return [f"{e}: {problem}" for e in exchanges for problem in contract.check(e)]


def exercised(contract, exchanges):
    """Returns {(operation id, documented status)} of everything that an exchange shows."""
    shown = set()
    for exchange in exchanges:
        match = contract.match(exchange)
        if match:
            shown.add((match[0].id, match[0].status_key(exchange.status)))
    return shown
