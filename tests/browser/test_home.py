"""The pages at / and /docs: they load without complaints and ask nobody else for anything."""
import contextlib
import urllib.parse

import pytest

from kestub import running


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    with running(tmp_path_factory.mktemp("kestub")) as kestub:
        yield kestub.url


@pytest.fixture
def visit(browser, url):
    """Opens a path and returns its page, after a check of what the page has asked for and complained of."""
    with contextlib.ExitStack() as stack:

        def visit(path, **options):
            context = stack.enter_context(contextlib.closing(browser.new_context(**options)))
            page = context.new_page()
            complaints, requests = [], []
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("request", lambda request: requests.append(request.url))
            answer = page.goto(url + path, wait_until="networkidle")
            assert answer.status == 200
            assert not complaints
            asked = {request for request in requests if not request.startswith("data:")}
            assert asked == {url + path}
            return page

        yield visit


@pytest.mark.parametrize("path", ["/", "/docs", "/sandbox/mine/", "/sandbox/mine/docs"])
def test_a_page_asks_for_nothing_else(visit, path):
    assert visit(path).locator("h1").count() == 1


@pytest.mark.parametrize("path", ["/", "/docs"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_fits_a_phone_and_the_light(visit, path, scheme):
    page = visit(path, viewport={"width": 360, "height": 640}, color_scheme=scheme)
    wide = "document.documentElement.scrollWidth"
    assert page.evaluate(wide) <= 360
    # In the dark the text is light.
    red = page.evaluate("getComputedStyle(document.body).color.match(/[0-9]+/)[0]")
    assert (int(red) > 127) == (scheme == "dark")


def test_all_links_lead_somewhere(visit, url):
    page = visit("/")
    links = page.evaluate("[...document.links].map(link => link.href)")
    assert len(links) == 5
    for link in links:
        assert urllib.parse.urlsplit(link).netloc == urllib.parse.urlsplit(url).netloc
        assert page.evaluate("url => fetch(url).then(answer => answer.status, () => 0)", link) == 0, "the policy"
        assert page.context.request.get(link).status == 200


def test_the_contracts_have_all_operations_and_anchors(visit):
    page = visit("/docs")
    for name in ("api-operation-updateUserGroups", "admin-operation-getMetrics", "api-schema-Problem"):
        assert page.locator(f"#{name}").count() == 1
    dead = """[...document.links].map(link => new URL(link.href)).filter(
        link => link.hash && !document.getElementById(decodeURIComponent(link.hash.slice(1)))).length"""
    assert page.evaluate(dead) == 0
    assert page.evaluate("new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size") == page.locator(
        "[id]"
    ).count()
