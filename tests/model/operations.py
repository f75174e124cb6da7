"""Random worlds, and random calls to them. Each has a good share of what must be refused.

A new operation is a method with @calls, which says how often it comes and returns what the call
has: the path's parameters, and `query` and `body` as far as there are. Nothing here may depend on
an id that the server made up, or a seed would not repeat its run.
"""
from model import Call

MAX_USERS, MAX_GROUPS = 40, 100  # beyond that, nothing is created
PASSWORDS = ["Password!1", "Pässw0rd&", "weak", "", "NoDigit!!", "alllower1!"]
FIRST_NAMES = [None, "Ada", "ada", "Zoë", "Émile", "Jean-Luc", "日本", ""]
LAST_NAMES = [None, "Lovelace", "Byron", "byron", "O'Neil", ""]
GROUP_WORDS = ["team", "Team", "data-eng", "x_y", "日本語", "ops", "Ops"]
DESCRIPTIONS = [None, None, "", "on call", "On Call", "été"]
BROKEN_BODIES = [b"", b"{", b'{"a":1}x', b"\xff", b"[]", b"null", b"7"]
UNKNOWN = ["nope", "7C1klfgdQmLTCyrnlejrtg", "a/b", "ü%2F", "with'quote"]
ODD_GROUPS = ["with/slash", "with space", "pünkt%2F?#&=+", "日本語"]
WRONG_CREDENTIALS = [None, ("EXPIRED-token-0123456789",), ("no-such-token-0123456789",), ("short",)]

GENERATORS = {}  # by operation id: how often it comes, and the method


def calls(name, weight):
    def declare(generator):
        GENERATORS[name] = weight, generator
        return generator

    return declare


def make_world(rng):
    """A fixture: two tenants with equal group ids and one that stays empty, external memberships,
    and callers of every kind. The first user stays, to look at everything."""
    ids = [f"g{i}" for i in range(rng.choice([3, 8, 45]))]
    tenants = [
        {"id": "main", "name": "Main", "groups": world_groups(rng, ids + ODD_GROUPS)},
        {"id": "other", "groups": world_groups(rng, ids + ["other-only"])},
        {"id": "empty"},
    ]
    users = [{"id": "auditor", "email": "auditor@example.com", "superAdmin": True}]
    users += [
        {
            "id": f"u{i}" if i else "a/b c%?#é",
            "email": f"User{i}@example.com",
            "username": f"{'Name' if i % 4 == 3 else 'User'}{i}@example.com",
            "superAdmin": i in (1, 2),
            "tenants": rng.sample(["main", "other"], rng.choice([0, 1, 1, 2])),
            "groups": world_memberships(rng, tenants),
        }
        for i in range(20)
    ]
    for i, user in enumerate(users[:14]):
        user["tokens"] = [{"name": "valid", "token": f"TOKEN{i}-0123456789"}]
    for user in users[4:6]:
        user["password"] = "Password!1"
    expired = {"name": "expired", "expiresAt": "2024-01-02T00:00:00Z"}
    users[1]["tokens"].append(expired | {"token": WRONG_CREDENTIALS[1][0]})
    return {"tenants": tenants, "users": users}


def world_groups(rng, ids):
    return [{"id": id, "name": f"{rng.choice(GROUP_WORDS)} {id}"} for id in ids]


def world_memberships(rng, tenants):
    pool = [(tenant["id"], group["id"]) for tenant in tenants for group in tenant.get("groups", [])]
    return [
        {
            "tenant": tenant,
            "id": group,
            "membership": rng.choice(["OWNER", "MEMBER"]),
            "external": rng.random() < 0.4,
        }
        for tenant, group in rng.sample(pool, rng.randrange(min(6, len(pool))))
    ]


class Generator:
    def __init__(self, rng, model, auditor):
        self.rng = rng
        self.model = model
        self.auditor = auditor
        self.seen = {}  # credentials that were good once

    # The call

    def next(self):
        weights = [weight for weight, _ in GENERATORS.values()]
        name = self.rng.choices(list(GENERATORS), weights)[0]
        call = Call(name, **GENERATORS[name][1](self))
        call.credentials = call.credentials or self.caller(call)
        if call.body is not None and self.rng.random() < 0.08:
            self.spoil(call)
        return call

    def caller(self, call):
        """Mostly one who may; else a member of the group, an owner, an ordinary user, or nobody."""
        dice, users = self.rng.random(), self.model.users
        tenant = call.path[0] if call.path else None
        known = list(self.credentials())
        self.seen |= dict(known)
        if dice < 0.04:
            return self.rng.choice([*WRONG_CREDENTIALS, *self.seen])
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

    def auditor_name(self):
        return self.model.users[self.model.tokens[self.auditor[0]]].username

    def credentials(self):
        for token, user in self.model.tokens.items():
            yield (token,), user
        for user_id, user in self.model.users.items():
            if user.password is not None:
                yield (user.username, user.password), user_id

    def spoil(self, call):
        """Gives the body a form that no operation takes."""
        dice = self.rng.random()
        field = self.rng.choice(list(call.body)) if call.body else None
        value = call.body.get(field)
        if dice < 0.2:
            call.flaw = "media"
        elif dice < 0.5 or value is None:
            call.flaw, call.raw = "", self.rng.choice(BROKEN_BODIES)
        elif isinstance(value, list) and dice < 0.75:
            call.flaw, call.body = f".{field}[{len(value)}]", call.body | {field: [*value, 7]}
        else:
            call.flaw, call.body = f".{field}", call.body | {field: {"of": "another type"}}

    # Things to name

    def tenant(self):
        known = list(self.model.tenants)
        weights = [6, 3, *[1] * len(known)][: len(known)]
        return "no-tenant" if self.rng.random() < 0.02 else self.rng.choices(known, weights)[0]

    def user(self, share_of_unknown=0.05):
        known = [user for user in self.model.users if self.model.tokens[self.auditor[0]] != user]
        unknown = self.rng.random() < share_of_unknown
        return self.rng.choice(UNKNOWN if unknown else known or UNKNOWN)

    def group(self, tenant, share_of_unknown=0.08):
        """One of the tenant, of another, or an unknown one."""
        here = [id for there, id in self.model.groups if there == tenant]
        anywhere = [id for _, id in self.model.groups] + UNKNOWN
        unknown = self.rng.random() < share_of_unknown
        return self.rng.choice(anywhere if unknown else here or anywhere)

    def groups(self, tenant):
        ids = [self.group(tenant, 0.02) for _ in range(self.rng.randrange(5))]
        return ids + self.rng.sample(ids, self.rng.randrange(2) if ids else 0)  # with duplicates

    def member(self, tenant, group):
        """Mostly a member."""
        members = self.model.members_of(tenant, group)
        return self.rng.choice(members) if members and self.rng.random() < 0.7 else self.user()

    def email(self):
        """Often another's, or its own in another case."""
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

    def listing(self, columns):
        """Search, order and page."""
        query = []
        if self.rng.random() < 0.5:
            query.append(("q", self.q()))
        for _ in range(self.rng.choice([0, 1, 1, 2, 3])):
            sorts = [self.sort(columns) for _ in range(self.rng.choice([1, 1, 2, 4]))]
            query.append(("sort", ",".join(sorts)))
        numbers = {"page": ["1", "2", "3", "9"], "size": ["1", "3", "10", "1000"]}
        for name, values in numbers.items():
            if self.rng.random() < 0.6:
                wrong = self.rng.random() < 0.04
                query.append((name, self.rng.choice(["0", "-1", "x", ""] if wrong else values)))
        return query

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
        return {"query": self.listing(["username", "email", "firstName", "lastName"])}

    @calls("createUser", 8)
    def create_user(self):
        if self.is_full():
            return {"body": {"email": "no e-mail"}}
        body = {"email": self.email()} | self.some(
            firstName=self.rng.choice(FIRST_NAMES),
            lastName=self.rng.choice(LAST_NAMES),
            restricted=self.rng.choice([True, False, None]),
            groups=self.groups(self.tenant()),
        )
        if self.rng.random() < 0.5:
            body["tenants"] = [self.tenant() for _ in range(self.rng.randrange(3))]
        if self.rng.random() < 0.1:
            body["superAdmin"] = True
        if self.rng.random() < 0.2:  # few, since each costs some 10 ms
            body["password"] = self.rng.choice(PASSWORDS)
        return {"body": body}

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
        return {"path": (self.tenant(),), "query": self.listing(["name", "description"])}

    @calls("autocompleteGroups", 3)
    def autocomplete_groups(self):
        tenant = self.tenant()
        body = self.some(q=self.rng.choice([None, self.q()]), ids=self.groups(tenant))
        if self.rng.random() < 0.2:
            body["existingOnly"] = self.rng.choice([True, False, None])
        return {"path": (tenant,), "body": body}

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
        query = self.listing(["username", "email", "firstName", "lastName"])
        return {"path": (tenant, self.group(tenant)), "query": query}

    @calls("addUserToGroup", 14)
    def add_user_to_group(self):
        tenant = self.tenant()
        return {"path": (tenant, self.group(tenant), self.user())}

    @calls("deleteUserFromGroup", 9)
    def delete_user_from_group(self):
        tenant = self.tenant()
        group = self.group(tenant)
        last = [key for key in self.model.memberships if self.is_last(key)]
        if last and self.rng.random() < 0.3:  # decides about the access
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
        """Adds or removes one group, which they belong to as a rule."""
        ids = [id for _, id in self.model.groups_of(user, tenant)]
        theirs = self.model.groups_of(self.model.authenticate(owner), tenant)
        group = self.rng.choice([*[id for _, id in theirs], self.group(tenant)])
        changed = [id for id in ids if id != group] if group in ids else [*ids, group]
        return {"path": (tenant, user), "body": {"groupIds": changed}, "credentials": owner}

    # Tenant access

    @calls("listTenantAccess", 3)
    def list_tenant_access(self):
        query = self.listing(["username", "email", "firstName", "lastName"])
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
