"""The programs of a measurement, each in a process of its own, and what the system says of them."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

START_S = 20.0  # for what takes a second: only a broken program needs so long
STOP_S = 5.0
LOOK_S = 0.003  # a datagram of a small message takes 1 kB of a socket's 200: 30 ms would be too long
SCRIPTS = Path(sys.executable).parent


class Ear:
    """A UDP port that takes everything and counts it, in a thread of this process.

    It looks every few milliseconds, as Pure Data and other programs with an audio callback do. With ``woken``
    it waits in the system instead, and the sender pays for waking it: 5 to 15 µs a datagram on a virtual
    machine.
    """

    def __init__(self, *, woken: bool = False) -> None:
        self.heard = 0
        self._woken = woken
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(woken)
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def wait(self) -> None:
        """Until something has come."""
        deadline = time.monotonic() + START_S
        while not self.heard:
            if time.monotonic() > deadline:
                raise SystemExit("nothing came out: the bench measures nothing")
            time.sleep(0.01)

    def _listen(self) -> None:
        receive = self._socket.recv
        while True:
            try:
                while True:
                    receive(65_536)
                    self.heard += 1
            except BlockingIOError:
                time.sleep(LOOK_S)


class Program:
    """A running process; ended when its ``with`` ends."""

    def __init__(self, *arguments: object, env: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [str(argument) for argument in arguments],
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            env=os.environ | (env or {}),
        )
        atexit.register(
            self.process.kill
        )  # a measurement that fails before its ``with`` leaves nothing behind

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def end(self) -> None:
        """Ask it to end, and wait until it has."""
        self.process.terminate()
        self.process.wait(STOP_S)

    def line(self) -> str:
        """The next line that it says."""
        line = self.process.stdout.readline().decode()
        if not line:
            raise SystemExit(f"{self.process.args[1:3]} ended too early")
        return line.rstrip("\n")

    def cpu_s(self) -> float:
        """Processor time so far, of user and system: the process's clock of clock_getcpuclockid(3).

        It counts in ns. The same as utime + stime of /proc/PID/stat, which count in steps of 10 ms.
        """
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def rss_mib(self) -> float:
        """Resident size."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def load(self, for_s: float) -> float:
        """Processor seconds per second, over so long."""
        start, cpu_s = time.perf_counter(), self.cpu_s()
        time.sleep(for_s)
        return (self.cpu_s() - cpu_s) / (time.perf_counter() - start)


class Board(Program):
    """A simulated board with so many variables ``v0``, ``v1`` and so on, of the original kind unless said."""

    def __init__(self, count: int, speed: float = 1.0, *, original: bool = True) -> None:
        kind = ("--original",) if original else ()
        super().__init__(SCRIPTS / "belabridge", "sim", "--port", 0, "--vars", count, "--speed", speed, *kind)
        self.count = count
        self.port = int(self.line().split("127.0.0.1:")[1].split(";")[0])


class StampingBoard(Program):
    """The same, with a note of when it had each buffer."""

    def __init__(self, count: int, stamps: Path) -> None:
        super().__init__(sys.executable, "-m", "bench.programs.stamping_board", count, stamps)
        self.count = count
        self.port = int(self.line())


class BareLoop(Program):
    """The floor: a client that receives the same, and throws it away."""

    def __init__(self, board: Board, *more: object) -> None:
        super().__init__(sys.executable, "-m", "bench.programs.bare_loop", board.port, board.count, *more)
        self.line()


class PlainClient(Program):
    """The whole job as a plain Python program does it."""

    def __init__(self, board: Board, ear: Ear) -> None:
        arguments = board.port, board.count, ear.port
        super().__init__(sys.executable, "-m", "bench.programs.plain_client", *arguments)
        ear.wait()


class Daemon(Program):
    """The real ``belabridge run`` with a config, in a folder of its own for its control socket."""

    def __init__(self, board: Board, config: str) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._env = {"XDG_RUNTIME_DIR": self._folder.name, "RUNTIME_DIRECTORY": ""}
        path = Path(self._folder.name) / "bench.yaml"
        path.write_text(config, encoding="utf-8")
        super().__init__(
            SCRIPTS / "belabridge", "run", path, "--board", f"127.0.0.1:{board.port}", env=self._env
        )

    def __exit__(self, *reason: object) -> None:
        super().__exit__(*reason)
        self._folder.cleanup()

    def status(self) -> dict:
        """What ``belabridge status`` says."""
        done = subprocess.run(
            [SCRIPTS / "belabridge", "status", "--json"],
            env=os.environ | self._env,
            capture_output=True,
            check=True,
        )
        return json.loads(done.stdout)

    def wait(self) -> None:
        """Until it has its board."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            with contextlib.suppress(subprocess.CalledProcessError):
                if self.status()["board"]["connected"]:
                    return
            time.sleep(0.1)
        raise SystemExit("the bridge did not find its board")


def free_port() -> int:
    """A UDP port that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
