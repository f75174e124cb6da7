"""Makes matchers at random. Each function of the table makes one, together with texts near it: some match,
and some fail by little. To cover an operator, add a function here."""
import base64
import json

WORDS = ["abc", "ABC", "a", "", "a b", "äß€", "10", "x=1&y", "null", "true", "a.c", "ab\"c", "-1"]
DATES = [
    "2024-02-29T12:00:00Z", "2024-02-29T13:00:00+01:00", "2024-02-29T12:00:01Z", "2024-03-01T00:00:00Z",
    "2024-02-29", "2024-02-29T12:00:00", "2024-02-29T12:00:00.500Z", "not a date",
    "Thu, 29 Feb 2024 12:00:00 GMT", "2024", "2024-02", "2999-01-01T00:00:00Z", "1709208000", "29/02/2024",
    "Thu Feb 29 12:00:00 2024", "2024-02-01T00:00:00Z",
]
EXPECTED_DATES = [
    "2024-02-29T12:00:00Z", "2024-02-29T13:00:00+01:00", "2024-02-29", "2024-02-29T12:00:00", "2024", "2024-03",
    "now", "now +3 days", "-2 hours", "now -1 years",
]
TRUNCATIONS = ["first hour of day", "first day of month", "last day of month", "first day of next year"]
NUMBERS = ["10", "10.0", "1e1", "9.99", "-10", "0", "-0", "10.000001", "abc", "", "12345678901234567890"]
REGEXES = {
    "[a-c]+": ["abc", "abcd", "ABC"],
    "a.*": ["abc", "ba", "a\nb"],
    "(?i)abc": ["ABC", "abd"],
    "\\d{2,3}": ["12", "1", "1234"],
    "^abc$": ["abc", "abcabc"],
    "a|b": ["a", "ab", "b"],
    "[^/]+/x": ["a/x", "/x"],
    "\\w+@\\w+\\.org": ["ada@new.org", "ada@new_org"],
    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}": [
        "5bd5bb68-4f1a-4d4a-8f1d-3a3a4e5f0a01", "5bd5bb68-4f1a-4d4a-8f1d"],
    "\\p{Alpha}+": ["abc", "ab1"],
    "(a)\\1": ["aa", "ab"],
    "x*+y": ["xxy", "xx"],
    "\\Qa.c\\E": ["a.c", "abc"],
    "(?=a)a.?": ["ab", "b"],
    "": ["", "a"],
}
DOCUMENTS = [
    {"a": 1, "b": [1, 2, 3], "c": {"d": "x", "e": None}},
    {"a": 1.0, "b": [1, 2, 3], "c": {"d": "x", "e": None}},
    {"a": 1, "b": [3, 2, 1], "c": {"d": "x", "e": None}},
    {"a": 1, "b": [1, 2, 3], "c": {"d": "x", "e": None}, "f": 0},
    {"a": 1, "b": [1, 2, 3, 4], "c": {"d": "x", "e": None}},
    {"a": "1", "b": [1, 2], "c": {"d": "y"}},
    {"a": True, "b": [], "c": {}},
    {"a": None, "b": [{"d": 1}, {"d": 2}], "c": []},
    [{"a": 1, "d": "x"}, {"a": 2}, {"a": 2}],
    [], {}, "abc", 10, None, True,
]
PATHS = [
    "$", "$.a", "$.b", "$.b[0]", "$.b[-1]", "$.b[0,2]", "$.b[1:]", "$.b[*]", "$.c.d", "$.c.e", "$.c", "$..d",
    "$['a']", "$.b[?(@ > 1)]", "$.b[?(@.d == 1)]", "$[?(@.a == 2)]", "$.*", "$.c[?(@.d)]", "$.nope",
    "$.c.*", "$..*", "$[0].a", "$.b[?(@.d > 0 && @.d < 2)]", "$.b[?(@ in [1,2])]", "$[?(@.d =~ /x/i)]",
    "$.b.length()", "$.a.b.c", "$.b.sum()", "$.b.max()", "$.b.first()", "$.b.last()", "$.b[?(@ nin [1,2])]",
    "$[?(@.b size 3)]", "$[?(@.b contains 1)]", "$[?(@.b anyof [1])]", "$[?(@.b subsetof [1,2,3,4])]",
    "$[?(@.a === 1)]", "$.b[?(@.d empty false)]", "$.b.avg()", "$.b.min()",
]
SCHEMAS = [
    {"type": "object", "required": ["a"]},
    {"type": "object", "properties": {"a": {"type": "integer", "minimum": 1}}, "additionalProperties": True},
    {"properties": {"a": {"type": ["number", "null"]}, "b": {"type": "array", "maxItems": 3}}},
    {"type": "array", "items": {"type": "object", "required": ["a"]}, "minItems": 1},
    {"type": "array", "uniqueItems": True},
    {"anyOf": [{"type": "string", "minLength": 2}, {"type": "number", "multipleOf": 5}]},
    {"not": {"type": "object"}},
    {"oneOf": [{"required": ["a"]}, {"required": ["f"]}]},
    {"enum": ["abc", 10, None]},
    {"const": {}},
    {"type": "object", "additionalProperties": False, "properties": {"a": True, "b": True}},
    {"definitions": {"n": {"type": "integer"}}, "properties": {"a": {"$ref": "#/definitions/n"}}},
    {"type": "string", "pattern": "^a"},
    {"type": "object", "minProperties": 1, "maxProperties": 3},
]
PLACEHOLDERS = [
    {"a": "${json-unit.ignore}", "b": [1, 2, 3], "c": {"d": "x", "e": None}},
    {"a": "${json-unit.any-number}", "b": "${json-unit.ignore}", "c": {"d": "${json-unit.any-string}", "e": None}},
    {"a": 1, "b": [1, 2, 3], "c": {"d": "${json-unit.regex}[x-z]", "e": "${json-unit.ignore-element}"}},
    {"a": "${json-unit.any-boolean}", "b": [], "c": {}},
]


def equal_to(rng):
    word = rng.choice(WORDS)
    options = rng.choice([{}, {}, {"caseInsensitive": True}, {"caseInsensitive": False}])
    return {"equalTo": word, **options}, [word, word.swapcase(), word + "x", "other"]


def contains(rng):
    word = rng.choice(WORDS)
    return {rng.choice(["contains", "doesNotContain"]): word}, [word, f"<{word}>", word.swapcase(), "zzz", ""]


def matches(rng):
    regex, texts = rng.choice(list(REGEXES.items()))
    return {rng.choice(["matches", "doesNotMatch"]): regex}, [*texts, "", "zzz"]


def absent(rng):
    return rng.choice([{"absent": True}, {"absent": "(absent)"}, {"anything": "(always)"}]), ["", "abc"]


def date(rng):
    operator = rng.choice(["before", "after", "equalToDateTime"])
    made = {operator: rng.choice(EXPECTED_DATES)}
    for option, values in (
        ("actualFormat", ["dd/MM/yyyy", "yyyy-MM-dd"]), ("truncateActual", TRUNCATIONS), ("truncateExpected", TRUNCATIONS),
        ("applyTruncationLast", [True, False]), ("expectedOffset", [1, -3]),
    ):
        if rng.random() < 0.12:
            made[option] = rng.choice(values)
    if "expectedOffset" in made:
        made["expectedOffsetUnit"] = rng.choice(["hours", "days", "months"])
    return made, rng.sample(DATES, 6)


def number(rng):
    operators = ["equalToNumber", "greaterThanNumber", "greaterThanEqualNumber", "lessThanNumber", "lessThanEqualNumber"]
    return {rng.choice(operators): rng.choice([10, 9.99, -10, 0, 10.0])}, rng.sample(NUMBERS, 6)


def documents(rng, *first):
    return [json.dumps(d, ensure_ascii=rng.random() < 0.2) for d in [*first, *rng.sample(DOCUMENTS, 5)]]


def equal_to_json(rng):
    document = rng.choice(DOCUMENTS if rng.random() < 0.7 else PLACEHOLDERS)
    options = {o: rng.random() < 0.6 for o in ("ignoreArrayOrder", "ignoreExtraElements") if rng.random() < 0.5}
    texts = documents(rng, document, *DOCUMENTS[:4])
    return {"equalToJson": rng.choice([json.dumps(document), document]), **options}, [*texts, "{", ""]


def json_path(rng):
    path = rng.choice(PATHS)
    matcher, _ = rng.choice([equal_to, contains, matches, absent, equal_to_json])(rng)
    argument = path if rng.random() < 0.5 else {"expression": path, **matcher}
    return {"matchesJsonPath": argument}, [*documents(rng, DOCUMENTS[0]), "not json", ""]


def json_schema(rng):
    schema = rng.choice(SCHEMAS)
    versions = [{}, {"schemaVersion": "V202012"}, {"schemaVersion": "V7"}]
    argument = rng.choice([schema, json.dumps(schema)])
    return {"matchesJsonSchema": argument, **rng.choice(versions)}, [*documents(rng, DOCUMENTS[0]), "abc", ""]


def binary(rng):
    word = rng.choice(WORDS)
    return {"binaryEqualTo": base64.b64encode(word.encode()).decode()}, [word, word + "x", ""]


def logic(rng, depth=0):
    parts = [matcher(rng, TEXT, depth + 1) for _ in range(rng.randint(2, 3))]
    texts = [text for _, near in parts for text in near[:3]]
    if rng.random() < 0.3:
        return {"not": parts[0][0]}, parts[0][1]
    return {rng.choice(["and", "or"]): [part for part, _ in parts]}, texts


TEXT = [equal_to, equal_to, contains, matches, matches, absent, date, logic]
JSON = [equal_to_json, equal_to_json, json_path, json_path, json_schema]
BODY = [*TEXT, binary, *JSON, *JSON]


def matcher(rng, kinds, depth=0):
    kind = rng.choice(kinds)
    if kind is logic:
        return logic(rng, depth) if depth < 2 else equal_to(rng)
    return kind(rng)


def parts(rng):
    """Makes patterns of a multipart body. Returns them, and headers and bodies of forms near them."""
    made = []
    texts = ["abc", "{\"a\": 1}", ""]
    for _ in range(rng.choice([1, 1, 2])):
        body, near = matcher(rng, [equal_to, contains, matches, equal_to_json, binary])
        part = {"bodyPatterns": [body]} if rng.random() < 0.8 else {}
        texts += near
        if rng.random() < 0.3 or not part:
            part["headers"] = {"Content-Disposition": {"contains": "name=\"f\""}}
        if rng.random() < 0.4:
            part["matchingType"] = rng.choice(["ANY", "ALL"])
        if rng.random() < 0.2:
            part["name"] = "f"
        if rng.random() < 0.1:
            part["fileName"] = "f.txt"
        made.append(part)
    return made, [form([rng.choice(texts) for _ in range(rng.randint(1, 3))], rng) for _ in range(5)]


def form(texts, rng):
    """Returns the headers and the body of a multipart form with these texts."""
    boundary = "".join(rng.choices("abcdef", k=12))
    body = ""
    for text in texts:
        name = rng.choice(["f", "g", "f\"; filename=\"f.txt"])
        body += f"--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n"
    return {"Content-Type": f"multipart/form-data; boundary={boundary}"}, f"{body}--{boundary}--\r\n"


def values_matcher(rng):
    """Makes a matcher of all values of a name. Returns it and lists of values near it."""
    if rng.random() < 0.75:
        made, texts = matcher(rng, [*TEXT, *TEXT, json_path, equal_to_json, json_schema])
        return made, [*([text] for text in texts), [], texts[:2]]
    parts = [matcher(rng, [equal_to, contains, matches], 2) for _ in range(rng.randint(1, 3))]
    texts = [near[0] for _, near in parts]
    lists = [texts, texts[::-1], texts[1:], [*texts, "extra"], [*texts, texts[0]], []]
    return {rng.choice(["hasExactly", "includes"]): [part for part, _ in parts]}, lists
