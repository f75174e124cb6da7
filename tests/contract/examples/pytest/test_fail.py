import os

import pytest
from wiremock.client import Mapping, MappingRequest, MappingResponse, Mappings
from wiremock.constants import Config

from client import ALAN, PLATFORM, Client

URL = os.environ.get("KESTUB_URL", "http://127.0.0.1:8080") + "/sandbox/fail"
FAILURES = [{"status": 503}, {"fault": "CONNECTION_RESET_BY_PEER"}]


@pytest.mark.parametrize("failure", FAILURES)
def test_tries_again(failure):
    Config.base_url = f"{URL}/__admin"
    Mappings.create_mapping(
        Mapping(
            request=MappingRequest(method="PUT", url_path_pattern="/api/v1/main/users/.*/groups"),
            response=MappingResponse(**failure),
            metadata={"kestub": {"times": 1}},
        )
    )
    Client(URL).set_groups(ALAN, [PLATFORM])
    assert Client(URL).groups_of(ALAN) == [PLATFORM]
