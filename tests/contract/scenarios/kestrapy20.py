"""kestrapy 2.0: the instance owner, access before membership, and problem documents."""
import json

import kestrapy
import kestrapy_steps as shared
import requests
from kestrapy import exceptions
from kestrapy.query import eq
from kestrapy_steps import Field, create_group, create_role, create_user, members_of, set_groups
from steps import ADMIN, TENANT, new_name, raises, run, step

PROBLEMS = "https://kestra.io/docs/api-reference/problems/"


def grant_access(email):
    request = kestrapy.IAMTenantAccessControllerApiCreateTenantAccessRequest(email=email)
    shared.admin.tenant_access.create_tenant_access_by_email(TENANT, request)


def get(path):
    """Returns the answer itself, since the SDK's exceptions do not have its headers."""
    return requests.get(shared.URL + path, auth=tuple(ADMIN.values()), timeout=10)


def is_problem(caught, slug, title, detail, instance, **others):
    """Compares the problem document that an exception has with the expected one."""
    assert json.loads(caught.body) == {
        "type": PROBLEMS + slug,
        "title": title,
        "status": caught.status,
        "detail": detail,
        "instance": instance,
        **others,
    }


@step
def me():
    user, group = create_user(tenants=[TENANT], password="Password!234"), create_group().id
    own = shared.client_of(username=user.username, password="Password!234").me
    set_groups(user.id, [group])
    assert own.current_user()["ownedGroups"] == []
    shared.admin.groups.set_user_membership_for_group(group, user.id, "OWNER", TENANT)
    found = own.current_user()
    assert found["ownedGroups"] == [{"tenantId": TENANT, "id": group}]
    assert found["profile"]["email"] == user.email and found["instanceOwner"] is False
    assert [tenant["id"] for tenant in found["tenants"]] == [TENANT]
    assert shared.admin.me.current_user()["instanceOwner"] is True


@step
def group_members():
    user, group = create_user(), create_group().id
    add = shared.admin.groups.add_user_to_group
    raises(exceptions.NotFoundException, add, group, user.id, TENANT)
    assert members_of(group) == []

    shared.admin.tenant_access.create_tenant_access(user.id, TENANT)
    for name in user.id, user.username:
        member = add(group, name, TENANT)
        assert member.id == user.id and [g.id for g in member.groups] == [group]
        assert members_of(group) == [user.username]
        member = shared.admin.groups.delete_user_from_group(group, user.id, TENANT)
        assert member.id == user.id and not member.groups
        assert members_of(group) == []
        access = shared.admin.tenant_access.tenant_access(user.id, TENANT)
        assert (access.user_id, access.groups) == (user.id, [])


@step
def tenant_access():
    user, group = create_user(), create_group().id
    api, taken = shared.admin.tenant_access, exceptions.ConflictException
    grant_access(user.email)
    raises(taken, grant_access, user.email)
    raises(taken, api.create_tenant_access, user.id, TENANT)
    set_groups(user.id, [group])
    access = api.tenant_access(user.id, TENANT)
    assert (access.tenant_id, access.user_id, access.username) == (TENANT, user.id, user.username)
    assert [g.id for g in access.groups] == [group] and access.instance_owner is False

    gone = exceptions.NotFoundException
    api.delete_tenant_access(user.id, TENANT)
    raises(gone, api.tenant_access, user.id, TENANT)
    raises(gone, api.delete_tenant_access, user.id, TENANT)
    assert members_of(group) == []

    api.create_tenant_access(user.id, TENANT)
    assert api.tenant_access(user.id, TENANT).groups == []


@step
def list_tenant_access():
    user = create_user(tenants=[TENANT])
    filters = [eq(Field.USERNAME, user.username), eq(Field.TYPE, "STANDARD")]
    found = shared.admin.tenant_access.list_tenant_access(TENANT, filters=filters)
    assert [access.id for access in found.results] == [user.id]
    everyone = shared.admin.tenant_access.list_tenant_access(TENANT, page=1, size=1)
    assert len(everyone.results) == 1 < everyone.total


@step
def search_groups():
    prefix = new_name("search")
    names = [create_group(name=f"{prefix}-{letter}").name for letter in "bca"]
    found = eq(Field.QUERY, prefix)
    pages = [shared.admin.groups.search_groups(TENANT, n, 2, ["name:desc"], [found]) for n in (1, 2)]
    assert [page.total for page in pages] == [3, 3]
    assert [g.name for page in pages for g in page.results] == sorted(names, reverse=True)
    named = shared.admin.groups.search_groups(TENANT, filters=[eq(Field.NAME, names[0])])
    assert [g.name for g in named.results] == [names[0]]


@step
def search_roles():
    search, prefix = shared.admin.roles.search_roles, new_name("search")
    names = [create_role(name=f"{prefix}-{letter}").name for letter in "bca"]
    found = eq(Field.QUERY, prefix)
    pages = [search(TENANT, page, 2, ["name:desc"], [found]) for page in (1, 2)]
    assert [page.total for page in pages] == [3, 3]
    assert [r.name for page in pages for r in page.results] == sorted(names, reverse=True)
    (named,) = search(TENANT, filters=[eq(Field.NAME, names[0])]).results
    # It counts resources.
    assert (named.name, named.is_managed, named.permission_count) == (names[0], False, 2)


@step
def bindings():
    api, role = shared.admin.bindings, create_role()
    user, group = create_user(tenants=[TENANT]), create_group()

    def request(kind, subject):
        return kestrapy.IAMBindingControllerApiCreateBindingRequest(
            type=kind, external_id=subject, role_id=role.id
        )

    first = api.create_binding(TENANT, request("USER", user.id))
    assert (first.type, first.role.id, first.role.name) == ("USER", role.id, role.name)
    assert (first.user.id, first.user.username) == (user.id, user.username) and not first.group
    raises(exceptions.ConflictException, api.create_binding, TENANT, request("USER", user.id))
    unknown = exceptions.NotFoundException
    raises(unknown, api.create_binding, TENANT, request("GROUP", "nothing"))

    (second,) = api.bulk_create_binding(TENANT, [request("GROUP", group.id)])
    assert (second.group.id, second.group.name) == (group.id, group.name) and not second.user
    for binding, kind, subject in (first, "USER", user.id), (second, "GROUP", group.id):
        assert api.binding(binding.id, TENANT) == binding
        assert api.search_bindings(TENANT, external_id=subject).results == [binding]
        kind = kestrapy.BindingType(kind)
        found = api.search_bindings(TENANT, size=1000, binding_type=kind).results
        assert binding in found and {b.type for b in found} == {kind}

    api.delete_binding(first.id, TENANT)
    raises(unknown, api.binding, first.id, TENANT)
    assert api.search_bindings(TENANT, external_id=user.id).total == 0
    shared.admin.roles.delete_role(role.id, TENANT)
    raises(unknown, api.binding, second.id, TENANT)


@step
def privilege():
    users = shared.admin.users
    user = create_user(instance_owner=True)
    assert user.instance_owner is True
    for owner in False, True:
        request = kestrapy.ApiPatchInstanceOwnerRequest(instance_owner=owner)
        users.patch_user_instance_owner(user.id, request)
        assert users.user(user.id).instance_owner is owner
        filters = [eq(Field.QUERY, user.email), eq(Field.INSTANCE_OWNER, owner)]
        (summary,) = users.list_users(filters=filters).results
        assert (summary.id, summary.instance_owner) == (user.id, owner)
    # The old path and the old name still work.
    users.patch_user_super_admin(user.id, kestrapy.ApiPatchSuperAdminRequest(super_admin=False))
    assert users.user(user.id).instance_owner is False
    assert "superAdmin" not in get(f"/api/v1/users/{user.id}").json()


@step
def page_size():
    assert shared.admin.users.list_users(size=1000).total > 0
    tenant = shared.admin.tenant_access
    for path, call in {
        "users": lambda: shared.admin.users.list_users(size=1001),
        "main/groups/search": lambda: shared.admin.groups.search_groups(TENANT, size=1001),
        "main/tenant-access": lambda: tenant.list_tenant_access(TENANT, size=1001),
    }.items():
        caught = raises(exceptions.UnprocessableEntityException, call)
        assert json.loads(caught.body)["type"] == f"{PROBLEMS}validation-failed", path


@step
def errors():
    caught = raises(exceptions.UnauthorizedException, shared.client_of().users.user, "nobody")
    needed = "Authentication required"
    is_problem(caught, "unauthenticated", needed, needed, "/api/v1/users/nobody")

    caught = raises(exceptions.NotFoundException, shared.admin.users.user, "nobody")
    unknown = "User does not exist for id 'nobody'"
    is_problem(caught, "not-found", "Resource not found", unknown, "/api/v1/users/nobody")

    user = create_user(tenants=[TENANT])
    caught = raises(exceptions.ConflictException, lambda: create_user(email=user.email))
    assert user.email in json.loads(caught.body)["detail"]
    assert json.loads(caught.body)["type"] == f"{PROBLEMS}entity-already-exists"

    invalid = exceptions.UnprocessableEntityException
    caught = raises(invalid, lambda: create_user(email="no address"))
    (wrong,) = json.loads(caught.body)["errors"]
    assert (wrong["pointer"], wrong["path"]) == ("/email", "createUser.request.email")
    failed = "Validation failed"
    is_problem(caught, "validation-failed", failed, failed, "/api/v1/users", errors=[wrong])

    caught = raises(invalid, lambda: create_user(password="Weak1234"))
    specials = [{"detail": "must have one of !@#$%^&*_-"}]
    weak = "Password policy not met"
    slug = "password-policy-violation"
    is_problem(caught, slug, weak, weak, "/api/v1/users", errors=specials)
    create_user(password="Strong_1234")

    caught = raises(exceptions.BadRequestException, set_groups, user.id, [" "])
    path = "updateUserGroups.request.groupIds[0]"
    blank = {"detail": "must not be blank", "pointer": "/groupIds/0", "path": path}
    groups = f"/api/v1/main/users/{user.id}/groups"
    rejected = "Invalid request payload"
    is_problem(caught, "bad-request", "Bad request", rejected, groups, errors=[blank])

    filters = [eq(Field.LABELS, "x")]
    caught = raises(
        exceptions.BadRequestException, lambda: shared.admin.users.list_users(filters=filters)
    )
    assert json.loads(caught.body)["type"] == f"{PROBLEMS}invalid-query-filters"
    # The instance is the path alone.
    assert json.loads(caught.body)["instance"] == "/api/v1/users"


@step
def headers():
    for path, route_matched in {"users/nobody": "true", "no/such/path": "false"}.items():
        answer = get(f"/api/v1/{path}")
        assert answer.status_code == answer.json()["status"] == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["X-Kestra-Edition"] == "EE"
        assert answer.headers["X-Kestra-Route-Matched"] == route_matched
    assert "X-Kestra-Edition" not in get("/api/v1/users").headers


run()
