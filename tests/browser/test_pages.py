"""What a web page can do with the control plane. Pages of the control plane's own origin can do all of
it, which shows that each attack works; pages of others can do nothing.

Each attack acts in a sandbox of its own. An admitted request creates that sandbox, so the list of
sandboxes tells whether the control plane let anything through, and the log whether the browser tried.
"""
import contextlib
import json
import re
import time
import urllib.request

import pytest

from kestub import running

STUB = json.dumps({"request": {"url": "/planted"}})
PATIENCE = 20  # seconds; only a browser that hangs takes so long

FORM = """
    const form = document.createElement('form');
    form.action = url; form.method = 'POST'; form.enctype = ENCTYPE;
    const input = document.createElement('input');
    [input.name, input.value] = ['{"metadata":{"x":"', '"},"request":{"url":"/planted"}}'];
    form.append(input); document.body.append(form);
"""
ELEMENT = "const e = document.createElement('TAG'); e.SOURCE = url; document.body.append(e);"
LINK = "const a = document.createElement('a'); a.href = url; RELATION document.body.append(a); a.click();"


def fetch(method, content_type=None, mode="cors", more=""):
    headers = f"headers: {{'Content-Type': '{content_type}'}}," if content_type else ""
    body = "body," if method in ("POST", "PUT") else ""
    return f"fetch(url, {{method: '{method}', mode: '{mode}', {headers} {body} {more}}}).catch(() => 0)"


# A name: the path below /__admin, the script, and whether it plants a stub. The script has `url`, the
# text `body`, and `path`, which is that of the URL.
MAPPINGS = "/mappings"
ATTACKS = {
    "simple POST": (MAPPINGS, fetch("POST", "text/plain", "no-cors"), True),
    "simple POST with cookies": (
        MAPPINGS,
        fetch("POST", "text/plain", "no-cors", "credentials: 'include'"),
        True,
    ),
    "POST without a type": (MAPPINGS, "fetch(url, {method: 'POST', mode: 'no-cors', body: new Blob([body])})", True),
    "POST that lives on": (MAPPINGS, fetch("POST", "text/plain", "no-cors", "keepalive: true"), True),
    "POST without a referrer": (
        MAPPINGS,
        fetch("POST", "text/plain", "no-cors", "referrerPolicy: 'no-referrer'"),
        True,
    ),
    "POST of a form's type": (
        MAPPINGS,
        fetch("POST", "application/x-www-form-urlencoded", "no-cors"),
        True,
    ),
    "POST of JSON": (MAPPINGS, fetch("POST", "application/json"), True),
    "POST that may be read": (MAPPINGS, fetch("POST", "text/plain"), True),
    "POST by XMLHttpRequest": (
        MAPPINGS,
        "const r = new XMLHttpRequest(); r.open('POST', url); r.send(body);",
        True,
    ),
    "beacon": (MAPPINGS, "navigator.sendBeacon(url, body)", True),
    "form": (MAPPINGS, FORM.replace("ENCTYPE", "'text/plain'") + "form.submit();", True),
    "form in a frame": (
        MAPPINGS,
        FORM.replace("ENCTYPE", "'text/plain'")
        + "const f = document.createElement('iframe'); f.name = 'frame'; document.body.append(f);"
        + "form.target = 'frame'; form.submit();",
        True,
    ),
    "form in a window": (
        MAPPINGS,
        FORM.replace("ENCTYPE", "'text/plain'") + "form.target = '_blank'; form.submit();",
        True,
    ),
    "form of another type": (
        "/reset",
        FORM.replace("ENCTYPE", "'multipart/form-data'") + "form.submit();",
        False,
    ),
    "form by GET": (
        "/requests",
        FORM.replace("ENCTYPE", "''") + "form.method = 'GET'; form.submit();",
        False,
    ),
    "PUT": ("/kestub/faults", fetch("PUT", "application/json"), False),
    "DELETE": (MAPPINGS, fetch("DELETE"), False),
    "PATCH": ("/version", fetch("PATCH"), False),
    "GET that may be read": ("/requests", fetch("GET"), False),
    "GET that may not be read": ("/requests", fetch("GET", mode="no-cors"), False),
    "HEAD": ("/version", fetch("HEAD", mode="no-cors"), False),
    "image": ("/requests", "new Image().src = url", False),
    "script": ("/requests", ELEMENT.replace("TAG", "script").replace("SOURCE", "src"), False),
    "style": (
        "/requests",
        "const e = document.createElement('link'); e.rel = 'stylesheet'; e.href = url;"
        "document.head.append(e);",
        False,
    ),
    "video": ("/requests", ELEMENT.replace("TAG", "video").replace("SOURCE", "src"), False),
    "frame": ("/requests", ELEMENT.replace("TAG", "iframe").replace("SOURCE", "src"), False),
    "object": ("/requests", ELEMENT.replace("TAG", "object").replace("SOURCE", "data"), False),
    "font": ("/requests", "new FontFace('x', `url(${url})`).load().catch(() => 0)", False),
    "events": ("/requests", "new EventSource(url)", False),
    "WebSocket": ("/requests", "new WebSocket(url.replace('http', 'ws'))", False),
    "link": ("/requests", LINK.replace("RELATION", ""), False),
    "link without a referrer": (
        "/requests",
        LINK.replace("RELATION", "a.rel = 'noreferrer noopener';"),
        False,
    ),
    "link to a window": ("/requests", LINK.replace("RELATION", "a.target = '_blank';"), False),
    "navigation": ("/requests", "location = url", False),
    "window": ("/requests", "window.open(url)", False),
    "worker": (
        MAPPINGS,
        "const code = `fetch('${url}', {method: 'POST', mode: 'no-cors', body: '${body}'})`;"
        "new Worker(URL.createObjectURL(new Blob([code])))",
        True,
    ),
}

# A browser sends these without Origin. It adds Sec-Fetch-Site only over TLS and to the machine itself,
# so at any other name nothing tells them from a program's. They read, and nobody sees the answer.
UNMARKED = {
    "form by GET", "GET that may not be read", "HEAD", "image", "script", "style", "video", "frame",
    "object", "link", "link without a referrer", "link to a window", "navigation", "window",
}  # fmt: skip

# These come as if from nowhere (`Origin: null`), also when a page of the own origin sends them.
NOWHERE = {
    "sandboxed frame": (
        MAPPINGS,
        "const f = document.createElement('iframe'); f.sandbox = 'allow-scripts';"
        "f.srcdoc = `<script>fetch('${url}', {method: 'POST', mode: 'no-cors', body: '${body}'})</script>`;"
        "document.body.append(f);",
        True,
    ),
    "data frame": (
        "/requests",
        "const f = document.createElement('iframe');"
        "f.src = 'data:text/html,<img src=' + url + '>'; document.body.append(f);",
        False,
    ),
}

# These go by way of somebody else's server, at `${by}`.
REDIRECTED = {
    "redirected POST": (
        MAPPINGS,
        "fetch(`${by}/to/${url}`, {method: 'POST', mode: 'no-cors', body})",
        True,
    ),
    "redirected image": ("/requests", "new Image().src = `${by}/to/${url}`", False),
    "redirected navigation": ("/requests", "location = `${by}/to/${url}`", False),
}


class Target:
    """A Kestub that serves a page of its own, and what it has seen."""

    def __init__(self, server, directory):
        self.port = int(server.url.rpartition(":")[2])
        self.log = directory / "stderr"
        self.url = server.url
        self.attacks = 0
        page = {
            "request": {"url": "/page"},
            "response": {"body": "<!doctype html><body></body>", "headers": {"Content-Type": "text/html"}},
        }
        self.ask("POST", MAPPINGS, page)

    def ask(self, method, path, body=None, sandbox="default"):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}/sandbox/{sandbox}/__admin{path}",
            data,
            {"Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def statuses(self, sandbox):
        """Of all requests to the control plane in this sandbox, from the log."""
        line = rf"^\S+ (\S+) /sandbox/{sandbox}/__admin\S* (\d+) "
        return re.findall(line, self.log.read_text(), re.MULTILINE)

    def has_let_in(self, sandbox):
        return sandbox in [known["name"] for known in self.ask("GET", "/kestub/sandboxes")["sandboxes"]]

    def attack(self, page, host, attack, by):
        """Lets the page attack, and returns the sandbox in which it has acted."""
        path, script, _ = attack
        self.attacks += 1
        sandbox = f"attacked-{self.attacks}"
        url = f"http://{host}:{self.port}/sandbox/{sandbox}/__admin{path}"
        page.evaluate(
            "([url, body, by]) => { " + script + "; }",  # the block returns nothing to wait for
            [url, STUB, by],
        )
        deadline = time.monotonic() + PATIENCE
        while not self.statuses(sandbox):
            assert time.monotonic() < deadline, "the browser did not send the request"
            page.wait_for_timeout(5)
        return sandbox


@contextlib.contextmanager
def target_in(directory, *options):
    with running(directory, "default", *options) as server:
        yield Target(server, directory)


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    with target_in(tmp_path_factory.mktemp("kestub")) as target:
        yield target


@pytest.fixture(scope="module")
def open_target(tmp_path_factory):
    """Its control plane may be used by a public name."""
    with target_in(tmp_path_factory.mktemp("open"), "--admin-hosts", "rebound.example") as target:
        yield target


@pytest.fixture
def page(browser):
    with contextlib.closing(browser.new_context()) as context:
        yield context.new_page()


def names(attacks):
    return pytest.mark.parametrize("name", attacks)


def foreign(port):
    return f"http://evil.example:{port}"


def expect_success(target, page, host, name, by):
    attack = ATTACKS[name]
    sandbox = target.attack(page, host, attack, by)
    assert "403" not in [status for _, status in target.statuses(sandbox)]
    assert target.has_let_in(sandbox)
    if attack[2]:
        planted = target.ask("GET", MAPPINGS, sandbox=sandbox)["mappings"]
        assert "/planted" in [stub["request"].get("url") for stub in planted]


def expect_refusal(target, page, host, attack, by):
    sandbox = target.attack(page, host, attack, by)
    assert {status for _, status in target.statuses(sandbox)} == {"403"}
    assert not target.has_let_in(sandbox)


@names(ATTACKS)
def test_a_page_of_the_same_origin_can(target, page, name, foreign_port):
    page.goto(f"{target.url}/page")
    expect_success(target, page, "127.0.0.1", name, foreign(foreign_port))


@names(ATTACKS)
def test_a_page_of_an_allowed_name_can(open_target, page, name, foreign_port):
    page.goto(f"http://rebound.example:{open_target.port}/page")
    expect_success(open_target, page, "rebound.example", name, foreign(foreign_port))


@names(ATTACKS)
def test_a_page_of_a_rebound_name_cannot(target, page, name, foreign_port):
    """To the browser this page has the origin of the control plane."""
    page.goto(f"http://rebound.example:{target.port}/page")
    expect_refusal(target, page, "rebound.example", ATTACKS[name], foreign(foreign_port))


@names(ATTACKS | NOWHERE | REDIRECTED)
def test_a_page_of_another_site_cannot(target, page, name, foreign_port):
    by = foreign(foreign_port)
    page.goto(by)
    expect_refusal(target, page, "localhost", (ATTACKS | NOWHERE | REDIRECTED)[name], by)


@names(ATTACKS | NOWHERE | REDIRECTED)
def test_a_page_of_another_port_cannot(target, page, name, foreign_port):
    by = f"http://127.0.0.1:{foreign_port}"
    page.goto(by)
    expect_refusal(target, page, "127.0.0.1", (ATTACKS | NOWHERE | REDIRECTED)[name], by)


@names(name for name in ATTACKS if name not in UNMARKED)
def test_an_allowed_name_is_for_its_own_pages(open_target, page, name, foreign_port):
    """A page of another site may know the name."""
    by = foreign(foreign_port)
    page.goto(by)
    expect_refusal(open_target, page, "rebound.example", ATTACKS[name], by)


@pytest.mark.parametrize("name", ["127.0.0.1", "rebound.example"])
def test_only_a_page_of_the_same_origin_can_read(open_target, page, foreign_port, name):
    script = "url => fetch(url).then(answer => answer.text()).catch(() => 'nothing')"
    origin = f"http://{name}:{open_target.port}"
    page.goto(f"{origin}/page")
    assert "/page" in page.evaluate(script, f"{origin}/__admin/mappings")
    for host in ("evil.example", "127.0.0.1"):
        page.goto(f"http://{host}:{foreign_port}")
        assert page.evaluate(script, f"{origin}/__admin/mappings") == "nothing"
