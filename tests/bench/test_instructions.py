"""A request costs hardly more instructions than recorded. Only a gross regression fails: the bound is 10 %."""
import os
import pathlib
import shutil
import warnings

import pytest

import instructions

BINARY = pathlib.Path(os.environ.get("KESTUB_RELEASE", instructions.RECORDS.parents[2] / "build-release/kestub"))


@pytest.fixture(scope="module")
def recorded():
    """The record of this build. Another compiler or library counts differently, which is nobody's mistake."""
    name = instructions.build_name(BINARY)
    record = instructions.read_records().get(name)
    if record is None:
        pytest.skip(f"no record of the instructions with {name}: ./dev bench --record-instructions makes one")
    return record


@pytest.fixture(scope="module")
def counts(recorded):
    if not shutil.which("valgrind"):
        (pytest.fail if os.environ.get("CI") else pytest.skip)("valgrind is not installed")
    return instructions.per_request(BINARY)


@pytest.mark.parametrize("operation", instructions.OPERATIONS)
def test_a_request_costs_no_more_than_recorded(operation, counts, recorded):
    count = counts[operation]
    print(f"{operation}: {count} instructions, recorded {recorded[operation]}")
    if remark := instructions.remark(operation, count, recorded[operation]):
        warnings.warn(remark)
    if problem := instructions.judge(operation, count, recorded[operation]):
        pytest.fail(problem, pytrace=False)
