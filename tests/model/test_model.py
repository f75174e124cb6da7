"""Compares kestub with the model after each step: their answers, and the state that they show."""
import collections
import json
import os
import pathlib
import random
import re

import pytest

import client
import kestub
import operations
import role_calls  # registers its calls
import sign_in_calls  # registers its calls
import worlds
from call import OPERATIONS, Call
from conftest import SEED
from listing import BAD_FILTERS, Refusal, fold
from model import Model
from sign_in import WEAK_PASSWORD, NoSecret
from versions import VERSIONS

ROOT = pathlib.Path(__file__).resolve().parents[2]
STEPS = int(os.environ.get("KESTUB_MODEL_STEPS") or 600)  # in each world
FULL_COMPARISON_STEPS = 100
HISTORY = 20
MAX_TRIED = 4  # credentials to try after each call
BATCH = 16  # requests sent at once
WORLDS = {"1.0": 1, "1.3": 2, "2.0-rc": 1, "2.0": 3}  # random ones, besides edge.json
RUNS = [(name, world) for name, n in WORLDS.items() for world in ("edge", *range(1, n + 1))]
REASONS = {
    400: ("Bad Request: ", "Invalid request payload"),
    401: ("Unauthorized",),
    403: ("Forbidden",),
    404: ("Not Found: ",),
    409: ("Conflict: ",),
    415: ("Unsupported Media Type: ",),
    422: ("Invalid entity", "Illegal argument"),
}
ALL = [("size", "1000")]
PROBLEMS = "https://kestra.io/docs/api-reference/problems/"


class Run:
    def __init__(self, version, world, rng, fixture, server):
        self.world = f"{version} {world}"
        self.server = server
        self.version = VERSIONS[version]
        self.model = Model(fixture, self.version)
        tokens = self.model.tokens.items()
        self.auditor = next((t,) for t, it in tokens if self.model.users[it.user].super_admin)
        self.generator = operations.Generator(rng, self.model, self.auditor)
        self.rng = rng
        self.actor, self.reader = client.Client(server.url), client.Client(server.url)
        self.history = collections.deque(maxlen=HISTORY)
        self.steps = 0

    def close(self):
        self.actor.close()
        self.reader.close()

    def run(self):
        for self.steps in range(1, STEPS + 1):
            call = self.generator.next()
            self.history.append(f"{self.steps} {describe(call)}")
            before, good = self.touched(call), list(self.generator.credentials())
            self.history[-1] += f" -> {self.perform(self.actor, call)}"
            self.compare_touched(before | self.touched(call))
            self.compare_credentials(good, call.secret)
            if self.steps % FULL_COMPARISON_STEPS == 0:
                self.compare_all()
        self.compare_all()

    def perform(self, connection, *calls):
        """Sends the calls to both and compares the answers. Returns the last status."""
        answers = connection.exchange(calls)
        for call in calls:
            try:
                answer = next(answers)
            except (OSError, ValueError) as problem:
                self.fail(call, "an answer", f"{problem!r}; {self.server.state()}")
            status, body = answer.status, answer.body
            made = status in (200, 201) and isinstance(body, dict) and body.get("id")
            call.made = made or "nothing"
            call.secret = answer.session or (made and body.get("fullToken")) or "nothing"
            problem = form_problem(self.version, answer)
            if problem:
                self.fail(call, problem, answer)
            self.compare(call, status, body)
        return status

    def compare(self, call, status, body):
        try:
            expected = self.model.answer(call)
        except Refusal as refusal:
            differs = problem_differs if self.version.problem_documents else json_error_differs
            problem = differs(refusal, client.target_of(call), status, body)
            if problem:
                self.fail(call, f"{problem}, as of {refusal!r}", (status, body))
        except NoSecret:
            self.fail(call, "a new token or session", (status, body))
        else:
            if expected != (status, body):
                self.fail(call, expected, (status, body))

    def look(self, *looks):
        """Compares answers to reading calls; each look is an operation, a path and a query."""
        calls = [Call(*look, credentials=self.auditor) for look in looks]
        for i in range(0, len(calls), BATCH):
            self.perform(self.reader, *calls[i : i + BATCH])

    def touched(self, call):
        """Returns the users and groups that the call refers to, and those related to them. A dict,
        since the order of a set differs in each run."""
        world, body = self.model, call.body or {}
        named = [*call.path, call.made, call.caller if not call.path else None]
        for value in body.values():
            named += value if isinstance(value, list) else [value]
        named = [name for name in named if isinstance(name, str)]
        emails = [fold(name) for name in named]
        users = [id for id, u in world.users.items() if id in named or fold(u.email) in emails]
        if call.operation in ("create_2", "delete_2"):
            users += [user for user, tenant in world.access if tenant in named]
        groups = [key for key in world.groups if key[1] in named]
        result = dict.fromkeys(users)
        result |= dict.fromkeys(key for user in users for key in world.groups_of(user))
        result |= dict.fromkeys(groups)
        result |= dict.fromkeys(user for key in groups for user in world.members_of(*key))
        return result

    def compare_touched(self, touched):
        tenants = list(self.model.tenants) or ["none"]
        tenant = self.rng.choice(tenants)
        looks = [self.rng.choice(self.all_listings(tenant)), self.filtered(tenant)]
        for item in list(touched)[:12]:
            if isinstance(item, tuple):
                looks.append(("searchGroupMembers", item, ALL))
            else:
                looks.append(("getUser", (item,)))
                looks.append(("listApiTokensForUser", (item,)))
                looks.append(("getTenantAccess", (self.rng.choice(tenants), item)))
        self.look(*looks)

    def filtered(self, tenant):
        name, path, query = self.rng.choice(self.all_listings(tenant))
        columns = operations.LISTED[name]
        return name, path, query + self.generator.filters(columns, always=True)

    def compare_credentials(self, before, secret):
        """Tries new tokens, and credentials that lost their user or got a new one."""
        now = list(self.generator.credentials())
        changed = [pair for pair in before if pair not in now]
        changed += [pair for pair in now if pair not in before]
        tried = [credentials for credentials, _ in changed[:MAX_TRIED]]
        if secret in self.model.tokens and self.model.tokens[secret].expired:
            tried.append((secret,))
        for credentials in tried:
            self.perform(self.reader, Call("getCurrentUser", credentials=credentials))

    def all_listings(self, tenant):
        return [
            ("listUsers", (), ALL),
            ("find", (), ALL),
            ("listTenantAccess", (tenant,), ALL),
            ("searchGroups", (tenant,), ALL),
            ("searchRoles", (tenant,), ALL),
            ("searchBindings", (tenant,), ALL),
        ]

    def compare_all(self):
        world = self.model
        looks = [look for tenant in world.tenants for look in self.all_listings(tenant)]
        for key in world.groups:
            looks += [("getGroup", key), ("searchGroupMembers", key, ALL)]
        for user in world.users:
            looks += [("getUser", (user,)), ("listApiTokensForUser", (user,))]
            looks += [("getTenantAccess", (tenant, user)) for tenant in world.tenants]
        self.look(*looks)

    def fail(self, call, expected, got):
        pytest.fail(
            f"step {self.steps} of world {self.world}: {describe(call)}\n"
            f"expected {expected}\n     got {got}\n"
            f"The last operations:\n" + "\n".join(self.history) + "\n"
            f"Reproduce with: KESTUB_MODEL_SEED={SEED} KESTUB_MODEL_STEPS={STEPS} ./dev test --suite model",
            pytrace=False,
        )


def describe(call):
    body = call.raw
    if body is None and call.body is not None:
        body = json.dumps(call.body, ensure_ascii=False)
    method = OPERATIONS[call.operation].method
    who = "nobody" if call.credentials is None else ":".join(call.credentials)
    request = f"{method} {client.target_of(call)}" + (f" {body}" if body is not None else "")
    return f"{call.operation} as {who}: {request}"


def form_problem(version, answer):
    """Describes the expected headers when the answer has others."""
    is_marked = version.marks_not_found and answer.status == 404
    if (answer.edition, answer.route_matched) != (("EE", "true") if is_marked else (None, None)):
        return "marks of a 404" if is_marked else "no marks of a 404"
    form = "application/json"
    if answer.status >= 400 and version.problem_documents:
        form = "application/problem+json"
    return form if answer.body is not None and answer.content_type != form else None


def pointer_of(path):
    """Returns the JSON pointer of a path in the body, None when the path is not there."""
    _, found, place = path.partition(".request")
    return re.sub(r"[.\[]", "/", place).replace("]", "") if found else None


def problem_differs(refusal, target, status, body):
    """Describes the expected problem document when it differs from the model's refusal."""
    expected = 400 if refusal.type == BAD_FILTERS else refusal.status
    if status != expected or not isinstance(body, dict):
        return f"status {expected} and a problem"
    head = {"type": f"{PROBLEMS}{refusal.type}", "status": status}
    head["instance"] = target.partition("?")[0]
    if any(body.get(name) != value for name, value in head.items()):
        return f"a problem with {head}"
    if not all(name in body.get("detail", "") for name in refusal.names):
        return f"a detail that names {refusal.names}"
    errors = body.get("errors", [])
    if refusal.type == "invalid-request-body":
        return "no errors" if errors else None
    if refusal.unreadable is not None:
        wanted = [{"path": refusal.unreadable}] if refusal.unreadable else []
        return f"errors {wanted}" if errors != wanted else None
    if refusal.type == WEAK_PASSWORD:
        right = len(errors) == len(refusal.paths) and all(e.keys() == {"detail"} for e in errors)
        return None if right else f"{len(refusal.paths)} details"
    paths = collections.Counter(error["path"] for error in errors)
    if not collections.Counter(refusal.paths) <= paths or bool(refusal.paths) != bool(paths):
        return f"errors at {refusal.paths}"
    pointers = [error.get("pointer") for error in errors]
    if pointers != [pointer_of(error["path"]) for error in errors]:
        return "other pointers"
    return None if None in pointers or pointers == sorted(pointers) else "errors in order"


def json_error_differs(refusal, target, status, body):
    """Describes the expected answer when it differs from the model's refusal, else returns None."""
    if status != refusal.status or not isinstance(body, dict):
        return f"status {refusal.status} and an error"
    message = body.get("message", "")
    named = all(name in message for name in refusal.names)
    if not named or not message.startswith(REASONS[status]):
        return f"a message that starts with {REASONS[status]} and names {refusal.names}"
    if body.get("_links") != {"self": {"href": target, "templated": False}}:
        return f"a link to {target}"
    errors = body.get("_embedded", {}).get("errors", [])
    paths = collections.Counter(error["path"] for error in errors)
    if not collections.Counter(refusal.paths) <= paths or bool(refusal.paths) != bool(paths):
        return f"errors at {refusal.paths}"
    return None


@pytest.mark.parametrize("version, world", RUNS)
def test_kestub_agrees_with_the_model(version, world, tmp_path):
    rng = random.Random(f"{SEED} {version} {world}")
    fixture = json.loads((ROOT / "fixtures/edge.json").read_text(encoding="utf-8"))
    for token in (token for user in fixture["users"] for token in user.get("tokens", [])):
        token["id"] = token["token"]  # otherwise the server makes a random id
    if world != "edge":
        fixture = worlds.make_world(rng)
    path = tmp_path / "fixture.json"
    path.write_text(json.dumps(fixture), encoding="utf-8")
    with kestub.running(tmp_path, path, "--server-version", version) as server:
        run = Run(version, world, rng, fixture, server)
        try:
            run.run()
        finally:
            run.close()


def test_every_operation_of_the_model_is_called():
    assert OPERATIONS.keys() == operations.GENERATORS.keys()
