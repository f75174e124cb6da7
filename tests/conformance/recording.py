"""Reads the HTTP exchanges that the integration suite recorded, one JSON object per line.

Each names the version of the server that was emulated.
"""
import base64
import dataclasses
import json
import re


class RecordingError(Exception):
    """The recording is empty or cannot be read."""


@dataclasses.dataclass(frozen=True)
class Exchange:
    method: str
    target: str
    request_headers: dict  # names in lower case, as in headers
    request_body: bytes
    status: int
    headers: dict
    body: bytes
    version: str = "?"
    where: str = "?"

    def __str__(self):
        return f"{self.where}: {self.method} {self.target} -> {self.status}"


def _bytes(line, key):
    if line.get(f"{key}Base64") is not None:
        return base64.b64decode(line[f"{key}Base64"], validate=True)
    # A text that JSON can hold but UTF-8 cannot, such as half a surrogate pair, was not valid anyway.
    return (line.get(key) or "").encode(errors="surrogatepass")


def _lower(headers):
    return {name.lower(): value for name, value in headers.items()}


def from_line(text, where="?"):
    line = json.loads(text)
    return Exchange(
        method=line["method"],
        # The contracts hold in every sandbox, so they do not mention the prefix that names one.
        target=re.sub(r"^/sandbox/[^/?]+(?=/)", "", line["target"]),
        request_headers=_lower(line["requestHeaders"]),
        request_body=_bytes(line, "requestBody"),
        status=line["status"],
        headers=_lower(line["headers"]),
        body=_bytes(line, "body"),
        version=line["version"],
        where=where,
    )


def load(directory):
    """Loads all exchanges below a directory. An empty directory is an error: it would pass every check."""
    exchanges = []
    for path in sorted(directory.rglob("*.jsonl")):
        for number, text in enumerate(path.read_bytes().splitlines(), 1):
            where = f"{path.relative_to(directory)}:{number}"
            try:
                exchanges.append(from_line(text, where))
            except (ValueError, KeyError, TypeError, AttributeError) as problem:
                raise RecordingError(f"{directory}: {where}: not an exchange: {problem!r}") from problem
    if not exchanges:
        raise RecordingError(
            f"{directory}: no recorded exchanges; ./dev test --suite integration makes them"
        )
    return exchanges
