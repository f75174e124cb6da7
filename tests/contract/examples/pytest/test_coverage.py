import os

import requests

from client import ALAN, PLATFORM, Client

URL = os.environ.get("KESTUB_URL", "http://127.0.0.1:8080") + "/sandbox/coverage"


def test_exercises_what_it_should():
    Client(URL).set_groups(ALAN, [PLATFORM])

    coverage = requests.get(f"{URL}/__admin/kestub/coverage", timeout=5).json()
    operations = {operation["operation"]: operation for operation in coverage["operations"]}
    update = operations["updateUserGroups"]
    assert [seen["status"] for seen in update["exercised"]] == [204]
    assert 404 in update["missing"]  # no test tells what the client makes of it
    assert coverage["breaches"] == []
