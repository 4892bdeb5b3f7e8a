"""A real program as a process: its lines as they come, its end for sure, deadlines instead of sleeps."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

DEADLINE_S = 20.0  # for what takes milliseconds: only a broken program meets it
BELABRIDGE = Path(sys.executable).with_name("belabridge")


def wait_for(what, *, within_s=DEADLINE_S, every_s=0.02, why="it never became true"):
    """What ``what()`` gives as soon as it is true; an assertion when that takes too long."""
    until = time.monotonic() + within_s
    while not (found := what()):
        assert time.monotonic() < until, why() if callable(why) else why
        time.sleep(every_s)
    return found


class Running:
    """A process whose output is read all the time, so that it is never held up by us.

    Attributes:
        out: the lines of stdout so far.
        err: the lines of stderr so far.
    """

    def __init__(self, *command, environ=None, cwd=None, talks=False):
        """Start it; ``talks``: something will be told to it (`tell`)."""
        self.command = [str(word) for word in command]
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="backslashreplace",
            env=os.environ | (environ or {}),
            cwd=cwd,
        )
        self.out, self.err = [], []
        self._readers = [
            threading.Thread(target=self._read, args=pair, daemon=True)
            for pair in ((self.process.stdout, self.out), (self.process.stderr, self.err))
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(stream, lines):
        with stream:
            for line in stream:
                lines.append(line.rstrip("\n"))

    @property
    def pid(self):
        return self.process.pid

    def wait_out(self, pattern, *, after=0, within_s=DEADLINE_S):
        """The match of the first line of stdout, from line ``after`` on, in which ``pattern`` is found."""
        return self._wait(self.out, pattern, after, within_s)

    def wait_err(self, pattern, *, after=0, within_s=DEADLINE_S):
        """The same of stderr."""
        return self._wait(self.err, pattern, after, within_s)

    def _wait(self, lines, pattern, after, within_s):
        def found():
            hit = next((m for line in lines[after:] if (m := re.search(pattern, line))), None)
            assert hit or self.process.poll() is None or self._reading, f"ended without {pattern!r}: {self}"
            return hit

        return wait_for(found, within_s=within_s, why=lambda: f"never said {pattern!r}: {self}")

    @property
    def _reading(self):
        return any(reader.is_alive() for reader in self._readers)

    def tell(self, line):
        """A line on its standard input."""
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def send(self, number):
        self.process.send_signal(number)

    def code(self, within_s=DEADLINE_S):
        """The exit code of a process that is ending, with all its output read."""
        if self.process.stdin:
            self.process.stdin.close()
        code = self.process.wait(within_s)
        for reader in self._readers:
            reader.join(within_s)
        return code

    def end(self, number=signal.SIGTERM, within_s=DEADLINE_S):
        """Tell it to end; its exit code."""
        self.send(number)
        return self.code(within_s)

    def kill(self):
        """End it in any case."""
        if self.process.poll() is None:
            self.process.kill()
        self.code()

    def rss_bytes(self):
        """Memory that it occupies now."""
        pages = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def __str__(self):
        tail = "\n".join(["stdout:", *self.out[-20:], "stderr:", *self.err[-20:]])
        return f"{' '.join(self.command)}\n{tail}"
