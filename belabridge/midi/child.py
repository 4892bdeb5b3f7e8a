"""The process that holds the MIDI ports: ``python -m belabridge.midi.child FD``, started by the daemon.

The libraries of the system may block, hold the interpreter or crash. Here they hurt nobody: the daemon sees
that the process is silent or gone, and starts another one. When the daemon is gone, what sounds is ended.
"""

from __future__ import annotations

import gc
import json
import math
import os
import select
import signal
import socket
import sys
import time
from collections import deque
from typing import Any

from belabridge.midi.frames import Frame, Note, Reader, frame, unpacked
from belabridge.midi.keeper import Keeper
from belabridge.midi.library import LibraryError, openers
from belabridge.rules import MidiPort

ALIVE_EVERY_S = 0.25  # the daemon waits for some of these before it gives us up
LOOK_EVERY_S = 1.0  # for backends that do not say when a port came
TRY_EVERY_S = 0.5  # a backend that is not there: a JACK server may be started at any time
SWITCH_S = 0.0005  # JACK's thread must not wait 5 ms, Python's own choice, for the interpreter
MOST_UNREAD = 1 << 20  # of the daemon: after it, what comes in is thrown away
_READ_BYTES = 1 << 16

EXIT_GONE = 3  # a backend ended; only a new process has it again for sure


class Child:
    """The loop of the process.

    Args:
        link: the socket to the daemon.
    """

    def __init__(self, link: socket.socket) -> None:
        link.setblocking(False)  # noqa: FBT003  # the socket module's own signature
        self._link, self._reader = link, Reader()
        self._out = bytearray()
        self._inbox: deque[tuple[int, float, bytes]] = deque()
        self._woken_by, self._wake_end = os.pipe()
        for end in (self._woken_by, self._wake_end):
            os.set_blocking(end, False)
        self._awake = False
        self._missed = 0
        self._changed = True
        self._keeper = Keeper(self._heard)
        self._openers = openers()
        self._why_not: dict[str, str | None] = {}
        self._said = ""
        self._look_at = self._try_at = self._alive_at = 0.0
        self._goes_on = True

    def run(self) -> int:
        """Work until the daemon says stop or is gone; gives the exit code."""
        try:
            while self._goes_on:
                self._turn(time.monotonic())
                gone = [name for name, library in self._keeper.libraries.items() if library.gone]
                if gone:
                    sys.stderr.write(f"{', '.join(gone)} ended\n")  # our last words for the log of the daemon
                    return EXIT_GONE
            self._keeper.silence()
        finally:
            self._keeper.close()
        return 0

    def _turn(self, now: float) -> None:
        if self._changed or now >= min(self._look_at, self._try_at):
            self._changed = False
            self._look(now)
        if now >= self._alive_at:
            self._alive_at = now + ALIVE_EVERY_S
            self._out += frame(Frame.ALIVE, payload=str(self._missed).encode())
            self._missed = 0
        self._empty_inbox()
        self._flush()
        wait_s = max(0.0, min(self._look_at, self._try_at, self._alive_at) - time.monotonic())
        link = self._link.fileno()
        readable, _, _ = select.select([link, self._woken_by], [link] if self._out else [], [], wait_s)
        if self._woken_by in readable:
            os.read(self._woken_by, _READ_BYTES)
            self._awake = False  # after it: who comes in between is seen in the next turn anyway
        if link in readable:
            self._read()

    def _look(self, now: float) -> None:
        if now >= self._try_at:
            self._try_at = now + TRY_EVERY_S
            self._try_backends()
        self._look_at = now + LOOK_EVERY_S
        first_new = self._keeper.next_id
        self._keeper.look(now)
        state = json.dumps({"backends": self._why_not} | self._keeper.state())
        if state != self._said:
            self._said = state
            self._empty_inbox(first_new)  # what came by ports as they were is heard before they are others
            self._out += frame(Frame.PORTS, payload=state.encode())

    def _try_backends(self) -> None:
        libraries = self._keeper.libraries
        for name, opener in self._openers.items():
            if name in libraries:
                continue
            try:
                libraries[name] = opener(self._ports_changed)
            except LibraryError as error:
                self._why_not[name] = str(error)
            else:
                self._why_not[name] = None

    def _read(self) -> None:
        try:
            data = self._link.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._goes_on = False
            return
        for note in self._reader.feed(data):
            self._obey(note)

    def _obey(self, note: Note) -> None:
        if note.kind == Frame.SEND:
            lost = self._keeper.send(note.number, unpacked(note.payload))
            if lost:
                self._out += frame(Frame.LOST, note.number, payload=str(lost).encode())
        elif note.kind == Frame.SEND_TO:
            wish, lost = self._keeper.send_to(note.number, unpacked(note.payload))
            if lost:
                self._out += frame(Frame.LOST, wish, payload=str(lost).encode())
        elif note.kind == Frame.WANT:
            wishes = json.loads(note.payload)
            self._keeper.want(_wishes(wishes["ins"]), _wishes(wishes["outs"]))
            self._changed = True
        elif note.kind == Frame.STOP:
            self._goes_on = False

    def _empty_inbox(self, below: float = math.inf) -> None:
        """Hand over what was heard by ports with smaller ids, each port's messages in order."""
        inbox, out = self._inbox, self._out
        later = []
        for _ in range(len(inbox)):
            number, at, message = inbox.popleft()
            if number >= below:
                later.append((number, at, message))
            elif len(out) < MOST_UNREAD:
                out += frame(Frame.MIDI, number, at, message)
            else:
                self._missed += 1
        inbox.extendleft(reversed(later))

    def _flush(self) -> None:
        if not self._out:
            return
        try:
            sent = self._link.send(self._out)
        except BlockingIOError:
            return
        except OSError:
            self._goes_on = False
            return
        del self._out[:sent]

    def _heard(self, number: int, at: float, message: bytes) -> None:
        """A message came in; on a backend's thread."""
        self._inbox.append((number, at, message))
        self._wake()

    def _ports_changed(self) -> None:
        """Ports came or went; on a backend's thread."""
        self._changed = True
        self._wake()

    def _wake(self) -> None:
        if not self._awake:
            self._awake = True
            os.write(self._wake_end, b"\0")


def _wishes(listed: list[list[Any]]) -> dict[int, MidiPort]:
    return {number: MidiPort(name, pattern, virtual) for number, name, pattern, virtual in listed}


def main() -> int:
    """Work for the daemon at the other end of the socket whose number is the only argument."""
    # Who stops the daemon with Ctrl-C or through a service manager means it, and it needs us to the end.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    sys.setswitchinterval(SWITCH_S)
    gc.disable()  # nothing here makes cycles, and a collection would hold up JACK's thread
    link = socket.socket(fileno=int(sys.argv[1]))
    code = Child(link).run()
    link.close()
    return code


if __name__ == "__main__":
    sys.exit(main())
