"""The Debian package: what Debian's own tools say of it."""
import re
import subprocess

import pytest

import kestub


@pytest.fixture(scope="module")
def unpacked(deb, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    subprocess.run(["dpkg-deb", "--extract", deb, folder], check=True)
    return folder


@pytest.fixture(scope="module")
def unit(unpacked):
    [path] = unpacked.glob("*lib/systemd/system/kestub.service")
    return path


def output(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_pleases_lintian(release):
    [changes] = release.glob("*.changes")
    said = output("lintian", "--fail-on", "error,warning", "--allow-root", changes)
    assert not re.search(r"^[EWO]:", said, re.M), said  # O: overridden


def test_the_unit_is_valid(unit, unpacked, tmp_path):
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text().replace("/usr/bin/", f"{unpacked}/usr/bin/"))
    assert output("systemd-analyze", "verify", "--man=no", copy) == ""


def test_the_unit_is_hardened(unit):
    said = output("systemd-analyze", "security", "--offline=yes", "--threshold=30", "--no-pager", unit)
    level = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", said)[1])
    assert level < 2, said


def test_the_service_keeps_to_itself(unit):
    text = unit.read_text()
    assert "\nDynamicUser=yes\n" in text and "\nProtectSystem=strict\n" in text
    assert "\nIPAddressDeny=any\n" in text and "KESTUB_HOST" not in text


def test_has_all_that_meson_installs(unpacked, installed):
    moved = {"zsh/site-functions": "zsh/vendor-completions"}
    prefix = unpacked / "usr"
    for path in installed.rglob("*"):
        name = str(path.relative_to(installed))
        for old, new in moved.items():
            name = name.replace(old, new)
        if path.is_file() and path.name != "LICENSE":
            assert any((prefix / f"{name}{end}").is_file() for end in ("", ".gz")), name


def test_depends_on_the_libraries_alone(deb):
    depends = re.findall(r"[^,\s]+(?= \()", output("dpkg-deb", "--field", deb, "Depends"))
    linked = set(re.findall(r"^\s+(\S+)\.so", output("ldd", kestub.BINARY), re.M)) - {"linux-vdso"}
    assert depends and len(depends) <= len(linked)


def test_is_of_the_version(deb):
    version = re.match(r"kestub (\S+)", output(kestub.BINARY, "version"))[1]
    assert output("dpkg-deb", "--field", deb, "Version").strip() == version
