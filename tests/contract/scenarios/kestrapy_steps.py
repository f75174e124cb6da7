"""What kestrapy 1.3 and 2.0 share. Both are written by hand, with filters and types for every answer."""
import sys
from datetime import timedelta

import kestrapy
import requests
from kestrapy import exceptions
from steps import ADMIN, PERMISSIONS, TENANT, first_token, new_name, raises, step

URL = sys.argv[1]
Field = kestrapy.QueryFilterField


def client_of(**credentials):
    return kestrapy.KestraClient(host=URL, **credentials)


admin = client_of()


def eq(field, text):
    # kestrapy 1.3 takes a value only like this, and kestrapy 2.0 still takes it.
    return kestrapy.QueryFilter(var_field=field, operation="EQUALS", value={"value": text})


def user_request(**members):
    members = {"email": f"{new_name('user')}@example.com", **members}
    return kestrapy.IAMUserControllerApiCreateOrUpdateUserRequest(**members)


def create_user(**members):
    return admin.users.create_user(user_request(**members))


def create_group(**members):
    members = {"name": new_name("group"), **members}
    request = kestrapy.IAMGroupControllerApiCreateGroupRequest(**members)
    return admin.groups.create_group(TENANT, request)


def set_groups(user, group_ids, client=None):
    request = kestrapy.IAMUserGroupControllerApiUpdateUserGroupsRequest(group_ids=group_ids)
    (client or admin).users.update_user_groups(user, TENANT, request)


def role_request(**members):
    members = {"name": new_name("role"), "permissions": PERMISSIONS, **members}
    # The versions have different classes for the permissions. `from_dict` knows which.
    return kestrapy.IAMRoleControllerApiRoleCreateOrUpdateRequest.from_dict(members)


def create_role(**members):
    return admin.roles.create_role(TENANT, role_request(**members))


def bind(kind, subject, role):
    """Sends the request itself, since kestrapy 1.3 has no class for bindings."""
    body = {"type": kind, "externalId": subject, "roleId": role}
    url = f"{URL}/api/v1/{TENANT}/bindings"
    requests.post(url, json=body, auth=tuple(ADMIN.values()), timeout=10).raise_for_status()


def groups_of(user):
    return {(group.tenant_id, group.id) for group in admin.users.user(user).groups}


def tenants_of(user):
    return [tenant.id for tenant in admin.users.user(user).tenants]


def members_of(group, *filters):
    found = admin.groups.search_group_members(group, TENANT, filters=list(filters))
    assert found.total == len(found.results)
    return [member.username for member in found.results]


def found_users(*filters):
    return [user.username for user in admin.users.list_users(filters=list(filters)).results]


@step
def bootstrap():
    global admin
    admin = client_of(token=first_token(URL))
    assert found_users(eq(Field.USERNAME, ADMIN["username"])) == [ADMIN["username"]]


@step
def users():
    created = create_user(
        first_name="Ada", last_name="Byron", password="Password!234", tenants=[TENANT]
    )
    assert created == admin.users.user(created.id)
    assert created.username == created.email and created.display_name == "Ada Byron"
    assert tenants_of(created.id) == [TENANT]
    assert created.auths[0].id and not created.groups

    names = kestrapy.MeControllerApiUserDetailsRequest(last_name="Lovelace")
    patched = admin.users.patch_user(created.id, names)
    assert (patched.first_name, patched.last_name) == ("Ada", "Lovelace")
    restricted = kestrapy.IAMUserControllerApiPatchRestrictedRequest(restricted=True)
    admin.users.patch_user_demo(created.id, restricted)
    assert admin.users.user(created.id).restricted

    password = kestrapy.IAMUserControllerApiPatchUserPasswordRequest(password="Changed!234")
    admin.users.patch_user_password(created.id, password)
    client = client_of(username=created.email, password="Changed!234")
    raises(exceptions.ForbiddenException, client.users.list_users)


@step
def groups():
    member = create_user(tenants=[TENANT])
    created = create_group(description="Those who plan", members_id=[member.id])
    assert created == admin.groups.group(created.id, TENANT)
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
    assert tenants_of(user.id) == [TENANT]


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
def search_group_members():
    group = create_group().id
    one, other = create_user(groups=[group]), create_user(groups=[group])
    assert sorted(members_of(group)) == sorted([one.username, other.username])
    assert members_of(group, eq(Field.QUERY, one.email)) == [one.username]
    assert members_of(group, eq(Field.USERNAME, other.username)) == [other.username]


@step
def list_users():
    user = create_user()
    found = admin.users.list_users(filters=[eq(Field.QUERY, user.email)])
    assert found.total == 1 and found.results[0].id == user.id
    everyone = admin.users.list_users(page=1, size=2)
    assert len(everyone.results) == 2 < everyone.total


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
    created = admin.users.create_api_tokens_for_user(user.id, request)
    (token,) = admin.users.list_api_tokens_for_user(user.id).results
    assert (token.id, token.name, token.description) == (created.id, "nightly", "ci")
    assert token.exp - token.iat == timedelta(hours=1) and not token.expired
    assert created.full_token.startswith(token.prefix)

    bearer = client_of(token=created.full_token)
    raises(exceptions.ForbiddenException, bearer.users.list_users)
    admin.users.delete_api_token_for_user(user.id, token.id)
    assert admin.users.list_api_tokens_for_user(user.id).results == []
    raises(exceptions.UnauthorizedException, bearer.users.list_users)


@step
def roles():
    name, unknown = new_name("role"), exceptions.NotFoundException
    created = create_role(name=name, description="Those who plan")
    assert created == admin.roles.role(created.id, TENANT)
    assert (created.name, created.description) == (name, "Those who plan")
    assert created.permissions.to_dict() == PERMISSIONS
    assert (created.is_default, created.is_managed) == (False, False)
    twin = create_role(name=name)
    assert twin.id != created.id and twin.name == name and not twin.description

    names = {"name": new_name("renamed"), "description": "Others"}
    request = role_request(**names, permissions={"FLOW": ["UPDATE", "READ"]})
    updated = admin.roles.update_role(created.id, TENANT, request)
    assert updated == admin.roles.role(created.id, TENANT)
    assert updated.to_dict() == {**created.to_dict(), **request.to_dict()}

    request = kestrapy.ApiAutocomplete(q=name)
    assert [r.id for r in admin.roles.autocomplete_roles(TENANT, request)] == [twin.id]
    ids = [twin.id, created.id]
    found = admin.roles.list_roles_from_given_ids(TENANT, kestrapy.ApiIds(ids=ids))
    assert [(r.id, r.is_managed, r.deleted) for r in found] == [(i, False, False) for i in ids]

    admin.roles.delete_role(created.id, TENANT)
    raises(unknown, admin.roles.role, created.id, TENANT)
    raises(unknown, admin.roles.delete_role, created.id, TENANT)


@step
def managed_roles():
    refused, managed = exceptions.ForbiddenException, f"admin_{TENANT}"
    assert admin.roles.role(managed, TENANT).is_managed
    raises(refused, admin.roles.update_role, managed, TENANT, role_request())
    raises(refused, admin.roles.delete_role, managed, TENANT)


@step
def rights():
    user, group = create_user(tenants=[TENANT], password="Password!234"), create_group()
    client = client_of(username=user.username, password="Password!234")
    refused, readers = exceptions.ForbiddenException, {"GROUP": ["READ"]}
    raises(refused, client.groups.group, group.id, TENANT)
    bind("USER", user.id, create_role(permissions=readers).id)
    assert client.groups.group(group.id, TENANT) == group
    raises(refused, client.groups.delete_group, group.id, TENANT)
    raises(refused, client.roles.search_roles, TENANT)

    set_groups(user.id, [group.id])
    role = create_role(permissions={"ROLE": ["CREATE"]}).id
    bind("GROUP", group.id, role)
    client.roles.create_role(TENANT, role_request(permissions=readers))
    # Nobody gives rights that they do not have.
    raises(refused, client.roles.create_role, TENANT, role_request())
    admin.roles.delete_role(role, TENANT)
    raises(refused, client.roles.create_role, TENANT, role_request(permissions=readers))


@step
def service_accounts():
    api, name = admin.service_account, new_name("robot")
    request = kestrapy.IAMServiceAccountControllerApiCreateServiceAccountRequest(
        name=name, description="Plans", tenants=[TENANT]
    )
    created, twin = api.create_service_account(request), api.create_service_account(request)
    assert created == api.service_account(created.id) and created.id != twin.id
    assert (created.name, created.description) == (name, "Plans")
    assert [tenant.id for tenant in created.tenants] == [TENANT]
    found = api.list_service_accounts(filters=[eq(Field.NAME, name)])
    assert {account.id for account in found.results} == {created.id, twin.id}

    request = kestrapy.IAMServiceAccountControllerApiPatchServiceAccountRequest(
        name=name, description="Builds"
    )
    assert api.patch_service_account_details(twin.id, request).description == "Builds"
    request = kestrapy.CreateApiTokenRequest(name="nightly")
    token = api.create_api_tokens_for_service_account(twin.id, request)
    bearer = client_of(token=token["fullToken"])
    raises(exceptions.ForbiddenException, bearer.users.list_users)
    # kestrapy 2.0 still takes the old name of the privilege.
    request = kestrapy.ApiPatchSuperAdminRequest(super_admin=True)
    api.patch_service_account_super_admin(twin.id, request)
    assert bearer.users.list_users().total > 0
    listed = api.list_api_tokens_for_service_account(twin.id)["results"]
    assert [t["id"] for t in listed] == [token["id"]]
    api.delete_api_token_for_service_account(twin.id, token["id"])
    raises(exceptions.UnauthorizedException, bearer.users.list_users)

    api.delete_service_account(twin.id)
    raises(exceptions.NotFoundException, api.service_account, twin.id)
    assert api.service_account(created.id) == created


@step
def service_accounts_of_tenant():
    api, group = admin.service_account, create_group().id

    def request(**members):
        members = {"name": new_name("robot"), **members}
        return kestrapy.IAMServiceAccountControllerApiServiceAccountRequest(**members)

    in_group = request(groups=[kestrapy.IAMServiceAccountControllerApiGroup(id=group)])
    created = api.create_service_account_for_tenant(TENANT, in_group)
    assert created == api.service_account_for_tenant(created.id, TENANT)
    assert [g.id for g in created.groups] == [group]
    changed = request(name=created.name, description="Builds")
    assert api.update_service_account(created.id, TENANT, changed).description == "Builds"

    token_request = kestrapy.CreateApiTokenRequest(name="nightly")
    token = api.create_api_tokens_for_service_account_with_tenant(created.id, TENANT, token_request)
    bearer = client_of(token=token["fullToken"])
    raises(exceptions.ForbiddenException, bearer.groups.group, group, TENANT)
    bind("USER", created.id, create_role(permissions={"GROUP": ["READ"]}).id)
    assert bearer.groups.group(group, TENANT).id == group
    listed = api.list_api_tokens_for_service_account_with_tenant(created.id, TENANT)["results"]
    assert [t["id"] for t in listed] == [token["id"]]
    api.delete_api_token_for_service_account_with_tenant(created.id, token["id"], TENANT)
    raises(exceptions.UnauthorizedException, bearer.groups.group, group, TENANT)

    api.delete_service_account_for_tenant(created.id, TENANT)
    raises(exceptions.NotFoundException, api.service_account_for_tenant, created.id, TENANT)


@step
def invitations():
    api, pending = admin.invitations, kestrapy.InvitationInvitationStatus.PENDING
    role, group = create_role(), create_group()
    emails = [f"{new_name('guest')}@example.com" for _ in range(3)]

    def invite(email, **members):
        request = kestrapy.IAMInvitationControllerApiInvitationCreateRequest(email=email, **members)
        api.create_invitation(TENANT, request)

    role_request = kestrapy.IAMInvitationControllerApiInvitationRole(id=role.id)
    invite(emails[0], roles=[role_request], groups=[group.id])
    raises(exceptions.ConflictException, invite, emails[0])
    (sent,) = api.list_invitations_by_email(emails[0], TENANT)
    assert (sent.email, sent.tenant_id, sent.status) == (emails[0], TENANT, pending)
    assert [r.id for r in sent.roles] == [role.id] and [g.id for g in sent.groups] == [group.id]
    assert api.invitation(sent.id, TENANT) == sent
    assert sent in api.search_invitations(TENANT, status=pending, size=1000).results

    request = kestrapy.AuthControllerInvitationUserRequest(
        first_name="Ada", last_name="Byron", password="Password!234"
    )
    api.create_from_invitation(sent.id, request)
    assert members_of(group.id) == [emails[0]]
    own = client_of(username=emails[0], password="Password!234").invitations
    (accepted,) = own.find_all_invitations_for_current_user()
    assert (accepted.id, accepted.status) == (sent.id, "ACCEPTED")
    gone = exceptions.NotFoundException
    raises(gone, api.accept_invitation, sent.id)

    invite(emails[1])
    (sent,) = api.list_invitations_by_email(emails[1], TENANT)
    api.delete_invitation(sent.id, TENANT)
    raises(gone, api.invitation, sent.id, TENANT)

    invite(emails[2], create_user_if_not_exist=True)
    assert api.list_invitations_by_email(emails[2], TENANT) == []
    (user,) = admin.users.list_users(filters=[eq(Field.QUERY, emails[2])]).results
    assert tenants_of(user.id) == [TENANT]


@step
def basic_and_bearer():
    basic = client_of(**ADMIN)
    assert basic.users.list_users() == admin.users.list_users()
    user, group = create_user(tenants=[TENANT]).id, create_group().id
    set_groups(user, [group], basic)
    assert groups_of(user) == {(TENANT, group)}


@step
def unauthorized():
    for client in (
        client_of(),
        client_of(username=ADMIN["username"], password="Wrong!1234"),
        client_of(token="nobody-has-this-token"),
    ):
        raises(exceptions.UnauthorizedException, client.users.list_users)


@step
def forbidden():
    user = create_user(tenants=[TENANT], password="Password!234")
    client = client_of(username=user.email, password="Password!234")
    raises(exceptions.ForbiddenException, client.users.list_users)
    raises(exceptions.ForbiddenException, set_groups, user.id, [create_group().id], client)


@step
def not_found():
    unknown = exceptions.NotFoundException
    user, group = create_user(tenants=[TENANT]).id, create_group().id
    raises(unknown, admin.users.user, "nobody")
    raises(unknown, admin.groups.group, "nothing", TENANT)
    raises(unknown, admin.groups.group, group, "nowhere")
    raises(unknown, admin.groups.add_user_to_group, group, "nobody", TENANT)
    raises(unknown, set_groups, create_user().id, [group])
    raises(unknown, set_groups, user, [group, "nothing"])
    assert groups_of(user) == set()


@step
def conflict():
    taken = exceptions.ConflictException
    user, group = create_user(tenants=[TENANT]), create_group()
    raises(taken, admin.users.create_user, user_request(email=user.email.upper()))
    raises(taken, lambda: create_group(name=group.name))
    raises(taken, admin.groups.delete_user_from_group, group.id, user.id, TENANT)
    admin.groups.add_user_to_group(group.id, user.id, TENANT)
    raises(taken, admin.groups.add_user_to_group, group.id, user.id, TENANT)


@step
def unprocessable():
    invalid = exceptions.UnprocessableEntityException
    raises(invalid, admin.users.create_user, user_request(email="no address"))
    raises(invalid, admin.users.create_user, user_request(password="weak"))


@step
def bad_request():
    user, group = create_user(tenants=[TENANT]).id, create_group().id
    set_groups(user, [group])
    for group_ids in None, [" "]:
        raises(exceptions.BadRequestException, set_groups, user, group_ids)
    assert groups_of(user) == {(TENANT, group)}


@step
def clean_up():
    unknown = exceptions.NotFoundException
    group = create_group()
    user = create_user(groups=[group.id])
    admin.users.delete_user(user.id)
    raises(unknown, admin.users.user, user.id)
    assert members_of(group.id) == []
    admin.groups.delete_group(group.id, TENANT)
    raises(unknown, admin.groups.group, group.id, TENANT)
    create_group(name=group.name)
