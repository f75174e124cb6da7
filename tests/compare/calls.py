"""The calls that a comparison sends to both servers.

A text such as `{ada}` stands for an id that an earlier answer gave: each server has its own. Everything
that the calls make has the run's name in it, so that it can be told from what was there before.
"""
import dataclasses

PASSWORD = "Compare!1234"
CHANGED = "Compare!5678"
METHODS = ("get", "put", "post", "delete", "patch")


@dataclasses.dataclass
class Call:
    operation: str
    what: str  # tells apart the calls of one operation
    path: dict = dataclasses.field(default_factory=dict)
    query: str = ""
    body: object = None  # bytes are sent as they are
    media: str = "application/json"
    caller: str = "admin"  # or nobody, or a user of the run
    keep: str = None  # the name for the id in the answer
    assumes: str = None  # a part of the assumption that the answer tests
    about: str = None  # the operation of this assumption; None: the same one


def emails(run):
    return {name: f"{run}-{name}@example.com" for name in ("ada", "bob", "eve", "dan")}


def users(run):
    mail = emails(run)
    yield Call("create_2", "a tenant", body={"id": run, "name": run})
    yield Call("create_2", "the same tenant", body={"id": run, "name": run}, assumes="a 409")
    yield Call("get_3", "a tenant", {"id": run})
    yield Call("update_2", "a tenant", {"id": run}, body={"id": run, "name": f"{run} renamed"})
    yield Call("find", "by name", query=f"q={run}")
    for name in ("ada", "bob", "eve"):
        tenants = [run] if name == "ada" else []
        yield Call("createUser", name, keep=name, body={
            "email": mail[name], "firstName": name, "password": PASSWORD, "tenants": tenants})
    yield Call("createUser", "the same e-mail", body={"email": mail["ada"].upper()},
               assumes="An e-mail that another user has is a 409")
    yield Call("createUser", "a weak password", body={"email": mail["dan"], "password": "weak"},
               assumes="A weak password is a 422")
    yield Call("createUser", "a password with _", body={"email": mail["dan"], "password": "Passw0rd_"}, keep="dan")
    yield Call("createUser", "an unknown tenant", body={"email": f"x{mail['dan']}", "tenants": [f"{run}-none"]})
    yield Call("getUser", "ada", {"id": "{ada}"})
    yield Call("patchUser", "ada", {"id": "{ada}"}, body={"lastName": "Byron"})
    yield Call("patchUser", "null", {"id": "{ada}"}, body={"lastName": None}, assumes="A member that is null stays")
    yield Call("patchUserDemo", "on", {"id": "{eve}"}, body={"restricted": True})
    yield Call("patchUserSuperAdmin", "superAdmin", {"id": "{eve}"}, body={"superAdmin": True})
    yield Call("getUser", "with the privilege", {"id": "{eve}"})
    yield Call("patchUserSuperAdmin", "instanceOwner", {"id": "{eve}"}, body={"instanceOwner": False})
    yield Call("patchUserSuperAdmin", "neither", {"id": "{eve}"}, body={}, assumes="neither name is a 422")
    yield Call("patchUserInstanceOwner", "off", {"id": "{eve}"}, body={"instanceOwner": False})
    yield Call("listUsers", "by name", query=f"q={run}&size=100")
    yield Call("listUsers", "sorted", query=f"q={run}&sort=username:desc")
    yield Call("listUsers", "1000", query=f"q={run}&size=1000")
    yield Call("listUsers", "1001", query=f"q={run}&size=1001")
    yield Call("listUsers", "page 0", query="page=0")
    yield Call("listUsers", "page x", query="page=x")
    yield Call("listUsers", "an unknown filter", query="filters[nope][EQUALS]=x", assumes="an unknown field or operator")
    yield Call("listUsers", "the filter superAdmin", query="filters[superAdmin][EQUALS]=true&size=1")
    yield Call("listUsers", "the filter instance_owner", query="filters[instance_owner][EQUALS]=true&size=1")
    yield Call("patchUserPassword", "eve", {"id": "{eve}"}, body={"password": PASSWORD})
    yield Call("deleteRefreshToken", "eve", {"id": "{eve}"})
    yield Call("deleteUserAuthMethod", "an unknown one", {"id": "{eve}", "auth": "nope"}, assumes="Another one is a 404")
    yield Call("impersonate", "eve", {"id": "{eve}"})


def groups(run):
    at = {"tenant": run}
    for name in ("one", "two"):
        yield Call("createGroup", name, at, body={"name": f"{run}-{name}", "description": ""}, keep=name)
    yield Call("createGroup", "the same name", at, body={"name": f"{run}-one"})
    yield Call("createGroup", "a name in capitals", at, body={"name": f"{run}-ONE"}, keep="capitals",
               assumes="Names that differ in case are different names")
    yield Call("createGroup", "an unknown member", at, body={"name": f"{run}-four", "membersId": ["nobody"]},
               assumes="An unknown member is a 404")
    yield Call("createGroup", "an empty name", at, body={"name": ""})
    yield Call("createGroup", "with a member", at, body={"name": f"{run}-three", "membersId": ["{ada}"]}, keep="three")
    yield Call("getGroup", "one", at | {"id": "{one}"})
    yield Call("updateGroup", "two", at | {"id": "{two}"}, body={"name": f"{run}-two", "description": "Second"})
    yield Call("updateGroup", "no description", at | {"id": "{three}"}, body={"name": f"{run}-three"},
               assumes="A request without a description removes the description")
    yield Call("searchGroups", "all", at, query="size=100")
    yield Call("searchGroups", "filtered", at, query=f"filters[name][EQUALS]={run}-one&size=100")
    yield Call("autocompleteGroups", "by name", at, body={"q": f"{run}-one"})
    yield Call("listGroupIds", "one", at, body={"ids": ["{one}", "nope"]},
               assumes="An id that no group has is left out")
    yield from members(run)
    yield from memberships(run)


def members(run):
    at = {"tenant": run, "id": "{one}"}
    yield Call("addUserToGroup", "without access", at | {"userId": "{bob}"})
    yield Call("getTenantAccess", "after joining", {"tenant": run, "userId": "{bob}"})
    yield Call("createTenantAccess", "bob", {"tenant": run}, body={"email": emails(run)["bob"]})
    yield Call("addUserToGroup", "with access", at | {"userId": "{bob}"})
    yield Call("addUserToGroup", "again", at | {"userId": "{bob}"})
    yield Call("addUserToGroup", "by username", at | {"userId": emails(run)["ada"]})
    yield Call("setUserMembershipForGroup", "OWNER", at | {"userId": "{bob}"}, query="membership=OWNER")
    yield Call("setUserMembershipForGroup", "unknown", at | {"userId": "{bob}"}, query="membership=BOSS",
               assumes="An unknown `membership` is a 422")
    yield Call("setUserMembershipForGroup", "none", at | {"userId": "{bob}"})
    yield Call("searchGroupMembers", "all", at, query="size=100")
    yield Call("getCurrentUser", "an owner", caller="bob")
    yield Call("deleteUserFromGroup", "bob", at | {"userId": "{bob}"})
    yield Call("deleteUserFromGroup", "bob again", at | {"userId": "{bob}"})
    yield Call("getTenantAccess", "after leaving", {"tenant": run, "userId": "{bob}"},
               about="deleteUserFromGroup",
               assumes="access to the tenant only if it came with a group")


def memberships(run):
    at = {"tenant": run, "id": "{ada}"}
    sets = [("two groups", ["{two}", "{one}"]), ("the other order", ["{one}", "{two}"]), ("a duplicate", ["{one}", "{one}"]),
            ("an unknown group", ["{one}", "nope"]), ("a blank", [" "]), ("null", None), ("none", [])]
    for what, ids in sets:
        yield Call("updateUserGroups", what, at, body={"groupIds": ids})
        yield Call("getUser", f"after {what}", {"id": "{ada}"})
    yield Call("updateUserGroups", "no list", at, body={}, assumes="A missing list, or null, is a 400")
    yield Call("updateUserGroups", "without access", {"tenant": run, "id": "{eve}"}, body={"groupIds": []},
               assumes="A user without access to the tenant is a 404")
    yield Call("updateUser", "groups in order", {"id": "{ada}"}, body={
        "email": emails(run)["ada"], "tenants": [run], "groups": ["{two}", "{one}"]})
    yield Call("updateUser", "no lists", {"id": "{ada}"}, body={"email": emails(run)["ada"]},
               assumes="A password or list that is left out")
    yield Call("createTenantAccess_1", "ada", {"tenant": run, "userId": "{ada}"})
    yield Call("createTenantAccess_1", "ada again", {"tenant": run, "userId": "{ada}"}, assumes="has access already")
    yield Call("createTenantAccess", "again", {"tenant": run}, body={"email": emails(run)["ada"]})
    yield Call("listTenantAccess", "all", {"tenant": run}, query="size=100")
    yield Call("autocompleteUsers", "by name", {"tenant": run}, body={"q": run})
    yield Call("getTenantAccess", "one's own", {"tenant": run, "userId": "{ada}"}, caller="ada")


def credentials(run):
    mail = emails(run)
    yield Call("createApiTokensForUser", "eve", {"id": "{eve}"}, body={"name": "nightly", "maxAge": "PT1H"}, keep="token")
    yield Call("listApiTokensForUser", "eve", {"id": "{eve}"})
    yield Call("deleteApiTokenForUser", "eve", {"id": "{eve}", "tokenId": "{token}"})
    yield Call("getCurrentUser", "eve", caller="eve")
    yield Call("patchCurrentUser", "eve", body={"firstName": "Eve"}, caller="eve")
    yield Call("createApiTokenForCurrentUser", "eve", body={"name": "mine"}, caller="eve", keep="mine")
    yield Call("listApiTokensForCurrentUser", "eve", caller="eve")
    yield Call("deleteApiTokenForCurrentUser", "eve", {"tokenId": "{mine}"}, caller="eve")
    yield Call("updateCurrentUserPassword", "the wrong old one", caller="eve",
               body={"oldPassword": "Wrong!1234", "newPassword": CHANGED}, assumes="A wrong old password is a 400")
    yield Call("updateCurrentUserPassword", "eve", caller="eve",
               body={"oldPassword": PASSWORD, "newPassword": CHANGED}, assumes="The answer is an empty object")
    for operation in ("login", "login_1", "logInAtPage"):
        yield Call(operation, "ada", body={"username": mail["ada"], "password": PASSWORD}, caller="nobody")
        yield Call(operation, "a wrong password", body={"username": mail["ada"], "password": "x"}, caller="nobody",
                   assumes="A failure is a 401 without WWW-Authenticate" if operation == "login_1" else None)
    yield Call("logout", "nobody", caller="nobody", assumes="Without a session the answer is a 200 too")
    yield Call("validatePassword", "weak", body=b"weak", media="text/plain", caller="nobody",
               assumes="A weak password is a 422")
    yield Call("setupKestra", "when it is set up", body={"username": mail["eve"], "password": PASSWORD}, caller="nobody",
               assumes="a valid one is then a 405")


def cleaning(run):
    for name in ("one", "two", "three", "capitals"):
        yield Call("deleteGroup", name, {"tenant": run, "id": f"{{{name}}}"})
    yield Call("getTenantAccess", "after the groups", {"tenant": run, "userId": "{ada}"}, about="deleteGroup",
               assumes="Members keep their access to the tenant")
    yield Call("deleteTenantAccess", "ada", {"tenant": run, "userId": "{ada}"})
    yield Call("deleteTenantAccess", "ada again", {"tenant": run, "userId": "{ada}"})
    for name in ("ada", "bob", "eve", "dan"):
        yield Call("deleteUser", name, {"id": f"{{{name}}}"})
    yield Call("delete_2", "a tenant", {"id": run})


def wrong_value(schema):
    return {"string": {}, "boolean": "maybe", "array": "list", "object": "text", "integer": "x"}[schema["type"]]


def bad_input(operation, node, path, body):
    """Calls that are wrong in one way each. None of them gets far enough to change something."""
    nobody = {name: "nobody-has-this-id" for name in path}
    unknown = {name: value if name == "tenant" else nobody[name] for name, value in path.items()}
    if node.get("security") is None:
        yield Call(operation, "no credentials", nobody, caller="nobody")
        yield Call(operation, "an ordinary user", nobody, caller="bob")
    elif not body:
        yield Call(operation, "no parameters", nobody, caller="nobody")
    if unknown != path and not body:
        yield Call(operation, "an unknown id", unknown)
    if "tenant" in path:
        yield Call(operation, "an unknown tenant", nobody)
    if not body:
        return
    yield Call(operation, "broken JSON", unknown, body=b"{")
    yield Call(operation, "an array", unknown, body=b"[]")
    yield Call(operation, "no body", unknown)
    yield Call(operation, "another type", unknown, body=b"{}", media="text/plain")
    yield Call(operation, "no type", unknown, body=b"{}", media=None)
    for name, schema in body.get("properties", {}).items():
        yield Call(operation, f"a wrong {name}", unknown, body={name: wrong_value(schema)})


def resolve(document, node):
    while "$ref" in node:
        target = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def operations(document):
    """Returns {operation id: (method, path, node)} without the operations of the stub itself."""
    return {item["operationId"]: (method.upper(), path, item) for path, entry in document["paths"].items()
            for method, item in entry.items() if method in METHODS and item["tags"] != ["Stub"]}


def plan(document, run):
    """Returns all calls: good ones in an order in which they succeed, then bad ones, then those that clean up."""
    known = operations(document)
    good = [call for group in (users, groups, credentials) for call in group(run) if call.operation in known]
    bad = []
    for operation, (_, path, node) in known.items():
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        values = {name: run if name == "tenant" else "" for name in names}
        content = resolve(document, node.get("requestBody", {})).get("content", {})
        media = content.get("application/json")
        body = resolve(document, media["schema"]) if media else None
        bad += bad_input(operation, node, values, body)
    return good + bad, [call for call in cleaning(run) if call.operation in known]
