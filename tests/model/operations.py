"""Random calls. A good share of them must be refused.

A new operation is a method with @calls, which says how often it is called. The method returns the
arguments of the Call: the path parameters, and `query` and `body` where needed. Nothing here may
depend on an id that the server generated, or else a seed would not reproduce its run.
"""
import filter_calls
from call import CSRF_TOKEN, OPERATIONS, Call
from worlds import EXPIRED, GROUP_WORDS

MAX_USERS, MAX_GROUPS = 40, 100  # the generator creates no more than these
# Only the first two are good in every version.
PASSWORDS = ["Password!1", "Pässw0rd&", "Pass_word1", "weak", "", "NoDigit!!", "alllower1!"]
FIRST_NAMES = [None, "Ada", "ada", "Zoë", "Émile", "Jean-Luc", "日本", ""]
LAST_NAMES = [None, "Lovelace", "Byron", "byron", "O'Neil", ""]
DESCRIPTIONS = [None, None, "", "on call", "On Call", "été"]
TENANTS = ["main", "other", "t1", "t2", "t-3", "4_t"]
FREE_FIELDS = ["rest", "other", "permissions"]  # members that accept any value, or almost any
TENANT_DETAILS = [None, "", 1.5, [1, None], {"a": None, "b": {"c": None, "d": [{"e": None}]}}]
PRIVILEGE = "superAdmin"  # stands for the name that the version gives it
USER_COLUMNS = ["username", "email", "firstName", "lastName"]
LISTED = {
    "listUsers": [*USER_COLUMNS, PRIVILEGE],
    "searchGroups": ["name", "description"],
    "searchGroupMembers": [*USER_COLUMNS, PRIVILEGE],
    "listTenantAccess": [*USER_COLUMNS, PRIVILEGE, "type"],
    "find": ["id", "name"],
    "searchRoles": ["name", "description"],
    "searchBindings": ["type", "namespace"],
}
BROKEN_BODIES = [b"", b"{", b'{"a":1}x', b"\xff", b"[]", b"null", b"7"]
UNKNOWN = ["nope", "7C1klfgdQmLTCyrnlejrtg", "a/b", "ü%2F", "with'quote"]
WRONG_CREDENTIALS = [None, (EXPIRED,), ("no-such-token-0123456789",), ("short",)]

GENERATORS = {}  # by operation id: its weight and the method


def calls(name, weight):
    def declare(generator):
        GENERATORS[name] = weight, generator
        return generator

    return declare


class Generator:
    def __init__(self, rng, model, auditor):
        self.rng = rng
        self.model = model
        self.auditor = auditor
        self.seen = {}  # credentials that were valid at some time
        self.first_tenants = list(model.tenants)
        # The ids from the fixture are the same in each run.
        ids = [*model.users, *dict.fromkeys(id for _, id in model.groups), *TENANTS]
        self.first = {"id": ids}

    # The call

    def next(self):
        known = [n for n in GENERATORS if self.model.version.since(OPERATIONS[n].since)]
        weights = [GENERATORS[name][0] for name in known]
        name = self.rng.choices(known, weights)[0]
        call = Call(name, **GENERATORS[name][1](self))
        call.credentials = call.credentials or self.caller(call)
        if call.body is not None and self.rng.random() < 0.08:
            self.spoil(call)
        return call

    def caller(self, call):
        """Mostly a permitted caller, else a group's member, an owner, an ordinary user, or nobody."""
        dice, users = self.rng.random(), self.model.users
        tenant = call.path[0] if call.path else None
        known = list(self.credentials())
        self.seen |= dict(known)
        if dice < 0.04:
            return self.rng.choice([*WRONG_CREDENTIALS, *self.seen, *self.misused()])
        if dice < 0.043:
            return self.auditor_name(), "wrong"
        if dice < 0.55:
            pool = [c for c, user in known if users[user].super_admin]
        elif dice < 0.7:
            pool = [c for c, user in known if (user, *call.path[:2]) in self.model.memberships]
        elif dice < 0.85:
            pool = self.owners(tenant)
        elif dice < 0.95:
            pool = [c for c, user in known if (user, tenant) in self.model.access]
        else:
            pool = [c for c, _ in known]
        return self.rng.choice(pool or [self.auditor])

    def owners(self, tenant):
        return [c for c, user in self.credentials() if self.model.owned_groups(user, tenant)]

    def auditor_id(self):
        return self.model.tokens[self.auditor[0]].user

    def auditor_name(self):
        return self.model.users[self.auditor_id()].username

    def credentials(self):
        for secret, token in self.model.tokens.items():
            if not token.expired:
                yield (secret,), token.user
        for secret, user in self.model.sessions.items():
            yield ("JWT", secret, CSRF_TOKEN), user
        for user_id, user in self.model.users.items():
            if user.password is not None:
                yield (user.username, user.password), user_id

    def misused(self):
        """Yields tokens used as sessions, and sessions used as tokens."""
        yield from (("JWT", secret, CSRF_TOKEN) for secret in self.model.tokens)
        yield from ((secret,) for secret in self.model.sessions)

    def spoil(self, call):
        """Breaks the form of the body, so that every operation must refuse it."""
        dice = self.rng.random()
        fields = [name for name in call.body if name not in FREE_FIELDS]
        field = self.rng.choice(fields) if fields else None
        value = call.body.get(field)
        if dice < 0.2:
            call.flaw = "media" if dice < 0.12 else "untyped"
        elif dice < 0.5 or value is None:
            call.flaw, call.raw = "", self.rng.choice(BROKEN_BODIES)
        elif isinstance(value, list) and dice < 0.75:
            call.flaw, call.body = f".{field}[{len(value)}]", call.body | {field: [*value, 7]}
        else:
            call.flaw, call.body = f".{field}", call.body | {field: {"of": "another type"}}

    # Things to refer to

    def tenant(self):
        known = list(self.model.tenants)
        weights = [6, 3, *[1] * len(known)][: len(known)]
        if self.rng.random() < 0.02 or not known:
            return "no-tenant"
        return self.rng.choices(known, weights)[0]

    def user(self, share_of_unknown=0.05):
        known = [user for user in self.model.users if user != self.auditor_id()]
        unknown = self.rng.random() < share_of_unknown
        return self.rng.choice(UNKNOWN if unknown else known or UNKNOWN)

    def group(self, tenant, share_of_unknown=0.08):
        """Returns a group of the tenant, of another tenant, or an unknown one."""
        here = [id for there, id in self.model.groups if there == tenant]
        anywhere = [id for _, id in self.model.groups] + UNKNOWN
        unknown = self.rng.random() < share_of_unknown
        return self.rng.choice(anywhere if unknown else here or anywhere)

    def groups(self, tenant):
        ids = [self.group(tenant, 0.02) for _ in range(self.rng.randrange(5))]
        return ids + self.rng.sample(ids, self.rng.randrange(2) if ids else 0)  # with duplicates

    def member(self, tenant, group):
        """Returns a user, mostly a member of the group."""
        members = self.model.members_of(tenant, group)
        return self.rng.choice(members) if members and self.rng.random() < 0.7 else self.user()

    def email(self):
        """Often returns the address of an existing user, or changes its case."""
        users = list(self.model.users.values())
        texts = [user.email for user in users] + [user.username for user in users]
        email = f"new{self.rng.randrange(300)}@Example.org"
        if self.rng.random() < 0.3:
            email = self.rng.choice(texts)
        return self.rng.choice([email, email, email.upper(), email.lower()])

    def group_name(self):
        name = f"{self.rng.choice(GROUP_WORDS)} {self.rng.randrange(20)}"
        return name if self.rng.random() < 0.97 else ""

    def is_full(self):
        return len(self.model.users) > MAX_USERS

    def some(self, **members):
        """Leaves some members out."""
        return {name: value for name, value in members.items() if self.rng.random() < 0.6}

    def listing(self, operation):
        """Makes a query with search, sorting, paging and filters."""
        filtered = LISTED[operation]
        columns = [name for name in filtered if name not in (PRIVILEGE, "type")]
        query = []
        if self.rng.random() < 0.5:
            query.append(("q", self.q()))
        for _ in range(self.rng.choice([0, 1, 1, 2, 3])):
            sorts = [self.sort(columns) for _ in range(self.rng.choice([1, 1, 2, 4]))]
            query.append(("sort", ",".join(sorts)))
        numbers = {"page": ["1", "2", "3", "9"], "size": ["1", "3", "10", "1000", "1001"]}
        for name, values in numbers.items():
            if self.rng.random() < 0.6:
                wrong = self.rng.random() < 0.04
                query.append((name, self.rng.choice(["0", "-1", "x", ""] if wrong else values)))
        return query + self.filters(filtered)

    def filters(self, columns, always=False):
        if not always and self.rng.random() < 0.6:
            return []
        names = [self.model.version.privilege if c == PRIVILEGE else c for c in columns]
        return filter_calls.make(self.rng, names, self.values())

    def values(self):
        """Returns texts that occur, by column."""
        users = list(self.model.users.values())
        values = {
            "username": [user.username for user in users],
            "email": [user.email for user in users],
            "firstName": FIRST_NAMES,
            "lastName": LAST_NAMES,
            self.model.version.privilege: ["true", "false", "TRUE"],
            "type": ["STANDARD", "SERVICE_ACCOUNT"],
            "namespace": ["io.kestra", "company.team"],
            "name": GROUP_WORDS + [group.name for group in self.model.groups.values()],
            "description": DESCRIPTIONS,
        }
        return values | self.first

    def q(self):
        users = [user.email for user in self.model.users.values()]
        text = self.rng.choice(users + GROUP_WORDS + list(filter(None, FIRST_NAMES + LAST_NAMES)))
        start = self.rng.randrange(len(text))
        piece = text[start : start + self.rng.randrange(1, 6)]
        several = [f"{piece}, {text}", f"{piece} a"]
        return self.rng.choice([piece, piece.upper(), *several, "*", "", "-", "nope"])

    def sort(self, columns):
        if self.rng.random() < 0.03:
            return self.rng.choice(["id:asc", "email", ":asc", "", "Name:asc"])
        return f"{self.rng.choice(columns)}:{self.rng.choice(['asc', 'desc', 'ASC', 'up'])}"

    # Users

    @calls("listUsers", 3)
    def list_users(self):
        return {"query": self.listing("listUsers")}

    def details(self, password):
        """`password` is the share of users with a password; hashing one takes about 10 ms."""
        body = {"email": self.email()} | self.some(
            firstName=self.rng.choice(FIRST_NAMES),
            lastName=self.rng.choice(LAST_NAMES),
            restricted=self.rng.choice([True, False, None]),
            groups=self.groups(self.tenant()),
        )
        if self.rng.random() < 0.5:
            body["tenants"] = [self.tenant() for _ in range(self.rng.randrange(3))]
        if self.rng.random() < 0.1:
            body |= self.privilege(True)
        if self.rng.random() < password:
            body["password"] = self.rng.choice(PASSWORDS)
        return body

    @calls("createUser", 8)
    def create_user(self):
        return {"body": {"email": "no e-mail"} if self.is_full() else self.details(0.2)}

    @calls("updateUser", 8)
    def update_user(self):
        user, body = self.user(), self.details(0.1)
        if user in self.model.users and self.rng.random() < 0.7:
            body["email"] = self.model.users[user].email
        return {"path": (user,), "body": body}

    @calls("patchUserDemo", 1)
    def patch_user_demo(self):
        return {"path": (self.user(),), "body": {"restricted": self.rng.choice([True, False])}}

    @calls("patchUserSuperAdmin", 2)
    def patch_user_super_admin(self):
        body = self.privilege(self.rng.random() < 0.3) if self.rng.random() < 0.9 else {}
        return {"path": (self.user(),), "body": body}

    @calls("patchUserInstanceOwner", 2)
    def patch_user_instance_owner(self):
        return {"path": (self.user(),), "body": {"instanceOwner": self.rng.random() < 0.3}}

    def privilege(self, value):
        """Uses one of the names that the version knows, or both."""
        if not self.model.version.since("2.0"):
            return {"superAdmin": value}
        names = self.rng.choice([["superAdmin"], ["instanceOwner"], ["superAdmin", "instanceOwner"]])
        values = {"superAdmin": self.rng.random() < 0.5, "instanceOwner": value}
        return {name: value if len(names) == 1 else values[name] for name in names}

    @calls("getUser", 1)
    def get_user(self):
        return {"path": (self.user(),)}

    @calls("patchUser", 4)
    def patch_user(self):
        body = self.some(
            firstName=self.rng.choice(FIRST_NAMES), lastName=self.rng.choice(LAST_NAMES)
        )
        if self.rng.random() < 0.4:
            body["email"] = self.rng.choice([self.email(), self.email(), None, "a@b@c"])
        return {"path": (self.user(),), "body": body}

    @calls("deleteUser", 3)
    def delete_user(self):
        return {"path": (self.user(0.2),)}

    # Groups

    @calls("createGroup", 6)
    def create_group(self):
        if len(self.model.groups) > MAX_GROUPS:
            return {"path": (self.tenant(),), "body": {"name": ""}}
        body = {"name": self.group_name()} | self.some(
            description=self.rng.choice(DESCRIPTIONS),
            membersId=[self.user() for _ in range(self.rng.randrange(4))],
        )
        return {"path": (self.tenant(),), "body": body}

    @calls("searchGroups", 3)
    def search_groups(self):
        return {"path": (self.tenant(),), "query": self.listing("searchGroups")}

    @calls("autocompleteGroups", 3)
    def autocomplete_groups(self):
        tenant = self.tenant()
        body = self.some(q=self.rng.choice([None, self.q()]), ids=self.groups(tenant))
        if self.rng.random() < 0.2:
            body["existingOnly"] = self.rng.choice([True, False, None])
        return {"path": (tenant,), "body": body, "query": self.filters(LISTED["searchGroups"])}

    @calls("listGroupIds", 1)
    def list_group_ids(self):
        tenant = self.tenant()
        return {"path": (tenant,), "body": self.some(ids=self.groups(tenant))}

    @calls("getGroup", 1)
    def get_group(self):
        tenant = self.tenant()
        return {"path": (tenant, self.group(tenant))}

    @calls("updateGroup", 4)
    def update_group(self):
        tenant = self.tenant()
        body = {"name": self.group_name()} | self.some(description=self.rng.choice(DESCRIPTIONS))
        return {"path": (tenant, self.group(tenant)), "body": body}

    @calls("deleteGroup", 3)
    def delete_group(self):
        tenant = self.tenant()
        return {"path": (tenant, self.group(tenant, 0.3))}

    # Members

    @calls("searchGroupMembers", 4)
    def search_group_members(self):
        tenant = self.tenant()
        query = self.listing("searchGroupMembers")
        return {"path": (tenant, self.group(tenant)), "query": query}

    @calls("addUserToGroup", 14)
    def add_user_to_group(self):
        tenant, user = self.tenant(), self.user()
        if user in self.model.users and self.rng.random() < 0.1:
            user = self.model.users[user].username
        elif not self.model.version.adding_grants_access and self.rng.random() < 0.7:
            user = self.rng.choice(self.model.users_with_access(tenant) or [user])
        return {"path": (tenant, self.group(tenant), user)}

    @calls("deleteUserFromGroup", 9)
    def delete_user_from_group(self):
        tenant = self.tenant()
        group = self.group(tenant)
        last = [key for key in self.model.memberships if self.is_last(key)]
        if last and self.rng.random() < 0.3:  # may also end the access
            user, *path = self.rng.choice(last)
            return {"path": (*path, user)}
        return {"path": (tenant, group, self.member(tenant, group))}

    def is_last(self, membership):
        user, tenant, _ = membership
        return len(self.model.groups_of(user, tenant)) == 1

    @calls("setUserMembershipForGroup", 9)
    def set_user_membership_for_group(self):
        tenant = self.tenant()
        group = self.group(tenant)
        kind = self.rng.choices([["OWNER"], ["MEMBER"], ["owner"], []], [45, 45, 5, 5])[0]
        query = [("membership", value) for value in kind]
        return {"path": (tenant, group, self.member(tenant, group)), "query": query}

    @calls("updateUserGroups", 14)
    def update_user_groups(self):
        tenant, user = self.tenant(), self.user()
        ids, owners = self.groups(tenant), self.owners(tenant)
        if owners and self.rng.random() < 0.3:
            return self.change_by_owner(self.rng.choice(owners), tenant, user)
        if self.rng.random() < 0.03:
            ids = self.rng.choice([None, [*ids, " "]])
        body = {"groupIds": ids} if self.rng.random() < 0.98 else {}
        return {"path": (tenant, user), "body": body}

    def change_by_owner(self, owner, tenant, user):
        """Adds or removes one group, mostly one that the owner belongs to."""
        ids = [id for _, id in self.model.groups_of(user, tenant)]
        theirs = self.model.groups_of(self.model.authenticate(owner), tenant)
        group = self.rng.choice([*[id for _, id in theirs], self.group(tenant)])
        changed = [id for id in ids if id != group] if group in ids else [*ids, group]
        return {"path": (tenant, user), "body": {"groupIds": changed}, "credentials": owner}

    # Tenant access

    @calls("listTenantAccess", 3)
    def list_tenant_access(self):
        query = self.listing("listTenantAccess")
        if self.rng.random() < 0.1:
            query.append(("type", self.rng.choice(["STANDARD", "SERVICE_ACCOUNT", "standard"])))
        return {"path": (self.tenant(),), "query": query}

    @calls("createTenantAccess", 4)
    def create_tenant_access(self):
        users = [user.email for user in self.model.users.values()]
        email = self.rng.choice([*users, *users, self.email(), " "])
        body = {"email": self.rng.choice([email, email.upper()])}
        return {"path": (self.tenant(),), "body": body}

    @calls("getTenantAccess", 2)
    def get_tenant_access(self):
        own, user = self.rng.choice(list(self.credentials()))
        if self.rng.random() < 0.4:
            return {"path": (self.tenant(), user), "credentials": own}
        return {"path": (self.tenant(), self.user())}

    @calls("createTenantAccess_1", 3)
    def create_tenant_access_1(self):
        by_group = [key for key, granted in self.model.access.items() if not granted]
        if by_group and self.rng.random() < 0.5:
            user, tenant = self.rng.choice(by_group)
            return {"path": (tenant, user)}
        return {"path": (self.tenant(), self.user())}

    @calls("deleteTenantAccess", 2)
    def delete_tenant_access(self):
        return {"path": (self.tenant(), self.user())}

    @calls("autocompleteUsers", 3)
    def autocomplete_users(self):
        ids = [self.user(0.1) for _ in range(self.rng.randrange(5))]
        names = [user.username for user in self.model.users.values()]
        name = self.rng.choice([None, self.rng.choice(names), self.rng.choice(names).upper()])
        body = self.some(q=self.rng.choice([None, self.q()]), ids=ids)
        if self.rng.random() < 0.4:
            body["username"] = name
        if self.rng.random() < 0.2:
            body["existingOnly"] = self.rng.choice([True, False, None])
        return {"path": (self.tenant(),), "body": body}

    # Tenants

    @calls("create_2", 3)
    def create_tenant(self):
        tenants = ["Main", "-", "ü"] if self.rng.random() < 0.1 else TENANTS
        body = {"id": self.rng.choice(tenants)} | self.tenant_body()
        return {"body": body}

    def tenant_body(self):
        body = {"name": self.rng.choice([*GROUP_WORDS, *GROUP_WORDS, " "])}
        return body | self.some(rest=self.rng.choice(TENANT_DETAILS), deleted=False, other=None)

    @calls("find", 1)
    def find_tenants(self):
        return {"query": self.listing("find")}

    @calls("get_3", 1)
    def get_tenant(self):
        return {"path": (self.tenant(),)}

    @calls("update_2", 1)
    def update_tenant(self):
        tenant, body = self.tenant(), self.tenant_body()
        if self.rng.random() < 0.3:
            body["id"] = self.rng.choice([tenant, None, "another"])
        return {"path": (tenant,), "body": body}

    @calls("delete_2", 2)
    def delete_tenant(self):
        """Seldom deletes a tenant of the fixture, since most of the data belongs to them."""
        late = [tenant for tenant in self.model.tenants if tenant not in self.first_tenants]
        others = late or ["no-tenant"]
        seldom = self.rng.random() < 0.1
        return {"path": (self.tenant() if seldom else self.rng.choice(others),)}
