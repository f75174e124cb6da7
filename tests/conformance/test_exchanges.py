"""What the integration suite saw on the wire, against the contract."""
import os
import pathlib

import openapi_spec_validator
import pytest
import yaml

import checker
import recording

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = yaml.safe_load((ROOT / "schema/openapi.yaml").read_text(encoding="utf-8"))
CONTRACT = checker.Contract(DOCUMENT)
OPERATIONS = [operation.id for operation in CONTRACT.operations]
STATUSES = [(operation.id, s) for operation in CONTRACT.operations for s in operation.statuses]


@pytest.fixture(scope="module")
def exchanges():
    directory = pathlib.Path(os.environ.get("KESTUB_EXCHANGES") or ROOT / "build/exchanges")
    try:
        return recording.load(directory)
    except recording.RecordingError as caught:
        problem = str(caught)
    pytest.fail(problem, pytrace=False)


@pytest.fixture(scope="module")
def grouped(exchanges):
    return checker.group(CONTRACT, exchanges)


@pytest.fixture(scope="module")
def exercised(exchanges):
    return checker.exercised(CONTRACT, exchanges)


def expect_none(problems):
    if problems:
        pytest.fail(f"{len(problems)} violations:\n" + "\n".join(problems), pytrace=False)


def test_contract_is_an_openapi_document():
    openapi_spec_validator.validate(DOCUMENT)


def test_operation_ids_are_unique():
    assert len(set(OPERATIONS)) == len(OPERATIONS)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_exchanges_conform(operation, grouped):
    expect_none(checker.violations(CONTRACT, grouped[0][operation]))


def test_exchanges_outside_the_contract_conform(grouped):
    expect_none(checker.violations(CONTRACT, grouped[1]))


@pytest.mark.parametrize("operation, status", STATUSES, ids=["-".join(pair) for pair in STATUSES])
def test_status_is_exercised(operation, status, exercised):
    if (operation, status) not in exercised:
        pytest.fail(f"no recorded exchange shows {operation} with {status}", pytrace=False)
