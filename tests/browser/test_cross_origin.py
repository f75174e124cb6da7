"""A page of another origin uses the JavaScript SDK in the browser, with and without --cors."""
import functools
import http.server
import pathlib
import sys

import pytest

from conftest import serving
from kestub import running

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "contract"))
import sdks  # noqa: E402

# Loads the CommonJS modules of the SDK as a bundler would.
LOADER = """
    window.load = (path, known = window.modules ??= {}) => {
        if (known[path]) return known[path].exports;
        const request = new XMLHttpRequest();
        request.open('GET', path, false);
        request.send();
        const module = known[path] = {exports: {}};
        const require = (name) => name === 'superagent' ? load('/superagent/dist/superagent.js')
            : name.startsWith('.') ? load(new URL(name + '.js', location.origin + path).pathname) : {};
        new Function('require', 'module', 'exports', request.responseText)(require, module, module.exports);
        return module.exports;
    };
    window.call = (url, name, method, ...parameters) => new Promise((resolve) => {
        const sdk = '/@kestra-io/kestra-sdk/dist/';
        const client = new (load(sdk + 'ApiClient.js').default)(url);
        Object.assign(client.authentications.basicAuth, {username: window.user, password: 'Root!1234'});
        const api = new (load(`${sdk}api/${name}.js`).default)(client);
        api[method](...parameters, (error, data, response) =>
            resolve({status: response?.status ?? 0, name: data?.name, total: data?.total}));
    });
"""


class Site(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site():
    """Serves the SDK and what it needs. Returns the port."""
    try:
        _, modules = sdks.from_npm(sdks.PINS["javascript"], "javascript", "@kestra-io/kestra-sdk")
    except sdks.Unavailable as problem:
        pytest.skip(f"no SDK: {problem}")
    with serving(functools.partial(Site, directory=str(modules))) as port:
        yield port


@pytest.fixture
def page(browser, site):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"http://app.example:{site}/@kestra-io/kestra-sdk/package.json")
    page.add_script_tag(content=LOADER)
    yield page
    context.close()


def calls(page, url):
    """Lets the page call an operation of each kind; returns the status that the page sees of each, or 0."""
    call = "([url, user, ...call]) => { window.user = user; return window.call(url, ...call); }"
    root = "root@root.com"
    return [
        page.evaluate(call, [url, user, *parameters])["status"]
        for user, parameters in (
            (root, ["GroupsApi", "createGroup", "main", {"name": "from-a-page"}]),
            (root, ["UsersApi", "listUsers", 1, 10, {}]),
            (root, ["GroupsApi", "getGroup", "nothing", "main"]),
            ("nobody@example.com", ["UsersApi", "listUsers", 1, 10, {}]),
        )
    ]


@pytest.mark.parametrize("option", ["named", "any"])
def test_a_page_uses_the_sdk(page, site, tmp_path, option):
    origins = "*" if option == "any" else f"https://other.example,http://app.example:{site}"
    with running(tmp_path, "default", "--server-version", "1.3", "--cors", origins) as kestub:
        assert calls(page, kestub.url) == [200, 200, 404, 401]
        seen = page.evaluate(
            "url => fetch(url).then(answer => answer.status, () => 0)", f"{kestub.url}/__admin/version"
        )
        assert seen == (200 if option == "named" else 0)
    assert "OPTIONS /api/v1/main/groups 204" in (tmp_path / "stderr").read_text()


@pytest.mark.parametrize("options", [[], ["--cors", "http://other.example"]], ids=["off", "others"])
def test_other_pages_cannot(page, tmp_path, options):
    with running(tmp_path, "default", "--server-version", "1.3", *options) as kestub:
        assert calls(page, kestub.url) == [0, 0, 0, 0]


def test_a_named_page_may_send_cookies_and_read_headers(page, site, tmp_path):
    script = """async url => {
        const options = {method: 'PUT', credentials: 'include', headers: {'X-Own': '1'}, body: '{}'};
        const answer = await fetch(url, options).catch(() => null);
        return answer && answer.headers.get('X-Kestra-Edition');
    }"""
    with running(tmp_path, "default", "--cors", f"http://app.example:{site}") as kestub:
        assert page.evaluate(script, f"{kestub.url}/api/v1/nothing") == "EE"
    with running(tmp_path, "default", "--cors", "*") as kestub:
        assert page.evaluate(script, f"{kestub.url}/api/v1/nothing") is None
