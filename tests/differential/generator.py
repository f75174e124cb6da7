"""Makes cases at random: mappings of every part that docs/mocking.md names, and requests near them."""
import base64
import copy
import random
import urllib.parse

import comparing
import operators
import templating

PATHS = ["/t/a", "/t/a/b", "/t/a%20b", "/t/%C3%A4", "/t/", "/t/a;x=1", "/t/a.b"]
QUERIES = ["", "?q=1", "?q=1&q=2", "?p=a+b", "?q=%C3%A4&p"]
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]
METHOD_PATTERNS = [*METHODS[:5], "ANY", "GET_OR_HEAD"]
BODIES = ["", "text", "äß€", "{\"a\": 1}", "a\r\nb\n"]
WRONG = [None, True, 7, 1.5, -1, "", "text", "7", [], ["a"], {}, {"a": 1}]


class Generator:
    def __init__(self, seed):
        self.rng = random.Random(seed)

    def chance(self, share):
        return self.rng.random() < share

    def url(self):
        """Returns the members that describe the URL, and URLs near it."""
        choose = self.rng.choice
        path, query = choose(PATHS), choose(QUERIES)
        near = [path + query, path, path + "x" + query, path + "?q=1", choose(PATHS)]
        kind = choose(["url", "urlPath", "urlPattern", "urlPathPattern", "urlPathTemplate", "none"])
        if kind == "none":
            return {}, near
        if kind == "url":
            return {kind: path + query}, near
        if kind == "urlPath":
            return {kind: path}, near
        if kind == "urlPathTemplate":
            return self.path_template()
        patterns = ["/t/.*", "/t/[a-z]+", "/t/a(/b)?", "/t/(?:a|c)\\?q=[0-9]+", "/t/a%20b.*", "/t/\\w+/\\w+"]
        return {kind: choose(patterns)}, [*near, "/t/c?q=12"]

    def path_template(self):
        template = self.rng.choice(["/t/{x}", "/t/{x}/b", "/t/{x}/{y}", "/{r}/a"])
        request, urls = {"urlPathTemplate": template}, []
        matcher, texts = operators.matcher(self.rng, operators.TEXT)
        if self.chance(0.6) and "{x}" in template:
            request["pathParameters"] = {"x": matcher}
        for text in [*texts, "a", "a b"]:
            value = urllib.parse.quote(text, safe="")
            urls.append(template.replace("{x}", value).replace("{y}", "b").replace("{r}", "t"))
        return request, [*urls, "/t/a/b/c", "/t"]

    def fields(self, names):
        """Returns matchers by name, and lists of values near each."""
        made = {name: operators.values_matcher(self.rng) for name in self.rng.sample(names, self.rng.randint(1, 2))}
        return {name: matcher for name, (matcher, _) in made.items()}, {n: near for n, (_, near) in made.items()}

    def cookies(self):
        matcher, texts = operators.matcher(self.rng, operators.TEXT)
        clean = [text for text in texts if text.isascii() and not set(text) & set("; \"\n,")]
        return {"sid": matcher}, {"sid": [*([text] for text in clean), []]}

    def request(self):
        """Returns a pattern, and the parts of requests near it: a list of choices for each."""
        members, urls = self.url()
        parts = {"method": METHODS, "url": urls, "body": [""]}
        if self.chance(0.7):
            members["method"] = self.rng.choice(METHOD_PATTERNS)
        for member, names, share in (
            ("headers", ["X-A", "x-b"], 0.3),
            ("queryParameters", ["q", "p"], 0.25),
            ("formParameters", ["f", "g"], 0.15),
        ):
            if self.chance(share):
                members[member], parts[member] = self.fields(names)
        if self.chance(0.15):
            members["cookies"], parts["cookies"] = self.cookies()
        if self.chance(0.1):
            members["basicAuth"] = {"username": "ada", "password": "x:y"}
            parts["authorization"] = ["ada:x:y", "ada:x", "eve:x:y", None]
        if self.chance(0.5) and "formParameters" not in parts:
            made = [operators.matcher(self.rng, operators.BODY) for _ in range(self.rng.choice([1, 1, 1, 2]))]
            members["bodyPatterns"] = [matcher for matcher, _ in made]
            parts["body"] = [text for _, texts in made for text in texts]
        if self.chance(0.05):
            members["host"] = self.rng.choice([{"equalTo": "127.0.0.1"}, {"contains": "example"}])
        return members, parts

    def response(self):
        choose = self.rng.choice
        response = {}
        if self.chance(0.7):
            response["status"] = choose([200, 201, 204, 304, 400, 404, 422, 500, 503, 599, 999])
        body = choose(["none", "body", "jsonBody", "base64Body", "bodyFileName"])
        if body == "body":
            response[body] = choose(BODIES)
        elif body == "jsonBody":
            response[body] = choose([*operators.DOCUMENTS, {"n": 1e5, "m": 12345678901234567890, "d": 0.10}])
        elif body == "base64Body":
            response[body] = base64.b64encode(choose([b"", b"abc", bytes(range(256))])).decode()
        elif body == "bodyFileName":
            response[body] = "page.html"
        if self.chance(0.4):
            values = {"Content-Type": ["text/plain"], "X-Out": ["a, b", ["one", "two"], ""]}
            response["headers"] = {n: choose(texts) for n, texts in values.items() if self.chance(0.6)}
        if self.chance(0.06):
            response["fault"] = choose(["EMPTY_RESPONSE", "CONNECTION_RESET_BY_PEER"])
        self.delay(response)
        return response

    def delay(self, response):
        delays = {
            "fixedDelayMilliseconds": 2,
            "delayDistribution": self.rng.choice(
                [{"type": "uniform", "lower": 0, "upper": 2}, {"type": "lognormal", "median": 1, "sigma": 0.1},
                 {"type": "fixed", "milliseconds": 1}]),
            "chunkedDribbleDelay": {"numberOfChunks": 2, "totalDuration": 4},
        }
        if self.chance(0.12):
            name = self.rng.choice(list(delays))
            response[name] = delays[name]

    def mapping(self, request):
        mapping = {"request": request, "response": self.response()}
        if self.chance(0.2):
            mapping["name"] = self.rng.choice(["a stub", "ä"])
        if self.chance(0.2):
            mapping["metadata"] = {"owner": "planners", "n": [1, 2.50, {"x": None}]}
        if self.chance(0.1):
            mapping["persistent"] = self.chance(0.5)
        return mapping

    def sends(self, parts, count):
        """Returns requests: the first takes the first choice everywhere, the others change one part each."""
        first = {name: self.first(choices) for name, choices in parts.items()}
        sent = [first]
        while len(sent) < count:
            other = dict(first)
            for name in self.rng.sample(list(parts), self.rng.choice([1, 1, 2])):
                other[name] = self.any(parts[name])
            sent.append(other)
        return [self.send(chosen) for chosen in sent]

    def first(self, choices):
        return {n: lists[0] for n, lists in choices.items()} if isinstance(choices, dict) else choices[0]

    def any(self, choices):
        choose = self.rng.choice
        return {n: choose(lists) for n, lists in choices.items()} if isinstance(choices, dict) else choose(choices)

    def send(self, chosen):
        url, headers, body = chosen["url"], [], chosen["body"]
        method = chosen["method"]
        for name, values in chosen.get("headers", {}).items():
            headers += [(name, value) for value in values if value.isascii() and value.isprintable()]
        if chosen.get("queryParameters"):
            query = encoded(chosen["queryParameters"])
            url = url.partition("?")[0] + (f"?{query}" if query else "")
        if chosen.get("cookies", {}).get("sid"):
            headers.append(("Cookie", f"sid={chosen['cookies']['sid'][0]}; other=1"))
        if chosen.get("authorization"):
            headers.append(("Authorization", "Basic " + base64.b64encode(chosen["authorization"].encode()).decode()))
        if "formParameters" in chosen:
            headers.append(("Content-Type", "application/x-www-form-urlencoded"))
            body = encoded(chosen["formParameters"])
        if method in ("GET", "HEAD", "DELETE", "OPTIONS") and body:
            method = "POST" if self.chance(0.8) else "DELETE"
        return comparing.request(method, url, headers, body)

    def methods_of(self, request):
        """Puts a method first that the pattern takes."""
        method = request.get("method", "GET")
        wanted = method["oneOf"][0] if isinstance(method, dict) and "oneOf" in method else method
        return [wanted if wanted in METHODS else "GET", *METHODS]

    def one_stub(self):
        request, parts = self.request()
        parts["method"] = self.methods_of(request)
        return comparing.Case([self.mapping(request)], self.sends(parts, 6))

    def several_stubs(self):
        """Stubs of the same requests, which priorities and scenarios tell apart."""
        request, parts = self.request()
        parts["method"] = self.methods_of(request)
        mappings = []
        for _ in range(self.rng.randint(2, 4)):
            mapping = self.mapping(self.rng.choice([request, request, {"urlPathPattern": "/t/.*"}, {}]))
            if self.chance(0.5):
                mapping["priority"] = self.rng.choice([1, 2, 5, 10])
            if self.chance(0.6):
                mapping["scenarioName"] = self.rng.choice(["s", "r"])
                for member in "requiredScenarioState", "newScenarioState":
                    if self.chance(0.6):
                        mapping[member] = self.rng.choice(["Started", "b", "c"])
            mappings.append(copy.deepcopy(mapping))
        return comparing.Case(mappings, self.sends(parts, 8))

    def places(self, value, path=()):
        """Lists the paths of all values."""
        yield path
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, inner in items:
            yield from self.places(inner, (*path, key))

    def wrong_value(self):
        """A mapping with a value of another type somewhere, or with a member that is not known."""
        case = self.one_stub() if self.chance(0.7) else self.several_stubs()
        mapping = case.mappings[0]
        *path, last = self.rng.choice([p for p in self.places(mapping) if p and p[0] not in ("id", "metadata")])
        owner = mapping
        for key in path:
            owner = owner[key]
        if self.chance(0.15) and isinstance(owner, dict):
            owner["unheardOf"] = 1
        else:
            owner[last] = self.rng.choice(WRONG)
        return case

    def templated(self):
        """A stub with templates, and requests with all that they may look at."""
        mapping, requests = templating.random_case(self.rng)
        return comparing.Case([mapping], [comparing.request(*request) for request in requests])

    def forms(self):
        """A stub of multipart forms, and forms near it."""
        parts, forms = operators.parts(self.rng)
        requests = [comparing.request("POST", "/t", *form) for form in forms]
        return comparing.Case([self.mapping({"multipartPatterns": parts})], requests)

    def case(self):
        kinds = [self.one_stub] * 5 + [self.several_stubs] * 2 + [self.wrong_value] * 2
        kinds += [self.templated] * 4 + [self.forms]
        return self.rng.choice(kinds)()


def encoded(fields):
    return urllib.parse.urlencode([(name, value) for name, values in fields.items() for value in values])
