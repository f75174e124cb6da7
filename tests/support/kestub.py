"""Starts kestub for the suites in Python."""
import contextlib
import os
import pathlib
import re
import select
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("KESTUB_BINARY", ROOT / "build/kestub"))
# Generous, since only a hanging server takes this long.
READY_SECONDS = 60
STOP_SECONDS = 30


class Kestub:
    def __init__(self, process, url, line):
        self.process = process
        self.url = url
        self.ready_line = line

    def state(self):
        """Tells how the server ended, to explain a lost connection."""
        try:
            return f"kestub ended with {self.process.wait(1)}"
        except subprocess.TimeoutExpired:
            return "kestub is still running"


def environment():
    """That of the caller, which must not configure a server."""
    return {k: v for k, v in os.environ.items() if not k.startswith("KESTUB_")}


def has_output(stream, seconds):
    """Whether something can be read within that time. Takes any descriptor, as select() does not."""
    poll = select.poll()
    poll.register(stream, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def ready_line(process, log):
    if not has_output(process.stdout, READY_SECONDS):
        pytest.fail(f"kestub was not ready within {READY_SECONDS} s: {log.read_text()}")
    return process.stdout.readline().decode()


@contextlib.contextmanager
def running(directory, fixture="default", *options, before_exec=None):
    """Runs a Kestub with its files in the directory, and checks that it exits cleanly. `before_exec`
    runs in its process first, to set limits."""
    ready_file, log = directory / "ready", directory / "stderr"
    command = [BINARY, "serve", "--port", "0", "--ready-file", ready_file, "--fixture", fixture]
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [*command, *options],
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            preexec_fn=before_exec,
        )
    try:
        line = ready_line(process, log)
        ready = re.match(r"kestub is ready at (https?://[^\s,]+)", line)
        assert ready, f"{line!r}, {log.read_text()}"
        assert ready_file.read_text() == f"{ready[1]}\n"
        yield Kestub(process, ready[1], line)
    finally:
        code = stop(process)
    assert code == 0, log.read_text()


def stop(process):
    process.terminate()
    try:
        return process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return f"killed, since it did not stop within {STOP_SECONDS} s"
    finally:
        process.stdout.close()
