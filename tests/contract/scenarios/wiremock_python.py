"""WireMock's client for Python: stubs, faults, scenarios and the journal, through its models."""
import concurrent.futures
import http.client
import json
import sys
import time
import urllib.error
import urllib.request

from wiremock.client import (
    BasicAuthCredentials,
    DelayDistribution,
    DelayDistributionMethods,
    GlobalSetting,
    GlobalSettings,
    HttpMethods,
    Mapping,
    MappingRequest,
    MappingResponse,
    Mappings,
    NearMissMatchPatternRequest,
    NearMissMatchRequest,
    NearMisses,
    Requests,
    Scenarios,
    WireMockMatchers,
)
from wiremock.constants import Config
from wiremock.exceptions import InvalidInputException, NotFoundException

from steps import raises, run, step

URL = sys.argv[1]
Config.base_url = f"{URL}/__admin"

ME = "/api/v1/me"
GROUPS = "/api/v1/main/users/ada/groups"
FAULTS = [
    "EMPTY_RESPONSE",
    "MALFORMED_RESPONSE_CHUNK",
    "RANDOM_DATA_THEN_CLOSE",
    "CONNECTION_RESET_BY_PEER",
]


def send(method, path, body=None, headers={}):
    """Returns status, headers and text of the answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data, headers, method=method)
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, answer.headers, answer.read().decode()


def status(*request, **options):
    return send(*request, **options)[0]


def text(*request, **options):
    return send(*request, **options)[2]


def stub(response, method=HttpMethods.GET, url=ME, **members):
    request = MappingRequest(method=method, url=url, **members.pop("request", {}))
    return Mappings.create_mapping(
        Mapping(request=request, response=MappingResponse(**response), **members)
    )


def clear():
    Mappings.delete_all_mappings()
    Requests.reset_request_journal()


@step
def create_stub():
    made = stub({"status": 203, "headers": {"X-From": "stub"}, "json_body": {"id": "ada"}})
    answer, headers, body = send("GET", ME)
    assert (answer, headers["X-From"], json.loads(body)) == (203, "stub", {"id": "ada"})
    assert json.loads(text("GET", "/health")) == {"status": "UP"}
    assert [m.id for m in Mappings.retrieve_all_mappings().mappings] == [made.id]
    assert Mappings.retrieve_mapping(made).response.status == 203

    made.response = MappingResponse(status=410, body="gone")
    assert Mappings.update_mapping(made).id == made.id
    assert send("GET", ME)[::2] == (410, "gone")
    raises(InvalidInputException, stub, {"status": "many"})


@step
def priorities():
    clear()
    stub({"status": 200, "body": "late"}, priority=9)
    stub({"status": 200, "body": "early"}, priority=1)
    stub({"status": 200, "body": "usual"})
    assert text("GET", ME) == "early"
    stub({"status": 200, "body": "newest"}, priority=1)
    assert text("GET", ME) == "newest"


@step
def request_patterns():
    clear()
    pattern = {
        "headers": {"X-Team": {WireMockMatchers.MATCHES: "plan.*"}},
        "query_parameters": {"page": {WireMockMatchers.EQUAL_TO: "2"}},
        "basic_auth_credentials": BasicAuthCredentials(username="ada", password="Ada!1234"),
        "body_patterns": [{WireMockMatchers.EQUAL_TO_JSON: '{"groupIds": ["a", "b"]}',
                           WireMockMatchers.IGNORE_ARRAY_ORDER: True}],
    }
    request = MappingRequest(method=HttpMethods.PUT, url_path=GROUPS, **pattern)
    Mappings.create_mapping(Mapping(request=request, response=MappingResponse(status=299)))
    headers = {"X-Team": "planners", "Authorization": "Basic YWRhOkFkYSExMjM0"}
    call = "PUT", f"{GROUPS}?page=2"
    assert status(*call, {"groupIds": ["b", "a"]}, headers) == 299
    assert status(*call, {"groupIds": ["b"]}, headers) != 299
    assert status(*call, {"groupIds": ["b", "a"]}) != 299
    assert status("PUT", GROUPS, {"groupIds": ["b", "a"]}, headers) != 299


@step
def delays():
    clear()
    spread = DelayDistribution(
        distribution_type=DelayDistributionMethods.UNIFORM, lower=200, upper=250
    )
    for delay in {"fixed_delay_milliseconds": 200}, {"delay_distribution": spread}:
        stub({"status": 200, **delay})
        start = time.monotonic()
        assert status("GET", ME) == 200
        assert time.monotonic() - start >= 0.2


@step
def faults():
    clear()
    for fault in FAULTS:
        stub({"fault": fault})
        try:
            send("GET", ME)
        except (urllib.error.URLError, http.client.HTTPException, OSError):
            continue
        raise AssertionError(f"the client did not notice {fault}")
    assert status("GET", "/health") == 200


@step
def scenario():
    clear()
    turns = {"scenario_name": "retry"}
    stub({"status": 503}, required_scenario_state="Started", new_scenario_state="well", **turns)
    stub({"status": 200}, required_scenario_state="well", **turns)
    for _ in range(2):
        assert [status("GET", ME) for _ in range(3)] == [503, 200, 200]
        Scenarios.reset_all_scenarios()


@step
def verify():
    clear()
    stub({"status": 204}, method=HttpMethods.PUT, url=GROUPS)
    for groups in ["a"], ["a", "b"]:
        status("PUT", GROUPS, {"groupIds": groups}, {"X-Team": "planners"})
    status("GET", "/health")

    puts = NearMissMatchPatternRequest(method=HttpMethods.PUT, url_path_pattern=".*/groups")
    assert Requests.get_matching_request_count(puts).count == 2
    found = Requests.get_matching_requests(puts).requests
    assert [json.loads(r.body)["groupIds"] for r in found] == [["a"], ["a", "b"]]
    assert {(r.method, r.url, r.headers["X-Team"]) for r in found} == {("PUT", GROUPS, "planners")}
    none = NearMissMatchPatternRequest(method=HttpMethods.DELETE, url=GROUPS)
    assert Requests.get_matching_request_count(none).count == 0

    everything = Requests.get_all_received_requests()
    assert everything.meta.total == 3 and not everything.request_journal_disabled
    assert [event.request.url for event in everything.requests] == ["/health", GROUPS, GROUPS]
    event = Requests.get_request(everything.requests[0].id)
    assert event.request.absolute_url == f"{URL}/health"
    raises(NotFoundException, Requests.get_request, "11111111-2222-4333-8444-555555555555")


@step
def unmatched():
    clear()
    stub({"status": 204}, method=HttpMethods.PUT, url=GROUPS)
    status("PUT", GROUPS, {"groupIds": []})
    status("PUT", f"{GROUPS}s", {"groupIds": []})
    (request,) = Requests.get_unmatched_requests().requests
    assert request.url == f"{GROUPS}s"

    (miss,) = Requests.get_unmatched_requests_near_misses().near_misses
    assert miss.request.url == f"{GROUPS}s" and 0 < miss.match_result.distance < 1
    request = NearMissMatchRequest(method="PUT", url=f"{GROUPS}s")
    assert NearMisses.find_nearest_misses_by_request(request).near_misses
    pattern = NearMissMatchPatternRequest(method="PUT", url=f"{GROUPS}t")
    misses = NearMisses.find_nearest_misses_by_request_pattern(pattern).near_misses
    assert {miss.request.url for miss in misses} == {GROUPS, f"{GROUPS}s"}
    assert misses[0].request_pattern.url == f"{GROUPS}t"


@step
def delete_stub():
    clear()
    kept, removed = stub({"status": 250}), stub({"status": 251})
    assert status("GET", ME) == 251
    Mappings.delete_mapping(removed.id)
    assert status("GET", ME) == 250
    raises(NotFoundException, Mappings.delete_mapping, removed.id)

    stub({"status": 252}, metadata={"owner": "planners"})
    owner = {WireMockMatchers.MATCHES_JSON_PATH: {"expression": "$.owner", "equalTo": "planners"}}
    Mappings.delete_mapping_by_metadata(owner)
    assert [m.id for m in Mappings.retrieve_all_mappings().mappings] == [kept.id]


@step
def templates():
    clear()
    body = {"method": "{{request.method}}", "id": "{{jsonPath request.body '$.id'}}", "by": "{{parameters.by}}"}
    stub(
        {
            "status": 201,
            "headers": {"Location": "{{request.url}}/{{request.query.n}}"},
            "json_body": body,
            "transformers": ["response-template"],
            "transformer_parameters": {"by": "planners"},
        },
        method=HttpMethods.POST,
        url=f"{GROUPS}?n=7",
    )
    answer, headers, text_ = send("POST", f"{GROUPS}?n=7", {"id": "a"})
    assert (answer, headers["Location"]) == (201, f"{GROUPS}?n=7/7")
    assert json.loads(text_) == {"method": "POST", "id": "a", "by": "planners"}
    (listed,) = Mappings.retrieve_all_mappings().mappings
    assert listed.response.transformers == ["response-template"]
    assert listed.response.transformer_parameters == {"by": "planners"}
    assert listed.response.json_body == body

    broken = {"status": 200, "body": "{{uper 'a'}}", "transformers": ["response-template"]}
    assert "did you mean upper" in str(raises(InvalidInputException, stub, broken).args)


@step
def waiting():
    clear()
    wanted = {"request": {"method": "GET", "urlPath": ME}, "atLeast": 1, "within": "PT30S"}
    kind = {"Content-Type": "application/json"}
    with concurrent.futures.ThreadPoolExecutor() as pool:
        verification = pool.submit(send, "POST", "/__admin/kestub/verify", wanted, kind)
        status("GET", f"{ME}?late")
        answer, _, text_ = verification.result()
    assert (answer, json.loads(text_)["count"]) == (200, 1)
    wanted = {"request": {"method": "GET", "urlPath": GROUPS}, "exactly": 1, "within": "PT0.01S"}
    answer, _, text_ = send("POST", "/__admin/kestub/verify", wanted, kind)
    assert answer == 422 and '"count":0' in text_, text_


@step
def find_requests():
    clear()
    for page in "12":
        status("GET", f"{ME}?page={page}")
    second = NearMissMatchPatternRequest(
        method=HttpMethods.GET, url_path=ME, query_parameters={"page": {"equalTo": "2"}}
    )
    (found,) = Requests.get_matching_requests(second).requests
    assert found.url == f"{ME}?page=2"
    (newest,) = Requests.get_all_received_requests(parameters={"limit": 1}).requests
    assert newest.request.url == f"{ME}?page=2"


@step
def near_misses():
    clear()
    stub({"status": 204}, method=HttpMethods.PUT, url=GROUPS)
    status("PUT", f"{GROUPS}s", {})
    request = NearMissMatchRequest(method="PUT", url=f"{GROUPS}s")
    (miss,) = NearMisses.find_nearest_misses_by_request(request).near_misses
    assert miss.request.url == f"{GROUPS}s" and 0 < miss.match_result.distance < 1
    pattern = NearMissMatchPatternRequest(method=HttpMethods.PUT, url=GROUPS)
    (miss,) = NearMisses.find_nearest_misses_by_request_pattern(pattern).near_misses
    assert miss.request.url == f"{GROUPS}s"


@step
def reset_journal():
    """A reset of the mappings empties the journal, but removing them does not. A reset of the journal keeps
    the mappings."""
    clear()
    stub({"status": 250})
    assert status("GET", ME) == 250
    Mappings.reset_mappings()
    assert Mappings.retrieve_all_mappings().meta.total == 0
    assert Requests.get_all_received_requests().meta.total == 0
    stub({"status": 250})
    assert status("GET", ME) == 250
    Mappings.delete_all_mappings()
    assert Requests.get_all_received_requests().meta.total == 1
    stub({"status": 250})
    Requests.reset_request_journal()
    assert Requests.get_all_received_requests().meta.total == 0
    assert Mappings.retrieve_all_mappings().meta.total == 1


@step
def reset():
    clear()
    stub({"status": 250})
    Mappings.persist_mappings()
    stub({"status": 251})
    Mappings.reset_mappings()
    assert status("GET", ME) == 250
    clear()
    assert Mappings.retrieve_all_mappings().meta.total == 0
    assert Requests.get_all_received_requests().meta.total == 0

    GlobalSettings.update_global_settings(GlobalSetting(fixed_delay=200))
    start = time.monotonic()
    assert status("GET", "/health") == 200 and time.monotonic() - start >= 0.2
    GlobalSettings.update_global_settings(GlobalSetting(fixed_delay=0))


run()
