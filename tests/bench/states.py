"""The states that the servers are measured with: users without a password, each in three random groups,
and an administrator."""
import dataclasses
import json
import random

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
MODULUS = 2**31 - 1


@dataclasses.dataclass(frozen=True)
class State:
    users: int
    groups: int


SMALL = State(1_000, 100)
THOUSAND = State(1_000, 1_000)
LARGE = State(100_000, 1_000)
HUGE = State(1_000_000, 1_000)


def make_id(number):
    """Like make_id of load.lua. The ids look random, but the number determines them."""
    digits = []
    for _ in range(22):
        number = number * 48271 % MODULUS
        digits.append(DIGITS[number % 62])
    return "".join(digits)


def user_id(number):
    return make_id(2 * number)


def group_id(number):
    return make_id(2 * number + 1)


def administrator():
    return {
        "id": "root",
        "email": "root@root.com",
        "superAdmin": True,
        "password": "Root!1234",
        "tenants": ["main"],
    }


def user(number, groups):
    return {
        "id": user_id(number),
        "email": f"user{number}@example.com",
        "firstName": "User",
        "lastName": str(number),
        "groups": [{"tenant": "main", "id": group} for group in groups],
    }


def write_fixture(state, path, seed=1):
    """Writes user by user, since the tree of a million users would take gigabytes."""
    chance = random.Random(seed)
    groups = [group_id(i) for i in range(1, state.groups + 1)]
    tenant = {
        "id": "main",
        "groups": [{"id": id, "name": f"group-{i}"} for i, id in enumerate(groups, 1)],
    }
    with path.open("w") as file:
        file.write(f'{{"tenants": [{json.dumps(tenant)}], "users": [{json.dumps(administrator())}')
        for number in range(1, state.users + 1):
            file.write(f",\n{json.dumps(user(number, chance.sample(groups, 3)))}")
        file.write("]}\n")


class Fixtures:
    """The files of the states, each made when it is first needed."""

    def __init__(self, directory):
        self.directory = directory

    def path(self, state):
        path = self.directory / f"{state.users}-{state.groups}.json"
        if not path.exists():
            write_fixture(state, path)
        return path
