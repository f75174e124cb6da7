"""docs/versions.md tells the truth: a probe for each row of its table sees both versions do what it says."""
import base64
import itertools
import json
import types
import urllib.error
import urllib.request

import pytest
import yaml

import pages

PAGE = "docs/versions.md"
ROOT = "root@root.com:Root!1234"
VERSIONS = ["1.3", "2.0"]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Client:
    def __init__(self, url):
        self.url = url
        self.numbers = itertools.count()
        self.opener = urllib.request.build_opener(NoRedirect)

    def send(self, method, path, body=None, **headers):
        credentials = base64.b64encode(ROOT.encode()).decode()
        headers = {"Authorization": f"Basic {credentials}", **headers}
        if body is not None:
            headers["Content-Type"] = "application/json"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            answer = self.opener.open(request, timeout=10)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        with answer:
            text = answer.read().decode()
        is_json = "json" in (answer.headers["Content-Type"] or "")
        parsed = json.loads(text) if is_json and text else None
        return types.SimpleNamespace(status=answer.status, headers=answer.headers, json=parsed)

    def api(self, method, path, body=None, **headers):
        return self.send(method, f"/api/v1/{path}", body, **headers)

    def status(self, method, path, body=None, **headers):
        return self.api(method, path, body, **headers).status

    def user(self, **members):
        members = {"email": f"{next(self.numbers)}@new.org", **members}
        return self.api("POST", "users", members).json

    def group(self):
        return self.api("POST", "main/groups", {"name": f"group {next(self.numbers)}"}).json["id"]

    def invite(self, email):
        return self.api("POST", "main/invitations", {"email": email}).json["id"]

    def has_access(self, user):
        return self.status("GET", f"main/tenant-access/{user}") == 200


@pytest.fixture
def clients(start):
    return [Client(start("default", "--server-version", version).url) for version in VERSIONS]


PROBES = {}


def probe(row, *outcomes):
    """A probe returns what a client of one version sees; `outcomes` are those of 1.3 and 2.0."""

    def register(function):
        PROBES[row] = function, outcomes
        return function

    return register


@probe(
    "body of an error",
    ("application/json", {"message", "_links", "_embedded"}),
    ("application/problem+json", {"type", "title", "status", "detail", "instance", "errors"}),
)
def error_body(client):
    answer = client.api("POST", "users", {"email": "no address"})
    return answer.headers["Content-Type"], set(answer.json)


@probe("headers of a 404", [(None, None)] * 2, [("EE", "true"), ("EE", "false")])
def headers(client):
    names = "X-Kestra-Edition", "X-Kestra-Route-Matched"
    answers = [client.api("GET", path) for path in ("users/nobody", "no/such/path")]
    assert [answer.status for answer in answers] == [404, 404]
    return [tuple(answer.headers[name] for name in names) for answer in answers]


@probe("the right to do everything", ({"superAdmin"}, False), ({"instanceOwner"}, True))
def privilege(client):
    old, new = client.user(superAdmin=True), client.user(instanceOwner=True)
    (name,) = names = old.keys() & {"superAdmin", "instanceOwner"}
    assert old[name]
    return names, new[name]


@probe("to give that right", (200, 404), (200, 200))
def give_privilege(client):
    path = f"users/{client.user()['id']}"
    return (
        client.status("PATCH", f"{path}/superadmin", {"superAdmin": True}),
        client.status("PATCH", f"{path}/instanceowner", {"instanceOwner": True}),
    )


@probe("filter by it", (200, 422), (400, 200))
def filter_by_privilege(client):
    return tuple(
        client.status("GET", f"users?filters[{name}][EQUALS]=true")
        for name in ("superAdmin", "instance_owner")
    )


@probe("wrong filter", 422, 400)
def wrong_filter(client):
    return client.status("GET", "users?filters[shoeSize][EQUALS]=42")


@probe("filters of groups, tenants, roles, bindings and invitations", {200}, {400})
def filters(client):
    query = "search?filters[shoeSize][EQUALS]=42"
    paths = "main/groups", "tenants", "main/roles", "main/bindings", "main/invitations"
    return {client.status("GET", f"{path}/{query}") for path in paths}


@probe("`q` of service accounts", (1, 0), (0, 1))
def search_accounts(client):
    account = client.api("POST", "service-accounts", {"name": "searched-for"}).json
    return tuple(
        len(client.api("GET", f"service-accounts?q={words}").json["results"])
        for words in (account["id"], "searched-for")
    )


@probe("`email` of `searchInvitations`", 1, 2)
def search_invitations(client):
    for name in ("ada", "bob"):
        client.invite(f"{name}@new.org")
    return client.api("GET", "main/invitations/search?email=ada@new.org").json["total"]


@probe("who joins by an invitation", 422, 200)
def join(client):
    invitation = client.invite("eve@new.org")
    return client.status("POST", f"invitation/create/{invitation}", {"email": "eve@new.org"})


@probe("a forgotten password", (200, 405), (405, 200))
def forgotten_password(client):
    return (
        client.status("GET", "forgotten-password?username=root@root.com"),
        client.status("POST", "forgotten-password", {"username": "root@root.com"}),
    )


@probe("page size", 200, 422)
def page_size(client):
    assert client.status("GET", "users?size=1000") == 200
    return client.status("GET", "users?size=1001")


@probe("`addUserToGroup` without access", (200, True, 404), (404, False, 200))
def add_user(client):
    user, group = client.user(), client.group()
    status = client.status("PUT", f"main/groups/{group}/members/{user['id']}")
    has_access = client.has_access(user["id"])
    client.api("PUT", f"main/tenant-access/{user['id']}")
    return status, has_access, client.status("PUT", f"main/groups/{group}/members/{user['username']}")


@probe("leaving the last group", False, True)
def leave_group(client):
    group = client.group()
    user = client.user(groups=[group])["id"]
    assert client.has_access(user)
    assert client.status("DELETE", f"main/groups/{group}/members/{user}") == 200
    return client.has_access(user)


@probe("PUT `/tenant-access/{userId}` again", [201, 201], [201, 409])
def grant_twice(client):
    user = client.user()["id"]
    return [client.status("PUT", f"main/tenant-access/{user}") for _ in range(2)]


@probe("`updateUser` without `groups` or `tenants`", (1, 1), (0, 0))
def update_user(client):
    user = client.user(groups=[client.group()], tenants=["main"])
    answer = client.api("PUT", f"users/{user['id']}", {"email": user["email"]})
    return len(answer.json["groups"]), len(answer.json["tenants"])


@probe("writing with a session", 200, 403)
def session(client):
    username, _, password = ROOT.partition(":")
    answer = client.send("POST", "/login", {"username": username, "password": password})
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    return client.status("PATCH", "me", {"firstName": "Root"}, Cookie=cookie)


@probe("special characters of passwords", [422, 422], [201, 201])
def password(client):
    return [
        client.status("POST", "users", {"email": f"{name}@new.org", "password": f"Abcdefg1{special}"})
        for name, special in {"underscore": "_", "hyphen": "-"}.items()
    ]


@probe("actions that a role permits", {"READ": 200, "VIEW": 422}, {"READ": 200, "VIEW": 200})
def actions(client):
    return {
        action: client.status("POST", "main/roles", {"name": "role", "permissions": {"FLOW": [action]}})
        for action in ("READ", "VIEW")
    }


@probe("what roles can permit", (list, 200), (dict, 404))
def permissions(client):
    found = client.api("GET", "main/acls/permissions").json
    assert "FLOW" in found
    return type(found), client.status("GET", "main/acls/actions")


@probe("GET `/me`", False, True)
def me(client):
    return "ownedGroups" in client.api("GET", "me").json


@probe(
    "GET `/configs`",
    {"isConcurrencyViewEnabled"},
    {"isPluginAutoInstallEnabled", "passwordValidate"},
)
def configs(client):
    found = client.api("GET", "configs").json
    names = {"isConcurrencyViewEnabled", "isPluginAutoInstallEnabled", "passwordValidate"}
    return names & {*found, *found["passwordConfiguration"]}


@pytest.mark.parametrize("row", PROBES)
def test_move(clients, row):
    function, outcomes = PROBES[row]
    assert outcomes[0] != outcomes[1]
    assert [function(client) for client in clients] == list(outcomes)


def test_every_row_has_a_probe():
    assert [row[0] for row in pages.table(PAGE, "1.3 -> 2.0: what a move breaks")] == list(PROBES)


def test_the_versions_are_those_of_the_server():
    versions = yaml.safe_load((pages.ROOT / "schema/versions.yaml").read_text(encoding="utf-8"))
    shown = [row[:2] for row in pages.table(PAGE, "Versions")]
    assert shown == [[f"`{version['name']}`", version["announces"]] for version in versions]
    text = (pages.ROOT / PAGE).read_text(encoding="utf-8")
    assert f"**The default is {versions[-1]['name']}.**" in text
