"""Makes response templates: those that the YAML files list, for a request that has all parts, and others at
random. To cover a helper, add a line to CALLS. Random values and the time are seen by their shape alone."""
import json

import operators

TRANSFORMERS = ["response-template"]
PARAMETERS = {
    "p": "v", "e": "", "n": 7, "f": 1.5, "t": True, "list": [1, 2, {"x": "y"}], "o": {"a": {"b": 1}},
}
BODY = (
    '{"a":"x","f":1.5,"n":7,"big":12345678901234567890,"z":null,"o":{"k":[1,"two"],"e":{}},'
    '"list":["p","q"],"t":true}'
)
REQUEST = {
    "send": "POST /t/two%20x/3?q=1&q=2&s=a+b",
    "headers": {"X-One": "first", "X-Multi": ["one", "two"], "Cookie": "c=v; d=e", "Content-Type": "text/plain"},
    "body": BODY,
}


def response(**members):
    return {**members, "transformers": TRANSFORMERS, "transformerParameters": PARAMETERS}


def cases(text):
    """Makes a case of each line: a template that is a body, and the request above."""
    pattern = {"urlPathTemplate": "/t/{name}/{n}"}
    return [
        {"mapping": {"request": pattern, "response": response(body=line)}, "requests": [REQUEST]}
        for line in text.splitlines()
    ]


# What a parameter may be, by kind. The texts are literals, parts of requests, and results of other helpers.
TEXTS = [
    "'abc'", "'A b'", "''", "'a,b'", "'äß'", "request.body", "request.url", "request.query.q", "request.headers.X-A",
    "request.cookies.sid", "request.path.x", "request.method", "parameters.p", "parameters.e",
    "(jsonPath request.body '$.c.d')", "(trim ' t ')", "(base64 'b')", "(join 'a' 'b' '-')",
]
# In WireMock a part of a request equals no text.
PLAIN = ["'abc'", "'b'", "''", "'x'", "parameters.p", "(lower 'ABC')", "(join 'a' 'b' '')"]
INTEGERS = ["0", "1", "-3", "12", "parameters.n", "(size 'abc')", "'5'"]
NUMBERS = [*INTEGERS, "2.5", "0.1", "-0.25", "'1.5'", "parameters.f"]
LISTS = ["(array 'a' 'b')", "(array 1)", "(range 1 3)", "parameters.list", "(array 'b')"]
JSON = [
    "request.body", "'{\"a\":1,\"b\":[1,2]}'", "'{\"c\":{\"d\":\"x\"}}'", "'[1,{\"a\":2}]'", "'{}'",
    "parameters.p",
]
OBJECTS = [json for json in JSON if json.startswith("'{")]
ANY = [*TEXTS, *NUMBERS, *LISTS, "foo", "true", "false", "parameters.o", "parameters.t"]
DATES = ["(parseDate '2024-02-29T12:34:56Z')", "(parseDate '29.02.2024' format='dd.MM.yyyy')"]
PATHS = ["'$.a'", "'$.c.d'", "'$.b[0]'", "'$.nope'", "'$.b[?(@ > 1)]'", "'$.c.d.e'"]
REGEXES = ["'[a-c]+'", "'.*'", "'(a)(b)?'", "'\\d+'"]
FORMATS = ["'yyyy-MM-dd'", "'EEE, d MMM yy HH:mm:ss.SSS'", "'epoch'", "'unix'", "'D F W w a K'"]
OFFSETS = ["'1 days'", "'-3 months'", "'90 seconds'", "'2 years'", "'-36 hours'", "'61 minutes'"]
UNITS = [
    "first minute of hour", "first hour of day", "first day of month", "first day of next month",
    "last day of month", "first day of year", "first day of next year", "last day of year",
]
LITERALS = {
    "sep": ["','", "' - '", "''"], "bool": ["true", "false"], "op": ["'+'", "'-'", "'*'", "'/'", "'%'"],
    "small": ["0", "1"], "unit": [f"'{unit}'" for unit in UNITS], "style": ["'compact'", "'pretty'"],
    "format": FORMATS, "offset": OFFSETS, "regex": REGEXES, "path": PATHS,
    "pattern": ["'0.00'", "'#,##0.###'", "'000'", "'percent'", "'integer'"], "name": ["'a'", "'p'", "'x'"],
    "divisor": ["2", "3", "0.5"], "zone": ["'+02:00'", "'UTC'"],
}
KINDS = {
    "text": TEXTS, "plain": PLAIN, "integer": INTEGERS, "number": NUMBERS, "list": LISTS, "json": JSON, "object": OBJECTS,
    "any": ANY, "date": DATES, **LITERALS,
}
# Each call with the kinds of its parameters; optional ones are in brackets.
CALLS = [
    "{{<text>}}", "{{<any>}}", "{{{<text>}}}", "{{request.query.q.[1]}}|{{request.query.q.size}}", "{{request.path.[1]}}|{{request.path.y}}",
    "{{request.headers.x-a}}|{{request.headers.X-A.[1]}}|{{request.headers.X-A.last}}", "{{request.query.p}}|{{request.cookies.sid}}",
    "{{request.host}} {{request.scheme}} {{request.clientIp}} {{request.requestLine.url}}", "{{request.bodyAsBase64}}",
    "{{#if <any>}}a{{else}}b{{/if}}", "{{#unless <any>}}a{{else}}b{{/unless}}", "{{#if <any>}}a{{else if <any>}}b{{else}}c{{/if}}",
    "{{#each <list>}}{{@index}}={{this}}{{#unless @last}},{{/unless}}{{else}}none{{/each}}", "{{#each <list> as |v i|}}{{i}}{{v}}{{/each}}",
    "{{#each parameters.o}}{{@key}}{{this.b}}{{../parameters.p}}{{/each}}", "{{#with parameters.o}}{{a.b}}{{/with}}",
    "{{#each request.query.q}}{{this}};{{/each}}", "{{#parameters.list}}<{{this}}>{{/parameters.list}}", "{{^<text>}}a{{/<text>}}",
    "{{lookup parameters 'p'}} {{lookup parameters.list 1}}",
    "{{eq <plain> <plain>}} {{neq <plain> <plain>}}", "{{eq <plain> <plain> yes='Y' no='N'}}", "{{#eq <plain> <plain>}}a{{else}}b{{/eq}}",
    "{{gt <small> <small>}} {{gte <small> <small>}} {{lt <plain> 'b'}} {{lte 'b' <plain>}}", "{{#lt <small> <small>}}a{{else}}b{{/lt}}",
    "{{and <any> <any>}} {{or <any> <any>}} {{not <any>}}", "{{#and <any> <any>}}a{{else}}b{{/and}}", "{{#not <any>}}a{{else}}b{{/not}}",
    "{{contains <plain> <name>}} {{contains (array 'a' 'x') <name>}}", "{{#contains <plain> <name>}}a{{/contains}}",
    "{{matches <text> <regex>}}", "{{#matches <plain> <regex>}}a{{/matches}}", "{{isEven <small>}} {{isOdd <small> 'o' 'n'}}",
    "{{yesno <bool>}} {{yesno foo yes='j' no='n' maybe='m'}}",
    "{{trim <text>}}", "{{#trim}} {{<text>}} {{/trim}}", "{{base64 <text>}} {{base64 <text> padding=<bool>}}", "{{#base64}}{{<text>}}{{/base64}}",
    "{{base64 (base64 <text>) decode=true}}", "{{urlEncode <text>}}", "{{urlEncode (urlEncode <text>) decode=true}}",
    "{{lower <text>}}", "{{upper request.url}} {{upper <name>}}", "{{capitalize <text>}} {{capitalize <text> fully=<bool>}}",
    "{{capitalizeFirst <text>}}", "{{defaultIfEmpty <any> <plain>}}", "{{replace <text> <name> <sep>}}", "{{cut <text> <name>}}",
    "{{substring <text> <small>}}", "{{substring 'abcd' <small> 3}}", "{{regexExtract <text> <regex> default='none'}}",
    "{{regexExtract <text> '(\\w)(.?)' 'g' default='none'}}{{g.0}}{{g.1}}", "{{stripTags <text>}} {{stripTags '<b>x</b>'}}",
    "{{array <any> <any>}}", "{{range <small> 4}}", "{{arrayAdd <list> <plain>}} {{arrayAdd <list> <integer> position=<small>}}",
    "{{arrayRemove <list>}} {{arrayRemove <list> position='start'}}", "{{arrayJoin <sep> <list> prefix='<' suffix='>'}}",
    "{{#arrayJoin <sep> <list> as |x|}}({{x}}){{/arrayJoin}}", "{{join <list> <sep>}} {{join <plain> <plain> <sep>}}",
    "{{size <list>}} {{size <plain>}} {{size parameters.o}}", "{{val <any> assign='w'}}{{w}} {{val foo or=<plain>}} {{val foo default=<any>}}",
    "{{#assign 'w'}}{{<text>}}{{/assign}}[{{w}}]",
    "{{jsonPath <json> <path>}}", "{{jsonPath request.body <path> default=<plain>}}", "{{parseJson <object> 'j'}}{{j.a}}{{j.c.d}}",
    "{{#parseJson 'j'}}{{request.body}}{{/parseJson}}{{j.b}}", "{{toJson <list>}} {{toJson parameters.o}}", "{{formatJson <object> format=<style>}}",
    "{{#formatJson format=<style>}}{\"a\":[1,{}],\"b\":{{n}}2}{{/formatJson}}", "{{jsonMerge <object> <object>}}",
    "{{jsonMerge <object> '{\"a\":null,\"c\":{\"e\":1}}' removeNulls=true}}", "{{jsonRemove <object> <path>}}",
    "{{jsonArrayAdd '[1]' <object>}}", "{{jsonArrayAdd '{\"a\":[1]}' '[2]' jsonPath='$.a' flatten=<bool>}}", "{{jsonArrayAdd '[1,2,3]' '4' maxItems=2}}",
    "{{formData 'f=a+b&f=2&g=%C3%A4' 'f' urlDecode=<bool>}}{{f.f}}|{{f.f.[1]}}|{{f.g}}", "{{formData request.body 'f'}}{{f.f}}",
    "{{math <number> <op> <divisor>}}", "{{math <integer> <op> 2}}", "{{math (math <number> '+' <number>) '*' <divisor>}}",
    "{{numberFormat <number> <pattern>}}", "{{numberFormat 1234.567}} {{numberFormat 2.345 maximumFractionDigits=<small>}}",
    "{{date <date> format=<format>}}", "{{date <date> offset=<offset>}}", "{{date <date> offset=<offset> format=<format>}}",
    "{{date <date> timezone=<zone> format=\"yyyy-MM-dd'T'HH:mm:ssXXX Z z\"}}", "{{date (truncateDate <date> <unit>)}}",
    "{{matches (now) '.{19}Z'}} {{size (now offset=<offset> format='yyyy')}}",
    "{{size (randomValue length=9)}} {{matches (randomValue type='UUID') '[0-9a-f-]{36}'}}", "{{matches (randomInt lower=5 upper=9) '[5-8]'}}",
    "{{pickRandom <name>}}|{{size (pickRandom 'a' 'b' 'c' count=2)}}" .replace("<name>", "'a' 'a'"),
]
PATTERNS = [
    {"urlPathTemplate": "/t/{x}"}, {"urlPathTemplate": "/t/{x}/{y}"}, {"urlPathPattern": "/t/.*"}, {"method": "POST"},
]
URLS = ["/t/a", "/t/a%20b/c", "/t/a?q=1&q=2", "/t/b?q=a+b&p", "/t/a/b?q=%C3%A4", "/t/abc?q=%3Cb%3Ex%3C/b%3E"]
HEADERS = [{}, {"X-A": "a b"}, {"X-A": ["abc", "two"]}, {"Cookie": "sid=abc"}, {"X-A": "5", "Cookie": "sid=a; sid=b"}]


def filled(rng, call):
    """Replaces the kinds in a call."""
    for kind, choices in KINDS.items():
        while f"<{kind}>" in call:
            call = call.replace(f"<{kind}>", rng.choice(choices), 1 if not call.startswith("{{^") else -1)
    return call


def template(rng):
    tags = [filled(rng, rng.choice(CALLS)) for _ in range(rng.choice([1, 1, 2]))]
    return rng.choice(["", "text ", "{ "]) + rng.choice(["", " ", "\n"]).join(tags) + rng.choice(["", "!"])


def random_response(rng):
    """A response that has templates where they may be."""
    text = template(rng)
    made = rng.choice([{"body": text}] * 4 + [{"jsonBody": {"a": [filled(rng, "{{size <plain>}}"), 1], "{{n}}": None}}, {"bodyFileName": "{{request.method}}.txt"}, {"base64Body": "e3tyZXF1ZXN0LnVybH19"}])
    if rng.random() < 0.2:
        made["headers"] = {"X-Out": rng.choice(["{{request.method}}", "{{request.path.x}}", ["{{size 'ab'}}", "b"]])}
    if rng.random() < 0.1:
        return made  # without the transformer all is text
    return response(**made)


def random_requests(rng, request):
    """Returns URLs, headers and bodies to choose from."""
    bodies = [json.dumps(d) for d in operators.DOCUMENTS if d not in (None, 1.0)]
    return [
        (rng.choice(["POST", "PUT"]), rng.choice(URLS), rng.choice(HEADERS), rng.choice([*bodies, BODY, "text", "f=1&g=a+b"]))
        for _ in range(3)
    ]


def random_case(rng):
    """Returns a mapping and requests as request() in comparing.py takes them."""
    mapping = {"request": rng.choice(PATTERNS), "response": random_response(rng)}
    return mapping, random_requests(rng, mapping["request"])
