"""The requests that the vendor's Terraform provider sends for the plan in docs/recipes.md, and those that a
provider of 1.3 sends, which has no resource for access to a tenant.

The tests cannot download the provider. The requests, and what the provider expects, are known from the
provider's own tests. It is strict: every status other than 200, 201 and 204 is an error, except a 404
for something that was deleted, and it crashes when a member that it reads is null.
"""
import base64
import concurrent.futures
import json
import re
import urllib.error
import urllib.request

import pytest

import pages

ROLE_MEMBERS = ("name", "description", "permissions", "isDefault")
PLAN = next(
    block.text for block in pages.read(pages.ROOT / "docs/recipes.md") if block.language == "hcl"
)


def attributes(resource):
    """Returns the text attributes of a resource of the plan."""
    [body] = re.findall(rf'^resource "{resource}" "\w+" {{\n(.*?)^}}$', PLAN, re.M | re.S)
    return dict(re.findall(r'^  (\w+) += "(.*)"$', body, re.M))


def permissions():
    """Returns what the role of the plan permits, as the provider sends it."""
    [body] = re.findall(r'^resource "kestra_role" "\w+" {\n(.*?)^}$', PLAN, re.M | re.S)
    blocks = re.findall(r'^  resources {\n    type    = "(\w+)"\n    actions = (\[.*\])$', body, re.M)
    return {resource: json.loads(actions) for resource, actions in blocks}


def assert_no_null(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for member in value:
            assert_no_null(member)
    assert value is not None


class Provider:
    def __init__(self, url):
        self.url = f"{url}/api/v1"
        credentials = base64.b64encode(b"root@root.com:Root!1234").decode()
        # The provider sends the content type even without a body.
        self.headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}

    def send(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, self.headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status in (200, 201, 204)
            text = answer.read()
        decoded = json.loads(text) if text else None
        if decoded is not None:
            assert_no_null(decoded)
        return decoded

    def is_gone(self, path):
        try:
            self.send("GET", path)
        except urllib.error.HTTPError as refusal:
            assert refusal.code == 404
            return True
        return False

    def create_group(self):
        wanted = attributes("kestra_group")
        group = self.send("POST", "/main/groups", {**wanted, "namespaceId": ""})
        assert {key: group[key] for key in wanted} == wanted
        return group["id"]

    def create_user(self, groups=()):
        user = self.send("POST", "/users", {**user_body(), "groups": groups})
        return user["id"]

    def create_role(self, permitted):
        role = self.send("POST", "/main/roles", role_body(permitted))
        self.assert_role(role, permitted)
        return role["id"]

    def assert_role(self, role, permitted):
        # The order of the actions counts. `isDefault` may be absent when it is false.
        assert {key: role.get(key, False) for key in ROLE_MEMBERS} == {
            key: role_body(permitted)[key] for key in ROLE_MEMBERS
        }

    def assert_binding(self, binding, wanted):
        """The provider does not read the namespace that the contract has."""
        subject = binding[wanted["type"].lower()]["id"]
        assert (binding["type"], subject) == (wanted["type"], wanted["externalId"])
        assert binding["role"]["id"] == wanted["roleId"]
        assert isinstance(binding.get("namespaceId", ""), str)

    def bind(self, kind, subject, role, **namespace):
        wanted = {"type": kind, "externalId": subject, "roleId": role, **namespace}
        binding = self.send("POST", "/main/bindings", wanted)
        self.assert_binding(binding, wanted)
        self.assert_binding(self.send("GET", f"/main/bindings/{binding['id']}"), wanted)
        return binding["id"]

    def groups_of(self, user):
        return [group["id"] for group in self.send("GET", f"/users/{user}")["groups"]]

    def grant_access(self, user):
        """Takes access that the user has already for success."""
        try:
            self.send("PUT", f"/main/tenant-access/{user}")
        except urllib.error.HTTPError as refusal:
            assert refusal.code == 409

    def has_access(self, user):
        return not self.is_gone(f"/main/tenant-access/{user}")

    def is_member(self, group, user):
        """Reads all pages. Like the provider, it takes a short page for the last one."""
        page = 1
        while True:
            found = self.send("GET", f"/main/groups/{group}/members?page={page}&size=200")["results"]
            if any(member["id"] == user for member in found):
                return True
            if len(found) < 200:
                return False
            page += 1


def role_body(permitted):
    wanted = attributes("kestra_role")
    return {**wanted, "permissions": permitted, "isDefault": False, "namespaceId": ""}


def user_body():
    wanted = attributes("kestra_user")
    return {
        "username": wanted["email"],
        "email": wanted["email"],
        "namespaceId": "",
        "firstName": wanted["first_name"],
        "lastName": wanted["last_name"],
    }


def started(start, version):
    return Provider(start("default", "--server-version", version).url)


@pytest.mark.parametrize("version", ["2.0", "1.3"])
def test_plays_the_plan(start, version):
    provider = started(start, version)
    access_is_managed = version == "2.0"

    # Terraform creates independent resources in parallel.
    with concurrent.futures.ThreadPoolExecutor() as pool:
        group, user = (
            made.result()
            for made in [pool.submit(provider.create_group), pool.submit(provider.create_user)]
        )
    assert not provider.has_access(user)
    if access_is_managed:
        provider.grant_access(user)
    provider.send("PUT", f"/main/groups/{group}/members/{user}")
    assert provider.is_member(group, user)
    wanted = attributes("kestra_user_api_token")
    body = {"name": wanted["name"], "description": wanted["description"], "maxAge": wanted["max_age"]}
    token = provider.send("POST", f"/users/{user}/api-tokens", {**body, "extended": False})
    assert all(token[key] for key in ("id", "name", "fullToken"))

    # The next plan reads everything and finds nothing to change.
    wanted = attributes("kestra_group")
    read = provider.send("GET", f"/main/groups/{group}")
    assert {key: read[key] for key in wanted} == wanted
    read = provider.send("GET", f"/users/{user}")
    assert {key: read.get(key, "") for key in user_body()} == user_body()
    assert provider.groups_of(user) == [group]
    [listed] = provider.send("GET", f"/users/{user}/api-tokens")["results"]
    assert (listed["id"], listed["description"]) == (token["id"], body["description"])
    assert provider.is_member(group, user) and provider.has_access(user)

    # To change a name, the provider sends the whole user with its current groups.
    changed = {**user_body(), "id": user, "lastName": "Clarke", "groups": [group]}
    assert provider.send("PUT", f"/users/{user}", changed)["lastName"] == "Clarke"
    assert provider.is_member(group, user) and provider.has_access(user)

    provider.send("DELETE", f"/users/{user}/api-tokens/{token['id']}")
    provider.send("DELETE", f"/main/groups/{group}/members/{user}")
    assert not provider.is_member(group, user)
    assert provider.has_access(user) == access_is_managed
    if access_is_managed:
        provider.send("DELETE", f"/main/tenant-access/{user}")
        assert not provider.has_access(user)
    provider.send("DELETE", f"/users/{user}")
    provider.send("DELETE", f"/main/groups/{group}")
    assert provider.is_gone(f"/users/{user}") and provider.is_gone(f"/main/groups/{group}")


@pytest.mark.parametrize(
    "version, permitted",
    [("2.0", permissions()), ("1.3", {"FLOW": ["READ", "CREATE"], "NAMESPACE": ["READ"]})],
)
def test_plays_the_role_of_the_plan(start, version, permitted):
    provider = started(start, version)
    group, role = provider.create_group(), provider.create_role(permitted)
    binding = provider.bind(attributes("kestra_binding")["type"], group, role)
    provider.assert_role(provider.send("GET", f"/main/roles/{role}"), permitted)

    # The provider sends the whole role, with its id.
    changed = {resource: actions[::-1] for resource, actions in permitted.items()}
    body = {**role_body(changed), "id": role}
    provider.assert_role(provider.send("PUT", f"/main/roles/{role}", body), changed)

    provider.send("DELETE", f"/main/bindings/{binding}")
    provider.send("DELETE", f"/main/roles/{role}")
    assert provider.is_gone(f"/main/bindings/{binding}") and provider.is_gone(f"/main/roles/{role}")


def test_binds_the_managed_roles(start):
    """The provider's own tests bind users and groups to them, in a namespace, too."""
    provider = started(start, "2.0")
    user, group = provider.create_user(), provider.create_group()
    provider.bind("USER", user, "admin_main", namespaceId="io.kestra.terraform.data")
    provider.bind("USER", user, "admin_main")
    provider.bind("GROUP", group, "launcher_main")


def test_finds_a_role_by_its_name(start):
    """The data source asks like this, and then compares the names itself without case."""
    provider = started(start, "2.0")
    role, wanted = provider.create_role(permissions()), attributes("kestra_role")["name"]
    for name, ids in {wanted: [role], "Nobody": []}.items():
        path = f"/main/roles/search?filters[name][EQUALS]={name}&size=100"
        assert [found["id"] for found in provider.send("GET", path)["results"]] == ids


def test_access_is_needed_and_can_be_there_already(start):
    provider = started(start, "2.0")
    user = provider.create_user()
    member = f"/main/groups/{provider.create_group()}/members/{user}"
    with pytest.raises(urllib.error.HTTPError) as refusal:
        provider.send("PUT", member)
    assert refusal.value.code == 404
    provider.send("PUT", f"/main/tenant-access/{user}")
    with pytest.raises(urllib.error.HTTPError) as refusal:
        provider.send("PUT", f"/main/tenant-access/{user}")
    assert refusal.value.code == 409
    provider.send("PUT", member)


@pytest.mark.parametrize("version", ["2.0", "1.3"])
def test_groups_keep_their_order(start, version):
    """`groups` of a user is a list, so another order would be a change in every plan."""
    provider = started(start, version)
    first, second, third = (
        provider.send("POST", "/main/groups", {"name": name})["id"] for name in "abc"
    )
    user = provider.create_user([second, first])
    assert provider.groups_of(user) == [second, first]
    for groups in [third, first, second], [first, second], [second, first]:
        provider.send("PUT", f"/users/{user}", {**user_body(), "id": user, "groups": groups})
        assert provider.groups_of(user) == groups


def test_the_plan_has_what_the_test_plays():
    resources = re.findall(r'^resource "(\w+)"', PLAN, re.M)
    assert sorted(resources) == [
        "kestra_binding",
        "kestra_group",
        "kestra_role",
        "kestra_user",
        "kestra_user_api_token",
        "kestra_user_group_membership",
        "kestra_user_tenant_access",
    ]
