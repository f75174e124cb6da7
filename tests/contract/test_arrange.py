"""A test needs only the SDK to arrange users and groups, to assert on them, and to clean up."""
import json
import types

import kestrapy
import pytest
from kestrapy import exceptions

TENANT = "main"
TOKEN = "KESTUB-root-token-for-tests-only-0123456789"


@pytest.fixture
def client(start):
    # The version that this SDK was made for.
    kestub = start("default", "--server-version", "1.0")
    configuration = kestrapy.Configuration(host=kestub.url, access_token=TOKEN)
    with kestrapy.ApiClient(configuration) as api_client:
        yield types.SimpleNamespace(
            users=kestrapy.UsersApi(api_client),
            groups=kestrapy.GroupsApi(api_client),
            tenant_access=kestrapy.TenantAccessApi(api_client),
            tenants=kestrapy.TenantsApi(api_client),
        )


def create_user(client, email, **members):
    request = kestrapy.IAMUserControllerApiCreateOrUpdateUserRequest(email=email, **members)
    # The method without `http_info` does not return the user.
    answer = client.users.create_user_with_http_info(request)
    return kestrapy.IAMUserControllerApiUser.from_dict(json.loads(answer.raw_data))


def create_group(client, name, **members):
    request = kestrapy.IAMGroupControllerApiCreateGroupRequest(name=name, **members)
    return client.groups.create_group(TENANT, request)


def groups_of(client, user):
    return {group.id for group in client.users.get_user(user.id).groups}


def members_of(client, group, **options):
    found = client.groups.search_group_members(group.id, 1, 10, TENANT, **options)
    assert found.total == len(found.results)
    return [member.username for member in found.results]


def test_every_membership_path(client):
    first, second = create_group(client, "first"), create_group(client, "second")
    ada = create_user(client, "ada@new.org", first_name="Ada", groups=[first.id])
    bob = create_user(client, "bob@new.org", tenants=[TENANT])
    assert groups_of(client, ada) == {first.id}
    assert [tenant.id for tenant in ada.tenants] == [TENANT]

    request = kestrapy.IAMUserGroupControllerApiUpdateUserGroupsRequest(
        group_ids=[first.id, second.id]
    )
    client.users.update_user_groups(bob.id, TENANT, request)
    assert groups_of(client, bob) == {first.id, second.id}
    assert members_of(client, first) == ["ada@new.org", "bob@new.org"]
    assert members_of(client, first, q="bob", sort=["username:desc"]) == ["bob@new.org"]

    member = client.groups.set_user_membership_for_group(first.id, bob.id, "OWNER", TENANT)
    assert {g.id: g.membership.value for g in member.groups} == {
        first.id: "OWNER",
        second.id: "MEMBER",
    }
    member = client.groups.delete_user_from_group(second.id, bob.id, TENANT)
    assert [group.id for group in member.groups] == [first.id]
    member = client.groups.add_user_to_group(second.id, ada.id, TENANT)
    assert {group.id for group in member.groups} == {first.id, second.id}


def test_access_comes_and_goes(client):
    group = create_group(client, "only")
    user = create_user(client, "guest@new.org", groups=[group.id])
    client.groups.delete_user_from_group(group.id, user.id, TENANT)
    with pytest.raises(exceptions.NotFoundException):
        client.tenant_access.get_tenant_access(user.id, TENANT)
    request = kestrapy.IAMTenantAccessControllerApiCreateTenantAccessRequest(email="guest@new.org")
    client.tenant_access.create_tenant_access(TENANT, request)
    access = client.tenant_access.get_tenant_access(user.id, TENANT)
    assert (access.tenant_id, access.user_id, access.groups) == (TENANT, user.id, [])
    found = client.tenant_access.list_tenant_access(1, 100, TENANT, q="guest")
    assert [entry.username for entry in found.results] == ["guest@new.org"]
    client.tenant_access.delete_tenant_access(user.id, TENANT)
    assert client.tenant_access.list_tenant_access(1, 100, TENANT, q="guest").total == 0


def test_groups_are_found(client):
    made = [create_group(client, f"team {name}", description=name) for name in ("b", "a")]
    found = client.groups.search_groups(1, 10, TENANT, q="team", sort=["name:asc"])
    assert [group.name for group in found.results] == ["team a", "team b"]
    ids = kestrapy.ApiIds(ids=[group.id for group in made])
    assert [group.id for group in client.groups.list_group_ids(TENANT, ids)] == ids.ids
    part = kestrapy.ApiAutocomplete(q="team b")
    assert [g.id for g in client.groups.autocomplete_groups(TENANT, part)] == [made[0].id]
    request = kestrapy.IAMGroupControllerApiUpdateGroupRequest(name="renamed")
    client.groups.update_group(made[0].id, TENANT, request)
    assert client.groups.get_group(made[0].id, TENANT).name == "renamed"


def test_users_are_replaced(client):
    group = create_group(client, "team")
    user = create_user(client, "ada@new.org", first_name="Ada", groups=[group.id])
    part = kestrapy.IAMTenantAccessControllerUserApiAutocomplete(q="ada@new.org")
    found = client.users.autocomplete_users(TENANT, part)
    assert [(entry.id, entry.username) for entry in found] == [(user.id, "ada@new.org")]
    details = {"email": "ada@new.org", "tenants": [TENANT], "groups": []}
    request = kestrapy.IAMUserControllerApiCreateOrUpdateUserRequest(**details)
    updated = client.users.update_user(user.id, request)
    assert (updated.first_name, updated.groups) == (None, [])
    assert [tenant.id for tenant in updated.tenants] == [TENANT]
    request = kestrapy.IAMUserControllerApiPatchRestrictedRequest(restricted=True)
    client.users.patch_user_demo(user.id, request)
    request = kestrapy.ApiPatchSuperAdminRequest(super_admin=True)
    client.users.patch_user_super_admin(user.id, request)
    user = client.users.get_user(user.id)
    assert (user.restricted, user.super_admin) == (True, True)


def test_tenants_come_and_go(client):
    # This version of the SDK sends no credentials with these operations.
    client.tenants.api_client.set_default_header("Authorization", f"Bearer {TOKEN}")
    tenant = kestrapy.Tenant(id="new", name="New", deleted=False, require_existing_namespace=True)
    assert client.tenants.create(tenant) == tenant
    with pytest.raises(exceptions.ConflictException):
        client.tenants.create(tenant)
    assert client.tenants.get("new") == tenant
    assert [found.id for found in client.tenants.find(1, 10, q="new").results] == ["new"]
    tenant.name = "Renamed"
    assert client.tenants.update("new", tenant) == tenant
    client.tenants.delete("new")
    with pytest.raises(exceptions.NotFoundException):
        client.tenants.get("new")


def test_refusals_and_clean_up(client):
    group = create_group(client, "taken")
    user = create_user(client, "user@new.org")
    with pytest.raises(exceptions.ConflictException):
        create_group(client, "taken")
    with pytest.raises(exceptions.ConflictException):
        create_user(client, "USER@new.org")
    with pytest.raises(exceptions.UnprocessableEntityException):
        create_user(client, "other@new.org", password="weak")
    details = kestrapy.MeControllerApiUserDetailsRequest(last_name="Last")
    assert client.users.patch_user(user.id, details).display_name == "Last"
    client.users.delete_user(user.id)
    client.groups.delete_group(group.id, TENANT)
    with pytest.raises(exceptions.NotFoundException):
        client.users.get_user(user.id)
    with pytest.raises(exceptions.NotFoundException):
        client.groups.get_group(group.id, TENANT)
    assert client.users.list_users(1, 10, q="new.org").total == 0
