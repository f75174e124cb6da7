"""Random fixtures."""

GROUP_WORDS = ["team", "Team", "data-eng", "x_y", "日本語", "ops", "Ops"]
ODD_GROUPS = ["with/slash", "with space", "pünkt%2F?#&=+", "日本語"]
EXPIRED = "EXPIRED-token-0123456789"


def make_world(rng):
    """Makes a fixture: two tenants with the same group ids and one without groups, external
    memberships, and callers of every kind. The first user is never deleted, and reads all."""
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
        token = {"id": f"t{i}", "name": "valid", "token": f"TOKEN{i}-0123456789"}
        user["tokens"] = [token]
    for user in users[4:6]:
        user["password"] = "Password!1"
    expired = {"id": "expired", "name": "expired", "expiresAt": "2024-01-02T00:00:00Z"}
    users[1]["tokens"].append(expired | {"token": EXPIRED})
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
