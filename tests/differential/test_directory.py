"""Both servers load the whole collection from a directory, as WireMock users keep it, and answer alike."""
import json

import pytest

import comparing
import kestub
import known
import sdks
import servers


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    """A directory of WireMock, and the cases whose mappings are in it."""
    root = tmp_path_factory.mktemp("directory")
    servers.make_files(root)
    (root / "mappings").mkdir()
    cases = {name: known.read_case(item) for name, item in known.collection().items()}
    for name, case in cases.items():
        (root / "mappings" / f"{name}.json").write_text(json.dumps({"mappings": case.mappings}))
    return root, cases


@pytest.fixture(scope="module")
def expected(directory):
    """What WireMock loads, and what it answers in each case."""
    root, cases = directory
    try:
        with servers.wiremock(root) as server:
            return listed(server), {name: exchanges(server, case) for name, case in cases.items()}
    except sdks.Unavailable as problem:
        sdks.skip("WireMock", problem)


def listed(server):
    return sorted(mapping["id"] for mapping in server.admin("GET", "/mappings").json["mappings"])


def exchanges(server, case):
    assert server.admin("DELETE", "/requests").status == 200
    return comparing.exchanges(server, case)


@pytest.mark.parametrize("options", ["--root-dir {0}", "--mappings {0}/mappings --files {0}/__files"])
def test_answers_alike(directory, expected, options, tmp_path):
    root, cases = directory
    mappings, answers = expected
    with kestub.running(tmp_path, "empty", *options.format(root).split()) as ours:
        server = servers.Server("kestub", ours.url)
        assert listed(server) == mappings
        found = []
        for name, case in cases.items():
            found += comparing.answer_differences(case, exchanges(server, case), answers[name])
    assert not [str(difference) for difference in found if not known.explanation(difference)]
