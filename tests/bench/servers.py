"""Starts the servers that are measured, and tells what they take."""
import contextlib
import dataclasses
import os
import pathlib
import re
import select
import subprocess
import tempfile
import time

TICKS = os.sysconf("SC_CLK_TCK")
# Generous, since only a server that hangs takes this long.
READY_SECONDS = 300
STOP_SECONDS = 30


class BenchError(Exception):
    """What makes the figures worthless, such as a wrong answer."""


def stop(process):
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()


@contextlib.contextmanager
def running(command, variables=None, **options):
    """A process, by default with its stdout as a pipe. It always ends with the context."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("KESTUB_")}
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, **options}
    command = [str(word) for word in command]
    process = subprocess.Popen(command, env=environment | (variables or {}), **options)
    try:
        yield process
    finally:
        stop(process)


def read_line(process):
    """Returns the next line that the process prints, and "" when it ends without one."""
    if not select.select([process.stdout], [], [], READY_SECONDS)[0]:
        raise BenchError(f"{process.args[0]} printed nothing within {READY_SECONDS} s")
    return process.stdout.readline().decode()


@dataclasses.dataclass(frozen=True)
class Server:
    process: subprocess.Popen
    url: str
    tls_url: str = ""
    ready_seconds: float = 0

    def cpu_seconds(self):
        stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / TICKS

    def memory(self):
        """The resident memory in MiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"^VmRSS:\s+(\d+) kB$", status, re.M)[1]) / 1024


@contextlib.contextmanager
def bare_handler(path, threads, body_bytes=0):
    """A libmicrohttpd handler that answers 204, or 200 with so many bytes to anything but a PUT."""
    with running([path, 0, threads, body_bytes]) as process:
        line = read_line(process)
        if not re.fullmatch(r"\d+\n", line):
            raise BenchError(f"{path} printed {line!r} instead of its port")
        yield Server(process, f"http://127.0.0.1:{line.strip()}")


@contextlib.contextmanager
def kestub(path, *options):
    with tempfile.TemporaryDirectory(prefix="kestub-bench-") as directory:
        ready_file = pathlib.Path(directory, "ready")
        command = [path, "serve", "--log", "off", "--port", 0, "--ready-file", ready_file]
        start = time.perf_counter()
        with running([*command, *options]) as process:
            line = read_line(process)
            seconds = time.perf_counter() - start
            if not line.startswith("kestub is ready at "):
                raise BenchError(f"kestub printed {line!r} instead of the ready line")
            url, _, tls_url = ready_file.read_text().strip().partition("\n")
            yield Server(process, url, tls_url, seconds)
