"""The requests that the vendor's Terraform provider sends for the plan in docs/recipes.md.

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

PLAN = next(
    block.text for block in pages.read(pages.ROOT / "docs/recipes.md") if block.language == "hcl"
)


def attributes(resource):
    """Returns the text attributes of a resource of the plan."""
    [body] = re.findall(rf'^resource "{resource}" "\w+" {{\n(.*?)^}}$', PLAN, re.M | re.S)
    return dict(re.findall(r'^  (\w+) += "(.*)"$', body, re.M))


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
        with pytest.raises(urllib.error.HTTPError) as refusal:
            self.send("GET", path)
        return refusal.value.code == 404

    def create_group(self):
        wanted = attributes("kestra_group")
        group = self.send("POST", "/main/groups", {**wanted, "namespaceId": ""})
        assert {key: group[key] for key in wanted} == wanted
        return group["id"]

    def create_user(self):
        user = self.send("POST", "/users", {**user_body(), "groups": []})
        return user["id"]

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


def user_body():
    wanted = attributes("kestra_user")
    return {
        "username": wanted["email"],
        "email": wanted["email"],
        "namespaceId": "",
        "firstName": wanted["first_name"],
        "lastName": wanted["last_name"],
    }


def test_plays_the_plan(start):
    provider = Provider(start().url)

    # Terraform creates independent resources in parallel.
    with concurrent.futures.ThreadPoolExecutor() as pool:
        group, user = (
            made.result()
            for made in [pool.submit(provider.create_group), pool.submit(provider.create_user)]
        )
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
    assert [entry["id"] for entry in read["groups"]] == [group]
    [listed] = provider.send("GET", f"/users/{user}/api-tokens")["results"]
    assert (listed["id"], listed["description"]) == (token["id"], body["description"])
    assert provider.is_member(group, user)

    # To change a name, the provider sends the whole user with its current groups.
    changed = {**user_body(), "id": user, "lastName": "Clarke", "groups": [group]}
    assert provider.send("PUT", f"/users/{user}", changed)["lastName"] == "Clarke"
    assert provider.is_member(group, user)

    provider.send("DELETE", f"/users/{user}/api-tokens/{token['id']}")
    provider.send("DELETE", f"/main/groups/{group}/members/{user}")
    assert not provider.is_member(group, user)
    provider.send("DELETE", f"/users/{user}")
    provider.send("DELETE", f"/main/groups/{group}")
    assert provider.is_gone(f"/users/{user}") and provider.is_gone(f"/main/groups/{group}")


def test_the_plan_has_what_the_test_plays():
    resources = re.findall(r'^resource "(\w+)"', PLAN, re.M)
    assert sorted(resources) == [
        "kestra_group",
        "kestra_user",
        "kestra_user_api_token",
        "kestra_user_group_membership",
    ]
