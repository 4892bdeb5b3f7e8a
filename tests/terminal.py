"""A program in a real terminal: what it shows, and what a person types."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from contextlib import contextmanager, suppress

from processes import wait_for


class Terminal:
    """The person's side of it."""

    def __init__(self, ours):
        self._ours = ours
        self._shown = bytearray()

    def shows(self, pattern):
        """Wait until ``pattern`` is somewhere in all that was shown."""

        def found():
            with suppress(BlockingIOError):
                self._shown.extend(os.read(self._ours, 4096))
            return re.search(pattern, self._shown, re.DOTALL)

        return wait_for(found, why=lambda: f"{pattern} is not in {bytes(self._shown)}")

    def type(self, keys):
        os.write(self._ours, keys)


@contextmanager
def in_a_terminal(command, environ):
    """The program's ``Terminal``; it is killed in the end."""
    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    environ = {**environ, "TERM": "xterm"}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ) as program:
        try:
            yield Terminal(ours)
        finally:
            program.kill()
            os.close(theirs)
            os.close(ours)
