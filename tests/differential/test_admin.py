"""The control plane does what WireMock's does. Each test makes the same calls to both, and compares what they
return, without what differs in every run."""
import pytest

from comparing import request

GET_A = {"method": "GET", "urlPath": "/t/a"}
IDS = [f"00000000-0000-4000-8000-00000000000{n}" for n in range(6)]
NONE = "11111111-2222-4333-8444-555555555555"


def stub(number, body="", **members):
    request = members.pop("request", GET_A)
    return {"id": IDS[number], "request": request, "response": {"body": body}, **members}


def add(server, *mappings):
    return [server.admin("POST", "/mappings", mapping).status for mapping in mappings]


def ids(answer, member="mappings"):
    return [mapping["id"] for mapping in answer.json[member]]


def listed(server):
    return ids(server.admin("GET", "/mappings"))


def send(server, *lines, **options):
    return [server.send(request(*line.split(" ", 1), **options)).body for line in lines]


def urls(answer, member="requests"):
    return [item.get("request", item)["url"] for item in answer.json[member]]


def misses(answer):
    """Returns the requests and the stubs that they miss."""
    found = answer.json["nearMisses"]
    return [(miss["request"]["url"], miss.get("stubMapping", {}).get("id")) for miss in found]


def edit_and_remove(server):
    yield add(server, stub(0, "a"), stub(1, "b"), stub(2, "c", priority=1))
    yield send(server, "GET /t/a")
    yield server.admin("PUT", f"/mappings/{IDS[2]}", stub(2, "c", priority=9)).status
    yield send(server, "GET /t/a"), listed(server)
    yield server.admin("PUT", f"/mappings/{IDS[0]}", stub(0, "edited")).status
    yield send(server, "GET /t/a"), listed(server)
    yield server.admin("PUT", f"/mappings/{NONE}", stub(2, "c")).status
    yield server.admin("DELETE", f"/mappings/{IDS[1]}").status
    yield server.admin("DELETE", f"/mappings/{IDS[1]}").status
    yield server.admin("GET", f"/mappings/{IDS[1]}").status
    yield send(server, "GET /t/a"), listed(server)
    yield add(server, stub(0, "twice"))
    yield server.admin("POST", "/mappings/remove", stub(0, "a")).status, listed(server)
    for page in "limit=1", "offset=1", "limit=1&offset=1", "limit=0":
        yield ids(server.admin("GET", f"/mappings?{page}"))
    yield server.admin("GET", "/mappings").json["meta"]


def metadata(server):
    owners = [stub(n, metadata={"owner": owner, "n": [n]}) for n, owner in enumerate(["a", "b", "a"])]
    yield add(server, *owners, stub(3))
    for pattern in (
        {"matchesJsonPath": {"expression": "$.owner", "equalTo": "a"}},
        {"matchesJsonPath": "$.n"},
        {"equalToJson": {"owner": "b"}, "ignoreExtraElements": True},
        {"contains": "b"},
    ):
        yield sorted(ids(server.admin("POST", "/mappings/find-by-metadata", pattern)))
    yield send(server, "GET /t/a")
    pattern = {"matchesJsonPath": {"expression": "$.owner", "equalTo": "a"}}
    yield server.admin("POST", "/mappings/remove-by-metadata", pattern).status, listed(server)


def imports(server):
    both = {"mappings": [stub(0, "a"), stub(1, "b")]}
    yield server.admin("POST", "/mappings/import", both).status, listed(server)
    yield send(server, "GET /t/a")
    for policy in "OVERWRITE", "IGNORE":
        options = {"duplicatePolicy": policy, "deleteAllNotInImport": policy == "IGNORE"}
        more = {"mappings": [stub(1, policy), stub(2, f"two {policy}")], "importOptions": options}
        yield server.admin("POST", "/mappings/import", more).status, listed(server)
        yield send(server, "GET /t/a")
        yield server.admin("GET", f"/mappings/{IDS[1]}").json["response"]["body"]
    yield server.admin("POST", "/mappings/import", {"mappings": "none"}).status
    # What a server lists can be imported again, in the same order.
    text = server.admin("GET", "/mappings").body
    server.admin("DELETE", "/mappings")
    yield server.admin("POST", "/mappings/import", text).status, listed(server)


def journal(server):
    yield add(server, stub(0, "a"))
    send(server, "GET /t/a", "GET /t/b", "PUT /t/a")
    server.events(3)
    yield urls(server.admin("GET", "/requests")), server.admin("GET", "/requests").json["meta"]
    for page in "limit=1", "limit=2", "unmatched=true", f"matchingStub={IDS[0]}", f"matchingStub={NONE}":
        yield urls(server.admin("GET", f"/requests?{page}"))
    yield urls(server.admin("GET", "/requests/unmatched"))
    for pattern in (
        {}, GET_A, {"urlPathPattern": "/t/.*"}, {"method": "PUT"}, {"method": "DELETE"}, {"urlPath": "/t/b", "headers": {"A": {"absent": True}}}
    ):
        yield server.admin("POST", "/requests/count", pattern).json["count"]
        yield urls(server.admin("POST", "/requests/find", pattern))
    yield server.admin("GET", f"/requests/{NONE}").status
    one = server.admin("GET", "/requests").json["requests"][0]["id"]
    yield server.admin("GET", f"/requests/{one}").json["request"]["url"]
    yield server.admin("DELETE", f"/requests/{one}").status, server.admin("DELETE", f"/requests/{one}").status
    yield urls(server.admin("POST", "/requests/remove", {"urlPath": "/t/b"}), "serveEvents")
    yield urls(server.admin("GET", "/requests"))
    yield server.admin("DELETE", "/requests").status, urls(server.admin("GET", "/requests"))


def near_misses(server):
    yield add(server, stub(0, "a"), stub(1, request={"method": "PUT", "urlPath": "/other", "headers": {"A": {"equalTo": "b"}}}))
    send(server, "GET /t/aa", "PUT /other")
    server.events(2)
    yield sorted(misses(server.admin("GET", "/requests/unmatched/near-misses")))
    yield [url for url, _ in misses(server.admin("POST", "/near-misses/request-pattern", {"method": "GET", "urlPath": "/t/a"}))][:1]
    logged = {"method": "GET", "url": "/t/ab", "absoluteUrl": "http://127.0.0.1/t/ab"}
    yield misses(server.admin("POST", "/near-misses/request", logged))[:1]


def scenarios(server):
    yield add(server, stub(0, "a", scenarioName="s", requiredScenarioState="Started", newScenarioState="b"))
    yield add(server, stub(1, "b", scenarioName="s", requiredScenarioState="b"))
    for method, path, body in (
        ("PUT", "/scenarios/s/state", {"state": "b"}),
        ("PUT", "/scenarios/s/state", {"state": "nope"}),
        ("PUT", "/scenarios/nope/state", {"state": "b"}),
        ("PUT", "/scenarios/s/state", None),
        ("POST", "/scenarios/reset", None),
    ):
        yield server.admin(method, path, body).status
        yield [(s["name"], s["state"], sorted(s["possibleStates"]), len(s["mappings"])) for s in server.admin("GET", "/scenarios").json["scenarios"]]
        yield send(server, "GET /t/a")
    yield server.admin("DELETE", f"/mappings/{IDS[0]}").status, server.admin("DELETE", f"/mappings/{IDS[1]}").status
    yield server.admin("GET", "/scenarios").json["scenarios"]


def settings(server):
    yield server.admin("POST", "/settings", {"fixedDelay": 1}).status
    yield server.admin("GET", "/settings").json["settings"]["fixedDelay"]
    yield server.admin("POST", "/settings", {"fixedDelay": None}).status
    yield server.admin("GET", "/settings").json["settings"].get("fixedDelay")


def resets(server):
    yield add(server, stub(0, "a", scenarioName="s", newScenarioState="b"))
    yield send(server, "GET /t/a")
    yield server.admin("POST", "/reset").status, listed(server), urls(server.admin("GET", "/requests"))
    yield add(server, stub(0, "a"), stub(1, "b")), send(server, "GET /t/a")
    yield server.admin("POST", "/mappings/reset").status, listed(server), urls(server.admin("GET", "/requests"))
    yield add(server, stub(0, "a")), send(server, "GET /t/a")
    yield server.admin("DELETE", "/mappings").status, urls(server.admin("GET", "/requests"))
    yield server.admin("DELETE", "/requests").status, urls(server.admin("GET", "/requests"))
    yield add(server, stub(0, "a")), server.admin("POST", "/scenarios/reset").status, listed(server)
    yield server.admin("DELETE", "/mappings").status, server.admin("DELETE", "/requests").status


@pytest.mark.parametrize(
    "calls", [edit_and_remove, metadata, imports, journal, near_misses, scenarios, settings, resets]
)
def test_calls(pair, calls):
    values = []
    for server in pair:
        server.reset()
        values.append(list(calls(server)))
    for number, (ours, real) in enumerate(zip(*values)):
        assert ours == real, f"step {number} of {calls.__name__}"
    assert len(values[0]) == len(values[1])
