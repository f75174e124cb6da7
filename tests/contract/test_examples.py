"""README.md's examples for users, by their own test runners."""
import os
import subprocess

import pytest

import sdks

# Generous, since only examples that hang take so long.
EXAMPLES_SECONDS = 120


@pytest.mark.parametrize("runner", ["pytest", "jest", "go", "junit"])
def test_examples(runner, start):
    command = sdks.prepared(runner)
    done = subprocess.run(
        command,
        cwd=sdks.EXAMPLES / runner,
        env={**os.environ, "KESTUB_URL": start().url, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=EXAMPLES_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
