"""An identity provider that knows only RFC 7644: scim2-tester checks that kestub complies, and scim2-client
provisions users and groups. The Kestra API then shows what came of it."""
import json
import sys
import urllib.error
import urllib.request

import httpx2
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import (
    NotFoundException,
    PatchOp,
    PatchOperation,
    SearchRequest,
    UniquenessException,
)
from scim2_tester import Status, check_server

from steps import TENANT, first_token, raises, run, step

URL = sys.argv[1]
made = {}

# What kestub does on purpose, as docs/scim.md says: (check, type of resource, attribute).
DEVIATIONS = {
    ("search_with_attributes", "User", None),
    ("search_with_attributes", "Group", None),
    ("check_remove_attribute", "User", "active"),
    ("check_add_attribute", "Group", "members"),
    ("check_replace_attribute", "Group", "members"),
}


def kestra(method, path, body=None):
    """Calls the Kestra API of the tenant as an administrator. Returns the status and the answer."""
    request = urllib.request.Request(
        f"{URL}/api/v1/{path}",
        None if body is None else json.dumps(body).encode(),
        {"Authorization": f"Bearer {made['token']}", "Content-Type": "application/json"},
        method=method,
    )
    try:
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        return error.code, None


def modify(resource, *operations):
    model = type(resource)
    patch = PatchOp[model](operations=[PatchOperation(**operation) for operation in operations])
    made["client"].modify(target=model, id=resource.id, patch_op=patch)
    return made["client"].query(model, resource.id)


@step
def bootstrap():
    made["token"] = first_token(URL)
    integration = {"name": "provider", "type": "SCIM", "description": "tests"}
    status, made["integration"] = kestra("POST", f"{TENANT}/security-integrations", integration)
    assert status == 200
    token = made["integration"]["apiToken"]["fullToken"]
    assert made["integration"]["uri"].startswith(f"{URL}/api/v1/{TENANT}/integrations/")
    made["http"] = httpx2.Client(
        base_url=made["integration"]["uri"], headers={"Authorization": f"Bearer {token}"}
    )


@step
def compliance():
    results = check_server(SyncSCIMClient(made["http"]))
    failed = {
        (r.title, r.resource_type, r.data.get("urn") if isinstance(r.data, dict) else None): r
        for r in results
        if r.status is not Status.SUCCESS
    }
    wrong = [failed[key] for key in failed if key not in DEVIATIONS]
    assert not wrong, "\n".join(map(str, wrong))
    assert set(failed) == DEVIATIONS, f"no longer deviates: {DEVIATIONS - set(failed)}"
    assert len(results) > 120


@step
def discovery():
    client = made["client"] = SyncSCIMClient(made["http"])
    client.discover()
    made["User"], made["Group"] = (client.get_resource_model(name) for name in ("User", "Group"))
    assert client.provider.config.patch.supported
    assert not client.provider.config.etag.supported


@step
def users():
    user = made["User"]
    ada = user(user_name="ada@example.com", external_id="e-1")
    ada.name = user.Name(given_name="Ada", family_name="Lovelace")
    ada.emails = [user.Emails(value="ada@example.com", type="work", primary=True)]
    made["ada"] = made["client"].create(ada)
    made["alan"] = made["client"].create(user(user_name="alan@example.com", active=True))
    assert made["ada"].meta.location == f"{made['integration']['uri']}/Users/{made['ada'].id}"
    assert made["ada"].external_id == "e-1" and made["ada"].active
    status, shown = kestra("GET", f"users/{made['ada'].id}")
    assert status == 200 and shown["firstName"] == "Ada" and shown["email"] == "ada@example.com"
    raises(UniquenessException, made["client"].create, user(user_name="ADA@example.com"))


@step
def groups():
    group = made["Group"]
    members = [group.Members(value=made[name].id) for name in ("ada", "alan")]
    crew = made["crew"] = made["client"].create(group(display_name="crew", members=members))
    assert {member.display for member in crew.members} == {"Ada Lovelace", "alan@example.com"}
    assert made["client"].query(made["User"], made["ada"].id).groups[0].value == crew.id
    status, access = kestra("GET", f"{TENANT}/tenant-access/{made['ada'].id}")
    assert status == 200
    assert access["groups"] == [{"id": crew.id, "name": "crew", "external": True}]
    assert kestra("PUT", f"{TENANT}/users/{made['ada'].id}/groups", {"groupIds": []})[0] == 204
    assert len(made["client"].query(group, crew.id).members) == 2
    raises(UniquenessException, made["client"].create, group(display_name="crew"))


@step
def queries():
    def found(model, **search):
        answer = made["client"].query(made[model], query_parameters=SearchRequest(**search))
        return answer.total_results, [resource.id for resource in answer.resources or []]

    ada, alan, crew = made["ada"].id, made["alan"].id, made["crew"].id
    assert found("User", filter='userName eq "ADA@example.com"') == (1, [ada])
    assert found("User", filter='emails[type eq "work" and value co "ada"]') == (1, [ada])
    assert found("User", filter='userName sw "a" and name.familyName pr') == (1, [ada])
    by_name = 'userName ew "example.com" and not (userName sw "admin")'
    assert found("User", filter=by_name, sort_by="userName", sort_order="descending") == (
        2,
        [alan, ada],
    )
    assert found("User", filter=by_name, start_index=2, count=1) == (2, [alan])
    assert found("Group", filter=f'members eq "{alan}"') == (1, [crew])


@step
def deactivate():
    ada = modify(made["ada"], {"op": "replace", "path": "active", "value": False})
    assert ada.active is False
    assert kestra("GET", f"users/{ada.id}")[1]["restricted"] is True
    assert modify(ada, {"op": "replace", "path": "active", "value": True}).active


@step
def patch():
    ada = modify(
        made["ada"],
        {"op": "add", "path": "title", "value": "Countess"},
        {"op": "replace", "path": 'emails[type eq "work"].value', "value": "ada@work.example"},
    )
    assert ada.title == "Countess" and ada.emails[0].value == "ada@work.example"
    crew = modify(
        made["crew"], {"op": "remove", "path": f'members[value eq "{made["alan"].id}"]'}
    )
    assert [member.value for member in crew.members] == [ada.id]


@step
def replace():
    ada = made["client"].query(made["User"], made["ada"].id)
    ada.name, ada.nick_name = None, "Lady"
    ada = made["client"].replace(ada)
    assert ada.nick_name == "Lady" and ada.name is None and ada.external_id == "e-1"
    assert "firstName" not in kestra("GET", f"users/{ada.id}")[1]


@step
def delete():
    client, user = made["client"], made["User"]
    client.delete(made["Group"], made["crew"].id)
    client.delete(user, made["ada"].id)
    raises(NotFoundException, client.query, user, made["ada"].id)
    assert kestra("GET", f"{TENANT}/tenant-access/{made['ada'].id}")[0] == 404
    assert kestra("GET", f"users/{made['ada'].id}")[0] == 200
    assert client.create(user(user_name="ada@example.com")).id == made["ada"].id


@step
def disable():
    path = f"{TENANT}/security-integrations/{made['integration']['id']}"
    assert kestra("POST", f"{path}/disable")[0] == 200
    assert made["http"].get("/Users").status_code == 403
    assert kestra("POST", f"{path}/enable")[0] == 200
    assert made["http"].get("/Users").status_code == 200
    assert kestra("DELETE", path)[0] == 200
    answer = made["http"].get("/Users")
    assert answer.status_code == 401 and answer.json()["status"] == "401"


run()
