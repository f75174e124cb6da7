#!/usr/bin/env python3
"""Adds up the JUnit reports in a directory: `N passed, N failed`, exit 1 when any failed.

    summary.py DIRECTORY REPORT ...

Before that it prints what failed, and which tests of which suite were skipped, and why. A missing
report counts as a failure, since its suite did not run.
"""
import collections
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree


def reason(skipped):
    """Returns why a test was skipped. For a whole file, pytest has the reason only in the text."""
    whole_file = re.search(r"'Skipped: (.*)'\)$", skipped.text or "", re.S)
    return whole_file[1] if whole_file else skipped.get("message") or "no reason given"


def main(directory, *expected):
    passed = failed = 0
    skipped = collections.Counter()  # by suite and reason
    reports = {report.stem: report for report in pathlib.Path(directory).glob("*.xml")}
    for suite in sorted(reports):
        for case in ElementTree.parse(reports[suite]).iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
                print(f"failed: {suite}: {case.get('name')}")
            elif case.find("skipped") is not None:
                skipped[suite, reason(case.find("skipped"))] += 1
            else:
                passed += 1
    for suite in expected:
        if suite not in reports:
            failed += 1
            print(f"failed: {suite} did not run")
    for (suite, why), count in skipped.items():
        print(f"skipped: {suite}, {count} of its tests: {why}")
    total = skipped.total()
    print(f"{passed} passed, {failed} failed" + (f", {total} skipped" if total else ""))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
