"""Virgin Debian machines: roots with a shell, apt, git and the certificates of the world."""
import contextlib
import datetime
import fcntl
import os
import pathlib
import platform
import re
import shutil
import subprocess

import pages

CACHE = pages.ROOT / "build/fresh"
CHECKOUT = "/srv/kestub"
# What of the caller's environment leads to the network.
NETWORK = re.compile(r"\w+_proxy|PIP_\w+|SSL_CERT_\w+", re.I)
NOBODY = "65534:65534"
# Nothing stays mounted and nothing goes on when unshare ends, however it does.
ENTER = [
    *("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-euc"),
    # The root becomes a mount point, so that tests can have mounts of their own.
    'mount --bind "$0" "$0"; mount -t proc proc "$0/proc"; mount --rbind /dev "$0/dev"; '
    'exec chroot "$@"',
]


def why_not():
    """Why no machine can be made here, or None."""
    if os.geteuid() != 0:
        return "only root can make a Debian root and enter it"
    missing = [tool for tool in ("mmdebstrap", "curl") if not shutil.which(tool)]
    return f"{' and '.join(missing)} not installed" if missing else None


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def apt_settings():
    """How this machine reaches its mirror."""
    lines = output("apt-config", "dump", "--no-empty", "--format", '%F "%v";%n', "Acquire")
    return [line for line in lines.splitlines() if not line.startswith("Acquire::IndexTargets")]


def debian_targets():
    form = "$(REPO_URI) $(CODENAME) $(COMPONENT)"
    return output("apt-get", "indextargets", "--format", form, "Created-By: Packages",
                  "Origin: Debian", "Component: main")


def apt_sources(release):
    """This machine's mirror, for the release; none where this is not Debian."""
    targets = debian_targets()
    if not targets:  # apt has no lists yet, and one that fetches them would lock the next out
        subprocess.run(["flock", CACHE, "apt-get", "update", "-qq"], check=True)
        targets = debian_targets()
    found = re.findall(r"^(\S+) [a-z]+(|-updates|-security) main$", targets, re.M)
    return [f"deb {uri} {release}{part} main" for uri, part in dict.fromkeys(found)]


@contextlib.contextmanager
def locked(release):
    """Two suites may want the same root at a time."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{release}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def virgin(release):
    """An archive with the root, not older than today."""
    archive = CACHE / f"{release}-{datetime.date.today()}.tar"
    if not archive.exists():
        for old in CACHE.glob(f"{release}-*"):
            old.unlink()
        settings = CACHE / f"{release}-apt.conf"
        settings.write_text("\n".join([*apt_settings(), ""]))
        unfinished = CACHE / f"{release}-unfinished.tar"
        subprocess.run(
            ["mmdebstrap", "--quiet", "--variant=minbase", "--include=git,ca-certificates",
             f"--aptopt={settings}", release, unfinished, *apt_sources(release)],
            check=True)
        unfinished.rename(archive)
    return archive


class Machine:
    def __init__(self, release, suite="fresh"):
        self.release = release
        self.path = CACHE / f"{release}.{suite}"
        self.remove()
        with locked(release):
            archive = virgin(release)
            self.path.mkdir()
            subprocess.run(["tar", "-C", self.path, "--exclude=./dev/*", "-xf", archive], check=True)
        for file in "etc/resolv.conf", "etc/hosts", "etc/ssl/certs/ca-certificates.crt":
            if pathlib.Path("/", file).exists():
                shutil.copy(pathlib.Path("/", file), self.path / file)

    def is_like_this_one(self):
        return platform.freedesktop_os_release().get("VERSION_CODENAME") == self.release

    def remove(self):
        subprocess.run(["rm", "-rf", "--one-file-system", self.path], check=True)

    def clone(self):
        """Puts the checkout there that a newcomer gets."""
        checkout = self.path / CHECKOUT.lstrip("/")
        shutil.rmtree(checkout, ignore_errors=True)
        subprocess.run(["git", "clone", "--quiet", "--no-local", pages.ROOT, checkout], check=True)

    def enter(self, script, user="0:0", **environment):
        """The command that runs the script in the checkout."""
        environment = {
            **{name: value for name, value in os.environ.items() if NETWORK.fullmatch(name)},
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
            **environment,
        }
        return [
            *(*ENTER, self.path, f"--userspec={user}", self.path),
            *("env", "-i", f"--chdir={CHECKOUT}"),
            *(f"{name}={value}" for name, value in environment.items()),
            *("sh", "-c", script),
        ]
