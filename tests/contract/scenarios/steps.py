"""What the Python scenarios share: names, the setup of an empty server, and reporting."""
import http.cookiejar
import itertools
import json
import re
import traceback
import urllib.request

ADMIN = {"username": "admin@example.com", "password": "Admin!1234"}
TENANT = "main"
# All versions take them. The order, which no rule would give, must come back.
PERMISSIONS = {"FLOW": ["DELETE", "READ", "CREATE"], "NAMESPACE": ["UPDATE", "READ"]}

_numbers = itertools.count(1)
_steps = []


def step(function):
    _steps.append(function)
    return function


def run():
    """Runs the steps in order. The others run even if one fails."""
    for function in _steps:
        try:
            function()
        except Exception:
            print(f"not ok - {function.__name__}")
            print(*(f"# {line}" for line in traceback.format_exc().splitlines()), sep="\n")
        else:
            print(f"ok - {function.__name__}")


def new_name(kind):
    return f"{kind}-{next(_numbers):03}"


def raises(exception, call, *arguments):
    """Expects the call to raise exactly this class of exception, and returns the exception."""
    try:
        call(*arguments)
    except Exception as caught:
        assert type(caught) is exception, repr(caught)
        return caught
    raise AssertionError(f"{exception.__name__} was not raised")


def first_token(url):
    """Sets the server up and logs in as a browser does, to get the first API token."""
    cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    browser = urllib.request.build_opener(cookies)

    def post(path, body, headers={}):
        headers = {"Content-Type": "application/json", **headers}
        request = urllib.request.Request(url + path, json.dumps(body).encode(), headers)
        return browser.open(request).read()

    post("/api/v1/setup", {**ADMIN, "tenant": {"id": TENANT, "name": TENANT}})
    post("/login", ADMIN)
    page = browser.open(f"{url}/ui/").read().decode()
    # The page has none before 2.0.
    csrf_tokens = re.findall(r'<meta name="csrf-token" content="([^"]+)"', page)
    token = {"name": "ci-token", "maxAge": "P1D"}
    answer = post("/api/v1/me/api-tokens", token, {"X-CSRF-TOKEN": t for t in csrf_tokens})
    return json.loads(answer)["fullToken"]
