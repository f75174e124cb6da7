"""kestrapy 1.3: no classes for tenant access and the current user."""
import json

import kestrapy
import kestrapy_steps as shared
from kestrapy import exceptions
from kestrapy_steps import Field, create_group, create_role, create_user, eq, members_of, tenants_of
from steps import TENANT, new_name, raises, run, step


@step
def group_members():
    user, group = create_user(), create_group()
    member = shared.admin.groups.add_user_to_group(group.id, user.id, TENANT)
    assert member.id == user.id and group.id in [g.id for g in member.groups]
    assert members_of(group.id) == [user.username]
    assert tenants_of(user.id) == [TENANT]

    member = shared.admin.groups.delete_user_from_group(group.id, user.id, TENANT)
    assert member.id == user.id and group.id not in [g.id for g in member.groups or []]
    assert members_of(group.id) == [] == tenants_of(user.id)


@step
def search_groups():
    prefix = new_name("search")
    names = [create_group(name=f"{prefix}-{letter}").name for letter in "bca"]
    search = shared.admin.groups.search_groups
    pages = [search(TENANT, page, 2, ["name:desc"], prefix) for page in (1, 2)]
    assert [page.total for page in pages] == [3, 3]
    assert [g.name for page in pages for g in page.results] == sorted(names, reverse=True)


@step
def search_roles():
    prefix = new_name("search")
    names = [create_role(name=f"{prefix}-{letter}").name for letter in "bca"]
    search = shared.admin.roles.search_roles
    pages = [search(TENANT, page, 2, ["name:desc"], prefix) for page in (1, 2)]
    assert [page.total for page in pages] == [3, 3]
    assert [r.name for page in pages for r in page.results] == sorted(names, reverse=True)


@step
def privilege():
    user = create_user(super_admin=True)
    assert user.super_admin
    for super_admin in False, True:
        request = kestrapy.ApiPatchSuperAdminRequest(super_admin=super_admin)
        shared.admin.users.patch_user_super_admin(user.id, request)
        assert shared.admin.users.user(user.id).super_admin == super_admin
    (summary,) = shared.admin.users.list_users(filters=[eq(Field.QUERY, user.email)]).results
    assert summary.super_admin


@step
def errors():
    problem = raises(exceptions.NotFoundException, shared.admin.users.user, "nobody")
    assert json.loads(problem.body) == {
        "message": "Not Found: User does not exist for id 'nobody'",
        "_links": {"self": {"href": "/api/v1/users/nobody", "templated": False}},
    }


run()
