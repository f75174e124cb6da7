"""The published SDK of 1.0 drives kestub as its documentation says, and gets the answers that it expects."""
import importlib
import json
import pathlib
import types

import kestrapy
import pytest
from kestrapy import exceptions

EDGE = pathlib.Path(__file__).resolve().parents[2] / "fixtures/edge.json"

# From the default fixture.
ROOT = {"username": "root@root.com", "password": "Root!1234"}
ROOT_TOKEN = {"access_token": "KESTUB-root-token-for-tests-only-0123456789"}
GRACE = "4by6NvSLcPXFhCj8nwbZOM"
ALAN = "2EPi5XC0oluKRCVF56gcC"
PLATFORM = "7C1klfgdQmLTCyrnlejrtg"
DATA_ENG = "4LeYKUcqzLlRGlnKAzeqvF"
ANALYSTS = "3nQ0vGfJkXyPz8hLw2RbTd"

# From the edge fixture.
ORDINARY = {"username": "ordinary@example.com", "password": "Password!234"}
ORDINARY_TOKEN = {"access_token": "ORDINA-token-0123456789"}

# These five lines stand before the imports of the class that the documentation names. With them Python
# cannot read the published file.
STRAY_LINES = """\
class Tag {
    name: IAMUserGroup
    description: null
    externalDocs: null
}
"""


def documented_class():
    """Returns IAMUserGroupApi from its published file without the stray lines."""
    path = pathlib.Path(kestrapy.__file__).parent / "api/iam_user_group_api.py"
    source = path.read_text(encoding="utf-8")
    assert source.count(STRAY_LINES) == 1
    module = types.ModuleType("kestrapy.api.iam_user_group_api")
    exec(compile(source.replace(STRAY_LINES, ""), path, "exec"), module.__dict__)
    return module.IAMUserGroupApi


@pytest.fixture
def start(start):
    """Starts servers of the version that the SDK was made for."""
    return lambda fixture="default", *options: start(fixture, "--server-version", "1.0", *options)


both_schemes = pytest.mark.parametrize("credentials", [ROOT, ROOT_TOKEN], ids=["basic", "bearer"])


def set_groups(kestub, credentials, user, group_ids, tenant="main"):
    configuration = kestrapy.Configuration(host=kestub.url, **credentials)
    request = kestrapy.IAMUserGroupControllerApiUpdateUserGroupsRequest(group_ids=group_ids)
    with kestrapy.ApiClient(configuration) as api_client:
        api = kestrapy.UsersApi(api_client)
        return api.update_user_groups_with_http_info(user, tenant, request)


def refused(kestub, exception, credentials, user, group_ids, tenant="main"):
    """Expects exactly this exception with an error object, and that no groups have changed. Returns the
    exception and the error."""
    before = kestub.memberships()
    with pytest.raises(exceptions.ApiException) as caught:
        set_groups(kestub, credentials, user, group_ids, tenant)
    assert caught.type is exception
    error = json.loads(caught.value.body)
    assert error["message"]
    assert error["_links"]["self"]["href"].startswith(f"/api/v1/{tenant}/users/")
    assert kestub.memberships() == before
    return caught.value, error


def test_the_documented_class_does_not_load_as_published():
    with pytest.raises(SyntaxError):
        importlib.import_module("kestrapy.api.iam_user_group_api")
    assert not hasattr(kestrapy, "IAMUserGroupApi")


@both_schemes
@pytest.mark.parametrize(
    "find_class", [documented_class, lambda: kestrapy.UsersApi], ids=["IAMUserGroupApi", "UsersApi"]
)
def test_documented_example(start, find_class, credentials):
    kestub = start()
    configuration = kestrapy.Configuration(host=kestub.url, **credentials)

    with kestrapy.ApiClient(configuration) as api_client:
        api_instance = find_class()(api_client)
        id = ALAN
        tenant = "main"
        request = kestrapy.IAMUserGroupControllerApiUpdateUserGroupsRequest(
            group_ids=[PLATFORM, ANALYSTS]
        )
        answer = api_instance.update_user_groups(id, tenant, request)

    assert answer is None
    assert kestub.groups_of(ALAN) == {PLATFORM, ANALYSTS}


def test_client_of_all_apis(start):
    kestub = start()
    client = kestrapy.KestraClient(kestrapy.Configuration(host=kestub.url, **ROOT))
    request = kestrapy.IAMUserGroupControllerApiUpdateUserGroupsRequest(group_ids=[DATA_ENG])
    client.users.update_user_groups(ALAN, "main", request)
    assert kestub.groups_of(ALAN) == {DATA_ENG}


@both_schemes
def test_replaces_the_groups_of_one_user(start, credentials):
    kestub = start()
    before = kestub.memberships()
    answer = set_groups(kestub, credentials, GRACE, [ANALYSTS, PLATFORM, PLATFORM])
    assert (answer.status_code, answer.data, answer.raw_data) == (204, None, b"")
    expected = dict(before)
    del expected[GRACE, "main", DATA_ENG]
    expected[GRACE, "main", PLATFORM] = ("MEMBER", 0)
    assert expected[GRACE, "main", ANALYSTS] == ("OWNER", 0)
    assert kestub.memberships() == expected


@both_schemes
def test_empty_list_clears(start, credentials):
    kestub = start()
    assert kestub.groups_of(GRACE) == {DATA_ENG, ANALYSTS}
    set_groups(kestub, credentials, GRACE, [])
    assert kestub.groups_of(GRACE) == set()


def test_leaves_other_tenants_and_external_memberships_alone(start):
    kestub = start(EDGE)
    before = kestub.memberships()
    set_groups(kestub, ROOT, "both", [])
    removed = {("both", "main", "shared-id"), ("both", "main", "owned-a")}
    assert kestub.memberships() == {k: v for k, v in before.items() if k not in removed}


@pytest.mark.parametrize("user", ["a/b c%?#é", "日本"])
@pytest.mark.parametrize("group", ["with/slash", "with space", "pünkt%2F?#&=+", "日本語"])
def test_odd_ids_survive_the_path_and_the_body(start, user, group):
    kestub = start(EDGE)
    set_groups(kestub, ROOT, user, [group])
    assert kestub.groups_of(user) == {group}


def test_missing_group_ids_are_400(start):
    _, error = refused(start(), exceptions.BadRequestException, ROOT, GRACE, None)
    paths = [e["path"] for e in error["_embedded"]["errors"]]
    assert paths == ["updateUserGroups.request.groupIds"]


def test_missing_group_ids_clear_on_demand(start):
    kestub = start("default", "--missing-groups", "clear")
    set_groups(kestub, ROOT, GRACE, None)
    assert kestub.groups_of(GRACE) == set()


@pytest.mark.parametrize("options", [[], ["--missing-groups", "clear"]], ids=["reject", "clear"])
def test_blank_group_id_is_400(start, options):
    kestub = start("default", *options)
    _, error = refused(kestub, exceptions.BadRequestException, ROOT, GRACE, [PLATFORM, " "])
    paths = [e["path"] for e in error["_embedded"]["errors"]]
    assert paths == ["updateUserGroups.request.groupIds[1]"]


@pytest.mark.parametrize(
    "credentials",
    [
        {},
        {"username": "root@root.com", "password": "Root!12345"},
        {"username": "root@root.com", "password": ""},
        {"username": "nobody@example.com", "password": "Root!1234"},
        {"access_token": "VALID0-token-of-root-012345678"},
        {"access_token": "EXPIRE-token-of-root-0123456789"},
    ],
    ids=["none", "bad-password", "no-password", "unknown-user", "bad-token", "expired-token"],
)
def test_bad_credentials_are_401(start, credentials):
    kestub = start(EDGE)
    problem, _ = refused(kestub, exceptions.UnauthorizedException, credentials, "ordinary", [])
    assert problem.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("credentials", [ORDINARY, ORDINARY_TOKEN], ids=["basic", "bearer"])
@pytest.mark.parametrize("user", ["ordinary", "both"])
def test_ordinary_user_is_403(start, credentials, user):
    refused(start(EDGE), exceptions.ForbiddenException, credentials, user, ["shared-id"])


@pytest.mark.parametrize(
    "user, tenant, group_ids, named",
    [
        ("nobody", "main", ["main-only"], "'nobody'"),
        ("other-tenant", "main", ["main-only"], "'other-tenant'"),
        ("both", "main", ["main-only", "nothing"], "'nothing'"),
        ("both", "main", ["other-only"], "'other-only'"),
        ("both", "nowhere", [], "'nowhere'"),
    ],
    ids=["user", "user-of-another-tenant", "group", "group-of-another-tenant", "tenant"],
)
def test_unknown_is_404(start, user, tenant, group_ids, named):
    problem = exceptions.NotFoundException
    _, error = refused(start(EDGE), problem, ROOT, user, group_ids, tenant)
    assert named in error["message"]
