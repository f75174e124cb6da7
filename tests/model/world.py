"""What a server holds, in plain dictionaries, and how it is shown.

Dictionaries keep the order in which things were made, which is the order of every listing.
"""
import dataclasses
import re

USER_COLUMNS = {
    "username": "username",
    "email": "email",
    "firstName": "first_name",
    "lastName": "last_name",
}
GROUP_COLUMNS = {"name": "name", "description": "description"}
MAX_SORTS = 8


class Refusal(Exception):
    """An error answer. Its message names everything in `names`; `paths` are those of its errors."""

    def __init__(self, status, *names, paths=()):
        super().__init__(status, names, paths)
        self.status, self.names, self.paths = status, names, sorted(paths)


@dataclasses.dataclass
class User:
    username: str
    email: str
    first_name: str = None
    last_name: str = None
    super_admin: bool = False
    restricted: bool = False
    password: str = None


@dataclasses.dataclass
class Group:
    name: str
    description: str = None


@dataclasses.dataclass
class Membership:
    kind: str = "MEMBER"
    external: bool = False


def fold(text):
    """Texts are the same in any ASCII case."""
    return text.encode().lower()


def without_nulls(**members):
    return {name: value for name, value in members.items() if value is not None}


class World:
    def __init__(self, fixture):
        self.tenants = {}  # id: name
        self.groups = {}  # (tenant, id): Group
        self.users = {}  # id: User
        self.tokens = {}  # token: user, of those that have not expired
        self.access = {}  # (user, tenant): whether it was granted, or came with a group
        self.memberships = {}  # (user, tenant, group): Membership
        for tenant in fixture["tenants"]:
            self.tenants[tenant["id"]] = tenant.get("name", tenant["id"])
            for group in tenant.get("groups", []):
                self.groups[tenant["id"], group["id"]] = Group(
                    group["name"], group.get("description")
                )
        for user in fixture["users"]:
            self._load_user(user)

    def _load_user(self, user):
        self.users[user["id"]] = User(
            user.get("username", user["email"]),
            user["email"],
            user.get("firstName"),
            user.get("lastName"),
            user.get("superAdmin", False),
            user.get("restricted", False),
            user.get("password"),
        )
        for tenant in user.get("tenants", []):
            self.access[user["id"], tenant] = True
        for group in user.get("groups", []):
            membership = Membership(group.get("membership", "MEMBER"), group.get("external", False))
            self.join(user["id"], group["tenant"], group["id"], membership)
        for token in user.get("tokens", []):
            if "expiresAt" not in token:  # else it has
                self.tokens[token["token"]] = user["id"]

    # What there is

    def user(self, user_id, tenant=None):
        """Raises unless there is such a user, with access to the tenant."""
        if user_id not in self.users or (tenant and (user_id, tenant) not in self.access):
            raise Refusal(404, user_id)
        return self.users[user_id]

    def group(self, tenant, group_id):
        if (tenant, group_id) not in self.groups:
            raise Refusal(404, group_id)
        return self.groups[tenant, group_id]

    def groups_of(self, user, tenant=None):
        """{(tenant, id): Membership}"""
        return {
            key: self.memberships[user, *key]
            for key in self.groups
            if (user, *key) in self.memberships and tenant in (None, key[0])
        }

    def owned_groups(self, user, tenant):
        return [id for (_, id), m in self.groups_of(user, tenant).items() if m.kind == "OWNER"]

    def members_of(self, tenant, group):
        return [user for user in self.users if (user, tenant, group) in self.memberships]

    def user_by_email(self, email):
        found = [id for id, user in self.users.items() if fold(user.email) == fold(email)]
        return found[0] if found else None

    # What changes

    def join(self, user, tenant, group, membership):
        self.access.setdefault((user, tenant), False)
        self.memberships.setdefault((user, tenant, group), membership)

    def drop(self, table, matches):
        for key in [key for key in table if matches(key)]:
            del table[key]

    # What is shown

    def display_name(self, user):
        names = [name for name in (user.first_name, user.last_name) if name is not None]
        return " ".join(names) if names else user.username

    def brief(self, user_id):
        user = self.users[user_id]
        return {"id": user_id, "username": user.username, "displayName": self.display_name(user)}

    def summary(self, user_id):
        user = self.users[user_id]
        auth = {"id": "BasicAuth", "name": "BasicAuth", "type": "BASIC_AUTH"}
        return self.brief(user_id) | {
            "tenants": [
                {"id": tenant, "name": name}
                for tenant, name in self.tenants.items()
                if (user_id, tenant) in self.access
            ],
            "auths": [auth] if user.password is not None else [],
            "superAdmin": user.super_admin,
        }

    def details(self, user_id):
        user = self.users[user_id]
        groups = [{"id": group, "tenantId": tenant} for tenant, group in self.groups_of(user_id)]
        return self.summary(user_id) | without_nulls(
            firstName=user.first_name,
            lastName=user.last_name,
            email=user.email,
            groups=groups,
            restricted=user.restricted,
        )

    def member(self, user_id, tenant):
        groups = [
            {
                "id": key[1],
                "name": self.groups[key].name,
                "external": m.external,
                "membership": m.kind,
            }
            for key, m in self.groups_of(user_id, tenant).items()
        ]
        return self.brief(user_id) | {"groups": groups}

    def access_groups(self, user_id, tenant):
        groups = self.member(user_id, tenant)["groups"]
        return {"groups": [{n: group[n] for n in ("id", "name", "external")} for group in groups]}

    def access_entry(self, user_id, tenant):
        auth = {"name": "BasicAuth", "type": "BASIC_AUTH"}
        auths = [auth] if self.users[user_id].password is not None else []
        return self.brief(user_id) | self.access_groups(user_id, tenant) | {"auths": auths}

    def group_details(self, tenant, group_id):
        group = self.groups[tenant, group_id]
        return without_nulls(id=group_id, name=group.name, description=group.description)

    # Listings

    def matches(self, q, texts):
        """Every word of q occurs in one of the texts."""
        words = re.findall(rb"[0-9a-z\x80-\xff]+", fold(q))
        found = all(any(word in fold(text) for text in texts if text) for word in words)
        return q in ("", "*") or (bool(words) and found)

    def listing(self, call, rows, columns, searched):
        """The keys on the page, and how many match. A row is a key and what has the columns."""
        query = dict(call.query)
        sorts = [s for name, value in call.query if name == "sort" for s in value.split(",")]
        known = [sort for sort in sorts if ":" in sort and sort.partition(":")[0] in columns]
        if known != sorts or len(sorts) > MAX_SORTS:
            raise Refusal(422)
        rows = [
            (key, row)
            for key, row in rows
            if self.matches(query.get("q", ""), [getattr(row, name) for name in searched])
        ]
        for sort in reversed(sorts):
            name, _, direction = sort.partition(":")

            def rank(row):
                text = getattr(row[1], columns[name])
                return (text is not None, fold(text or ""), (text or "").encode())

            rows.sort(key=rank, reverse=fold(direction) != b"asc")
        page, size = int(query.get("page", 1)), int(query.get("size", 10))
        return [key for key, _ in rows[(page - 1) * size : page * size]], len(rows)

    def list_of_users(self, call, user_ids, show):
        rows = [(user_id, self.users[user_id]) for user_id in user_ids]
        page, total = self.listing(call, rows, USER_COLUMNS, USER_COLUMNS.values())
        return 200, {"results": [show(user_id) for user_id in page], "total": total}
