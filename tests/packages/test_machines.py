"""The Debian package and the wheel, on machines of Debian that have nothing yet."""
import json
import os
import re
import select
import shutil
import subprocess
import sys
import urllib.request

import pytest

import kestub

sys.path.insert(0, str(kestub.ROOT / "tests/fresh"))
import machine

SECONDS = 60
# As systemd chooses one for DynamicUser=.
USER = "61234:61234"
# What apt and dpkg remember of every package that came and went.
MEMORY = r"/(?:var/(?:lib/(?:apt|dpkg)|cache|log)|etc/ld.so.cache|tmp|run|proc|dev|sys|srv)(?:/|$)"
CREDENTIALS = {"Authorization": "Bearer KESTUB-root-token-for-tests-only-0123456789"}


@pytest.fixture
def debian(codename):
    if problem := machine.why_not():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(problem)
    made = machine.Machine(codename, f"packages-{os.getpid()}")
    (made.path / machine.CHECKOUT.lstrip("/")).mkdir(parents=True)
    yield made
    made.remove()


def run(debian, script, **options):
    done = subprocess.run(debian.enter(script, DEBIAN_FRONTEND="noninteractive", **options), text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout
    return done.stdout


def files(debian):
    return {path for path in run(debian, "find / -xdev").splitlines() if not re.match(MEMORY, path)}


def settings(debian):
    """The variables that the unit gives the service."""
    unit = next(debian.path.glob("*lib/systemd/system/kestub.service")).read_text()
    assert re.search(r"^EnvironmentFile=-/etc/default/kestub$", unit, re.M)
    lines = re.findall(r"^Environment=(.*)$", unit, re.M)
    lines += re.findall(r"^(KESTUB_\w+=.*)$", (debian.path / "etc/default/kestub").read_text(), re.M)
    return re.search(r"^ExecStart=(.*)$", unit, re.M)[1], dict(line.split("=", 1) for line in lines)


def meets_service(debian, use):
    """Runs the service as systemd would, calls use(URL), and stops it."""
    command, environment = settings(debian)
    process = subprocess.Popen(debian.enter(f"exec {command}", user=USER, **environment),
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert select.select([process.stdout], [], [], SECONDS)[0]
        line = process.stdout.readline()
        ready = re.match(r"kestub is ready at (http://127\.0\.0\.1:\d+)", line)
        assert ready, line
        use(ready[1])
        urllib.request.urlopen(f"{ready[1]}/__admin/shutdown", b"").close()
        assert process.wait(SECONDS) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def create_group(url):
    request = urllib.request.Request(f"{url}/api/v1/main/groups", b'{"name":"crew"}',
                                     {**CREDENTIALS, "Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200


def find_group(url):
    request = urllib.request.Request(f"{url}/api/v1/main/groups/search?q=crew", headers=CREDENTIALS)
    with urllib.request.urlopen(request) as answer:
        assert [group["name"] for group in json.load(answer)["results"]] == ["crew"]


@pytest.mark.parametrize("codename", ["bookworm", "trixie"])
def test_installs_serves_and_purges(debian, deb):
    shutil.copy(deb, debian.path / machine.CHECKOUT.lstrip("/"))
    run(debian, "apt-get -qq update")
    before = files(debian)
    run(debian, f"apt-get -qq install --no-install-recommends ./{deb.name}")
    assert re.search(r"^commit [0-9a-f]{12}$", run(debian, "kestub version"), re.M)
    assert run(debian, "find /etc/systemd/system /etc/rc?.d -name '*kestub*'") == ""  # the service is off

    with (debian.path / "etc/default/kestub").open("a") as file:
        file.write("KESTUB_PORT=0\n")
    state = "/var/lib/kestub"
    run(debian, f"install -d -m 700 -o 61234 -g 61234 {state}")
    meets_service(debian, create_group)
    meets_service(debian, find_group)

    run(debian, "apt-get -qq remove kestub && kestub version && exit 1 || true")
    run(debian, f"test -s /etc/default/kestub && test -s {state}/kestub.db")
    run(debian, "mkdir -p /var/lib/private/kestub && apt-get -qq autoremove --purge kestub")
    assert files(debian) - before == {"/var/lib/private"}
    assert before - files(debian) == set()


@pytest.mark.parametrize("codename", ["bookworm"])
def test_wheel_needs_only_the_packages_of_the_build(debian, clone):
    checkout = debian.path / machine.CHECKOUT.lstrip("/")
    shutil.copytree(clone, checkout, dirs_exist_ok=True)
    install = "/tmp/venv/bin/pip install --quiet --disable-pip-version-check ."
    packages = (kestub.ROOT / "docker/packages/build").read_text().split()
    run(debian, "apt-get -qq update && apt-get -qq install --no-install-recommends python3-venv gcc libc6-dev")
    refused = run(debian, f"python3 -m venv /tmp/venv && {install} && exit 1 || true")
    assert f"missing: uthash.h, libcjson, gnutls, libmicrohttpd, libpcre2-8, libsodium, sqlite3, yaml-0.1, zlib. On Debian: apt-get install {' '.join(packages)}" in refused
    run(debian, f"apt-get -qq install --no-install-recommends {' '.join(packages)} && {install}")
    assert run(debian, "/tmp/venv/bin/kestub --version").startswith("kestub ")
