#!/usr/bin/env python3
"""Compare a real server with kestub: send both the same calls, and tell what differs.

The calls work in a tenant and with names of their own, and clean up after themselves. The report has
statuses, names and types of members, and the order of lists, but neither bodies nor secrets.
"""
import argparse
import base64
import contextlib
import http.client
import json
import pathlib
import re
import secrets
import string
import subprocess
import sys
import tempfile
import time
import urllib.parse

import calls

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "schema"))
import contract_files  # noqa: E402

NAME = "kestub-compare"
ADMIN = ("root@root.com", "Root!1234")
TIMEOUT_SECONDS = 30


def basic(username, password):
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


class Server:
    """One of the two servers, with the ids that it gave to what the run made."""

    def __init__(self, url, authorization, document, run):
        self.url = urllib.parse.urlsplit(url)
        self.operations = calls.operations(document)
        self.ids = {}
        mail = calls.emails(run)
        self.authorizations = {"admin": authorization, "nobody": None} | {
            name: basic(mail[name], calls.PASSWORD) for name in mail}

    def send(self, method, target, authorization, body=None, media=None):
        """Returns (status, headers, body)."""
        kind = http.client.HTTPSConnection if self.url.scheme == "https" else http.client.HTTPConnection
        with contextlib.closing(kind(self.url.hostname, self.url.port, timeout=TIMEOUT_SECONDS)) as connection:
            headers = {"Accept": "*/*"} | ({"Authorization": authorization} if authorization else {})
            headers |= {"Content-Type": media} if media and body is not None else {}
            connection.request(method, self.url.path.rstrip("/") + target, body, headers)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    def fill(self, value):
        if isinstance(value, str):
            return re.sub(r"\{(\w+)\}", lambda name: self.ids.get(name[1], "nobody-has-this-id"), value)
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        return {key: self.fill(item) for key, item in value.items()} if isinstance(value, dict) else value

    def make(self, call):
        """Makes a call, and returns what there is to compare."""
        method, path, _ = self.operations[call.operation]
        values = {name: urllib.parse.quote(self.fill(value), safe="") for name, value in call.path.items()}
        target = re.sub(r"\{(\w+)\}", lambda name: values[name[1]], path)
        target += "?" + urllib.parse.quote(call.query, safe="=&[]:") if call.query else ""
        body = call.body
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(self.fill(body)).encode()
        status, headers, text = self.send(method, target, self.authorizations[call.caller], body, call.media)
        media = headers.get("content-type", "").split(";")[0]
        value = json.loads(text) if media.endswith("json") and text else None
        if call.keep and isinstance(value, dict) and isinstance(value.get("id"), str):
            self.ids[call.keep] = value["id"]
        return {"status": status, "media": media, "body": value,
                "route matched": headers.get("x-kestra-route-matched")}


def names_of(server, items):
    """Returns the names of the run's things in a list, in its order."""
    names = {id: name for name, id in server.ids.items()}
    return [names[item["id"]] for item in items if isinstance(item, dict) and item.get("id") in names]


def kind_of(value):
    return {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}.get(type(value), "number")


def differences(servers, there, here, where=""):
    """Yields (kind, place, there, here) for two values."""
    if kind_of(there) != kind_of(here):
        yield "type", where, kind_of(there), kind_of(here)
    elif isinstance(there, dict):
        for name in sorted(there.keys() | here.keys()):
            if name not in here or name not in there:
                yield "member", f"{where}.{name}", "present" if name in there else "missing", "present" if name in here else "missing"
            else:
                yield from differences(servers, there[name], here[name], f"{where}.{name}")
    elif isinstance(there, list):
        order = [names_of(server, items) for server, items in zip(servers, (there, here))]
        if order[0] != order[1]:
            yield "order" if sorted(order[0]) == sorted(order[1]) else "entries", where, order[0], order[1]
        if there and here:
            yield from differences(servers, there[0], here[0], f"{where}[]")
    elif isinstance(there, bool) and there != here:
        yield "value", where, there, here
    elif where == ".type" and there != here:
        yield "slug", where, there.rpartition("/")[2], here.rpartition("/")[2]


def compare(servers, call):
    """Makes a call on both servers, and returns the differences between the answers."""
    there, here = (server.make(call) for server in servers)
    found = [(key, "", there[key], here[key]) for key in ("status", "media", "route matched") if there[key] != here[key]]
    if there["status"] == here["status"]:
        found += differences(servers, there["body"], here["body"])
    return [dict(zip(("kind", "where", "server", "kestub"), entry)) for entry in found]


def assumptions(document, results):
    """Yields what the answers say about each assumption of the contract."""
    about = [(operation, sentence) for operation, (_, _, node) in calls.operations(document).items()
             for sentence in node.get("x-assumed", [])]
    about += [("all", sentence) for sentences in document.get("x-assumed", {}).values() for sentence in sentences]
    for operation, sentence in about:
        tests = [found for call, found in results if call.assumes and call.assumes in sentence
                 and operation in (call.about or call.operation, "all")]
        verdict = "untested" if not tests else "contradicted" if any(tests) else "confirmed"
        yield {"operation": operation, "assumption": sentence, "verdict": verdict}


def choose(versions, announced):
    """Returns the version that announces the most similar number: the longest common start, then the newest."""
    def likeness(version):
        common = 0
        for a, b in zip(version["announces"], announced):
            if a != b:
                break
            common += 1
        return common
    exact = [version for version in versions if announced.startswith(version["name"])]
    candidates = [version for version in versions if "-rc" in version["announces"]] if "-rc" in announced else exact or versions
    return max(reversed(candidates), key=likeness)["name"]


@contextlib.contextmanager
def running_kestub(binary, version):
    """Starts kestub, and yields its URL."""
    with tempfile.TemporaryDirectory() as directory:
        ready = pathlib.Path(directory) / "ready"
        command = [binary, "--port", "0", "--log", "off", "--ready-file", ready, "--server-version", version]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            while not (ready.exists() and ready.read_text().endswith("\n")):
                if process.poll() is not None:
                    sys.exit("compare: kestub does not start")
                time.sleep(0.01)
            yield ready.read_text().strip()
        finally:
            process.terminate()
            process.wait()


def find_strangers(server):
    """Returns the names of the users that are neither the caller nor of a comparison."""
    def read(target):
        status, _, text = server.send("GET", target, server.authorizations["admin"])
        if status != 200:
            sys.exit(f"compare: GET {target} answers {status}; the comparison needs an administrator")
        return json.loads(text)
    caller = read("/api/v1/me")["id"]
    users = read("/api/v1/users?size=100")
    return [user["username"] for user in users["results"] if user["id"] != caller and NAME not in user["username"]]


def report(results, verdicts, out):
    for call, found in results:
        for entry in found:
            print(f"{call.operation}, {call.what}: {entry['kind']}{' at ' if entry['where'] else ''}{entry['where']}: "
                  f"{entry['server']} there, {entry['kestub']} in kestub", file=out)
    differing = {call.operation for call, found in results if found}
    print(f"{len(results)} calls of {len({call.operation for call, _ in results})} operations; "
          f"{len(differing)} operations differ: {', '.join(sorted(differing)) or 'none'}", file=out)
    for verdict in ("contradicted", "confirmed", "untested"):
        chosen = [entry for entry in verdicts if entry["verdict"] == verdict]
        print(f"{len(chosen)} assumptions {verdict}", file=out)
        for entry in chosen:
            print(f"  {entry['operation']}: {entry['assumption']}", file=out)


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev compare", description=__doc__.splitlines()[0])
    parser.add_argument("url", help="base URL of the real server")
    parser.add_argument("--user", help="an administrator's username, with --password")
    parser.add_argument("--password")
    parser.add_argument("--token", help="an administrator's API token, instead of a password")
    parser.add_argument("--server-version", help="compare with this version, not with the one that the server announces")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the report as JSON too")
    parser.add_argument("--dry-run", action="store_true", help="list the calls, send none")
    parser.add_argument("--yes-this-is-a-test-server", action="store_true", help="compare although the server has other users")
    parser.add_argument("--kestub", default=ROOT / "build/kestub", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if not args.dry_run and bool(args.token) == bool(args.user and args.password):
        parser.error("give either --user and --password, or --token")
    return args


def main():
    args = parse_arguments()
    versions = contract_files.read_versions(ROOT / "schema/versions.yaml")
    documents = contract_files.documents_of(contract_files.load(ROOT / "schema/openapi"), versions)
    run = f"{NAME}-" + "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(8))
    authorization = f"Bearer {args.token}" if args.token else basic(args.user or "", args.password or "")
    if args.server_version and args.server_version not in documents:
        sys.exit(f"compare: --server-version: there are {', '.join(documents)}")
    name = args.server_version or versions[-1]["name"]
    if not args.dry_run:
        probe = Server(args.url, authorization, documents[name], run)
        status, _, text = probe.send("GET", "/api/v1/configs", authorization)
        if status != 200:
            sys.exit(f"compare: GET /api/v1/configs answers {status}")
        announced = json.loads(text)["version"]
        name = args.server_version or choose(versions, announced)
        strangers = find_strangers(probe)
        if strangers and not args.yes_this_is_a_test_server:
            sys.exit(f"compare: the server has {len(strangers)} other users; "
                     "if it is a test server, say --yes-this-is-a-test-server")
    document = documents[name]
    planned, cleaning = calls.plan(document, run)
    if args.dry_run:
        for call in planned + cleaning:
            method, path, _ = calls.operations(document)[call.operation]
            print(f"{method} {path}: {call.operation}, {call.what}")
        return 0
    results = []
    with running_kestub(args.kestub, name) as url:
        servers = [Server(args.url, authorization, document, run), Server(url, basic(*ADMIN), document, run)]
        try:
            results += [(call, compare(servers, call)) for call in planned]
        finally:
            results += [(call, compare(servers, call)) for call in cleaning]
    verdicts = list(assumptions(document, results))
    print(f"The server announces {announced}; kestub emulates {name}.")
    report(results, verdicts, sys.stdout)
    if args.json:
        found = [{"operation": call.operation, "call": call.what} | entry for call, entries in results for entry in entries]
        args.json.write_text(json.dumps({"announces": announced, "version": name, "differences": found,
                                         "assumptions": verdicts}, indent=2) + "\n", encoding="utf-8")
    return 1 if any(found for _, found in results) else 0


if __name__ == "__main__":
    sys.exit(main())
