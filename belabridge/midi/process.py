"""One process that holds MIDI ports, used once: its start, what is said both ways, its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import subprocess
import sys
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

from belabridge.errors import RemoteFormatError
from belabridge.midi.frames import Note, Reader
from belabridge.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

log = logging.getLogger("belabridge.midi")

MOST_WAITING = 1 << 18  # bytes for a process that does not read; a DIN wire takes 84 s for as many
_READ_BYTES = 1 << 14  # some hundred messages: work of less time than a silent process is given
TURN_S = 0.004  # the loop's other work (OSC, the board, timers) never waits longer than this for MIDI
_HANDFUL = 16  # notes between two looks at the clock


class PortProcess:
    """The process, from its start to its end.

    Args:
        said: told what the process said, many frames at once.
        ended: told once, with the reason, when it has ended or cannot be understood any more.

    Raises:
        OSError: it cannot be started.

    Attributes:
        pid: its number.
        heard_at: when it last said something, or was started; the loop's clock.
    """

    def __init__(self, said: Callable[[Sequence[Note]], None], ended: Callable[[str], None]) -> None:
        loop = asyncio.get_running_loop()
        self._said, self._ended = said, ended
        self._reader, self._out, self._writing = Reader(), bytearray(), False
        self._notes: deque[Note] = deque()  # read, and not handed over yet
        self._last_words = ""
        ours, theirs = socket.socketpair()
        words_from, words_to = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603  # ourselves
                [sys.executable, "-m", "belabridge.midi.child", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=words_to,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,  # Ctrl-C is for the daemon, which then stops this one
            )
        except OSError:
            ours.close()
            os.close(words_from)
            raise
        finally:
            theirs.close()
            os.close(words_to)
        self.pid, self.heard_at = self._process.pid, loop.time()
        ours.setblocking(False)  # noqa: FBT003  # the socket module's own signature
        os.set_blocking(words_from, False)
        self._link: socket.socket | None = ours
        self._words = words_from
        loop.add_reader(ours, self._read, ours)
        loop.add_reader(words_from, self._listen)

    @property
    def waiting(self) -> int:
        """Bytes that the process has not taken yet."""
        return len(self._out)

    @property
    def has_ended(self) -> bool:
        """Whether it is over, and the system knows no more of it."""
        return self._process.poll() is not None

    def write(self, data: bytes) -> None:
        """Frames for the process; what it does not take at once waits."""
        self._out += data
        if not self._writing:
            self._push()

    async def wait(self, at_most_s: float) -> None:
        """Return when it has ended, or after that time."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(self._process.wait, at_most_s)

    def close(self) -> None:
        """Part from the process, and kill it when it still runs."""
        if self._link is not None:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._link)
            loop.remove_writer(self._link)
            self._link.close()
            self._link = None
            self._listen()
            loop.remove_reader(self._words)
            os.close(self._words)
        if self._process.poll() is None:
            self._process.kill()

    def _read(self, link: socket.socket) -> None:
        try:
            data = link.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._listen()
            words = f" ({self._last_words})" if self._last_words else ""
            self._end(f"the MIDI process ended{words}")
            return
        self.heard_at = asyncio.get_running_loop().time()
        try:
            notes = self._reader.feed(data)
        except RemoteFormatError as error:
            self._end(f"the MIDI process talks nonsense ({error.reason})")
            return
        self._notes += notes
        if not self._turn() and self._link is not None:
            asyncio.get_running_loop().remove_reader(link)  # the rest first
            asyncio.get_running_loop().call_soon(self._go_on, link)

    def _turn(self) -> bool:
        """Hand over what was read for a while; whether that was all."""
        loop, notes = asyncio.get_running_loop(), self._notes
        until = loop.time() + TURN_S
        while notes:
            handful = list(islice(notes, _HANDFUL))
            for _ in handful:
                notes.popleft()
            self._said(handful)
            if loop.time() >= until:
                break
        return not notes

    def _go_on(self, link: socket.socket) -> None:
        """Another turn, after the loop has done its other work."""
        loop = asyncio.get_running_loop()
        if self._link is None:
            return  # we have parted
        self.heard_at = loop.time()
        if self._turn() and self._link is not None:
            loop.add_reader(link, self._read, link)
        elif self._link is not None:
            loop.call_soon(self._go_on, link)

    def _end(self, why: str) -> None:
        self.close()
        self._ended(why)

    def _listen(self) -> None:
        """What it, or a library in it, wrote to the error stream: for the log of who looks for it."""
        with contextlib.suppress(BlockingIOError):
            data = os.read(self._words, _READ_BYTES)
            if not data:
                asyncio.get_running_loop().remove_reader(self._words)
            for line in data.decode(errors="replace").splitlines():
                if line.strip():
                    self._last_words = printable(line.strip(), 200)
                    log.debug("MIDI process: %s", self._last_words)

    def _push(self) -> None:
        link = self._link
        if link is None:
            return
        try:
            del self._out[: link.send(self._out)]
        except BlockingIOError:
            pass
        except OSError:  # it ended; the reader is told as well, and does the rest
            self._out.clear()
        if bool(self._out) != self._writing:
            self._writing = bool(self._out)
            loop = asyncio.get_running_loop()
            if self._writing:
                loop.add_writer(link, self._push)
            else:
                loop.remove_writer(link)
