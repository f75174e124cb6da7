import pathlib
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path += [str(TESTS / "support"), str(TESTS / "contract")]

import sdks
import servers


@pytest.fixture(scope="session")
def pair(tmp_path_factory):
    """kestub and WireMock."""
    try:
        with servers.both(tmp_path_factory.mktemp("differential")) as both:
            yield both
    except sdks.Unavailable as problem:
        sdks.skip("WireMock", problem)
