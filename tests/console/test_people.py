"""The matrix of users and groups."""
import json

import pytest

from conftest import ALAN, DATA, PLATFORM, Client
from kestub import running

HOSTILE = ["<img src=x onerror=alert(1)>", "\"'><script>alert(2)</script>", "{{7*7}} ${alert(3)}", "‮gnp.exe"]


def cell(page, user, group, kind):
    found = page.locator(f"tr[data-user='{user}'] [data-group='{group}'][data-kind='{kind}'] button")
    found.wait_for()
    return found


def test_kinds_and_clicks(visit, client):
    page = visit("people")
    assert cell(page, "1l08woM6yObCVr7nwrDZBX", PLATFORM, "OWNER").inner_text() == "O"
    cell(page, ALAN, PLATFORM, "no member").click()
    cell(page, ALAN, PLATFORM, "MEMBER").click()
    cell(page, ALAN, PLATFORM, "OWNER").click()
    cell(page, ALAN, PLATFORM, "no member")
    written = client.get("/__admin/requests")["requests"]
    assert [event["request"]["method"] for event in written] == ["DELETE", "PUT", "PUT"]
    assert all(event["request"]["kestub"]["console"] for event in written)
    assert all(event["request"]["kestub"]["principal"] == "console" for event in written)
    assert written[0]["request"]["kestub"]["changes"][0]["change"] == "REMOVED"
    assert "***" in json.dumps(written[0]["request"]["headers"])


def test_changes_flash_as_requests_arrive(visit, client):
    page = visit("people")
    cell(page, "1l08woM6yObCVr7nwrDZBX", DATA, "OWNER")
    client.set_groups(DATA)
    cell(page, ALAN, DATA, "MEMBER")
    assert page.locator("td.flash").count() == 1
    client.send("POST", "/api/v1/main/groups", {"name": "brand-new"})
    page.get_by_role("button", name="brand-new", exact=True).wait_for()


def test_search_and_details(visit, client):
    page = visit("people")
    cell(page, ALAN, DATA, "no member")
    page.get_by_label("Search users").fill("alan")
    page.wait_for_function("() => document.querySelectorAll('.matrix tbody tr[data-user]').length === 1")
    page.get_by_label("Search groups").fill("data")
    page.wait_for_function("() => document.querySelectorAll('.matrix thead th').length === 2")
    page.get_by_label("Search users").fill("")
    page.get_by_role("button", name="ci", exact=True).click()
    page.locator(".details", has_text="group-manager").wait_for()
    page.get_by_role("button", name="data-eng", exact=True).click()
    page.get_by_text("2 members").wait_for()


def test_stubs_and_faults_do_not_meet_the_console(visit, client):
    client.send("POST", "/__admin/mappings", {"request": {"urlPathPattern": "/api/.*"}, "response": {"status": 500}})
    client.send("PUT", "/__admin/kestub/faults", {"faults": ["flaky=1"]})
    page = visit("people")
    cell(page, ALAN, DATA, "no member")
    assert client.get("/__admin/requests")["requests"] == [], "its reading leaves no trace"


def test_two_sandboxes_side_by_side(visit, client):
    left, right = visit("people", "/sandbox/left"), visit("people", "/sandbox/right")
    cell(left, ALAN, DATA, "no member")
    cell(right, ALAN, DATA, "no member").click()
    cell(right, ALAN, DATA, "MEMBER")
    client.set_groups(PLATFORM, sandbox="/sandbox/left")
    cell(left, ALAN, PLATFORM, "MEMBER")
    assert cell(left, ALAN, DATA, "no member").is_visible()
    left.locator("#sandbox").select_option("right")
    cell(left, ALAN, DATA, "MEMBER")
    assert left.url.endswith("/sandbox/right/__admin/ui#people")


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A server with 100,000 users and names that want to be markup."""
    directory = tmp_path_factory.mktemp("large")
    users = [{"id": f"u{i}", "email": f"user{i}@example.com", "tenants": ["main"]} for i in range(100000)]
    users.append({"id": "root", "email": "root@root.com", "password": "Root!1234", "tenants": ["main"], "superAdmin": True})
    groups = [{"id": f"g{i}", "name": name, "description": name} for i, name in enumerate(HOSTILE)]
    users[0].update(firstName=HOSTILE[0], lastName=HOSTILE[1], groups=[{"tenant": "main", "id": "g0", "membership": "OWNER"}])
    fixture = {"tenants": [{"id": "main", "name": "main", "groups": groups}], "users": users}
    path = directory / "fixture.json"
    path.write_text(json.dumps(fixture))
    with running(directory, str(path)) as kestub:
        yield kestub


def test_hostile_names_among_100000_users(visit, large):
    page = visit("people", url=large.url)
    assert cell(page, "u0", "g0", "OWNER").get_attribute("title") == f"{HOSTILE[0]}: OWNER"
    page.get_by_text("100001 users").wait_for()
    assert page.locator(".matrix tbody tr").count() < 100
    page.get_by_role("button", name=HOSTILE[0], exact=True).click()
    page.locator(".details h2").wait_for()
    assert page.locator(".details h2").inner_text() == HOSTILE[0]
    page.get_by_role("button", name="user0@example.com", exact=True).click()
    page.wait_for_function("text => document.querySelector('.details p')?.textContent.startsWith(text)", arg=HOSTILE[0])
    assert page.locator("img, main script").count() == 0
    start = page.evaluate("performance.now()")
    page.evaluate("document.querySelector('.list').scrollTop = 50000 * 30")
    page.wait_for_selector("tr[data-user='u50000']", timeout=10000)
    assert page.evaluate("performance.now()") - start < 5000
    Client(large.url).send("PUT", "/api/v1/main/users/u50000/groups", {"groupIds": ["g1"]})
    cell(page, "u50000", "g1", "MEMBER")
