"""What `meson install` and `meson dist` put where."""
import os
import re
import subprocess

import pytest

import kestub

CROSS = """
[binaries]
c = 'cc'
pkgconfig = 'pkg-config'
strip = 'strip'
[properties]
needs_exe_wrapper = true
[host_machine]
system = 'linux'
cpu_family = 'aarch64'
cpu = 'aarch64'
endian = 'little'
"""
INSTALLED = {
    "bin/kestub",
    "share/bash-completion/completions/kestub.bash",
    "share/doc/kestub/LICENSE",
    "share/fish/vendor_completions.d/kestub.fish",
    "share/kestub/admin.yaml",
    "share/kestub/fixtures.schema.json",
    "share/kestub/openapi.yaml",
    "share/man/man1/kestub.1",
    "share/zsh/site-functions/_kestub",
}


def output(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def words(text):
    return re.sub(r"\s+", " ", text)


def test_installs_these_files(installed):
    assert {str(path.relative_to(installed)) for path in installed.rglob("*") if path.is_file()} == INSTALLED


def test_the_image_takes_only_the_program(tmp_path):
    output("meson", "install", "-C", kestub.ROOT / "build", "--no-rebuild", "--destdir", tmp_path, "--tags", "runtime")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["kestub"]


def test_the_contract_is_that_of_the_program(installed):
    contract = (installed / "share/kestub/openapi.yaml").read_text()
    assert contract == output(installed / "bin/kestub", "openapi")


def test_the_page_has_no_mistake(installed):
    page = installed / "share/man/man1/kestub.1"
    assert output("mandoc", "-Tlint", page, stderr=subprocess.STDOUT) == ""
    assert output("groff", "-man", "-ww", "-z", page, stderr=subprocess.STDOUT) == ""


def test_the_page_says_what_the_help_says(installed):
    program = installed / "bin/kestub"
    page = words(output("mandoc", "-Tascii", "-O", "width=1000", installed / "share/man/man1/kestub.1"))
    page = re.sub(r".\x08", "", page)  # bold
    version = output(program, "--version").split("\n")[0]
    assert version in page
    help_text = output(program, "help")
    options = re.findall(r"^  (--\S+ \S+) +(.+)\n +(KESTUB_\w+)(?:, default (\S+))?$", help_text, re.M)
    assert len(options) > 20
    for name, text, variable, fallback in options:
        end = f"; by default {fallback}." if fallback else "."
        assert words(f"{name} {text[0].upper()}{text[1:]}. Variable {variable}{end}") in page
    profiles = re.findall(r"^  ([\w-]+(?:\[=\S+\])?) {2,}(.+?)(?:; default \S+)?$", help_text.split("Fault profiles")[1], re.M)
    assert len(profiles) > 10
    for name, text in profiles:
        assert f"{name} {text[0].upper()}{text[1:]}." in page
    commands = re.findall(r"^  (\S.*?) {2,}(.+)$", help_text.split("Commands")[1].split("\n\n")[0], re.M)
    assert len(commands) > 4
    for usage, summary in commands:
        assert f"kestub {usage} {summary[0].upper()}{summary[1:]}." in page
        own = output(program, "help", re.match(r"\[?(\w+)", usage)[1])
        assert set(re.findall(r"^  (--[\w-]+)", own, re.M)) <= set(re.findall(r"--[\w-]+", page))


def test_a_build_for_another_processor_makes_the_same(tmp_path, installed):
    """It must not run what it builds."""
    (tmp_path / "cross").write_text(CROSS)
    build = tmp_path / "build"
    output("meson", "setup", build, kestub.ROOT, "--cross-file", tmp_path / "cross",
           env={**os.environ, "SOURCE_DATE_EPOCH": "0"})
    output("ninja", "-C", build, "schema/kestub.1", env={**os.environ, "SOURCE_DATE_EPOCH": "0"})
    for name in INSTALLED:
        made = build / "schema" / name.rpartition("/")[2]
        if made.suffix != ".yaml" and made.exists():
            date = r'(?m)^\.TH KESTUB 1 "[\d-]+"'
            here, there = (re.sub(date, "", path.read_text()) for path in (made, installed / name))
            assert here == there
    assert '.TH KESTUB 1 "1970-01-01"' in (build / "schema/kestub.1").read_text()


@pytest.fixture(scope="module")
def unpacked(archive, tmp_path_factory):
    folder = tmp_path_factory.mktemp("archive")
    subprocess.run(["tar", "-C", folder, "--strip-components=1", "-xf", archive], check=True)
    return folder


def test_the_archive_has_all_that_is_committed(clone, unpacked):
    committed = set(output("git", "-C", clone, "ls-files").splitlines())
    found = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    assert found - committed == {"src/commit.txt"}
    assert committed - found == set()

