"""What README.md tells newcomers works on machines that have nothing yet."""
import re
import select
import subprocess
import time

import machine
import pages

START = [block for block in pages.read(pages.ROOT / "README.md") if block.heading == "Start"]
COMMANDS = next(block.text for block in START if block.suite == "fresh").splitlines()
RUN = next(line for line in COMMANDS if re.match(r"\./dev run\b", line))
TEST = next(line for line in COMMANDS if re.match(r"\./dev test\b", line)).partition("#")[0].strip()
READY = next(block.text for block in START if block.text.startswith("kestub is ready at "))
REQUEST = next(block for block in START if block.text.startswith("curl "))
# Generous, since they only end what hangs.
READY_SECONDS = 900
SUITE_SECONDS = 1800


def meet_server(newcomer, directory):
    """Starts it as README.md says, and sends the first request."""
    log = directory / "stderr"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            newcomer.enter(RUN, KESTUB_PORT="0"),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr)
    try:
        is_there = select.select([process.stdout], [], [], READY_SECONDS)[0]
        line = process.stdout.readline().decode() if is_there else ""
        port = re.match(r"kestub is ready at http://127\.0\.0\.1:(\d+),", line)
        assert port, log.read_text()[-4000:]
        reader = pages.Reader(directory, {"8080": port[1]}, {})
        assert line == reader.adapted(READY)
        assert REQUEST.answer
        problem = reader.run(REQUEST)
        assert problem is None, problem
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_names_what_is_missing(newcomer):
    newcomer.clone()
    done = subprocess.run(
        newcomer.enter(RUN, user=machine.NOBODY), capture_output=True, text=True)
    assert done.returncode == 1
    line, rest = done.stderr.split("\n", 1)
    assert (done.stdout, rest) == ("", "")
    command = line.rpartition(": ")[2]
    needed = (pages.ROOT / "docker/packages/build").read_text().split()
    assert set(needed) <= set(command.split())
    # Without a trace, as the next test wants a machine that has nothing.
    simulated = command.replace("apt-get install", "apt-get install --simulate")
    script = f"{simulated} && rm -r /var/lib/apt/lists"
    subprocess.run(newcomer.enter(script), check=True, stdout=subprocess.DEVNULL)


def test_serves(newcomer, tmp_path, record_property):
    before = time.monotonic()
    newcomer.clone()
    meet_server(newcomer, tmp_path)
    record_property("seconds from clone to the first answer", f"{time.monotonic() - before:.1f}")


def test_asks_for_nothing_that_is_there(newcomer):
    done = subprocess.run(
        newcomer.enter("docker/install-packages build", user=machine.NOBODY),
        capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_passes_its_tests(newcomer):
    suites = "--suite unit"
    if not newcomer.is_like_this_one():  # no other suite meets its libraries and tools
        suites += " lint fuzz integration hostile"
    done = subprocess.run(
        newcomer.enter(f"{TEST} {suites}", CI="true"), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SUITE_SECONDS)
    last = done.stdout.splitlines()[-1]
    assert re.fullmatch(r"[1-9]\d* passed, 0 failed", last), done.stdout[-8000:]
    assert done.returncode == 0


def test_serves_after_its_tests(newcomer, tmp_path):
    meet_server(newcomer, tmp_path)
