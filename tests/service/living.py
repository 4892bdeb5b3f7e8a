"""Real processes and a fake service manager, with deadlines instead of sleeps."""

from __future__ import annotations

import json
import os
import queue
import select
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import signal

DEADLINE_S = 20.0  # for what takes milliseconds: only a broken program meets it
PROGRAM = Path(__file__).parent / "tiny_daemon.py"


class Manager:
    """The service manager's end of ``NOTIFY_SOCKET``."""

    def __init__(self, folder: Path, *, abstract: bool = False) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.name = f"@belabridge-test-{os.getpid()}-{id(self)}" if abstract else str(folder / "notify")
        self.sock.bind(self.name.replace("@", "\0", 1) if abstract else self.name)
        self.heard: list[str] = []

    def hear(self, timeout_s: float = DEADLINE_S) -> str:
        self.sock.settimeout(timeout_s)
        self.heard.append(self.sock.recv(4096).decode())
        return self.heard[-1]

    def hear_until(self, start: str) -> str:
        """Hear on until a message begins with ``start``."""
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            message = self.hear(max(deadline - time.monotonic(), 0.01))
            if message.startswith(start):
                return message
        raise AssertionError(f"never heard {start}: {self.heard}")

    def drain(self) -> list[str]:
        """What was said and not yet heard."""
        said = []
        while select.select([self.sock], [], [], 0)[0]:
            said.append(self.hear())
        return said

    def close(self) -> None:
        self.sock.close()


class Living:
    """A running program: its lines as they come, its end within a deadline."""

    def __init__(self, arguments, environ) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | environ,
        )
        self.out: queue.Queue[str | None] = queue.Queue()
        self.err: queue.Queue[str | None] = queue.Queue()
        self.errors: list[str] = []
        for stream, lines in ((self.process.stdout, self.out), (self.process.stderr, self.err)):
            threading.Thread(target=self._read, args=(stream, lines), daemon=True).start()

    @staticmethod
    def _read(stream, lines) -> None:
        with stream:
            for line in stream:
                lines.put(line.rstrip("\n"))
        lines.put(None)

    def expect(self, line: str) -> None:
        """Wait for a line on stdout."""
        self._wait(self.out, lambda got: got == line, line)

    def expect_log(self, part: str) -> str:
        """Wait for a line on stderr that contains ``part``."""
        return self._wait(self.err, lambda got: part in got, part)

    def _wait(self, lines, fits, wanted) -> str:
        seen = []
        while True:
            line = lines.get(timeout=DEADLINE_S)
            if line is None:
                raise AssertionError(f"ended without {wanted!r}: {seen}")
            if fits(line):
                return line
            seen.append(line)

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self) -> int:
        """The exit code of a program that is ending."""
        return self.process.wait(DEADLINE_S)

    def rest_of_errors(self) -> list[str]:
        return list(iter(lambda: self.err.get(timeout=DEADLINE_S), None))

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def write(path: Path, **config) -> Path:
    """Write a config of ``tiny_daemon`` in one step, as a good editor does."""
    new = path.with_suffix(".writing")
    new.write_text(json.dumps(config))
    new.replace(path)
    return path
