"""The blocks of docs/ that need the wheel, twice in a row, and the files for CI services."""
import os
import shutil
import subprocess
import sys

import pytest
import yaml

import kestub
import pages

RECIPES = pages.read(kestub.ROOT / "docs/recipes.md")
BLOCKS = [block for block in RECIPES if block.suite == "packages"]
CI = {"vendor.github-workflows": ".github/workflows/tests.yaml", "vendor.gitlab-ci": ".gitlab-ci.yml"}


class Reader(pages.Reader):
    """A reader whose checkout has been built: its wheel installs in no time."""

    def __init__(self, directory, wheel):
        super().__init__(directory, {}, {})
        self.wheel = wheel

    def adapted(self, text):
        return text.replace("path/to/kestub", str(self.wheel))


def test_the_blocks_run(wheel, tmp_path):
    reader = Reader(tmp_path, wheel)
    assert len(BLOCKS) > 2
    for block in [*BLOCKS, *BLOCKS]:
        problem = reader.run(block) if block.language == "sh" else reader.save(block)
        assert problem is None, f"{block.place}: {problem}"


@pytest.fixture(params=CI.items(), ids=CI)
def file(request, tmp_path):
    """The schema, and the file for a CI service beside the tests that it runs."""
    schema, name = request.param
    blocks = {block.file: block for block in RECIPES if block.language in pages.FILES}
    reader = pages.Reader(tmp_path, {}, {})
    for block in blocks[name], blocks["test_groups.py"]:
        reader.save(block)
    shutil.copy(kestub.ROOT / "tests/plugin/pytest_kestub.py", tmp_path)
    return schema, tmp_path / name


def test_the_files_for_ci_are_valid(file):
    schema, path = file
    for command in (
        ["check_jsonschema", "--no-cache", "--builtin-schema", schema, path],
        ["yamllint", "--strict", "--config-data", "{extends: relaxed}", path],
    ):
        done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def commands(job):
    return job.get("script") or [step["run"] for step in job["steps"] if "run" in step]


def test_the_commands_of_ci_run(file, tmp_path):
    path = file[1]
    document = yaml.safe_load(path.read_text())
    job = document.get("jobs", document)["tests"]
    settings = job.get("env") or job["variables"]
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    (tmp_path / "server").mkdir()
    with kestub.running(tmp_path / "server") as server:
        assert list(settings) == ["KESTUB_URL"]
        environment = {**kestub.environment(), "KESTUB_URL": server.url,
                       "PATH": f"{tmp_path}/venv/bin:{os.environ['PATH']}"}
        assert len(commands(job)) > 1
        for command in commands(job):
            done = subprocess.run(["bash", "-ec", command], cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout
