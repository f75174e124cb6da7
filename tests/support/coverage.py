"""Prints the branch coverage of src/ from gcovr's summary, and exits with 1 when it is below a goal.

usage: coverage.py SUMMARY.json
"""
import json
import sys

OVERALL = 90
GOALS = {"src/iam/": 95, "src/exchange/auth.c": 95, "src/exchange/router.c": 95,
         "src/contract/validate.c": 95}


def percent(files):
    total = sum(file["branch_total"] for file in files)
    return 100 * sum(file["branch_covered"] for file in files) / total if total else 100


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        files = json.load(file)["files"]
    status = 0
    for file in files:
        print(f"{percent([file]):6.1f} % of {file['branch_total']:5} branches  {file['filename']}")
    for prefix, goal in [*GOALS.items(), ("src/", OVERALL)]:
        reached = percent([file for file in files if file["filename"].startswith(prefix)])
        if reached < goal:
            status = 1
        word = "reached" if reached >= goal else "missed"
        print(f"{word}: {reached:.1f} % of the branches of {prefix}, goal {goal} %")
    return status


if __name__ == "__main__":
    sys.exit(main())
