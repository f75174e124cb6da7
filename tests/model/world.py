"""The state of a server in plain dictionaries, and how the API shows it.

Dictionaries keep the order of creation, which is the default order of every listing.
"""
import dataclasses

from listing import Refusal, access_columns, fold, listing, user_columns


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
class Tenant:
    name: str
    details: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Token:
    user: str
    id: str
    name: str
    description: str = None
    extended: bool = False
    ends: bool = False  # it has an expiry, which lies in the future unless it is expired
    expired: bool = False
    used: bool = False


@dataclasses.dataclass
class Group:
    name: str
    description: str = None


@dataclasses.dataclass
class Membership:
    kind: str = "MEMBER"
    external: bool = False
    position: int = None  # among the user's groups; None: behind all others


def without_nulls(**members):
    return {name: value for name, value in members.items() if value is not None}


class World:
    def __init__(self, fixture, version):
        self.version = version
        self.user_columns = user_columns(version.privilege)
        self.access_columns = access_columns(version.privilege)
        self.tenants = {}  # id: Tenant
        self.groups = {}  # (tenant, id): Group
        self.users = {}  # id: User
        self.tokens = {}  # secret: Token
        self.sessions = {}  # secret: user
        self.access = {}  # (user, tenant): True if granted, False if it came with a group
        self.roles = {}  # (tenant, id): Role
        self.bindings = {}  # (tenant, id): Binding
        self.memberships = {}  # (user, tenant, group): Membership
        for tenant in fixture["tenants"]:
            self.tenants[tenant["id"]] = Tenant(tenant.get("name", tenant["id"]))
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
        for place, group in enumerate(user.get("groups", [])):
            membership = Membership(
                group.get("membership", "MEMBER"), group.get("external", False), place
            )
            self.join(user["id"], group["tenant"], group["id"], membership)
        for token in user.get("tokens", []):
            ends = "expiresAt" in token  # always in the past
            self.tokens[token["token"]] = Token(
                user["id"], token["id"], token["name"], ends=ends, expired=ends
            )

    # Look-ups

    def user(self, user_id, tenant=None):
        """Raises a Refusal if there is no such user with access to the tenant."""
        if user_id not in self.users or (tenant and (user_id, tenant) not in self.access):
            raise Refusal(404, user_id)
        return self.users[user_id]

    def group(self, tenant, group_id):
        if (tenant, group_id) not in self.groups:
            raise Refusal(404, group_id)
        return self.groups[tenant, group_id]

    def groups_of(self, user, tenant=None):
        """Returns {(tenant, id): Membership}."""
        return {
            key: self.memberships[user, *key]
            for key in self.groups
            if (user, *key) in self.memberships and tenant in (None, key[0])
        }

    def shown_groups(self, user, tenant=None):
        """Returns the same in the order that clients see."""
        return dict(sorted(self.groups_of(user, tenant).items(), key=lambda item: item[1].position))

    def owned_groups(self, user, tenant):
        return [id for (_, id), m in self.groups_of(user, tenant).items() if m.kind == "OWNER"]

    def members_of(self, tenant, group):
        return [user for user in self.users if (user, tenant, group) in self.memberships]

    def user_by_email(self, email):
        found = [id for id, user in self.users.items() if fold(user.email) == fold(email)]
        return found[0] if found else None

    # Changes

    def join(self, user, tenant, group, membership):
        """A member stays one. A given position moves their membership there."""
        if membership.position is None and (user, tenant, group) in self.memberships:
            return
        if membership.position is None:
            positions = [m.position for m in self.groups_of(user).values()]
            membership.position = max(positions, default=-1) + 1
        self.access.setdefault((user, tenant), False)
        self.memberships.setdefault((user, tenant, group), membership)
        self.memberships[user, tenant, group].position = membership.position

    def drop(self, table, matches):
        for key in [key for key in table if matches(key)]:
            del table[key]

    # Output

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
                {"id": id, "name": tenant.name}
                for id, tenant in self.tenants.items()
                if (user_id, id) in self.access
            ],
            "auths": [auth] if user.password is not None else [],
            self.version.privilege: user.super_admin,
        }

    def details(self, user_id):
        user = self.users[user_id]
        groups = [{"id": group, "tenantId": tenant} for tenant, group in self.shown_groups(user_id)]
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
            for key, m in self.shown_groups(user_id, tenant).items()
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

    def tenant_details(self, tenant_id):
        tenant = self.tenants[tenant_id]
        return {"id": tenant_id, "name": tenant.name} | tenant.details | {"deleted": False}

    # Listings

    def user_row(self, user_id):
        user = self.users[user_id]
        return user_id, {
            "id": user_id,
            "username": user.username,
            "email": user.email,
            "firstName": user.first_name,
            "lastName": user.last_name,
            self.version.privilege: "true" if user.super_admin else "false",
            "type": "STANDARD",
        }

    def users_with_access(self, tenant):
        return [user for user in self.users if (user, tenant) in self.access]

    def group_rows(self, tenant):
        return [
            (id, {"id": id, "name": group.name, "description": group.description})
            for (there, id), group in self.groups.items()
            if there == tenant
        ]

    def tenant_rows(self):
        return [(id, {"id": id, "name": tenant.name}) for id, tenant in self.tenants.items()]

    def page_of(self, call, rows, columns, show):
        page, total = listing(self.version, call, rows, columns)
        return 200, {"results": [show(key) for key in page], "total": total}

    def page_of_users(self, call, user_ids, show, columns=None):
        rows = map(self.user_row, user_ids)
        return self.page_of(call, rows, columns or self.user_columns, show)
