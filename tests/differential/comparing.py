"""Sends a case to both servers, and lists what they do differently."""
import dataclasses
import itertools
import json
import uuid

from servers import Request

PAIRS = "kestub", "wiremock"
_ids = itertools.count(1)


@dataclasses.dataclass
class Case:
    """Mappings, and requests near them. Each request is tried after those before it."""

    mappings: list
    requests: list
    name: str = ""

    def __post_init__(self):
        """Gives the mappings ids, so that both servers name them alike."""
        for mapping in self.mappings:
            if "uuid" not in mapping:
                mapping.setdefault("id", str(uuid.UUID(int=(4 << 76) + (8 << 60) + next(_ids))))


@dataclasses.dataclass
class Difference:
    """What differs is `loading`, `answer`, `journal`, `count`, `listing` or `scenarios`."""

    what: str
    mapping: object
    request: object
    kestub: str
    wiremock: str

    def __str__(self):
        parts = [f"{self.what} of {json.dumps(self.mapping, ensure_ascii=False)}"]
        if self.request:
            parts.append(f"request:\n{self.request}")
        return "\n".join([*parts, f"kestub: {self.kestub}", f"WireMock: {self.wiremock}"])


@dataclasses.dataclass
class Outcome:
    """What one server made of a case, as values that can be compared."""

    loading: list
    answers: list
    journal: list
    counts: list
    listing: list
    scenarios: list


def refusal_of(answer):
    """Returns what is wrong and where, or an empty text when the mapping was loaded."""
    if answer.status == 201:
        return ""
    try:
        errors = answer.json["errors"]
    except (ValueError, KeyError, TypeError):
        return f"refused with {answer.status}: {answer.body.decode(errors='replace')[:300]}"
    places = (f"{e.get('source', {}).get('pointer', '')} {e.get('detail') or e.get('title')}" for e in errors)
    return "refused: " + "; ".join(places)


def headers_set(mappings):
    """Returns the names of the headers that the mappings set."""
    names = set()
    for mapping in mappings:
        response = mapping.get("response") or {}
        headers = response.get("headers") if isinstance(response, dict) else None
        names |= set(headers or {}) if isinstance(headers, dict) else set()
    return sorted(names)


def shown(answer, event, names, compares_reason):
    """Returns what matters of an answer: which stub gave it, and what the stub says."""
    if answer.is_failure:
        return "fails"
    if not event["wasMatched"]:
        return "no stub"
    stub = event["stubMapping"]["id"]
    if answer.status == 0:
        return f"stub {stub} breaks the connection"
    reason = f" {answer.reason}" if compares_reason else ""
    headers = [f"{n}: {', '.join(answer.headers.get_all(n) or [])}" for n in names]
    return "\n".join([f"stub {stub}: {answer.status}{reason}", *headers, "", answer.body.decode("utf-8", "backslashreplace")])


def pattern_of(mapping):
    request = mapping.get("request")
    return request if isinstance(request, dict) else {}


def exchanges(server, case):
    """Sends the requests of a case to a server with an empty journal. Returns what matters of the answers, and
    what the journal has."""
    answers = [server.send(request) for request in case.requests]
    events = iter(server.events(sum(not answer.is_failure for answer in answers)))
    pairs = [(answer, None if answer.is_failure else next(events)) for answer in answers]
    names = headers_set(case.mappings)
    compares_reason = "statusMessage" in json.dumps(case.mappings)
    return (
        [shown(answer, event, names, compares_reason) for answer, event in pairs],
        [event and f"{event['request']['method']} {event['request']['url']}" for _, event in pairs],
    )


def run(server, case):
    server.reset()
    created = [server.admin("POST", "/mappings", mapping) for mapping in case.mappings]
    loading = [refusal_of(answer) for answer in created]
    if any(loading):
        return Outcome(loading, [], [], [], [], [])
    answers, journal = exchanges(server, case)
    counts = [server.admin("POST", "/requests/count", pattern_of(m)) for m in case.mappings]
    scenarios = server.admin("GET", "/scenarios").json["scenarios"]
    return Outcome(
        loading,
        answers,
        journal,
        [a.json["count"] if a.status == 200 else "an error" for a in counts],
        created,
        sorted((s["name"], s["state"], sorted(s["possibleStates"])) for s in scenarios),
    )


def listing_differences(kestub, wiremock, case, ours, real):
    """What one server shows, the other must load as the same mapping. WireMock's own form decides."""
    for mapping, shown_by_us, shown_by_real in zip(case.mappings, ours.listing, real.listing):
        path = f"/mappings/{shown_by_real.json['id']}"
        again = wiremock.admin("PUT", path, shown_by_us.body)
        if again.status != 200 or again.json != shown_by_real.json:
            yield Difference("listing", mapping, None, again.body.decode(), shown_by_real.body.decode())
            continue
        loaded = kestub.admin("PUT", path, shown_by_real.body)
        if loaded.status != 200:
            yield Difference("listing", mapping, None, loaded.body.decode(), shown_by_real.body.decode())


def subject(case):
    return case.mappings[0] if len(case.mappings) == 1 else case.mappings


def answer_differences(case, ours, real):
    """Compares what exchanges() returned of both servers."""
    found = []
    for request, *answer, event, other in zip(case.requests, ours[0], real[0], ours[1], real[1]):
        if answer[0] != answer[1]:
            found.append(Difference("answer", subject(case), request, *answer))
        elif event != other:
            found.append(Difference("journal", subject(case), request, event, other))
    return found


def differences(kestub, wiremock, case):
    """Returns all differences, so that one that is known does not hide another."""
    ours, real = run(kestub, case), run(wiremock, case)
    found = []
    for mapping, *loading in zip(case.mappings, ours.loading, real.loading):
        if bool(loading[0]) != bool(loading[1]):
            found.append(Difference("loading", mapping, None, loading[0] or "loaded", loading[1] or "loaded"))
    if any(ours.loading) or any(real.loading):
        return found
    what = subject(case)
    found += answer_differences(case, (ours.answers, ours.journal), (real.answers, real.journal))
    for mapping, *counts in zip(case.mappings, ours.counts, real.counts):
        if counts[0] != counts[1] and not found:
            requests = "\n\n".join(map(str, case.requests))
            found.append(Difference("count", mapping, requests, *map(str, counts)))
    if ours.scenarios != real.scenarios and not found:
        found.append(Difference("scenarios", what, None, str(ours.scenarios), str(real.scenarios)))
    return [*found, *listing_differences(kestub, wiremock, case, ours, real)]


def request(method, url, headers=(), body=b""):
    pairs = headers.items() if isinstance(headers, dict) else headers
    flat = [(n, v) for n, vs in pairs for v in (vs if isinstance(vs, list) else [vs])]
    data = body.encode() if isinstance(body, str) else body
    return Request(method, url, tuple(flat), data)
