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
from belabridge.midi.library import openers
from belabridge.midi.opening import Opening
from belabridge.rules import MidiPort

ALIVE_EVERY_S = 0.25  # the daemon waits for some of these before it gives us up
LOOK_EVERY_S = 1.0  # for backends that do not say when a port came
LOOK_SOON_S = 0.1  # when it is not clear yet whether a port went
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
        self._openings: dict[str, Opening] = {}
        self._why_not: dict[str, str | None] = {}
        self._said = ""
        self._told_below = 0  # the daemon knows of all ports with smaller ids
        self._look_at = self._try_at = self._alive_at = 0.0
        self._goes_on = True

    @property
    def is_held_up(self) -> bool:
        """Whether a thread waits for a server that hangs, and would go on to do so."""
        return bool(self._keeper.hung or self._openings)

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
        self._try_backends(now)
        self._feel(now)
        is_decided = self._why_not.keys() >= self._openers.keys()  # which backends there are
        if is_decided and (self._changed or now >= self._look_at):
            self._changed = False
            self._look(now)
        if now >= self._alive_at:
            self._alive_at = now + ALIVE_EVERY_S
            self._out += frame(Frame.ALIVE, payload=str(self._missed).encode())
            self._missed = 0
        self._empty_inbox()
        self._flush()
        due = min(self._try_at, self._alive_at, self._look_at if is_decided else self._alive_at)
        wait_s = max(0.0, due - time.monotonic())
        link = self._link.fileno()
        readable, _, _ = select.select([link, self._woken_by], [link] if self._out else [], [], wait_s)
        if self._woken_by in readable:
            os.read(self._woken_by, _READ_BYTES)
            self._awake = False  # after it: who comes in between is seen in the next turn anyway
        if link in readable:
            self._read()

    def _feel(self, now: float) -> None:
        """Notice a server that hangs or goes on."""
        before = self._keeper.hung
        late = self._keeper.feel(now)
        if late:
            self._out += frame(Frame.LATE, payload=str(late).encode())
        self._changed |= before != self._keeper.hung

    def _look(self, now: float) -> None:
        self._keeper.look(now)
        self._look_at = now + (LOOK_EVERY_S if self._keeper.is_settled else LOOK_SOON_S)
        hung = self._keeper.hung | {name for name, one in self._openings.items() if one.is_late(now)}
        why_not = self._why_not | {name: f"{name.upper()} hangs" for name in hung}
        state = json.dumps({"backends": why_not, "hung": sorted(hung)} | self._keeper.state())
        if state != self._said:
            self._said = state
            self._empty_inbox(self._told_below)  # what came by ports as they were, before they are others
            self._told_below = self._keeper.next_id
            self._out += frame(Frame.PORTS, payload=state.encode())

    def _try_backends(self, now: float) -> None:
        """Open what is not open, again and again; what takes long holds up nobody."""
        libraries = self._keeper.libraries
        for name, opening in list(self._openings.items()):
            if opening.library is not None:
                all_ = libraries | {name: opening.library}
                self._keeper.libraries = {each: all_[each] for each in self._openers if each in all_}
                self._not_open(name, None)
            elif opening.why_not is not None:
                self._not_open(name, opening.why_not)
            elif opening.is_late(now) and name not in self._why_not:
                self._why_not[name] = None
                self._changed = True
        if now >= self._try_at:
            self._try_at = now + TRY_EVERY_S
            for name in self._openers.keys() - self._keeper.libraries.keys() - self._openings.keys():
                self._openings[name] = Opening(self._openers[name], self._ports_changed, self._wake, now)

    def _not_open(self, name: str, why: str | None) -> None:
        """A try is over."""
        del self._openings[name]
        self._changed |= name not in self._why_not or self._why_not[name] != why or why is None
        self._why_not[name] = why

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
    child = Child(link)
    code = child.run()
    link.close()
    if child.is_held_up:
        sys.stderr.flush()
        os._exit(code)  # nothing to tidy up, and whoever does would wait for the server that hangs
    return code


if __name__ == "__main__":
    sys.exit(main())
