"""Checks the exchanges that the integration suite recorded against the contracts: that of the control
plane, and that of each version of the emulated server."""
import os
import pathlib
import sys

import openapi_spec_validator
import pytest

import checker
import recording

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "schema"
sys.path.insert(0, str(SCHEMA))
import contract_files  # noqa: E402

VERSIONS = contract_files.read_versions(SCHEMA / "versions.yaml")
DOCUMENTS = contract_files.documents_of(contract_files.load(SCHEMA / "openapi"), VERSIONS)


def contract_of_version(version):
    form = ("JsonError", "application/json")
    if version["traits"]["problem_documents"]:
        form = ("Problem", "application/problem+json")
    return checker.Contract(DOCUMENTS[version["name"]], *form)


CONTRACTS = {version["name"]: contract_of_version(version) for version in VERSIONS}
CONTRACTS["admin"] = checker.Contract(contract_files.load(SCHEMA / "admin.yaml"), error="Errors")
OPERATIONS = [(name, o.id) for name, contract in CONTRACTS.items() for o in contract.operations]
STATUSES = [
    (name, operation.id, status)
    for name, contract in CONTRACTS.items()
    for operation in contract.operations
    for status in operation.statuses
]


def contract_of(exchange):
    is_admin = (checker.decode_segments(exchange.target) or [None])[0] == "__admin"
    return "admin" if is_admin else exchange.version


def ids(rows):
    return ["-".join(row) for row in rows]


@pytest.fixture(scope="module")
def exchanges():
    """Returns {name of a contract: its exchanges}."""
    directory = pathlib.Path(os.environ.get("KESTUB_EXCHANGES") or ROOT / "build/exchanges")
    try:
        recorded = recording.load(directory)
    except recording.RecordingError as caught:
        problem = str(caught)
    else:
        by_contract = {name: [] for name in CONTRACTS}
        for exchange in recorded:
            by_contract[contract_of(exchange)].append(exchange)
        return by_contract
    pytest.fail(problem, pytrace=False)


@pytest.fixture(scope="module")
def grouped(exchanges):
    return {name: checker.group(CONTRACTS[name], of) for name, of in exchanges.items()}


@pytest.fixture(scope="module")
def exercised(exchanges):
    return {name: checker.exercised(CONTRACTS[name], of) for name, of in exchanges.items()}


def expect_none(problems):
    if problems:
        pytest.fail(f"{len(problems)} violations:\n" + "\n".join(problems), pytrace=False)


@pytest.mark.parametrize("name", CONTRACTS)
def test_contract_is_an_openapi_document(name):
    openapi_spec_validator.validate(CONTRACTS[name].document)


@pytest.mark.parametrize("version", DOCUMENTS)
def test_operation_ids_are_unique(version):
    names = [operation for name, operation in OPERATIONS if name in (version, "admin")]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name, operation", OPERATIONS, ids=ids(OPERATIONS))
def test_exchanges_conform(name, operation, grouped):
    expect_none(checker.violations(CONTRACTS[name], grouped[name][0][operation]))


@pytest.mark.parametrize("name", CONTRACTS)
def test_exchanges_outside_the_contract_conform(name, grouped):
    expect_none(checker.violations(CONTRACTS[name], grouped[name][1]))


@pytest.mark.parametrize("name, operation, status", STATUSES, ids=ids(STATUSES))
def test_status_is_exercised(name, operation, status, exercised):
    if (operation, status) not in exercised[name]:
        pytest.fail(f"no recorded exchange of {name} shows {operation} with {status}", pytrace=False)
