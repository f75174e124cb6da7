"""The page of requests: live, filtered, with details, curl and stubs."""
import re
import shlex
import subprocess

import pytest

from conftest import ALAN, DATA, PLATFORM

ROWS = "table.requests tbody tr:not(.spacer)"
SCRIPT = "/%3Cimg%20src=x%20onerror=alert(1)%3E?q=<script>alert(2)</script>&x='\"`"


def rows(page, count):
    """Waits for so many rows, and returns their texts."""
    page.wait_for_function("([rows, count]) => document.querySelectorAll(rows).length === count", arg=[ROWS, count])
    return page.locator(ROWS).all_inner_texts()


def open_row(page, text):
    page.locator(ROWS, has_text=text).first.locator("button").click()
    page.wait_for_selector(".details h2")
    return page.locator(".details")


def test_requests_come_live_and_show_what_they_changed(visit, client):
    page = visit()
    assert page.locator(ROWS).count() == 0
    assert client.set_groups(PLATFORM, DATA)[0] == 204
    [row] = rows(page, 1)
    for text in ("PUT", f"/users/{ALAN}/groups", "updateUserGroups", "root@root.com", "204", "ms", "Δ2"):
        assert text in row
    assert client.set_groups(DATA)[0] == 204
    assert "Δ1" in rows(page, 2)[0], "the newest comes first"
    details = open_row(page, "Δ2")
    assert [" ".join(text.split()) for text in details.locator(".changes li").all_inner_texts()] == [
        "+membership of alan@example.com in platform, MEMBER (main) added",
        "+membership of alan@example.com in data-eng, MEMBER (main) added",
    ]
    assert f'"{PLATFORM}"' in details.locator("pre").first.inner_text()
    page.keyboard.press("Escape")
    assert details.is_hidden()
    assert "removed" in open_row(page, "Δ1").locator(".changes li").inner_text()


def test_what_was_there_before_is_shown_too(visit, client):
    client.send("GET", "/api/v1/users?page=1")
    assert "listUsers" in rows(visit(), 1)[0]


def test_the_filter(visit, client):
    page = visit()
    client.set_groups(PLATFORM)
    client.set_groups(7)
    client.send("GET", "/api/v1/users")
    client.send("GET", "/elsewhere")
    rows(page, 4)
    for label, value, expected in (
        ("Status: 404, 4xx", "4xx", 2),
        ("Status: 404, 4xx", "204", 1),
        ("Status: 404, 4xx", "", 4),
        ("Operation", "listUsers", 1),
        ("Operation", "", 4),
        ("Text: path, principal, stub …", "ELSEWHERE", 1),
    ):
        page.get_by_label(label).fill(value)
        rows(page, expected)
    assert "1 of 4" in page.locator(".count").inner_text()


def test_an_unmatched_request_shows_the_closest_stub(visit, client):
    stub = {"name": "near", "request": {"method": "GET", "urlPath": "/nearly"}, "response": {"status": 200}}
    client.send("POST", "/__admin/mappings", stub)
    client.send("GET", "/nearby")
    details = open_row(visit(), "/nearby")
    details.locator(".miss").wait_for()
    assert "near," in details.inner_text()
    assert details.locator(".miss ins").inner_text() == "/nearly"
    assert details.locator(".miss del").inner_text() == "/nearby"
    assert "no operation with this method" in details.inner_text()


def test_faults_and_breaches_are_told(visit, client):
    client.send("PUT", "/__admin/kestub/faults", {"faults": ["flaky=1"]})
    client.send("GET", "/api/v1/users")
    client.send("DELETE", "/__admin/kestub/faults")
    client.send("GET", "/api/v1/users?size=1&colour=red")
    page = visit()
    assert "fault" in rows(page, 2)[1]
    assert "The fault profile flaky played a part." in open_row(page, "503").inner_text()
    page.keyboard.press("Escape")
    assert "The operation has no parameter of this name: colour" in open_row(page, "200").inner_text()


def test_a_stub_is_told_and_made(visit, client):
    client.set_groups(7)
    page = visit()
    open_row(page, "updateUserGroups").get_by_text("Make a stub from this").click()
    page.locator("dialog textarea").wait_for()
    text = page.locator("dialog textarea").input_value()
    assert "bodyPatterns" in text and "equalToJson" in text
    page.locator("dialog textarea").fill(text.replace('"status": 400', '"status": 418'))
    page.locator("dialog").get_by_role("button", name="Save").click()
    page.get_by_text("The stub is saved.").wait_for()
    assert client.set_groups(7)[0] == 418
    page.keyboard.press("Escape")
    assert "stub" in rows(page, 2)[0]
    assert "took the request" in open_row(page, "418").inner_text()


def test_curl_repeats_the_request(visit, client):
    client.send("PUT", "/api/v1/quoted'path", {"name": "it's $HOME"}, **{"X-Own": "it's"})
    page = visit()
    open_row(page, "quoted").get_by_text("Copy as curl").click()
    command = page.locator("dialog textarea").input_value()
    assert 'Authorization: $AUTHORIZATION' in command
    done = subprocess.run(["bash", "-c", f"AUTHORIZATION='Basic x' {command}"], capture_output=True, text=True, check=True)
    assert "HTTP/1.1 404" in done.stdout
    assert shlex.split(command)[0] == "curl"
    [first, second] = client.get("/__admin/requests")["requests"]
    assert first["request"]["url"] == second["request"]["url"] == "/api/v1/quoted'path"
    assert first["request"]["body"] == second["request"]["body"]
    assert first["request"]["headers"]["X-Own"] == "it's"


@pytest.mark.parametrize("path", [SCRIPT, "/%ff%00", "/" + "x" * 3000])
def test_hostile_paths_are_text(visit, client, path):
    client.send("GET", path.replace(" ", "%20").replace("<", "%3c"), **{"X-Evil": "<img src=x onerror=alert(3)>"})
    page = visit()
    rows(page, 1)
    page.locator(ROWS + " button").first.click()
    page.locator(".details summary").first.click()
    assert page.locator("img, main script").count() == 0
    assert "<img src=x onerror=alert(3)>" in page.locator(".details").inner_text()


def test_a_full_journal_stays_responsive(visit, client):
    for _ in range(1000):
        client.send("GET", "/many")
    page = visit()
    page.wait_for_function("() => document.querySelector('.count').textContent === '1000 of 1000'")
    assert page.locator(ROWS).count() < 80, "only what is in sight has a row"
    took = page.evaluate(
        """async () => {
            const [box, start] = [document.querySelector('.list'), performance.now()];
            for (let i = 1; i <= 20; i++) {
                box.scrollTop = i * 1400;
                await new Promise(requestAnimationFrame);
            }
            return performance.now() - start;
        }"""
    )
    assert took < 4000, "20 frames"


def test_it_polls_when_streams_are_refused(visit, client, browser, kestub):
    context = browser.new_context()
    page = context.new_page()
    page.route(re.compile(r"events\?last=\d+$"), lambda route: route.abort())
    page.goto(f"{kestub.url}/__admin/ui")
    page.wait_for_selector(".live.polling", timeout=30000)
    client.send("GET", "/polled")
    assert "/polled" in rows(page, 1)[0]
    context.close()


def test_an_outage_ends(visit, client):
    page = visit()
    page.context.set_offline(True)
    page.evaluate("0")
    page.context.set_offline(False)
    client.send("GET", "/later")
    assert "/later" in rows(page, 1)[0]
