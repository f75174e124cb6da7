"""What kestub does, on a World: the README's rules once more, and nothing else.

A new operation is a method with @operation; `operations.py` has what makes its calls.
"""
import dataclasses
import re

from world import GROUP_COLUMNS, USER_COLUMNS, Group, Membership, Refusal, User, World, fold

# Who may call an operation. What has a tenant in its path is for those with access to it, too.
SUPER_ADMINS = "super-admins"
GROUP_OWNERS = "super-admins, and who owns a group of the tenant"
EVERYONE = "everyone"

EMAIL = re.compile(r"[a-zA-Z0-9_!#$%&’*+/=?`{|}~^.-]+@[a-zA-Z0-9.-]+")
PASSWORD_RULES = [r".{8}", r"[0-9]", r"[a-z]", r"[A-Z]", r"[!@#$%^&*]"]
AUTOCOMPLETE_SIZE = 50

OPERATIONS = {}  # by operation id


@dataclasses.dataclass
class Operation:
    method: str
    route: str
    allowed: str
    body_refusal: int
    rule: object


def operation(name, method, route, allowed, body_refusal=422):
    """Declares the rule of an operation: called with the call and the path's parameters."""

    def declare(rule):
        OPERATIONS[name] = Operation(method, route, allowed, body_refusal, rule)
        return rule

    return declare


@dataclasses.dataclass
class Call:
    operation: str
    path: tuple = ()
    query: list = dataclasses.field(default_factory=list)  # of pairs
    body: object = None
    credentials: tuple = None  # (token,) or (username, password)
    caller: str = None  # the user, once they are known
    made: str = None  # the id that the server gave to what the call makes
    # What is wrong with the body's form: "media", or where in the request, such as ".name"
    flaw: str = None
    raw: bytes = None  # sent instead of the body

    def get(self, name):
        return self.body.get(name)

    def paths(self, *where):
        return [f"{self.operation}{place}" for place in where]


class Model(World):
    # The order of the checks

    def answer(self, call):
        """The status and the body, None for an empty one. Raises Refusal."""
        wanted = OPERATIONS[call.operation]
        caller = self.authenticate(call.credentials)
        self.authorize(wanted, caller, call.path)
        if call.flaw == "media":
            raise Refusal(415)
        self.check_numbers(call)
        if call.flaw is not None:
            raise Refusal(wanted.body_refusal, paths=call.paths(f".request{call.flaw}"))
        call.caller = caller
        return wanted.rule(self, call, *call.path)

    def authenticate(self, credentials):
        if credentials and len(credentials) == 1 and credentials[0] in self.tokens:
            return self.tokens[credentials[0]]
        if credentials and len(credentials) == 2:
            for user_id, user in self.users.items():
                if fold(user.username) == fold(credentials[0]):
                    if user.password is not None and user.password == credentials[1]:
                        return user_id
        raise Refusal(401)

    def authorize(self, wanted, caller, path):
        is_super_admin = self.users[caller].super_admin
        if "{tenant}" in wanted.route:
            tenant = path[0]
            if tenant not in self.tenants and is_super_admin:
                raise Refusal(404, tenant)
            if not is_super_admin and (caller, tenant) not in self.access:
                raise Refusal(403)
            if wanted.allowed == GROUP_OWNERS and self.owned_groups(caller, tenant):
                return
        if wanted.allowed != EVERYONE and not is_super_admin:
            raise Refusal(403)

    def check_numbers(self, call):
        numbers = [(name, text) for name, text in call.query if name in ("page", "size")]
        wrong = [f".{name}" for name, text in numbers if not re.fullmatch("0*[1-9][0-9]*", text)]
        if wrong:
            raise Refusal(422, paths=call.paths(*wrong))

    def managed_group(self, caller, tenant, group_id):
        """Whether a group exists is no business of who owns others."""
        if not self.users[caller].super_admin and group_id not in self.owned_groups(caller, tenant):
            raise Refusal(403)
        return self.group(tenant, group_id)

    # What changes

    def check_email(self, call, email):
        if not EMAIL.fullmatch(email):
            raise Refusal(422, paths=call.paths(".request.email"))

    def check_free(self, user, user_id=None):
        """Neither e-mail nor username may be another's, in any case."""
        for other_id, other in self.users.items():
            if other_id == user_id:
                continue
            if fold(other.email) == fold(user.email) or fold(other.username) == fold(user.username):
                raise Refusal(409, user.email)

    # Users

    @operation("listUsers", "GET", "/users", SUPER_ADMINS)
    def list_users(self, call):
        return self.list_of_users(call, self.users, self.summary)

    @operation("createUser", "POST", "/users", SUPER_ADMINS)
    def create_user(self, call):
        email, password = call.get("email"), call.get("password")
        self.check_email(call, email)
        broken = [r for r in PASSWORD_RULES if password is not None and not re.search(r, password)]
        if broken:
            raise Refusal(422, paths=call.paths(*[".request.password"] * len(broken)))
        user = User(email, email, call.get("firstName"), call.get("lastName"), password=password)
        user.super_admin = bool(call.get("superAdmin"))
        user.restricted = bool(call.get("restricted"))
        self.check_free(user)
        tenants = call.get("tenants") or []
        for tenant in sorted(tenants):
            if tenant not in self.tenants:
                raise Refusal(404, tenant)
        groups = [self.find_group(tenants, group) for group in sorted(call.get("groups") or [])]
        self.users[call.made] = user
        for tenant in tenants:
            self.access[call.made, tenant] = True
        for tenant, group in groups:
            self.join(call.made, tenant, group, Membership())
        return 201, self.details(call.made)

    def find_group(self, tenants, group_id):
        """The oldest of these tenants, or else of all."""
        anywhere = [key for key in self.groups if key[1] == group_id]
        there = [key for key in anywhere if key[0] in tenants]
        if not anywhere:
            raise Refusal(404, group_id)
        return (there + anywhere)[0]

    @operation("getUser", "GET", "/users/{id}", SUPER_ADMINS)
    def get_user(self, call, user_id):
        self.user(user_id)
        return 200, self.details(user_id)

    @operation("patchUser", "PATCH", "/users/{id}", SUPER_ADMINS)
    def patch_user(self, call, user_id):
        email, first, last = (call.get(name) for name in ("email", "firstName", "lastName"))
        if email is not None:
            self.check_email(call, email)
        user = self.user(user_id)
        changed = dataclasses.replace(user)
        if email is not None:
            changed.email = email
            changed.username = email if user.username == user.email else user.username
        changed.first_name = user.first_name if first is None else first
        changed.last_name = user.last_name if last is None else last
        self.check_free(changed, user_id)
        self.users[user_id] = changed
        return 200, self.details(user_id)

    @operation("deleteUser", "DELETE", "/users/{id}", SUPER_ADMINS)
    def delete_user(self, call, user_id):
        self.user(user_id)
        del self.users[user_id]
        self.drop(self.access, lambda key: key[0] == user_id)
        self.drop(self.memberships, lambda key: key[0] == user_id)
        self.drop(self.tokens, lambda token: self.tokens[token] == user_id)
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

    def groups_in(self, tenant):
        return [(key, group) for key, group in self.groups.items() if key[0] == tenant]

    @operation("searchGroups", "GET", "/{tenant}/groups/search", SUPER_ADMINS)
    def search_groups(self, call, tenant):
        page, total = self.listing(call, self.groups_in(tenant), GROUP_COLUMNS, ["name"])
        return 200, {"results": [self.group_details(*key) for key in page], "total": total}

    def known_groups(self, tenant, ids):
        return [id for id in dict.fromkeys(ids or []) if (tenant, id) in self.groups]

    @operation("autocompleteGroups", "POST", "/{tenant}/groups/autocomplete", SUPER_ADMINS)
    def autocomplete_groups(self, call, tenant):
        q, ids, found = call.get("q"), call.get("ids"), []
        listed = self.known_groups(tenant, ids)
        if not call.get("existingOnly") and (q is not None or not ids):
            found = [
                key[1]
                for key, group in self.groups_in(tenant)
                if self.matches(q or "", [group.name]) and key[1] not in listed
            ][: max(0, AUTOCOMPLETE_SIZE - len(listed))]
        return 200, [self.group_details(tenant, id) for id in listed + found]

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
        return 200, None

    # Members

    @operation("searchGroupMembers", "GET", "/{tenant}/groups/{id}/members", GROUP_OWNERS)
    def search_group_members(self, call, tenant, group_id):
        self.managed_group(call.caller, tenant, group_id)
        members = self.members_of(tenant, group_id)
        return self.list_of_users(call, members, lambda user_id: self.member(user_id, tenant))

    @operation("addUserToGroup", "PUT", "/{tenant}/groups/{id}/members/{userId}", GROUP_OWNERS)
    def add_user_to_group(self, call, tenant, group_id, user_id):
        self.managed_group(call.caller, tenant, group_id)
        self.user(user_id)
        if (user_id, tenant, group_id) in self.memberships:
            raise Refusal(409, user_id)
        self.join(user_id, tenant, group_id, Membership())
        return 200, self.member(user_id, tenant)

    def membership(self, call, tenant, group_id, user_id):
        self.managed_group(call.caller, tenant, group_id)
        self.user(user_id)
        if (user_id, tenant, group_id) not in self.memberships:
            raise Refusal(409, user_id)
        return self.memberships[user_id, tenant, group_id]

    @operation(
        "deleteUserFromGroup", "DELETE", "/{tenant}/groups/{id}/members/{userId}", GROUP_OWNERS
    )
    def delete_user_from_group(self, call, tenant, group_id, user_id):
        self.membership(call, tenant, group_id, user_id)
        del self.memberships[user_id, tenant, group_id]
        if not self.access[user_id, tenant] and not self.groups_of(user_id, tenant):
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
            raise Refusal(400, "membership")
        if kind not in ("OWNER", "MEMBER"):
            raise Refusal(422, paths=call.paths(".membership"))
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
            self.managed_group(call.caller, tenant, group_id)
        for group_id in removed:
            del self.memberships[user_id, tenant, group_id]
        for group_id in added:
            self.join(user_id, tenant, group_id, Membership())
        return 204, None

    # Tenant access

    @operation("listTenantAccess", "GET", "/{tenant}/tenant-access", SUPER_ADMINS)
    def list_tenant_access(self, call, tenant):
        users = [user for user in self.users if (user, tenant) in self.access]
        return self.list_of_users(call, users, lambda user_id: self.access_entry(user_id, tenant))

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
        """Everyone sees their own."""
        is_super_admin = self.users[call.caller].super_admin
        if not is_super_admin and user_id != call.caller:
            raise Refusal(403)
        user = self.user(user_id, tenant)
        shown = {"tenantId": tenant, "userId": user_id, "roles": [], "superAdmin": user.super_admin}
        brief = self.brief(user_id) | self.access_groups(user_id, tenant) | shown
        del brief["id"]
        return 200, brief

    @operation("createTenantAccess_1", "PUT", "/{tenant}/tenant-access/{userId}", SUPER_ADMINS)
    def create_tenant_access_1(self, call, tenant, user_id):
        self.user(user_id)
        self.access[user_id, tenant] = True
        return 201, None

    @operation("deleteTenantAccess", "DELETE", "/{tenant}/tenant-access/{userId}", SUPER_ADMINS)
    def delete_tenant_access(self, call, tenant, user_id):
        self.user(user_id, tenant)
        del self.access[user_id, tenant]
        self.drop(self.memberships, lambda key: key[:2] == (user_id, tenant))
        return 204, None
