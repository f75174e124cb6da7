"""kestub does what WireMock does, apart from the differences that differences.yaml names.

Directed cases show each feature and each difference. Generated ones look for others: hundreds of mappings, with
requests near them. Their seed is 1, so that no change is blamed for what another seed finds.
KESTUB_DIFFERENTIAL_SEED takes another one, or `random`, which is then printed; KESTUB_DIFFERENTIAL_CASES makes more
of them.
"""
import os
import random

import pytest

import comparing
import generator
import known
import pages

CASES = int(os.environ.get("KESTUB_DIFFERENTIAL_CASES", 600))
SHOWN = 5


def by_name(entries):
    return pytest.mark.parametrize(
        "entry, case", [pytest.param(entry, case, id=name) for name, entry, case in known.cases(entries)]
    )


@by_name(known.FEATURES)
def test_is_the_same(pair, entry, case):
    found = comparing.differences(*pair, known.read_case(case))
    assert not found, "\n".join(map(str, found))


@by_name(known.DIFFERENCES)
def test_differs_as_the_list_says(pair, entry, case):
    found = comparing.differences(*pair, known.read_case(case))
    assert found, "both do the same: take the case out of differences.yaml"
    for difference in found:
        assert known.explanation(difference) is entry, str(difference)


def test_the_page_shows_the_list():
    assert pages.table("docs/mocking.md", "WireMock's features") == known.table()


COLLECTION = known.collection()


@pytest.mark.parametrize("name", COLLECTION)
def test_loads_what_teams_have(pair, name):
    case = known.read_case(COLLECTION[name])
    assert not any(comparing.run(pair[0], case).loading)
    found = [d for d in comparing.differences(*pair, case) if not known.explanation(d)]
    assert not found, "\n".join(map(str, found))


def test_generated_mappings(pair):
    seed = os.environ.get("KESTUB_DIFFERENTIAL_SEED", "1")
    if seed == "random":
        seed = str(random.SystemRandom().randrange(10**9))
    print(f"KESTUB_DIFFERENTIAL_SEED={seed}")
    unknown, requests = [], 0
    for number in range(CASES):
        case = generator.Generator(f"{seed}:{number}").case()
        requests += len(case.requests)
        found = comparing.differences(*pair, case)
        unknown += [f"case {number}: {d}" for d in found if not known.explanation(d)]
    print(f"{CASES} cases with {requests} requests")
    assert not unknown, "\n\n".join([f"KESTUB_DIFFERENTIAL_SEED={seed}", *unknown[:SHOWN]])
