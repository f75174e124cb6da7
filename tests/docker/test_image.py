"""The container image: built, then used from outside as its users do."""

import gzip
import http.client
import io
import json
import pathlib
import subprocess
import tarfile
import time
import uuid

import kestrapy
import pytest

ROOT = pathlib.Path(__file__).parents[2]
LABEL = f"kestub-test={uuid.uuid4().hex}"
MAX_COMPRESSED_SIZE = 15_000_000
MAX_SECONDS_TO_HEALTHY = 30
MAX_SECONDS_TO_STOP = 1


def docker_bytes(*arguments):
    done = subprocess.run(["docker", *arguments], cwd=ROOT, capture_output=True)
    assert done.returncode == 0, (done.stdout[-4000:] + done.stderr[-4000:]).decode()
    return done.stdout


def docker(*arguments):
    return docker_bytes(*arguments).decode().strip()


def inspect(container, field):
    return json.loads(docker("inspect", "--format", f"{{{{json .{field}}}}}", container))


@pytest.fixture(scope="module")
def image(engine):
    name = "kestub:test"
    # An engine that leaves the firewall alone gives builds no network but the host's.
    docker("build", "--network=host", "--force-rm", f"--tag={name}", "--file=docker/Dockerfile", ".")
    return name


@pytest.fixture
def report(capsys):
    """Prints a measured figure although the test passes."""

    def report(name, value):
        with capsys.disabled():
            print(f"\n{name}: {value}")

    return report


@pytest.fixture
def start(image):
    """Starts a container and waits until it is healthy."""

    def start(*arguments, options=()):
        container = docker(
            "run", "--detach", f"--label={LABEL}", "--read-only", "--cap-drop=ALL",
            "--publish=127.0.0.1::8080", *options, image, *arguments)
        deadline = time.monotonic() + MAX_SECONDS_TO_HEALTHY
        while (health := inspect(container, "State.Health.Status")) == "starting":
            assert time.monotonic() < deadline, "neither healthy nor unhealthy in time"
            time.sleep(0.05)
        assert health == "healthy", docker("logs", container)
        return container

    yield start
    # By the label, since a run that failed half-way has left one without telling its id.
    for container in docker("ps", "--all", "--quiet", f"--filter=label={LABEL}").split():
        docker("rm", "--force", "--volumes", container)


def published_address(container):
    return docker("port", container, "8080/tcp").splitlines()[0]


def set_groups(container, tenant, user, groups, **credentials):
    """The example of kestrapy's documentation, with values."""
    configuration = kestrapy.Configuration(
        host=f"http://{published_address(container)}", **credentials)
    with kestrapy.ApiClient(configuration) as api_client:
        api_instance = kestrapy.UsersApi(api_client)
        request = kestrapy.IAMUserGroupControllerApiUpdateUserGroupsRequest(group_ids=groups)
        return api_instance.update_user_groups_with_http_info(user, tenant, request).status_code


def test_becomes_healthy(start, report):
    before = time.monotonic()
    start()
    report("seconds from docker run to healthy", f"{time.monotonic() - before:.2f}")


def test_runs_as_an_ordinary_user(start):
    _, *processes = docker("top", start(), "-eo", "pid,uid,gid").splitlines()
    # More than one while a health check runs.
    assert {tuple(line.split()[1:]) for line in processes} == {("65532", "65532")}


def test_serves_the_client_library_through_a_published_port(start):
    fixture = json.loads((ROOT / "fixtures/default.json").read_text())
    administrator = fixture["users"][0]
    tenant = fixture["tenants"][0]
    groups = [group["id"] for group in tenant["groups"][:2]]
    status = set_groups(
        start(), tenant["id"], fixture["users"][1]["id"], groups,
        username=administrator["email"], password=administrator["password"])
    assert status == 204


def test_serves_a_mounted_fixture(start):
    fixture = json.loads((ROOT / "fixtures/edge.json").read_text())
    container = start(
        "--fixture", "/fixtures/edge.json", options=[f"--volume={ROOT}/fixtures:/fixtures:ro"])
    token = fixture["users"][0]["tokens"][0]["token"]
    assert set_groups(container, "other", "both", ["other-only"], access_token=token) == 204
    with pytest.raises(kestrapy.exceptions.NotFoundException):
        set_groups(container, "other", "both", ["main-only"], access_token=token)


def test_keeps_its_state_in_a_volume(start):
    volume = docker("volume", "create", f"--label={LABEL}")
    try:
        for expected in ("administrator root@root.com", "with the state of /data/kestub.db"):
            container = start("--db", "/data/kestub.db", options=[f"--volume={volume}:/data"])
            assert expected in docker("logs", container)
            docker("rm", "--force", container)
    finally:
        docker("volume", "rm", "--force", volume)


def test_stops_at_once_with_a_connection_open(start, report):
    container = start()
    connection = http.client.HTTPConnection(published_address(container))
    connection.request("GET", "/health")
    assert connection.getresponse().read()
    before = time.monotonic()
    docker("stop", container)
    seconds = time.monotonic() - before
    connection.close()
    report("seconds of docker stop", f"{seconds:.2f}")
    assert inspect(container, "State.ExitCode") == 0
    assert seconds < MAX_SECONDS_TO_STOP


def test_is_small(image, report):
    size = len(gzip.compress(docker_bytes("save", image), 9))
    report("bytes of the compressed image", size)
    assert size < MAX_COMPRESSED_SIZE


def test_holds_the_binary_and_its_libraries_only(start):
    exported = tarfile.open(fileobj=io.BytesIO(docker_bytes("export", start())))
    # The engine adds empty files to mount its own over.
    files = [pathlib.PurePath(entry.name) for entry in exported if entry.isfile() and entry.size]
    assert [file for file in files if ".so." not in file.name] == [pathlib.PurePath("usr/bin/kestub")]
    assert not [name for name in exported.getnames() if name.endswith("bin/sh")]
