"""A second implementation of the rules in docs/operations.md, on a World.

A new operation is a method with @operation. Its calls are generated in `operations.py`.
"""
import dataclasses
import re

from call import (
    ANYBODY,
    CSRF_TOKEN,
    EVERYONE,
    GROUP_OWNERS,
    OPERATIONS,
    SUPER_ADMINS,
    operation,
)
from listing import (
    GROUP_COLUMNS,
    TYPES,
    Refusal,
    choose,
    filter_pairs,
    fold,
    is_found,
)
from roles import Roles, needed
from sign_in import SignIn, is_no_duration
from tenants import Tenants
from world import Group, Membership, User

EMAIL = re.compile(r"[a-zA-Z0-9_!#$%&’*+/=?`{|}~^.-]+@[a-zA-Z0-9.-]+")
AUTOCOMPLETE_SIZE = 50


class Model(SignIn, Tenants, Roles):
    def __init__(self, fixture, version):
        super().__init__(fixture, version)
        self.needed = needed(version.name)
        for tenant in self.tenants:
            self.add_managed_roles(tenant)

    # The order of the checks

    def answer(self, call):
        """Returns the status and the body, which is None when it is empty. Raises Refusal."""
        wanted = OPERATIONS[call.operation]
        if wanted.allowed != ANYBODY:
            call.caller = self.authenticate(call.credentials)
            if self.lacks_csrf_token(wanted, call.credentials):
                if self.version.problem_documents:
                    raise Refusal(403)
                return 403, None
            self.authorize(wanted, call)
        if call.flaw == "media" or (call.flaw == "untyped" and self.version.needs_content_type):
            raise Refusal(415)
        self.check_query(call)
        if call.flaw not in (None, "untyped"):
            self.refuse_flaw(call, wanted.body_refusal)
        return wanted.rule(self, call, *call.path)

    def authenticate(self, credentials):
        if not credentials:
            raise Refusal(401)
        if len(credentials) == 2:
            return self.user_with(*credentials)
        if len(credentials) == 3:
            if credentials[1] not in self.sessions:
                raise Refusal(401)
            return self.sessions[credentials[1]]
        token = self.tokens.get(credentials[0])
        if token is None or token.expired:
            raise Refusal(401)
        token.used = True
        return token.user

    def refuse_flaw(self, call, status):
        paths = call.paths(f".request{call.flaw}")
        if status == 400 or call.raw == b"null":  # null has no type that could be wrong
            raise Refusal(status, paths=paths)
        if call.raw == b"":
            raise Refusal(status, paths=paths, type="invalid-request-body")
        places = [call.flaw[1:]]
        if is_no_duration(call.body.get("maxAge")) and call.raw is None:
            places.append("maxAge")
            places.sort(key=lambda place: list(call.body).index(re.match(r"\w*", place)[0]))
        raise Refusal(status, paths=paths, type="invalid-json", unreadable=places[0])

    def lacks_csrf_token(self, wanted, credentials):
        if not self.version.checks_csrf:
            return False
        return len(credentials) == 3 and wanted.method != "GET" and credentials[2] != CSRF_TOKEN

    def authorize(self, wanted, call):
        caller, is_super_admin = call.caller, self.users[call.caller].super_admin
        call.permitted = is_super_admin
        if "{tenant}" in wanted.route:
            tenant = call.path[0]
            if tenant not in self.tenants and is_super_admin:
                raise Refusal(404, tenant)
            if not is_super_admin and (caller, tenant) not in self.access:
                raise Refusal(403)
            call.permitted = self.is_permitted(caller, tenant, call.operation)
            if call.permitted:
                return
            if wanted.allowed == GROUP_OWNERS and self.owned_groups(caller, tenant):
                return
        if wanted.allowed != EVERYONE and not is_super_admin:
            raise Refusal(403)

    def check_query(self, call):
        numbers = [(name, text) for name, text in call.query if name in ("page", "size")]
        unreadable = [f".{name}" for name, text in numbers if not re.fullmatch("-?[0-9]+", text)]
        if dict(call.query).get("type", "STANDARD") not in TYPES["type"]:
            unreadable.append(".type")
        wrong = unreadable + [
            f".{name}"
            for name, text in numbers
            if re.fullmatch("-[0-9]+|0", text)
            or (name == "size" and text == "1001" and self.version.since("2.0"))
        ]
        if unreadable:
            raise Refusal(422, paths=call.paths(*wrong), type="invalid-argument", unreadable="")
        if wrong:
            raise Refusal(422, paths=call.paths(*wrong))

    def managed_group(self, call, tenant, group_id):
        """Owners of other groups must not learn whether this group exists."""
        if not call.permitted and group_id not in self.owned_groups(call.caller, tenant):
            raise Refusal(403)
        return self.group(tenant, group_id)

    # Changes

    def check_email(self, call, email):
        if not EMAIL.fullmatch(email):
            raise Refusal(422, paths=call.paths(".request.email"))

    def check_free(self, user, user_id=None):
        """No other user may have the same e-mail address or username, ignoring case."""
        for other_id, other in self.users.items():
            if other_id == user_id:
                continue
            if fold(other.email) == fold(user.email) or fold(other.username) == fold(user.username):
                raise Refusal(409, user.email)

    # Users

    @operation("listUsers", "GET", "/users", SUPER_ADMINS)
    def list_users(self, call):
        return self.page_of_users(call, self.users, self.summary)

    def check_user(self, call):
        self.check_email(call, call.get("email"))
        self.check_password(call, "password", call.get("password"))

    def find_lists(self, call, find):
        """Returns the tenants and groups that the body lists, and the place of each group there. `find`
        looks up a group."""
        tenants = call.get("tenants") or []
        for tenant in sorted(tenants):
            self.tenant(tenant)
        ids = call.get("groups") or []
        return tenants, [(ids.index(id), find(id)) for id in sorted(set(ids))]

    def privilege_of(self, call):
        """Returns what the body says of the privilege, or None. The newer name wins."""
        newer = call.get("instanceOwner") if self.version.since("2.0") else None
        return call.get("superAdmin") if newer is None else newer

    def set_details(self, user, call):
        user.first_name, user.last_name = call.get("firstName"), call.get("lastName")
        user.super_admin = bool(self.privilege_of(call))
        user.restricted = bool(call.get("restricted"))

    def grant(self, user_id, tenants, groups):
        for tenant in tenants:
            self.access[user_id, tenant] = True
        for position, key in groups:
            self.join(user_id, *key, Membership(position=position))

    @operation("createUser", "POST", "/users", SUPER_ADMINS)
    def create_user(self, call):
        self.check_user(call)
        user = User(call.get("email"), call.get("email"), password=call.get("password"))
        self.set_details(user, call)
        self.check_free(user)
        tenants = call.get("tenants") or []
        lists = self.find_lists(call, lambda group: self.find_group(tenants, group))
        self.users[call.made] = user
        self.grant(call.made, *lists)
        return 201, self.details(call.made)

    @operation("updateUser", "PUT", "/users/{id}", SUPER_ADMINS)
    def update_user(self, call, user_id):
        """Keeps the password, and in older versions each list, that the body does not have."""
        self.check_user(call)
        changed = dataclasses.replace(self.user(user_id))
        self.set_email(changed, call.get("email"))
        self.set_details(changed, call)
        self.check_free(changed, user_id)
        tenants, groups = call.get("tenants"), call.get("groups")
        if self.version.absent_lists_are_cleared:
            tenants, groups = tenants or [], groups or []
        granted = tenants
        if tenants is None:
            granted = [key[1] for key, given in self.access.items() if key[0] == user_id and given]
        own = self.groups_of(user_id).items()
        kept = [key for key, m in own if m.external or groups is None or key[1] in groups]

        def find(group_id):
            mine = [key for key in kept if key[1] == group_id]
            return mine[0] if mine else self.find_group(granted, group_id)

        lists = self.find_lists(call, find)
        self.users[user_id] = changed
        if call.get("password") is not None:
            self.set_password(user_id, call.get("password"))
        if tenants is not None:
            self.access |= {key: False for key in self.access if key[0] == user_id}
        self.drop(self.memberships, lambda key: key[0] == user_id and key[1:] not in kept)
        self.grant(user_id, *lists)
        if tenants is not None or groups is not None:
            self.drop(self.access, lambda key: key[0] == user_id and self.is_unused(*key))
        return 200, self.details(user_id)

    def is_unused(self, user_id, tenant):
        return not self.access[user_id, tenant] and not self.groups_of(user_id, tenant)

    def find_group(self, tenants, group_id):
        """Returns the oldest group with this id in these tenants, or else in any tenant."""
        anywhere = [key for key in self.groups if key[1] == group_id]
        there = [key for key in anywhere if key[0] in tenants]
        if not anywhere:
            raise Refusal(404, group_id)
        return (there + anywhere)[0]

    @operation("getUser", "GET", "/users/{id}", SUPER_ADMINS)
    def get_user(self, call, user_id):
        self.user(user_id)
        return 200, self.details(user_id)

    def set_email(self, user, email):
        user.username = email if user.username == user.email else user.username
        user.email = email

    def change_user(self, call, user_id):
        email, first, last = (call.get(name) for name in ("email", "firstName", "lastName"))
        if email is not None:
            self.check_email(call, email)
        user = self.user(user_id)
        changed = dataclasses.replace(user)
        if email is not None:
            self.set_email(changed, email)
        changed.first_name = user.first_name if first is None else first
        changed.last_name = user.last_name if last is None else last
        self.check_free(changed, user_id)
        self.users[user_id] = changed

    @operation("patchUser", "PATCH", "/users/{id}", SUPER_ADMINS)
    def patch_user(self, call, user_id):
        self.change_user(call, user_id)
        return 200, self.details(user_id)

    @operation("patchUserDemo", "PATCH", "/users/{id}/restricted", SUPER_ADMINS)
    def patch_user_demo(self, call, user_id):
        self.user(user_id).restricted = call.get("restricted")
        return 200, None

    @operation("patchUserSuperAdmin", "PATCH", "/users/{id}/superadmin", SUPER_ADMINS)
    def patch_user_super_admin(self, call, user_id):
        value = self.privilege_of(call)
        if value is None:
            name = "superAdmin" if not self.version.since("2.0") else "instanceOwner"
            raise Refusal(422, paths=call.paths(f".request.{name}"))
        self.user(user_id).super_admin = value
        return 200, None

    @operation(
        "patchUserInstanceOwner", "PATCH", "/users/{id}/instanceowner", SUPER_ADMINS, since="2.0"
    )
    def patch_user_instance_owner(self, call, user_id):
        self.user(user_id).super_admin = call.get("instanceOwner")
        return 200, None

    @operation("deleteUser", "DELETE", "/users/{id}", SUPER_ADMINS)
    def delete_user(self, call, user_id):
        self.user(user_id)
        del self.users[user_id]
        self.drop(self.access, lambda key: key[0] == user_id)
        self.drop(self.memberships, lambda key: key[0] == user_id)
        self.drop(self.tokens, lambda secret: self.tokens[secret].user == user_id)
        self.end_sessions(user_id)
        self.drop_bindings(lambda key, b: (b.type, b.subject) == ("USER", user_id))
        return 204, None

    # Groups

    def check_name(self, call, tenant, group_id=None):
        for (other_tenant, other_id), other in self.groups.items():
            if other_tenant == tenant and other_id != group_id and other.name == call.get("name"):
                raise Refusal(409, other.name)

    def check_group(self, call):
        if call.get("name") == "":
            raise Refusal(422, paths=call.paths(".request.name"))

    @operation("createGroup", "POST", "/{tenant}/groups", SUPER_ADMINS)
    def create_group(self, call, tenant):
        self.check_group(call)
        self.check_name(call, tenant)
        members = call.get("membersId") or []
        for user_id in members:
            self.user(user_id)
        self.groups[tenant, call.made] = Group(call.get("name"), call.get("description"))
        for user_id in members:
            self.join(user_id, tenant, call.made, Membership())
        return 200, self.group_details(tenant, call.made)

    @operation("searchGroups", "GET", "/{tenant}/groups/search", SUPER_ADMINS)
    def search_groups(self, call, tenant):
        rows = self.group_rows(tenant)
        return self.page_of(call, rows, GROUP_COLUMNS, lambda id: self.group_details(tenant, id))

    def known_groups(self, tenant, ids):
        return [id for id in dict.fromkeys(ids or []) if (tenant, id) in self.groups]

    @operation("autocompleteGroups", "POST", "/{tenant}/groups/autocomplete", SUPER_ADMINS)
    def autocomplete_groups(self, call, tenant):
        q, ids = call.get("q"), call.get("ids")
        found = [key for key, _ in choose(self.version, call, self.group_rows(tenant), GROUP_COLUMNS, q)]
        if call.get("existingOnly") or (q is None and ids and not filter_pairs(self.version, call)):
            found = []
        listed = self.known_groups(tenant, ids)
        more = [id for id in found if id not in listed][: max(0, AUTOCOMPLETE_SIZE - len(listed))]
        return 200, [self.group_details(tenant, id) for id in listed + more]

    @operation("listGroupIds", "POST", "/{tenant}/groups/ids", SUPER_ADMINS)
    def list_group_ids(self, call, tenant):
        ids = self.known_groups(tenant, call.get("ids"))
        return 200, [self.group_details(tenant, id) for id in ids]

    @operation("getGroup", "GET", "/{tenant}/groups/{id}", SUPER_ADMINS)
    def get_group(self, call, tenant, group_id):
        self.group(tenant, group_id)
        return 200, self.group_details(tenant, group_id)

    @operation("updateGroup", "PUT", "/{tenant}/groups/{id}", SUPER_ADMINS)
    def update_group(self, call, tenant, group_id):
        self.check_group(call)
        self.group(tenant, group_id)
        self.check_name(call, tenant, group_id)
        self.groups[tenant, group_id] = Group(call.get("name"), call.get("description"))
        return 200, self.group_details(tenant, group_id)

    @operation("deleteGroup", "DELETE", "/{tenant}/groups/{id}", SUPER_ADMINS)
    def delete_group(self, call, tenant, group_id):
        self.group(tenant, group_id)
        del self.groups[tenant, group_id]
        self.drop(self.memberships, lambda key: key[1:] == (tenant, group_id))
        self.drop_bindings(lambda key, b: (key[0], b.type, b.subject) == (tenant, "GROUP", group_id))
        return 200, None

    # Members

    @operation("searchGroupMembers", "GET", "/{tenant}/groups/{id}/members", GROUP_OWNERS)
    def search_group_members(self, call, tenant, group_id):
        self.managed_group(call, tenant, group_id)
        members = self.members_of(tenant, group_id)
        return self.page_of_users(call, members, lambda user_id: self.member(user_id, tenant))

    @operation("addUserToGroup", "PUT", "/{tenant}/groups/{id}/members/{userId}", GROUP_OWNERS)
    def add_user_to_group(self, call, tenant, group_id, user_id):
        self.managed_group(call, tenant, group_id)
        found = self.member_named(user_id) if self.version.finds_members_by_name else user_id
        self.check_member(found, tenant, user_id)
        if (found, tenant, group_id) in self.memberships:
            raise Refusal(409, user_id)
        self.join(found, tenant, group_id, Membership())
        return 200, self.member(found, tenant)

    def member_named(self, name):
        """Returns the user with this id or username."""
        named = [id for id, user in self.users.items() if fold(user.username) == fold(name)]
        return name if name in self.users else (named or [name])[0]

    def check_member(self, user_id, tenant, name):
        """Where a group gives no access, only users with access can have a membership."""
        needs_access = not self.version.adding_grants_access
        if user_id not in self.users or (needs_access and (user_id, tenant) not in self.access):
            raise Refusal(404, name)

    def membership(self, call, tenant, group_id, user_id):
        self.managed_group(call, tenant, group_id)
        self.check_member(user_id, tenant, user_id)
        if (user_id, tenant, group_id) not in self.memberships:
            raise Refusal(409, user_id, type="conflict")
        return self.memberships[user_id, tenant, group_id]

    @operation(
        "deleteUserFromGroup", "DELETE", "/{tenant}/groups/{id}/members/{userId}", GROUP_OWNERS
    )
    def delete_user_from_group(self, call, tenant, group_id, user_id):
        self.membership(call, tenant, group_id, user_id)
        del self.memberships[user_id, tenant, group_id]
        if self.version.leaving_takes_access and self.is_unused(user_id, tenant):
            del self.access[user_id, tenant]
        return 200, self.member(user_id, tenant)

    @operation(
        "setUserMembershipForGroup",
        "PUT",
        "/{tenant}/groups/{id}/members/membership/{userId}",
        GROUP_OWNERS,
    )
    def set_user_membership_for_group(self, call, tenant, group_id, user_id):
        kind = dict(call.query).get("membership")
        if kind is None:
            raise Refusal(400, "membership", type="invalid-query-parameter")
        if kind not in ("OWNER", "MEMBER"):
            raise Refusal(
                422, paths=call.paths(".membership"), type="invalid-argument", unreadable=""
            )
        self.membership(call, tenant, group_id, user_id).kind = kind
        return 200, self.member(user_id, tenant)

    @operation(
        "updateUserGroups", "PUT", "/{tenant}/users/{id}/groups", GROUP_OWNERS, body_refusal=400
    )
    def update_user_groups(self, call, tenant, user_id):
        wanted = call.get("groupIds")
        if wanted is None:
            raise Refusal(400, paths=call.paths(".request.groupIds"))
        blank = [f".request.groupIds[{i}]" for i, id in enumerate(wanted) if not id.strip()]
        if blank:
            raise Refusal(400, paths=call.paths(*blank))
        self.user(user_id, tenant)
        unknown = [id for id in wanted if (tenant, id) not in self.groups]
        if unknown:
            raise Refusal(404, *unknown)
        current = {key[1]: m for key, m in self.groups_of(user_id, tenant).items()}
        removed = [id for id, m in current.items() if id not in wanted and not m.external]
        added = [id for id in dict.fromkeys(wanted) if id not in current]
        for group_id in removed + added:
            self.managed_group(call, tenant, group_id)
        for group_id in removed:
            del self.memberships[user_id, tenant, group_id]
        for position, group_id in enumerate(wanted):
            if wanted.index(group_id) == position:
                self.join(user_id, tenant, group_id, Membership(position=position))
        return 204, None

    # Tenant access

    @operation("listTenantAccess", "GET", "/{tenant}/tenant-access", SUPER_ADMINS)
    def list_tenant_access(self, call, tenant):
        users = self.users_with_access(tenant)
        return self.page_of_users(
            call, users, lambda user_id: self.access_entry(user_id, tenant), self.access_columns
        )

    @operation("autocompleteUsers", "POST", "/{tenant}/tenant-access/autocomplete", SUPER_ADMINS)
    def autocomplete_users(self, call, tenant):
        q, name, ids = call.get("q"), call.get("username"), call.get("ids") or []
        users = self.users_with_access(tenant)
        found = [user for user in ids if user in users]
        if not call.get("existingOnly") and (q is not None or name is not None or not ids):
            rows = [self.user_row(user) for user in users]
            found += [
                user
                for user, row in rows
                if is_found(q or "", row, self.user_columns)
                and (name is None or fold(row["username"]) == fold(name))
            ]
        found = list(dict.fromkeys(found))[:AUTOCOMPLETE_SIZE]
        return 200, [self.access_entry(user_id, tenant) for user_id in found]

    @operation("createTenantAccess", "POST", "/{tenant}/tenant-access", SUPER_ADMINS)
    def create_tenant_access(self, call, tenant):
        if not call.get("email").strip():
            raise Refusal(422, paths=call.paths(".request.email"))
        user_id = self.user_by_email(call.get("email"))
        if user_id is None:
            raise Refusal(404, call.get("email"))
        if (user_id, tenant) in self.access:
            raise Refusal(409, call.get("email"))
        self.access[user_id, tenant] = True
        return 204, None

    @operation("getTenantAccess", "GET", "/{tenant}/tenant-access/{userId}", EVERYONE)
    def get_tenant_access(self, call, tenant, user_id):
        """Everyone may see their own access."""
        if not call.permitted and user_id != call.caller:
            raise Refusal(403)
        user = self.user(user_id, tenant)
        shown = {"tenantId": tenant, "userId": user_id, "roles": self.role_assignments(user_id, tenant)}
        shown[self.version.privilege] = user.super_admin
        brief = self.brief(user_id) | self.access_groups(user_id, tenant) | shown
        del brief["id"]
        return 200, brief

    @operation("createTenantAccess_1", "PUT", "/{tenant}/tenant-access/{userId}", SUPER_ADMINS)
    def create_tenant_access_1(self, call, tenant, user_id):
        self.user(user_id)
        if self.version.granting_twice_conflicts and (user_id, tenant) in self.access:
            raise Refusal(409, user_id)
        self.access[user_id, tenant] = True
        return 201, None

    @operation("deleteTenantAccess", "DELETE", "/{tenant}/tenant-access/{userId}", SUPER_ADMINS)
    def delete_tenant_access(self, call, tenant, user_id):
        self.user(user_id, tenant)
        del self.access[user_id, tenant]
        self.drop(self.memberships, lambda key: key[:2] == (user_id, tenant))
        self.drop_bindings(lambda key, b: (key[0], b.type, b.subject) == (tenant, "USER", user_id))
        return 204, None
