"""The container image: built, then used from outside as its users do."""

import gzip
import http.client
import io
import json
import pathlib
import re
import shutil
import subprocess
import tarfile
import time
import uuid

import kestrapy
import pytest
import yaml
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
LABEL = f"kestub-test={uuid.uuid4().hex}"
MAX_COMPRESSED_SIZE = 7_000_000
MAX_SECONDS_TO_HEALTHY = 30
MAX_SECONDS_TO_STOP = 1


def docker_bytes(*arguments):
    done = subprocess.run(["docker", *arguments], cwd=ROOT, capture_output=True)
    assert done.returncode == 0, (done.stdout[-4000:] + done.stderr[-4000:]).decode()
    return done.stdout


def build(name, *options):
    # An engine that leaves the firewall alone gives builds no network but the host's.
    docker("build", "--network=host", "--force-rm", f"--tag={name}", "--file=docker/Dockerfile",
           *options, ".")
    return name


def docker(*arguments):
    return docker_bytes(*arguments).decode().strip()


def inspect(container, field):
    return json.loads(docker("inspect", "--format", f"{{{{json .{field}}}}}", container))


@pytest.fixture(scope="module")
def image(engine):
    return build("kestub:test")


@pytest.fixture(scope="module")
def shell_image(image):
    return build("kestub:test-shell", "--target=shell")


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

    def start(*arguments, options=(), image=image, confined=("--read-only", "--cap-drop=ALL")):
        container = docker(
            "run", "--detach", f"--label={LABEL}", *confined,
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


def names_of(files):
    return sorted(str(file) for file in files if ".so." not in file.name)


def test_holds_the_binary_and_its_libraries_only(start):
    exported = tarfile.open(fileobj=io.BytesIO(docker_bytes("export", start())))
    # The engine adds empty files to mount its own over, and writes those of the network.
    files = [pathlib.PurePath(entry.name) for entry in exported if entry.isfile() and entry.size]
    assert names_of(files) == ["etc/group", "etc/passwd", "usr/bin/kestub", "usr/share/kestub/sbom.spdx.json"]
    assert not [name for name in exported.getnames() if name.endswith("bin/sh")]


@pytest.mark.parametrize("user, uid", [
    ("root", "0"), ("kestub", "65532"), ("nonroot", "65532"), ("kestub:kestub", "65532"), ("1000:1000", "1000")])
def test_runs_as_any_user(start, user, uid):
    _, *processes = docker("top", start(options=[f"--user={user}"]), "-eo", "pid,uid").splitlines()
    assert {line.split()[1] for line in processes} == {uid}


def run_to_its_end(image, *arguments, options=()):
    done = subprocess.run(
        ["docker", "run", "--rm", f"--label={LABEL}", *options, image, *arguments], capture_output=True, text=True)
    return done.returncode, done.stderr


@pytest.mark.parametrize("arguments, problem", [
    (["--bad"], "kestub: --bad: no such option\n"),
    (["--port", "x"], "kestub: --port: 'x' is not a number from 0 to 65535\n"),
    (["serv"], "kestub: serv: no such command; did you mean serve?\n"),
    (["--fixture", "/nowhere.json"], "kestub: --fixture: /nowhere.json: No such file or directory\n"),
    (["server", "worker"], "kestub: server: 'worker' is not one of standalone|local\n"),
])
def test_refuses_bad_options_with_one_line(image, arguments, problem):
    assert run_to_its_end(image, *arguments) == (2, problem)


@pytest.mark.parametrize("arguments", [
    ["--db", "/data/kestub.db"], ["--ready-file", "/data/ready"],
    ["--tls-self-signed", "--tls-cert-out", "/data/certificate.pem"], ["--host", "unix:/data/socket"]])
def test_says_how_to_make_a_mount_writable(image, tmp_path, arguments):
    tmp_path.chmod(0o755)
    status, error = run_to_its_end(image, *arguments, options=[f"--volume={tmp_path}:/data"])
    assert status == 2
    assert error.count("\n") == 1 and "chown 65532" in error and "--user" in error


def test_reads_what_is_mounted(start, tmp_path):
    mappings = tmp_path / "mappings"
    mappings.mkdir()
    (mappings / "a.json").write_text('{"request": {"urlPath": "/hi"}, "response": {"body": "mounted"}}')
    (tmp_path / "fixture.json").write_text("{}")
    tmp_path.chmod(0o755)
    container = start(options=[f"--volume={tmp_path}:/kestub:ro"])
    assert "administrator" not in docker("logs", container)
    connection = http.client.HTTPConnection(published_address(container))
    connection.request("GET", "/hi")
    assert connection.getresponse().read() == b"mounted"


@pytest.mark.parametrize("options, arguments", [
    (["--env=KESTUB_PORT=9090"], []), ([], ["--tls-self-signed"]), ([], ["--port", "9090"]),
    (["--env=KESTUB_HOST=127.0.0.1"], []), ([], ["server", "standalone", "--port=9090"])])
def test_is_healthy_wherever_it_listens(start, options, arguments):
    start(*arguments, options=options)


def test_stop_signal_and_labels(image):
    configuration = json.loads(docker("inspect", "--format", "{{json .Config}}", image))
    assert configuration["StopSignal"] == "SIGTERM"
    labels = configuration["Labels"]
    version = re.search(r"version: '([^']+)'", (ROOT / "meson.build").read_text())[1]
    assert labels["org.opencontainers.image.version"] == version
    for name in "title", "description", "licenses", "revision", "created":
        assert labels[f"org.opencontainers.image.{name}"]


def read_sbom(image):
    container = docker("create", f"--label={LABEL}", image)
    archive = tarfile.open(fileobj=io.BytesIO(docker_bytes("cp", f"{container}:/usr/share/kestub/sbom.spdx.json", "-")))
    docker("rm", container)
    return archive.extractfile("sbom.spdx.json").read()


def test_has_a_bill_of_materials(image, shell_image, tmp_path):
    names = []
    for number, name in enumerate([image, shell_image]):
        file = tmp_path / f"{number}.spdx.json"
        file.write_bytes(read_sbom(name))
        assert not validate_full_spdx_document(parse_file(str(file)))
        names.append({package["name"] for package in json.loads(file.read_bytes())["packages"]})
    assert {"kestub", "libc6", "libmicrohttpd12", "libyaml-0-2"} <= names[0]
    assert names[1] > names[0] | {"busybox-static", "curl"}


def test_the_vendors_compose_file_becomes_healthy(start, shell_image, report):
    """vendor-compose.yaml is like those of the vendor's SDKs, except for the image."""
    service = yaml.safe_load((HERE / "vendor-compose.yaml").read_text())["services"]["kestra"]
    check = service["healthcheck"]
    options = [f"--user={service['user']}", f"--health-interval={check['interval']}",
               f"--health-cmd={check['test'][1]}"]
    options += [f"--env={name}={value}" for name, value in service["environment"].items()]
    options += [f"--volume={volume.replace('./', f'{HERE}/', 1) if volume[0] == '.' else volume}"
                for volume in service["volumes"]]
    before = time.monotonic()
    container = start(*service["command"].split(), options=options, image=shell_image, confined=())
    report("seconds to healthy with the vendor's settings", f"{time.monotonic() - before:.2f}")
    assert "administrator boss@example.com, password Secret!1234" in docker("logs", container)
    configuration = kestrapy.Configuration(
        host=f"http://{published_address(container)}", username="boss@example.com", password="Secret!1234")
    with kestrapy.ApiClient(configuration) as client:
        assert kestrapy.UsersApi(client).list_users(page=1, size=10).total > 0


@pytest.mark.parametrize("command", [
    "curl -f http://localhost:8080/health", "curl -sSf -o /dev/null -u root@root.com:Root!1234 "
    "http://localhost:8080/api/v1/me", "wget -q -O - http://localhost:8080/health",
    "test -n \"$(cat /proc/net/tcp /proc/net/tcp6 | grep -i ':1F90')\"",
    "/bin/bash -c 'kestub healthcheck'"])
def test_the_tag_with_a_shell_runs_checks(start, shell_image, command):
    start(image=shell_image, options=[f"--health-cmd={command}", "--health-interval=1s"])


def layers_of(image):
    return json.loads(docker("inspect", "--format", "{{json .RootFS.Layers}}", image))


def test_equal_sources_give_equal_layers(image):
    assert layers_of(build("kestub:test-again", "--no-cache", "--target=base")) == layers_of(image)


def test_runs_on_arm64(image, tmp_path, report):
    emulator = shutil.which("qemu-aarch64-static")
    if not emulator:
        pytest.skip("there is no qemu-aarch64-static")
    name = build("kestub:test-arm64", "--target=base", "--build-arg=TARGETARCH=arm64")
    container = docker("create", f"--label={LABEL}", name)
    tarfile.open(fileobj=io.BytesIO(docker_bytes("export", container))).extractall(tmp_path)
    docker("rm", container)
    report("bytes of the compressed image for arm64", len(gzip.compress(docker_bytes("save", name), 9)))
    command = [emulator, "-L", tmp_path, tmp_path / "usr/bin/kestub"]
    assert subprocess.run([*command, "check", "default"], capture_output=True).returncode == 0
    with subprocess.Popen([*command, "--port", "0"], stdout=subprocess.PIPE, text=True) as process:
        try:
            url = re.search(r"ready at (http://[^\s,]+)", process.stdout.readline())[1]
            assert subprocess.run([*command, "healthcheck", url]).returncode == 0
        finally:
            process.terminate()
