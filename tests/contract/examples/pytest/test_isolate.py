import os
import uuid

import pytest
import requests

from client import ALAN, DATA_ENG, PLATFORM, Client

KESTUB = os.environ.get("KESTUB_URL", "http://127.0.0.1:8080")


@pytest.fixture
def client():
    name = uuid.uuid4().hex
    yield Client(f"{KESTUB}/sandbox/{name}")
    requests.delete(f"{KESTUB}/__admin/kestub/sandboxes/{name}", timeout=5)


@pytest.mark.parametrize("groups", [[PLATFORM], [DATA_ENG]])
def test_sets_groups(client, groups):
    assert client.groups_of(ALAN) == []
    client.set_groups(ALAN, groups)
    assert client.groups_of(ALAN) == groups
