"""Reads README.md and docs/, and runs their code blocks as a reader would.

Each shell block runs in its own shell, in a directory for its page. The block right below it,
without a language or in JSON, shows the answer. A block in another language names its file in a
comment on its first line, and is saved there. A comment above a block says why no test runs it,
`<!-- not run: REASON -->`, or which suite does, `<!-- run by the docker suite -->`. A block
below `<!-- from: FILE -->` quotes that file.
"""
import contextlib
import dataclasses
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Generous, since the first run fetches packages.
BLOCK_SECONDS = 600
ANSWERS = {"", "json"}
FILES = {"python", "js", "go", "java", "xml", "yaml", "hcl"}
KNOWN_WORDS = (ROOT / "fixtures/default.json").read_text(encoding="utf-8")
# Texts that differ in every run: UUIDs, instants, ids and tokens.
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"
WORD = r"[0-9A-Za-z]{20,}"
# With -e, a failing command fails the block. curl prints the status of each answer to stderr.
PRELUDE = r"""
set -eo pipefail
curl() { command curl -w '%{stderr}\ncurl got %{http_code}\n' "$@"; }
"""


@dataclasses.dataclass
class Block:
    page: str
    line: int
    language: str
    text: str
    comment: str
    heading: str
    answer: "Block | None" = None
    is_answer: bool = False

    @property
    def place(self):
        return f"{self.page}:{self.line}"

    @property
    def file(self):
        """Returns the file name from the comment on the first line."""
        name = re.match(r"(?:#|//|<!--) ([\w./-]+\.\w+)( -->)?\n", self.text)
        assert name, f"{self.place}: the first line does not name a file"
        return name[1]

    @property
    def not_run(self):
        reason = re.fullmatch(r"<!-- not run: (.+) -->", self.comment, re.S)
        return reason[1] if reason else None

    @property
    def suite(self):
        name = re.fullmatch(r"<!-- run by the (\w+) suite -->", self.comment)
        return name[1] if name else None

    @property
    def source(self):
        path = re.fullmatch(r"<!-- from: (\S+) -->", self.comment)
        return path[1] if path else None


FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


def headings_of(text):
    """Returns the headings of a page, without the comments in its code blocks."""
    return re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.M)


def read(path):
    """Returns the blocks of a page in order."""
    text = path.read_text(encoding="utf-8")
    page = str(path.relative_to(ROOT))
    blocks = []
    end = 0
    for fence in FENCE.finditer(text):
        between = text[end : fence.start()]
        comment = re.search(r"(<!--(?:(?!-->).)*-->)\s*\Z", between, re.S)
        headings = headings_of(text[: fence.start()])
        line = text.count("\n", 0, fence.start()) + 1
        block = Block(page, line, fence[1], fence[2], comment[1] if comment else "", headings[-1])
        is_answer = blocks and blocks[-1].language == "sh" and not between.strip()
        if is_answer and block.language in ANSWERS:
            blocks[-1].answer = block
            block.is_answer = True
        blocks.append(block)
        end = fence.end()
    return blocks


def table(page, heading):
    """Returns the rows of the first table below a heading, as lists of cells."""
    text = (ROOT / page).read_text(encoding="utf-8")
    section = re.split(rf"^#+ {re.escape(heading)}\n", text, flags=re.M)[1].split("\n## ")[0]
    rows = re.findall(r"^\| (.+) \|$", section.split("\n|", 1)[1].split("\n\n")[0], re.M)
    return [re.split(r"(?<!\\) \| ", row) for row in rows if not row.startswith("---")]


def free_port():
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as server:
        return server.getsockname()[1]


def pages():
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def loosened(shown):
    """Turns a shown answer into a regular expression."""
    parts = []
    for part in re.split(f"({UUID}|{INSTANT}|{WORD}|\\.\\.\\.)", shown):
        if part == "...":
            parts.append(".*?")
        elif re.fullmatch(WORD, part) and part not in KNOWN_WORDS:
            parts.append(WORD)
        elif re.fullmatch(UUID, part) or re.fullmatch(INSTANT, part):
            parts.append(UUID if re.fullmatch(UUID, part) else INSTANT)
        else:
            parts.append(re.escape(re.sub(r"\s", "", part)))
    return "".join(parts)


def without_hidden_headers(actual, shown):
    """Removes the headers of `curl -i` that the page does not show."""

    def is_shown(header):
        return re.search(rf"^{re.escape(header[1])}:", shown, re.M | re.I)

    keep = lambda header: header[0] if is_shown(header) else ""
    return re.sub(r"^([\w-]+): .*\r\n", keep, actual, flags=re.M)


def is_as_shown(shown, actual):
    """Compares an answer with the shown one, ignoring white space, ids, instants and what `...` hides."""
    actual = re.sub(r"\s", "", without_hidden_headers(actual, shown))
    return re.fullmatch(loosened(shown), actual, re.S) is not None


class Reader:
    """Follows a page in a directory, with the page's ports replaced by free ones."""

    def __init__(self, directory, ports, environment, prelude=""):
        self.directory = directory
        self.ports = ports
        self.environment = environment
        self.prelude = PRELUDE + prelude

    def adapted(self, text):
        for shown, actual in self.ports.items():
            text = re.sub(rf"(127\.0\.0\.1:|--port ){shown}\b", rf"\g<1>{actual}", text)
        return text

    def shell(self, script):
        """Returns status, stdout and stderr. Kills the processes that the script leaves behind."""
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(
                ["bash", "-c", self.prelude + script],
                cwd=self.directory,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                start_new_session=True,
            )
            try:
                status = process.wait(BLOCK_SECONDS)
            except subprocess.TimeoutExpired:
                status = f"none within {BLOCK_SECONDS} s"
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            output.seek(0)
            errors.seek(0)
            return status, output.read().decode(), errors.read().decode()

    def run(self, block):
        """Returns the problem that a reader would meet, or None."""
        status, output, errors = self.shell(self.adapted(block.text))
        everything = f"{output}\n{errors}"
        if status != 0:
            return f"exit {status}: {everything}"
        shown = block.text + (block.answer.text if block.answer else "")
        for refusal in re.findall(r"^curl got ([45]\d\d)$", errors, re.M):
            if refusal not in shown:
                return f"the page does not say that the answer is a {refusal}: {everything}"
        if block.answer and not is_as_shown(self.adapted(block.answer.text), output):
            return f"the page shows a different answer: {everything}"
        return None

    def save(self, block):
        path = self.directory / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.adapted(block.text), encoding="utf-8")
