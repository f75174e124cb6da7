"""A kestub that may refuse to start, and whose end the test decides."""
import re
import subprocess

from kestub import BINARY, environment, ready_line


class Launched:
    """`url` is None when it has refused to start."""

    def __init__(self, directory, *options, binary=BINARY, **process):
        self.log = directory / "stderr"
        with self.log.open("wb") as stderr:
            self.process = subprocess.Popen(
                [binary, "serve", "--port", "0", "--log", "off", *options],
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                **process,
            )
        ready = re.match(r"kestub is ready at (http://[^\s,]+)", ready_line(self.process, self.log))
        self.url = ready and ready[1]

    def end(self, number=None):
        """The exit status, after this signal if there is one."""
        if number:
            self.process.send_signal(number)
        try:
            return self.process.wait(30)
        finally:
            self.process.kill()
            self.process.stdout.close()
