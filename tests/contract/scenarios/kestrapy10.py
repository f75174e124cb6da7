"""kestrapy 1.0: flat query parameters, and page and size in every search."""
import json
import sys
from datetime import datetime, timedelta

import kestrapy
from kestrapy import exceptions
from steps import ADMIN, PERMISSIONS, TENANT, first_token, new_name, raises, run, step

URL = sys.argv[1]


class Client:
    def __init__(self, **credentials):
        client = kestrapy.ApiClient(kestrapy.Configuration(host=URL, **credentials))
        self.auths = kestrapy.AuthsApi(client)
        self.bindings = kestrapy.BindingsApi(client)
        self.groups = kestrapy.GroupsApi(client)
        self.invitations = kestrapy.InvitationsApi(client)
        self.roles = kestrapy.RolesApi(client)
        self.service_accounts = kestrapy.ServiceAccountApi(client)
        self.tenant_access = kestrapy.TenantAccessApi(client)
        self.users = kestrapy.UsersApi(client)


admin = Client()


def user_request(**members):
    members = {"email": f"{new_name('user')}@example.com", **members}
    return kestrapy.IAMUserControllerApiCreateOrUpdateUserRequest(**members)


def create_user(**members):
    # The method without `http_info` does not return the user.
    answer = admin.users.create_user_with_http_info(user_request(**members))
    return kestrapy.IAMUserControllerApiUser.from_dict(json.loads(answer.raw_data))


def create_group(**members):
    members = {"name": new_name("group"), **members}
    request = kestrapy.IAMGroupControllerApiCreateGroupRequest(**members)
    return admin.groups.create_group(TENANT, request)


def set_groups(user, group_ids, client=None):
    request = kestrapy.IAMUserGroupControllerApiUpdateUserGroupsRequest(group_ids=group_ids)
    (client or admin).users.update_user_groups(user, TENANT, request)


def role_request(**members):
    members = {"name": new_name("role"), "permissions": PERMISSIONS, **members}
    return kestrapy.IAMRoleControllerApiRoleCreateOrUpdateRequest.from_dict(members)


def create_role(**members):
    return admin.roles.create_role(TENANT, role_request(**members))


def bind(kind, subject, role):
    request = kestrapy.IAMBindingControllerApiCreateBindingRequest(
        type=kind, external_id=subject, role_id=role
    )
    return admin.bindings.create_binding(TENANT, request)


def groups_of(user):
    return {(group.tenant_id, group.id) for group in admin.users.get_user(user).groups}


def members_of(group, **options):
    found = admin.groups.search_group_members(group, 1, 10, TENANT, **options)
    assert found.total == len(found.results)
    return [member.username for member in found.results]


def grant_access(email):
    request = kestrapy.IAMTenantAccessControllerApiCreateTenantAccessRequest(email=email)
    admin.tenant_access.create_tenant_access(TENANT, request)


@step
def bootstrap():
    global admin
    admin = Client(access_token=first_token(URL))
    me = admin.auths.get_current_user()
    assert me.super_admin and me.profile.email == ADMIN["username"]
    assert [tenant.id for tenant in me.tenants] == [TENANT]


@step
def users():
    created = create_user(
        first_name="Ada", last_name="Byron", password="Password!234", tenants=[TENANT]
    )
    assert created == admin.users.get_user(created.id)
    assert created.username == created.email and created.display_name == "Ada Byron"
    assert [tenant.id for tenant in created.tenants] == [TENANT]
    assert created.auths[0].id and not created.groups

    names = kestrapy.MeControllerApiUserDetailsRequest(last_name="Lovelace")
    patched = admin.users.patch_user(created.id, names)
    assert (patched.first_name, patched.last_name) == ("Ada", "Lovelace")
    restricted = kestrapy.IAMUserControllerApiPatchRestrictedRequest(restricted=True)
    admin.users.patch_user_demo(created.id, restricted)
    super_admin = kestrapy.ApiPatchSuperAdminRequest(super_admin=True)
    admin.users.patch_user_super_admin(created.id, super_admin)
    changed = admin.users.get_user(created.id)
    assert changed.restricted and changed.super_admin

    password = kestrapy.IAMUserControllerApiPatchUserPasswordRequest(password="Changed!234")
    admin.users.patch_user_password(created.id, password)
    Client(username=created.email, password="Changed!234").users.list_users(1, 10)


@step
def groups():
    member = create_user(tenants=[TENANT])
    created = create_group(description="Those who plan", members_id=[member.id])
    assert created == admin.groups.get_group(created.id, TENANT)
    assert created.description == "Those who plan"
    assert members_of(created.id) == [member.username]

    name = new_name("renamed")
    request = kestrapy.IAMGroupControllerApiUpdateGroupRequest(name=name, description="Others")
    updated = admin.groups.update_group(created.id, TENANT, request)
    assert (updated.id, updated.name, updated.description) == (created.id, name, "Others")


@step
def update_user_groups():
    user = create_user(tenants=[TENANT]).id
    first, second, third = (create_group().id for _ in range(3))
    set_groups(user, [first, second])
    assert groups_of(user) == {(TENANT, first), (TENANT, second)}
    set_groups(user, [second, third, third])
    assert groups_of(user) == {(TENANT, second), (TENANT, third)}
    set_groups(user, [])
    assert groups_of(user) == set()


@step
def group_members():
    user, group = create_user(), create_group()
    member = admin.groups.add_user_to_group(group.id, user.id, TENANT)
    assert member.id == user.id and group.id in [g.id for g in member.groups]
    assert members_of(group.id) == [user.username]
    assert admin.tenant_access.get_tenant_access(user.id, TENANT).user_id == user.id

    member = admin.groups.delete_user_from_group(group.id, user.id, TENANT)
    assert member.id == user.id and group.id not in [g.id for g in member.groups or []]
    assert members_of(group.id) == []
    gone = exceptions.NotFoundException
    raises(gone, admin.tenant_access.get_tenant_access, user.id, TENANT)


@step
def group_owners():
    user, group = create_user(tenants=[TENANT], password="Password!234"), create_group().id
    set_groups(user.id, [group])
    for membership in kestrapy.GroupIdentifierMembership:
        member = admin.groups.set_user_membership_for_group(group, user.id, membership, TENANT)
        assert [(g.id, g.membership) for g in member.groups] == [(group, membership)]


@step
def create_user_in_groups():
    group = create_group().id
    user = create_user(groups=[group])
    assert groups_of(user.id) == {(TENANT, group)}
    assert [tenant.id for tenant in user.tenants] == [TENANT]


@step
def update_user_in_groups():
    first, second = create_group().id, create_group().id
    user = create_user(groups=[first])
    for group_ids in [second], []:
        request = user_request(email=user.email, tenants=[TENANT], groups=group_ids)
        updated = admin.users.update_user(user.id, request)
        assert [group.id for group in updated.groups] == group_ids
        assert groups_of(user.id) == {(TENANT, group) for group in group_ids}


@step
def tenant_access():
    user, group = create_user(), create_group().id
    grant_access(user.email)
    set_groups(user.id, [group])
    access = admin.tenant_access.get_tenant_access(user.id, TENANT)
    assert (access.tenant_id, access.user_id, access.username) == (TENANT, user.id, user.username)
    assert [g.id for g in access.groups] == [group]

    admin.tenant_access.delete_tenant_access(user.id, TENANT)
    gone = exceptions.NotFoundException
    raises(gone, admin.tenant_access.get_tenant_access, user.id, TENANT)
    assert members_of(group) == []

    admin.tenant_access.create_tenant_access1(user.id, TENANT)
    assert admin.tenant_access.get_tenant_access(user.id, TENANT).groups == []


@step
def search_groups():
    prefix = new_name("search")
    names = [create_group(name=f"{prefix}-{letter}").name for letter in "bca"]
    pages = [
        admin.groups.search_groups(page, 2, TENANT, q=prefix, sort=["name:desc"])
        for page in (1, 2)
    ]
    assert [page.total for page in pages] == [3, 3]
    assert [g.name for page in pages for g in page.results] == sorted(names, reverse=True)


@step
def search_group_members():
    group = create_group().id
    one, other = create_user(groups=[group]), create_user(groups=[group])
    assert sorted(members_of(group)) == sorted([one.username, other.username])
    assert members_of(group, q=one.email) == [one.username]


@step
def list_users():
    user = create_user()
    found = admin.users.list_users(1, 100, q=user.email)
    assert found.total == 1 and found.results[0].id == user.id
    everyone = admin.users.list_users(1, 2)
    assert len(everyone.results) == 2 < everyone.total


@step
def list_tenant_access():
    user = create_user(tenants=[TENANT])
    options = {"q": user.email, "type": kestrapy.UserType.STANDARD}
    found = admin.tenant_access.list_tenant_access(1, 10, TENANT, **options)
    assert [access.id for access in found.results] == [user.id]
    everyone = admin.tenant_access.list_tenant_access(1, 1, TENANT)
    assert len(everyone.results) == 1 < everyone.total


@step
def autocomplete():
    group = create_group()
    user = create_user(groups=[group.id])
    request = kestrapy.IAMTenantAccessControllerUserApiAutocomplete(q=user.email)
    assert [u.username for u in admin.users.autocomplete_users(TENANT, request)] == [user.email]
    request = kestrapy.ApiAutocomplete(q=group.name)
    assert [g.id for g in admin.groups.autocomplete_groups(TENANT, request)] == [group.id]

    ids = {group.id, create_group().id}
    found = admin.groups.list_group_ids(TENANT, kestrapy.ApiIds(ids=list(ids)))
    assert {g.id for g in found} == ids


@step
def api_tokens():
    user = create_user(tenants=[TENANT])
    request = kestrapy.CreateApiTokenRequest(name="nightly", description="ci", max_age="PT1H")
    # This version has no types for a user's tokens, and accepts only a 200 for a new one.
    answer = admin.users.create_api_tokens_for_user1_with_http_info(user.id, request)
    created = json.loads(answer.raw_data)
    (token,) = admin.users.list_api_tokens1(user.id)["results"]
    assert [token[key] for key in ("id", "name", "description")] == [created["id"], "nightly", "ci"]
    begin, end = (datetime.fromisoformat(token[key]) for key in ("iat", "exp"))
    assert end - begin == timedelta(hours=1) and not token["expired"]
    assert created["fullToken"].startswith(token["prefix"])

    bearer = Client(access_token=created["fullToken"])
    assert bearer.auths.get_current_user().profile.email == user.email
    admin.users.delete_api_token1(user.id, token["id"])
    assert admin.users.list_api_tokens1(user.id)["results"] == []
    raises(exceptions.UnauthorizedException, bearer.auths.get_current_user)


@step
def roles():
    name, unknown = new_name("role"), exceptions.NotFoundException
    created = create_role(name=name, description="Those who plan")
    assert created == admin.roles.get_role(created.id, TENANT)
    assert (created.name, created.description) == (name, "Those who plan")
    assert created.permissions.to_dict() == PERMISSIONS
    assert (created.is_default, created.is_managed) == (False, False)
    twin = create_role(name=name)
    assert twin.id != created.id and twin.name == name and not twin.description

    names = {"name": new_name("renamed"), "description": "Others"}
    request = role_request(**names, permissions={"FLOW": ["UPDATE", "READ"]})
    updated = admin.roles.update_role(created.id, TENANT, request)
    assert updated == admin.roles.get_role(created.id, TENANT)
    assert updated.to_dict() == {**created.to_dict(), **request.to_dict()}

    request = kestrapy.ApiAutocomplete(q=name)
    assert [r.id for r in admin.roles.autocomplete_roles(TENANT, request)] == [twin.id]
    ids = [twin.id, created.id]
    found = admin.roles.list_roles_from_given_ids(TENANT, kestrapy.ApiIds(ids=ids))
    assert [(r.id, r.is_managed, r.deleted) for r in found] == [(i, False, False) for i in ids]

    admin.roles.delete_role(created.id, TENANT)
    raises(unknown, admin.roles.get_role, created.id, TENANT)
    raises(unknown, admin.roles.delete_role, created.id, TENANT)


@step
def search_roles():
    prefix = new_name("search")
    names = [create_role(name=f"{prefix}-{letter}").name for letter in "bca"]
    options = {"q": prefix, "sort": ["name:desc"]}
    pages = [admin.roles.search_roles(page, 2, TENANT, **options) for page in (1, 2)]
    assert [page.total for page in pages] == [3, 3]
    assert [r.name for page in pages for r in page.results] == sorted(names, reverse=True)


@step
def managed_roles():
    refused, managed = exceptions.ForbiddenException, f"admin_{TENANT}"
    assert admin.roles.get_role(managed, TENANT).is_managed
    raises(refused, admin.roles.update_role, managed, TENANT, role_request())
    raises(refused, admin.roles.delete_role, managed, TENANT)


@step
def bindings():
    role, user, group = create_role(), create_user(), create_group()
    first, second = bind("USER", user.id, role.id), bind("GROUP", group.id, role.id)
    assert (first.role.id, first.role.name) == (role.id, role.name)
    assert (first.user.id, first.user.username) == (user.id, user.username) and not first.group
    assert (second.group.id, second.group.name) == (group.id, group.name) and not second.user
    raises(exceptions.ConflictException, bind, "USER", user.id, role.id)
    unknown = exceptions.NotFoundException
    raises(unknown, bind, "GROUP", "nothing", role.id)

    search = admin.bindings.search_bindings
    for binding, kind, subject in (first, "USER", user.id), (second, "GROUP", group.id):
        assert binding.type == kind
        assert admin.bindings.get_binding(binding.id, TENANT) == binding
        assert search(1, 10, TENANT, id=subject).results == [binding]
        found = search(1, 1000, TENANT, type=kestrapy.BindingType(kind)).results
        assert binding in found and {b.type for b in found} == {kind}

    admin.bindings.delete_binding(first.id, TENANT)
    raises(unknown, admin.bindings.get_binding, first.id, TENANT)
    assert search(1, 10, TENANT, id=user.id).total == 0
    admin.roles.delete_role(role.id, TENANT)
    raises(unknown, admin.bindings.get_binding, second.id, TENANT)


@step
def rights():
    user, group = create_user(tenants=[TENANT], password="Password!234"), create_group()
    client = Client(username=user.username, password="Password!234")
    refused, readers = exceptions.ForbiddenException, {"GROUP": ["READ"]}
    raises(refused, client.groups.get_group, group.id, TENANT)
    bind("USER", user.id, create_role(permissions=readers).id)
    assert client.groups.get_group(group.id, TENANT) == group
    raises(refused, client.groups.delete_group, group.id, TENANT)
    raises(refused, client.roles.search_roles, 1, 10, TENANT)

    set_groups(user.id, [group.id])
    binding = bind("GROUP", group.id, create_role(permissions={"ROLE": ["CREATE"]}).id)
    client.roles.create_role(TENANT, role_request(permissions=readers))
    # Nobody gives rights that they do not have.
    raises(refused, client.roles.create_role, TENANT, role_request())
    admin.bindings.delete_binding(binding.id, TENANT)
    raises(refused, client.roles.create_role, TENANT, role_request(permissions=readers))


@step
def service_accounts():
    api, name, unknown = admin.service_accounts, new_name("robot"), exceptions.NotFoundException
    request = kestrapy.IAMServiceAccountControllerApiCreateServiceAccountRequest(
        name=name, description="Plans", tenants=[TENANT]
    )
    created, twin = api.create_service_account(request), api.create_service_account(request)
    assert created == api.get_service_account(created.id) and created.id != twin.id
    assert (created.name, created.description) == (name, "Plans")
    assert [tenant.id for tenant in created.tenants] == [TENANT]
    found = api.list_service_accounts(1, 1000).results
    assert created in found and twin in found

    request = kestrapy.IAMServiceAccountControllerApiPatchServiceAccountRequest(
        name=name, description="Builds"
    )
    assert api.patch_service_account_details(twin.id, request).description == "Builds"
    request = kestrapy.ApiPatchSuperAdminRequest(super_admin=True)
    api.patch_service_account_super_admin(twin.id, request)
    assert api.get_service_account(twin.id).super_admin
    api.delete_service_account(twin.id)
    raises(unknown, api.get_service_account, twin.id)
    assert api.get_service_account(created.id) == created


@step
def service_accounts_of_tenant():
    api, group = admin.service_accounts, create_group().id

    def request(**members):
        members = {"name": new_name("robot"), **members}
        return kestrapy.IAMServiceAccountControllerApiServiceAccountRequest(**members)

    in_group = request(groups=[kestrapy.IAMServiceAccountControllerApiGroup(id=group)])
    created = api.create_service_account_for_tenant(TENANT, in_group)
    assert created == api.get_service_account_for_tenant(created.id, TENANT)
    assert [g.id for g in created.groups] == [group]
    changed = request(name=created.name, description="Builds")
    assert api.update_service_account(created.id, TENANT, changed).description == "Builds"
    api.delete_service_account_for_tenant(created.id, TENANT)
    unknown = exceptions.NotFoundException
    raises(unknown, api.get_service_account_for_tenant, created.id, TENANT)


@step
def invitations():
    api, group = admin.invitations, create_group()
    email, other = (f"{new_name('guest')}@example.com" for _ in range(2))

    def invite(email, **members):
        request = kestrapy.IAMInvitationControllerApiInvitationCreateRequest(email=email, **members)
        api.create_invitation(TENANT, request)

    invite(email, groups=[group.id])
    raises(exceptions.ConflictException, invite, email)
    (sent,) = api.list_invitations_by_email(email, TENANT)
    assert (sent.email, sent.tenant_id, sent.status) == (email, TENANT, "PENDING")
    assert [g.id for g in sent.groups] == [group.id]
    assert api.get_invitation(sent.id, TENANT) == sent
    assert api.search_invitations(1, 10, TENANT, email=email).results == [sent]
    api.delete_invitation(sent.id, TENANT)
    raises(exceptions.NotFoundException, api.get_invitation, sent.id, TENANT)

    invite(other, create_user_if_not_exist=True)
    assert api.list_invitations_by_email(other, TENANT) == []
    assert admin.users.list_users(1, 10, q=other).total == 1


@step
def basic_and_bearer():
    basic = Client(**ADMIN)
    assert basic.auths.get_current_user() == admin.auths.get_current_user()
    user, group = create_user(tenants=[TENANT]).id, create_group().id
    set_groups(user, [group], basic)
    assert groups_of(user) == {(TENANT, group)}


@step
def unauthorized():
    for client in (
        Client(),
        Client(username=ADMIN["username"], password="Wrong!1234"),
        Client(access_token="nobody-has-this-token"),
    ):
        raises(exceptions.UnauthorizedException, client.users.list_users, 1, 10)


@step
def forbidden():
    user = create_user(tenants=[TENANT], password="Password!234")
    client = Client(username=user.email, password="Password!234")
    raises(exceptions.ForbiddenException, client.users.list_users, 1, 10)
    raises(exceptions.ForbiddenException, set_groups, user.id, [create_group().id], client)


@step
def not_found():
    unknown = exceptions.NotFoundException
    user, group = create_user(tenants=[TENANT]).id, create_group().id
    raises(unknown, admin.users.get_user, "nobody")
    raises(unknown, admin.groups.get_group, "nothing", TENANT)
    raises(unknown, admin.groups.get_group, group, "nowhere")
    raises(unknown, admin.groups.add_user_to_group, group, "nobody", TENANT)
    raises(unknown, admin.tenant_access.get_tenant_access, "nobody", TENANT)
    raises(unknown, set_groups, create_user().id, [group])
    raises(unknown, set_groups, user, [group, "nothing"])
    assert groups_of(user) == set()


@step
def conflict():
    taken = exceptions.ConflictException
    user, group = create_user(tenants=[TENANT]), create_group()
    raises(taken, admin.users.create_user, user_request(email=user.email.upper()))
    raises(taken, lambda: create_group(name=group.name))
    raises(taken, grant_access, user.email)
    raises(taken, admin.groups.delete_user_from_group, group.id, user.id, TENANT)
    admin.groups.add_user_to_group(group.id, user.id, TENANT)
    raises(taken, admin.groups.add_user_to_group, group.id, user.id, TENANT)


@step
def unprocessable():
    invalid = exceptions.UnprocessableEntityException
    raises(invalid, admin.users.create_user, user_request(email="no address"))
    raises(invalid, admin.users.create_user, user_request(password="weak"))
    raises(invalid, lambda: create_group(name=""))


@step
def bad_request():
    user, group = create_user(tenants=[TENANT]).id, create_group().id
    set_groups(user, [group])
    for group_ids in None, [" "]:
        problem = raises(exceptions.BadRequestException, set_groups, user, group_ids)
        assert json.loads(problem.body)["message"]
    assert groups_of(user) == {(TENANT, group)}


@step
def clean_up():
    unknown = exceptions.NotFoundException
    group = create_group()
    user = create_user(groups=[group.id])
    admin.users.delete_user(user.id)
    raises(unknown, admin.users.get_user, user.id)
    assert members_of(group.id) == []
    admin.groups.delete_group(group.id, TENANT)
    raises(unknown, admin.groups.get_group, group.id, TENANT)
    create_group(name=group.name)


run()
