#!/usr/bin/env python3
"""Writes the fixture for the requests of put.lua: users without a password, each in three random
groups, and an administrator."""
import argparse
import json
import random
import sys

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def make_id(number):
    """Like make_id of put.lua. The ids look random, but the number determines them."""
    state, digits = number, []
    for _ in range(22):
        state = state * 48271 % 2147483647
        digits.append(DIGITS[state % 62])
    return "".join(digits)


def make_fixture(n_users, n_groups, seed):
    chance = random.Random(seed)
    groups = [make_id(2 * i + 1) for i in range(1, n_groups + 1)]
    administrator = {
        "id": "root",
        "email": "root@root.com",
        "superAdmin": True,
        "password": "Root!1234",
        "tenants": ["main"],
    }
    users = [
        {
            "id": make_id(2 * i),
            "email": f"user{i}@example.com",
            "firstName": "User",
            "lastName": str(i),
            "groups": [{"tenant": "main", "id": id} for id in chance.sample(groups, 3)],
        }
        for i in range(1, n_users + 1)
    ]
    tenant = {
        "id": "main",
        "groups": [{"id": id, "name": f"group-{i}"} for i, id in enumerate(groups, 1)],
    }
    return {"tenants": [tenant], "users": [administrator, *users]}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=100000)
    parser.add_argument("--groups", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    sys.stdout.write(json.dumps(make_fixture(arguments.users, arguments.groups, arguments.seed)))


if __name__ == "__main__":
    main()
