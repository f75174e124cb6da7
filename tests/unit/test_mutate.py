#!/usr/bin/env python3
"""Tests of ./dev mutate: which changes it makes. TAP."""
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/mutate"))
import mutate  # noqa: E402

# A statement of a function, and what it may become.
CASES = {
    "i++;": ["i--;", ";"],
    "if (a < b && !c)\n        f(d);": [
        "if (a <= b && !c)\n        f(d);", "if (a < b || !c)\n        f(d);", "if (a < b && c)\n        f(d);",
        "if (!(a < b && !c))\n        f(d);", ";"],
    "x |= y + 7;": ["x = y + 7;", "x |= y - 7;", "x |= y + 8;", ";"],
    "return r == 0 ? g(1) : r;": [
        "return r != 0 ? g(1) : r;", "return r == 1 ? g(1) : r;", "return r == 0 ? g(2) : r;", "return 0;"],
    "return 0;": ["return -1;"],
    "return true;": ["return false;"],
    "int r = f(a);": [],
    "/* a < b */": [],
    'f("a < 1", \'<\');': [";"],
    'log_event("x", 1);': [],
    "free(a + 1);": [],
    "return r < 0 ? r : a;": ["return r < 1 ? r : a;", "return 0;"],
    "if (a)": ["if (!(a))"],
}
SQL = '"UPDATE t SET a = 1 WHERE b = 2 AND c"'
SQL_CASES = ['"UPDATE t SET a <> 1 WHERE b = 2 AND c"', '"UPDATE t SET a = 1 WHERE b <> 2 AND c"',
             '"UPDATE t SET a = 1 WHERE b = 2 OR c"']


def changes_of(path, text):
    (mutate.ROOT / path).parent.mkdir(parents=True, exist_ok=True)
    (mutate.ROOT / path).write_text(text)
    return [mutate.apply(change) for change in mutate.find_changes(path) if not mutate.is_equivalent(change)]


def main():
    results = []
    with tempfile.TemporaryDirectory() as name:
        mutate.ROOT = pathlib.Path(name)
        for statement, expected in CASES.items():
            function = "static int f(int a) {{\n    {}\n}}\n".format
            found = changes_of("src/a.c", function(statement))
            results.append((statement.split("\n")[0], sorted(found) == sorted(map(function, expected))))
        table = "static const char sql[] = {};\n".format
        results.append(("SQL", sorted(changes_of("src/store/b.c", table(SQL))) == sorted(map(table, SQL_CASES))))
        results.append(("SQL elsewhere", changes_of("src/b.c", table(SQL)) == []))
        results.append(("finds files", mutate.find_files(["src/store", "src/a.c"]) == ["src/a.c", "src/store/b.c"]))
    print(f"1..{len(results)}")
    for number, (name, passed) in enumerate(results, 1):
        print(f"{'ok' if passed else 'not ok'} {number} - {name}")
    return 0 if all(passed for _, passed in results) else 1


if __name__ == "__main__":
    sys.exit(main())
