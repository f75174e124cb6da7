"""Changes src/ in one place at a time, and runs `unit` and `integration` each time. A change that no test
notices shows what is not tested.

It works on a copy of the tree in build-mutate/. A change that does not compile does not count. One that
makes a test hang counts as noticed. It never changes what these suites cannot see: log lines, assertions,
preprocessor lines, and locks and the freeing of memory, which are for the sanitizers. Interrupt it, and it
sums up what it has done. It exits with 1 when tests notice less than 95 %.
"""
import argparse
import collections
import contextlib
import difflib
import json
import os
import pathlib
import random
import re
import resource
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TREE = ROOT / "build-mutate"
BUILD = TREE / "build"
NOTICED = TREE / "noticed.json"
DEFAULT = ["src/iam", "src/store", "src/exchange/auth.c", "src/exchange/router.c",
           "src/contract/validate.c"]
GOAL = 0.95
TOGETHER = 6  # so many tests are built and run before the next ones are
LINKING = 0.3  # how long it takes, in seconds

SWAPS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "&&": "||", "||": "&&",
         "+": "-", "-": "+", "++": "--", "--": "++", "+=": "-=", "-=": "+=", "|=": "=", "&=": "=",
         "true": "false", "false": "true"}
SQL_SWAPS = {" AND ": " OR ", " = ": " <> ", " > ": " >= ", " DESC": "", "NOT ": ""}
OPERATOR = re.compile(r"(?<= )(?:<=?|>=?|==|!=|&&|\|\||[-+|&]=|\+|-)(?= )|\+\+|--|\b(?:true|false)\b")
NEGATION = re.compile(r"!(?=[\w(*])")
NUMBER = re.compile(r"(?<!return )(?<![\w.])\d+(?![\w.])")
ZERO = re.compile(r"(?<=return )0(?=;)")
IF = re.compile(r"\bif (?=\()")
RETURN = re.compile(r"\breturn (?!0;|true;|false;|NULL;)([^;]+);")
STATEMENT = re.compile(r"(?<=[;{}):]\n) *(?!return\b|case\b|default\b|\w+ [\w*]|CLEANUP)([\w*(][^;{}]*;)$",
                       re.MULTILINE)
HIDDEN = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'", re.DOTALL)
SKIPPED_LINE = re.compile(
    r"^#.*|^.*\b(?:_Static_assert|assert|log_\w+|pthread_\w+|lock|\w*(?:free|destroy|close|finalize)\w*)\(.*",
    re.MULTILINE)
FUNCTION = re.compile(r"^\w[^;{}]*\) \{$.*?^\}$", re.MULTILINE | re.DOTALL)
# Lines that do the same as before the change.
EQUIVALENT = re.compile(
    r"r <= 0 \? r\b"  # another line has dealt with 0
    r"|i <= TOKEN_SECRET_SIZE - 1"  # the next line overwrites the last character
    r"|cache->(?:epoch|generation)--"  # which differs from all before, too
)

SOURCES = {}  # as they were at the start, by path

Change = collections.namedtuple("Change", "path start end text")


def blank(match):
    return re.sub(r"[^\n]", "_", match.group())


def closing(text, at):
    depth = 0
    for i in range(at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return i + 1


def find_sql_changes(path, source):
    for string in HIDDEN.finditer(source):
        if string.group().startswith('"'):
            for old, new in SQL_SWAPS.items():
                for found in re.finditer(re.escape(old), string.group()):
                    start = string.start() + found.start()
                    yield Change(path, start, start + len(old), new)


def find_changes(path):
    source = SOURCES[path] = (ROOT / path).read_text()
    code = SKIPPED_LINE.sub(blank, HIDDEN.sub(blank, source))

    def change(match, text):
        return Change(path, match.start(), match.end(), text)

    if path.startswith("src/store/"):
        yield from find_sql_changes(path, source)
    for function in FUNCTION.finditer(code):
        span = function.span()
        for found in OPERATOR.finditer(code, *span):
            yield change(found, SWAPS[found.group()])
        for found in NEGATION.finditer(code, *span):
            yield change(found, "")
        for found in NUMBER.finditer(code, *span):
            yield change(found, str(int(found.group()) + 1))
        for found in ZERO.finditer(code, *span):
            yield change(found, "-1")
        for found in IF.finditer(code, *span):
            end = closing(code, found.end())
            # A single comparison is swapped already.
            if len(OPERATOR.findall(code, found.end(), end)) != 1:
                yield Change(path, found.end(), end, f"(!{source[found.end():end]})")
        for found in RETURN.finditer(code, *span):
            yield change(found, "return 0;")
        for found in STATEMENT.finditer(code, *span):
            if "\n#" in source[slice(*found.span(1))] or source[found.start(1)] == "#":
                continue  # what another machine compiles
            yield Change(path, found.start(1), found.end(1), ";")


def apply(change):
    source = SOURCES[change.path]
    return source[:change.start] + change.text + source[change.end:]


def line_of(change):
    return SOURCES[change.path].count("\n", 0, change.start) + 1


def is_equivalent(change):
    return EQUIVALENT.search(apply(change).splitlines()[line_of(change) - 1])


def describe(change):
    source = SOURCES[change.path]
    diff = list(difflib.unified_diff(source.splitlines(), apply(change).splitlines(), lineterm="", n=0))[3:]
    return "\n".join([f"{change.path}:{line_of(change)}"] + [f"    {text}" for text in diff])


def copy_tree():
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    for name in listed.decode().split("\0")[:-1]:
        source, target = ROOT / name, TREE / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.exists() and not (target.exists() and target.read_bytes() == source.read_bytes()):
            target.write_bytes(source.read_bytes())
            target.chmod(source.stat().st_mode)


def ninja(*targets):
    return subprocess.run(["ninja", "-C", BUILD, *targets], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode == 0


class Test:
    def __init__(self, described):
        self.name, self.command = described["name"], described["cmd"]
        self.environment = os.environ | described["env"]
        # The programs of `integration` only talk to kestub, so they need no changed code.
        self.target = "kestub" if "kestub:integration" in described["suite"] else os.path.relpath(
            self.command[0], BUILD)
        self.seconds = 60  # until it was measured

    def cost(self, path, noticed):
        """Seconds for each change that it notices, by what it has noticed in this file and in others."""
        linking = 0 if self.target == "kestub" else LINKING
        return (self.seconds + linking) / (noticed[path, self.name] + noticed["", self.name] / 20 + 0.01)

    def start(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
            resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 30, 2 << 30))

        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command, cwd=BUILD, env=self.environment, start_new_session=True, preexec_fn=limit,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def poll(self):
        """None while it runs, then whether it passed."""
        code = self.process.poll()
        taken = time.monotonic() - self.started
        if code is None:
            return False if taken > 10 + 10 * self.seconds else None
        self.taken = taken
        return code == 0

    def stop(self):
        # Programs that it has started may be in groups of their own, but stay in the session.
        for pid in filter(str.isdecimal, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                if os.getsid(int(pid)) == self.process.pid:
                    os.kill(int(pid), signal.SIGKILL)
        self.process.wait()


def run_tests(tests):
    """Returns the first test that fails, or None."""
    waiting, running = list(tests), []
    while waiting or running:
        while waiting and len(running) < os.cpu_count():
            running.append(waiting.pop(0))
            running[-1].start()
        time.sleep(0.005)
        for test in list(running):
            passed = test.poll()
            if passed is False:
                for other in running:
                    other.stop()
                return test
            if passed:
                running.remove(test)
    return None


def prepare():
    copy_tree()
    if not (BUILD / "build.ninja").exists():
        subprocess.run(["meson", "setup", BUILD, TREE, "-Dtests=true", "-Doptimization=0", "-Ddebug=false"],
                       check=True, stdout=subprocess.DEVNULL)
    if not ninja():
        sys.exit("mutate: the tree does not build")
    listed = subprocess.run(["meson", "introspect", "--tests", BUILD], check=True, capture_output=True).stdout
    tests = [Test(test) for test in json.loads(listed)
             if not {"kestub:unit", "kestub:integration"}.isdisjoint(test["suite"])
             and test["cmd"][0].startswith(str(BUILD))]
    failed = run_tests(tests)
    if failed:
        sys.exit(f"mutate: without a change this fails: {failed.name}")
    for test in tests:
        test.seconds = test.taken
    return tests


def try_change(change, tests, noticed):
    """Returns whether a test notices, or None when it does not compile."""
    target = TREE / change.path
    target.write_text(apply(change))
    try:
        tests.sort(key=lambda test: test.cost(change.path, noticed))
        for i in range(0, len(tests), TOGETHER):
            some = tests[i:i + TOGETHER]
            if not ninja(*{test.target for test in some}):
                return None
            failed = run_tests(some)
            if failed:
                noticed[change.path, failed.name] += 1
                noticed["", failed.name] += 1
                return True
        return False
    finally:
        target.write_text(SOURCES[change.path])


def load_noticed():
    """How often a test noticed a change of a file in earlier runs, by path and name. "" is any path."""
    counts = json.loads(NOTICED.read_text()) if NOTICED.exists() else []
    return collections.Counter({(path, name): count for path, name, count in counts})


def find_files(names):
    """Returns the C files among the names and in the folders among them."""
    return sorted({str(path.relative_to(ROOT)) for name in names
                   for path in [ROOT / name, *(ROOT / name).rglob("*.c")] if path.suffix == ".c"})


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev mutate")
    parser.add_argument("--changes", type=int, default=200, help="how many; 0 makes all there are")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("file", nargs="*", default=DEFAULT, help="files or folders")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    changes = [change for path in find_files(arguments.file) for change in find_changes(path)]
    random.Random(arguments.seed).shuffle(changes)
    print(f"seed {arguments.seed}, {len(changes)} possible changes", flush=True)
    tests, noticed = prepare(), load_noticed()
    results = []
    with contextlib.suppress(KeyboardInterrupt):
        for change in changes:
            result = None if is_equivalent(change) else try_change(change, tests, noticed)
            if result is False:
                print(describe(change), flush=True)
            if result is not None:
                results.append(result)
            if len(results) == arguments.changes:
                break
    NOTICED.write_text(json.dumps([[*key, count] for key, count in noticed.items()]))
    print(f"{sum(results)} of {len(results)} noticed")
    return 0 if sum(results) >= GOAL * len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
