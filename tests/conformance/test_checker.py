"""The checker finds mistakes: the tests feed it exchanges that break a small contract."""
import dataclasses
import json
import os
import pathlib
import subprocess
import sys

import openapi_spec_validator
import pytest

import checker
import recording

SUITE = pathlib.Path(__file__).with_name("test_exchanges.py")
STRING = {"type": "string"}
ITEM = {"$ref": "#/components/schemas/Item"}


def content(schema, media_type="application/json"):
    return {"content": {media_type: {"schema": schema}}}


def parameter(name, place, schema, **more):
    return {"name": name, "in": place, "schema": schema, **more}


DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "Items", "version": "1"},
    "paths": {
        "/items/{id}": {
            "parameters": [
                parameter("id", "path", {"type": "string", "maxLength": 8}, required=True)
            ],
            "put": {
                "operationId": "putItem",
                "requestBody": {"required": True, **content(ITEM)},
                "responses": {
                    "200": {"description": "", **content(ITEM)},
                    "204": {"description": ""},
                    "401": {"$ref": "#/components/responses/Unauthorized"},
                    "4XX": {
                        "description": "",
                        **content({"$ref": "#/components/schemas/JsonError"}),
                    },
                },
            },
        },
        "/items/search": {
            "get": {
                "operationId": "searchItems",
                "parameters": [
                    parameter("page", "query", {"type": "integer", "minimum": 1}, required=True),
                    parameter("sort", "query", {"type": "array", "items": STRING}),
                    parameter(
                        "sizes",
                        "query",
                        {"type": "array", "items": {"type": "integer"}},
                        explode=False,
                    ),
                    parameter("X-Deep", "header", {"type": "boolean"}),
                    parameter(
                        "filters",
                        "query",
                        {
                            "type": "object",
                            "additionalProperties": {
                                "type": "object",
                                "properties": {
                                    "EQUALS": STRING,
                                    "GREATER_THAN": {"type": "integer"},
                                    "IN": {"type": "array", "items": STRING},
                                },
                                "additionalProperties": False,
                            },
                        },
                        style="deepObject",
                    ),
                ],
                "responses": {
                    "200": {
                        "description": "",
                        "headers": {"X-Total": {"schema": {"type": "integer"}}},
                        **content({"type": "array", "items": ITEM}),
                    }
                },
            }
        },
        "/items/{id}/text": {
            "get": {
                "operationId": "getText",
                "parameters": [parameter("id", "path", STRING, required=True)],
                "responses": {"200": {"description": "", **content(STRING, "text/plain")}},
            }
        },
    },
    "components": {
        "responses": {
            "Unauthorized": {
                "description": "",
                "headers": {"WWW-Authenticate": {"required": True, "schema": STRING}},
                **content({"$ref": "#/components/schemas/JsonError"}),
            }
        },
        "schemas": {
            "Named": {"type": "object", "required": ["name"], "properties": {"name": STRING}},
            "Item": {
                "allOf": [
                    {"$ref": "#/components/schemas/Named"},
                    {
                        "type": "object",
                        "properties": {
                            "made": {"type": "string", "format": "date-time"},
                            "note": {"type": "string", "nullable": True},
                            "labels": {"type": "object"},
                            "counts": {
                                "type": "object",
                                "additionalProperties": {"type": "integer"},
                            },
                            "parent": {"$ref": "#/components/schemas/Named"},
                        },
                    },
                ]
            },
            "JsonError": {
                "type": "object",
                "required": ["message"],
                "properties": {"message": STRING},
            },
        },
    },
}
CONTRACT = checker.Contract(DOCUMENT)

JSON = {"Content-Type": "application/json"}
ERROR = '{"message": "no"}'
WHOLE = json.dumps(
    {
        "name": "a",
        "made": "2024-01-31T00:00:00Z",
        "note": None,
        "labels": {"any": {"thing": 1}},
        "counts": {"any": 1},
        "parent": {"name": "b"},
    }
)


def put(status=204, **changes):
    line = {
        "version": "2.0",
        "method": "PUT",
        "target": "/items/a",
        "requestHeaders": JSON,
        "requestBody": '{"name": "a"}',
        "status": status,
        "headers": {} if status == 204 else JSON,
        "body": {200: '{"name": "a"}', 204: ""}.get(status, ERROR),
    }
    return recording.from_line(json.dumps(line | changes))


def get(target="/items/search?page=1", **changes):
    line = {"method": "GET", "requestBody": None, "status": 200, "headers": JSON, "body": "[]"}
    return put(**(line | {"target": target, "requestHeaders": {}} | changes))


def text(**changes):
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    return get("/items/a/text", **({"headers": headers, "body": "x"} | changes))


def test_the_sample_is_an_openapi_document():
    openapi_spec_validator.validate(DOCUMENT)


@pytest.mark.parametrize(
    "exchange",
    [
        put(),
        put(200),
        put(200, body=WHOLE),
        put(headers={"X-Other": "1"}),
        put(200, headers={"content-TYPE": "Application/JSON; charset=utf-8"}),
        put(401, headers={**JSON, "www-authenticate": "Basic"}),
        put(404),
        put(400, requestBody="{", target="/items/much-too-long"),
        put(415, requestHeaders={"Content-Type": "text/plain"}),
        put(requestHeaders={}),
        put(requestBody='{"name": "a", "unknown": 1}'),
        put(requestBody='\ufeff{"name": "a"}'),
        put(target="http://host/items/a?q=1&r=%FF"),
        put(target="/items/%E6%97%A5%E6%9C%AC"),
        get(),
        get(headers={**JSON, "X-Total": "3"}),
        get(requestHeaders={"x-deep": "true"}),
        get(requestBody="ignored"),
        get("/items/search?page=1&sort=a&sort=b&sizes=1,2&unknown=x"),
        get("/items/search?page=1&filters[name][EQUALS]=a&filters%5Bmade%5D%5BGREATER_THAN%5D=3"),
        get("/items/search?page=1&filters[name][IN]=a&filters[name][IN]=b"),
        text(),
        get("/nowhere", status=404, body=ERROR),
        get("/items/%zz/text", status=400, body=ERROR),
        get("/items/%FF/text", status=400, body=ERROR),
        get("/items//text", status=404, body=ERROR),
        get("/items/a", status=405, body=ERROR),
        get("/items/a", method="OPTIONS", status=204, headers={}, body=""),
        get(method="HEAD", body=""),
        get("/nowhere", method="HEAD", status=404, body=""),
    ],
    ids=str,
)
def test_accepts_correct_exchanges(exchange):
    assert CONTRACT.check(exchange) == []


@pytest.mark.parametrize(
    "exchange, problem",
    [
        # The response.
        (get(status=404, body=ERROR), "status 404 is not documented"),
        (put(500, body=ERROR), "status 500 is not documented"),
        (put(200, headers={"Content-Type": "text/plain"}), "content type text/plain is not docu"),
        (put(200, headers={}), "content type None is not documented"),
        (put(401), "header WWW-Authenticate is missing"),
        (get(headers={**JSON, "X-Total": "many"}), "header X-Total: 'many' is not of type"),
        (put(200, body=""), "the body is missing"),
        (put(401, headers={"WWW-Authenticate": "Basic"}, body=None), "the body is missing"),
        (text(body=""), "the body is missing"),
        (put(204, body="x"), "has a body of type None, but none is documented"),
        (put(204, headers=JSON), "has a body of type application/json, but none"),
        (put(200, body="{"), "the body is not JSON"),
        (put(200, body='\ufeff{"name": "a"}'), "the body is not JSON"),
        (put(200, body='{"name": NaN}'), "NaN is not JSON"),
        (put(200, body=None, bodyBase64="eyJuYW1lIjoi/yJ9"), "the body is not JSON"),
        (put(200, body='{"name": "a", "name": "b"}'), "a name occurs twice"),
        (put(200, body='{"name": 1}'), "body.name: 1 is not of type 'string'"),
        (put(200, body='{"name": null}'), "body.name: None"),
        (put(200, body="{}"), "body: 'name' is a required property"),
        (put(200, body="[]"), "body: [] is not of type 'object'"),
        (put(200, body='{"name": "", "made": "yesterday"}'), "is not a 'date-time'"),
        (put(200, body='{"name": "", "counts": {"a": "1"}}'), "body.counts.a: '1' is not of"),
        (put(200, body='{"name": "", "extra": 1}'), "body: 'extra' is not documented"),
        (
            put(200, body='{"name": "", "parent": {"name": "", "made": ""}}'),
            "body.parent: 'made' is not documented",
        ),
        (get(body='[{"name": "", "extra": 1}]'), "body[0]: 'extra' is not documented"),
        (put(404, body='{"message": "", "stack": []}'), "body: 'stack' is not documented"),
        # Requests that the server accepted.
        (put(requestBody=None), "the request body is missing"),
        (put(requestBody=""), "the request body is missing"),
        (put(requestBody="{"), "the request body is not JSON"),
        (put(requestBody=None, requestBodyBase64="/w=="), "the request body is not JSON"),
        (put(requestBody='{"name": 1}'), "the request body.name: 1 is not of type"),
        (put(requestHeaders={"Content-Type": "text/plain"}), "request content type text/plain"),
        (put(target="/items/much-too-long"), "parameter id: 'much-too-long' is too long"),
        (get("/items/search"), "parameter page is missing"),
        (get("/items/search?page="), "parameter page: '' is not of type 'integer'"),
        (get("/items/search?page=0"), "parameter page: 0 is less than the minimum"),
        (get("/items/search?page=1&page=2"), "parameter page: ['1', '2'] is not of type"),
        (get("/items/search?page=1&sizes=1,x"), "parameter sizes[1]: 'x' is not of type"),
        (get("/items/search?page=1&x=%FF"), "the query is not UTF-8"),
        (get(requestHeaders={"X-Deep": "yes"}), "parameter X-Deep: 'yes' is not of type"),
        (
            get("/items/search?page=1&filters[a][GREATER_THAN]=b"),
            "parameter filters.a.GREATER_THAN: 'b' is not of type 'integer'",
        ),
        (get("/items/search?page=1&filters[a][LIKE]=b"), "parameter filters.a: Additional"),
        (get("/items/search?page=1&filters[a]=b"), "parameter filters.a: 'b' is not of type"),
        (get("/items/search?page=1&filters[a=b"), "'filters[a' has broken brackets"),
        (
            get("/items/search?page=1&filters[a]=b&filters[a][EQUALS]=b"),
            "is both a value and an object",
        ),
        # Requests outside the contract.
        (get("/nowhere", status=404, body=""), "the body is missing"),
        (get("/nowhere", status=404, body="no"), "the body is not JSON"),
        (get("/nowhere", status=404, body="{}"), "'message' is a required property"),
        (get("/nowhere", status=404, headers={}, body=ERROR), "content type None"),
        (get("/items/%zz/text", status=400, body="[]"), "body: [] is not of type"),
        (get("/items/a", status=405, body="{}"), "'message' is a required property"),
        (get("/nowhere"), "succeeded, but the contract has no such operation"),
        (get("/items//text"), "succeeded, but the contract has no such operation"),
        (get(method="HEAD"), "there is a body in the answer to HEAD"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_finds_mistakes(exchange, problem):
    found = CONTRACT.check(exchange)
    assert any(problem in f for f in found), found


def test_finds_every_problem_of_every_exchange():
    wrong = dataclasses.replace(put(200, body='{"made": "", "x": 1}'), where="1.jsonl:7")
    found = checker.violations(CONTRACT, [put(), wrong, put(500, body=ERROR)])
    assert len(found) == 4
    assert all(f.startswith("1.jsonl:7: PUT /items/a -> 200: body") for f in found[:3])


@pytest.mark.parametrize(
    "method, target, operation, variables",
    [
        ("GET", "/items/search", "searchItems", {}),
        ("GET", "/items/se%61rch", "searchItems", {}),
        ("PUT", "/items/search", "putItem", {"id": "search"}),
        ("PUT", "/items/a%2Fb%20c+%25", "putItem", {"id": "a/b c+%"}),
        ("PUT", "/items/a?/b#c", "putItem", {"id": "a"}),
        ("GET", "/items/a%2Ftext", None, None),
        ("GET", "/items/a/b/text", None, None),
        ("GET", "/items/search/", None, None),
        ("PUT", "/items/", None, None),
        ("PUT", "/items/%4", None, None),
        ("PUT", "/items/%00", None, None),
        ("HEAD", "/items/search", None, None),
        ("OPTIONS", "*", None, None),
    ],
)
def test_matches_paths(method, target, operation, variables):
    match = CONTRACT.match(get(target, method=method))
    assert (match[0].id, match[1]) == (operation, variables) if match else operation is None


def test_reports_what_was_exercised():
    exchanges = [put(), put(404), put(401), get(status=500), get("/nowhere")]
    assert checker.exercised(CONTRACT, exchanges) == {
        ("putItem", "204"),
        ("putItem", "401"),
        ("putItem", "4XX"),
        ("searchItems", None),
    }
    inside, outside = checker.group(CONTRACT, exchanges)
    assert {key: len(value) for key, value in inside.items()} == {
        "putItem": 3,
        "searchItems": 1,
        "getText": 0,
    }
    assert len(outside) == 1


@pytest.fixture
def run_suite(tmp_path):
    """Runs test_exchanges.py on a recording that must fail. Returns what it printed."""

    def run(*lines):
        recorded = "".join(json.dumps(line) + "\n" for line in lines)
        (tmp_path / "1.jsonl").write_text(recorded, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", SUITE]
            + ["-k", "not openapi_document"],  # which take long and do not depend on a recording
            env=os.environ | {"KESTUB_EXCHANGES": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
        return done.stdout

    return run


def health(status):
    body = json.dumps({"status": status})
    line = {"version": "2.0", "method": "GET", "target": "/health", "requestHeaders": {}}
    return line | {"status": 200, "headers": JSON, "body": body}


def test_suite_fails_for_a_status_that_was_never_exercised(run_suite):
    printed = run_suite(health("UP"))
    assert "no recorded exchange of 2.0 shows updateUserGroups with 204" in printed
    assert "no recorded exchange of 2.0 shows getHealth" not in printed
    assert "no recorded exchange of 1.3 shows getHealth with 200" in printed


def test_suite_fails_for_a_violation(run_suite):
    printed = run_suite(health("UP"), health("DOWN"))
    assert "1 violations" in printed
    assert "1.jsonl:2: GET /health -> 200: body.status: 'DOWN' is not one of" in printed


def test_suite_looks_into_sandboxes_and_the_control_plane(run_suite):
    version = health("UP") | {"target": "/sandbox/a/__admin/version", "body": '{"version":1}'}
    printed = run_suite(health("DOWN") | {"target": "/sandbox/a/health"}, version)
    assert "GET /health -> 200: body.status: 'DOWN' is not one of" in printed
    assert "GET /__admin/version -> 200: body.version: 1 is not of type 'string'" in printed
    assert "no recorded exchange of admin shows getVersion with 401" in printed


def test_suite_checks_each_version_against_its_own_contract(run_suite):
    links = {"self": {"href": "/nowhere", "templated": False}}
    body = json.dumps({"message": "Not Found", "_links": links})
    older = health("UP") | {"version": "1.3", "target": "/nowhere", "status": 404, "body": body}
    printed = run_suite(older, older | {"version": "2.0"})
    assert "1.jsonl:2: GET /nowhere -> 404: content type application/json is not" in printed
    assert "1.jsonl:1:" not in printed


def test_suite_fails_without_a_recording(run_suite):
    assert "no recorded exchanges; ./dev test --suite integration makes them" in run_suite()


def test_broken_recording_fails(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"method": "GET"}\n', encoding="utf-8")
    with pytest.raises(recording.RecordingError, match="a.jsonl:1: not an exchange"):
        recording.load(tmp_path)
