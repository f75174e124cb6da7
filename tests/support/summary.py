#!/usr/bin/env python3
"""Adds up the JUnit reports in a directory: `N passed, N failed`, exit 1 when any failed.

    summary.py DIRECTORY REPORT ...

A missing report counts as a failure, since its suite did not run.
"""
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def count(directory):
    passed = failed = skipped = 0
    for report in sorted(pathlib.Path(directory).glob("*.xml")):
        for case in ElementTree.parse(report).iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
                print(f"failed: {report.stem}: {case.get('name')}")
            elif case.find("skipped") is not None:
                skipped += 1
                print(f"skipped: {report.stem}: {case.get('name')}: {case.find('skipped').get('message', '')}")
            else:
                passed += 1
    return passed, failed, skipped


if __name__ == "__main__":
    directory, *expected = sys.argv[1:]
    passed, failed, skipped = count(directory)
    for name in expected:
        if not pathlib.Path(directory, f"{name}.xml").exists():
            failed += 1
            print(f"failed: {name} did not run")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    sys.exit(1 if failed or not passed else 0)
