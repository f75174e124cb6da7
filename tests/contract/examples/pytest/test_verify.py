import json
import os

from wiremock.client import NearMissMatchPatternRequest, Requests
from wiremock.constants import Config

from client import ALAN, PLATFORM, Client

URL = os.environ.get("KESTUB_URL", "http://127.0.0.1:8080") + "/sandbox/verify"


def test_sets_groups_by_one_request():
    Config.base_url = f"{URL}/__admin"
    Client(URL).set_groups(ALAN, [PLATFORM])

    path = f"/api/v1/main/users/{ALAN}/groups"
    (request,) = Requests.get_matching_requests(
        NearMissMatchPatternRequest(method="PUT", url_path=path)
    ).requests
    assert json.loads(request.body) == {"groupIds": [PLATFORM]}
