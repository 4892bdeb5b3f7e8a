"""Keeps the process that holds the MIDI ports: what is wished of it, and another one when it fails."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING

from belabridge.errors import MidiUnavailable
from belabridge.midi.frames import Frame, Note, frame, packed
from belabridge.midi.library import has_room
from belabridge.midi.ports import OpenPort, Ports, opened
from belabridge.midi.presence import Presence
from belabridge.midi.process import MOST_WAITING, PortProcess
from belabridge.printable import printable
from belabridge.rules import MidiPort
from belabridge.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence
    from typing import Any

log = logging.getLogger("belabridge.midi")

CHECK_EVERY_S = 0.25
SILENT_S = 2.0  # eight signs of life were left out: it is stopped, or hangs in a library
SLOW_START_S = 10.0  # a small computer loads Python and its libraries for seconds
FIRST_WAIT_S, LONGEST_WAIT_S = (
    0.1,
    5.0,
)  # before another start: at once after a while of good work, then slower
GOOD_WORK_S = 5.0
STOP_S = 1.0  # what waits goes out, ports are closed; more is no patience that a restart has


class State(StrEnum):
    """Of the ports as a whole."""

    OFF = "off"
    STARTING = "starting"
    RUNNING = "running"
    NO_BACKEND = "no backend"
    RESTARTING = "restarting"
    HANGS = "the sound server hangs"


class PortHost:
    """The ports' process, as long as something is wished.

    Args:
        tally: counts what is lost.
        heard: (port, one message, when it came) of all that comes in; the time is of ``time.monotonic``,
            which is the loop's too, and a little before now.
        changed: the system's ports or ours came or went, or the process was lost.
        overran: told the name of an out wish, and how many of its messages its process had to throw away.
        warns: that there is no MIDI, or not a port; for who has no other way to tell.

    Attributes:
        state: of the whole.
        ports: what the system has.
        open_ins: by id.
        open_outs: the same.
        backends: by name None when it is open, or why it is not.
        hung: those that do not answer, or stand still.
        restarts: how often another process was needed.
        generation: of the process; ids of different ones say nothing of each other.
    """

    def __init__(
        self,
        tally: Tally,
        heard: Callable[[OpenPort, bytes, float], None],
        changed: Callable[[], None] = lambda: None,
        overran: Callable[[str, int], None] = lambda _wish, _count: None,
        *,
        warns: bool = True,
    ) -> None:
        self.state, self.ports, self.restarts, self.generation = State.OFF, Ports(), 0, 0
        self.open_ins: dict[int, OpenPort] = {}
        self.open_outs: dict[int, OpenPort] = {}
        self.backends: dict[str, str | None] = {}
        self.hung: frozenset[str] = frozenset()
        self._tally, self._heard, self._changed, self._overran = tally, heard, changed, overran
        self._ins: dict[int, MidiPort] = {}
        self._outs: dict[int, MidiPort] = {}
        self._numbers: dict[str, int] = {}  # of out wishes, by name
        self._next_number = 1
        self._started = False
        self._process: PortProcess | None = None
        self._dying: list[PortProcess] = []
        self._collected: dict[tuple[Frame, int], list[bytes]] = {}
        self._collected_bytes = 0
        self._flushing = False
        self._spoke = False
        self._started_at = self._checked_at = 0.0
        self._wait_s = 0.0
        self._check_timer: asyncio.TimerHandle | None = None
        self._restart_timer: asyncio.TimerHandle | None = None
        self._faults: set[str] = set()
        self._down = False
        self._warns = warns
        self._presence = Presence()

    @property
    def pid(self) -> int | None:
        """Of the process, when there is one."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Begin to do what is wished; a loop must run."""
        self._started = True
        self._spawn()

    def want(self, ins: Sequence[MidiPort], outs: Sequence[MidiPort]) -> None:
        """Have exactly these ports; one that is as before stays open. The first wish starts the process."""
        self._flush()  # what was sent before belongs to the wishes before
        self._ins, self._outs = self._numbered(self._ins, ins), self._numbered(self._outs, outs)
        self._numbers = {wish.name: number for number, wish in self._outs.items()}
        if self._process is not None:
            self._process.write(self._wishes())
        elif self._started and self._restart_timer is None:
            self._spawn()

    def send(self, wish: str, message: bytes) -> bool:
        """One whole message to the ports of an out wish; False when it was thrown away.

        Never blocks: what the process does not take waits, and too much of it is thrown away and counted.
        Without a process nothing is counted: whoever sends says everything again when a port is opened.
        """
        number = self._numbers.get(wish)
        return number is not None and self._collect((Frame.SEND, number), message)

    def send_to(self, port_id: int, message: bytes) -> bool:
        """The same to one of ``open_outs``."""
        return port_id in self.open_outs and self._collect((Frame.SEND_TO, port_id), message)

    def _collect(self, goal: tuple[Frame, int], message: bytes) -> bool:
        process = self._process
        if process is None:
            return False
        if not has_room(process.waiting + self._collected_bytes, MOST_WAITING, message):
            self._complain("midi.overrun", "the MIDI ports take nothing more: messages are thrown away")
            return False
        self._collected.setdefault(goal, []).append(message)
        self._collected_bytes += len(message)
        if not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)
        return True

    async def stop(self) -> None:
        """Let go out what waits, close the ports and end the process; takes at most a good second."""
        self._started = False
        for timer in (self._check_timer, self._restart_timer):
            if timer is not None:
                timer.cancel()
        self._check_timer = self._restart_timer = None
        process = self._process
        if process is not None:
            self._flush()
            process.write(frame(Frame.STOP))
            await process.wait(STOP_S)
        self._part()
        for process in self._dying:
            await process.wait(STOP_S)  # killed: it takes no time, unless the system itself is in trouble
        self.state = State.OFF

    # The process.

    def _spawn(self) -> None:
        self._restart_timer = None
        if not self._started or not (self._ins or self._outs):
            return
        loop = asyncio.get_running_loop()
        self._spoke, self._started_at = False, loop.time()
        self.generation += 1
        self.state = State.RESTARTING if self._down else State.STARTING
        try:
            self._process = PortProcess(self._take, self._fail)
        except OSError as error:
            self._fail(f"the MIDI process does not start ({error})")
            return
        self._process.write(self._wishes())
        if self._check_timer is None:
            self._checked_at = loop.time()
            self._check_timer = loop.call_later(CHECK_EVERY_S, self._check)

    def _part(self) -> None:
        """Let go of the process, which ends if it has not yet."""
        if self._process is not None:
            self._process.close()
            self._dying.append(self._process)
            self._process = None
        self._reap()
        self._collected.clear()
        self._collected_bytes = 0
        had_ports = bool(self.open_ins or self.open_outs)
        self.open_ins, self.open_outs, self.ports = {}, {}, Ports()
        if had_ports:
            self._changed()

    def _reap(self) -> None:
        """Take note of ended processes, so that the system can forget them."""
        self._dying = [process for process in self._dying if not process.has_ended]

    def _fail(self, why: str) -> None:
        """The process is of no use any more: another one, the later the oftener this happens."""
        loop = asyncio.get_running_loop()
        worked = loop.time() - self._started_at > GOOD_WORK_S
        self._wait_s = 0.0 if worked else min(LONGEST_WAIT_S, max(FIRST_WAIT_S, self._wait_s * 2))
        self._part()
        if not self._started:
            return
        if not self._down:
            self._down = True
            log.warning("%s: the MIDI ports are lost for a moment", why)
        else:
            log.debug("%s", why)
        self.state = State.RESTARTING
        self.restarts += 1
        self._tally.count("midi.restarts")
        self._restart_timer = loop.call_later(self._wait_s, self._spawn)

    def _check(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        late, self._checked_at = now - self._checked_at > 2 * CHECK_EVERY_S, now
        self._check_timer = loop.call_later(CHECK_EVERY_S, self._check)
        self._reap()
        process = self._process
        if process is None or late:  # held up ourselves: what it said may still wait to be read
            return
        patience_s = SILENT_S if self._spoke else SLOW_START_S
        if now - process.heard_at > patience_s:
            self._fail(f"the MIDI process hangs: nothing heard of it for {patience_s:g} s")

    # What it says.

    def _take(self, notes: Sequence[Note]) -> None:
        heard = self._heard
        for note in notes:
            if note.kind == Frame.MIDI:
                port = self.open_ins.get(note.number)
                if port is not None:
                    heard(port, note.payload, note.time)
            elif note.kind == Frame.PORTS:
                self._take_ports(json.loads(note.payload))
            elif note.kind == Frame.LOST:
                self._tally.count("midi.overrun", int(note.payload) - 1)
                self._complain("midi.overrun", "a MIDI port takes nothing more: messages are thrown away")
                if note.number in self._outs:
                    self._overran(self._outs[note.number].name, int(note.payload))
            elif note.kind == Frame.LATE:
                self._tally.count("midi.late", int(note.payload))  # all is told anew when it goes on
            elif note.kind == Frame.ALIVE and int(note.payload):
                self._tally.count("midi.missed", int(note.payload))

    def _take_ports(self, said: dict[str, Any]) -> None:
        self._spoke = True
        self.ports = Ports.of(said["ins"], said["outs"])
        self.backends = said["backends"]
        hung, self.hung = self.hung, frozenset(said["hung"])
        before = self.open_ins, self.open_outs
        self.open_ins = opened(said["open_ins"], self._ins, said["ins"])
        self.open_outs = opened(said["open_outs"], self._outs, said["outs"])
        self._tell_backends(hung)
        for was, now in zip(before, (self.open_ins, self.open_outs), strict=True):
            own = {port.wish for port in was.values() if port.virtual}
            for id_ in now.keys() - was.keys():
                if now[id_].virtual and now[id_].wish in own:
                    log.debug("others connect to MIDI port %s", printable(now[id_].name, 100))
                else:
                    log.info("MIDI port %s is open", printable(now[id_].name, 100))
        if self._warns:
            self._tell_missing(set(said["wishes"]), before)
        for fault in sorted(set(said["faults"]) - self._faults):
            log.warning("MIDI: %s", printable(fault, 200))
        self._faults = set(said["faults"])
        self._changed()

    def _tell_missing(
        self, looked: Container[int], before: tuple[dict[int, OpenPort], dict[int, OpenPort]]
    ) -> None:
        """Say which wishes have no port, or not any more; nothing while there is no backend at all."""
        if self.state is State.NO_BACKEND or self.hung:
            return
        for way, wishes, was, now, there in (
            ("in", self._ins, before[0], self.open_ins, self.ports.ins),
            ("out", self._outs, before[1], self.open_outs, self.ports.outs),
        ):
            known = [wish for number, wish in wishes.items() if number in looked]
            for line in self._presence.look(way, known, was, now, there):
                log.warning("%s", printable(line, 400))

    def _tell_backends(self, hung: frozenset[str]) -> None:
        for name in sorted(self.hung - hung):
            self._warn(f"{name.upper()} hangs: its MIDI ports are closed until it goes on, or is restarted")
        for name in sorted(hung - self.hung):
            log.info("%s does not hang any more", name.upper())
        there = [name for name, why in self.backends.items() if why is None]
        if there:
            if self._down or self.state is State.NO_BACKEND:
                log.info("MIDI is back: %s", ", ".join(there))
            self.state, self._down = State.RUNNING, False
        elif self.hung:
            self.state = State.HANGS
        elif self.state is not State.NO_BACKEND:
            self.state = State.NO_BACKEND
            if not self._down:  # else the loss was told, and this is a part of it
                self._warn(f"{self.unavailable()}; all else goes on")

    def unavailable(self) -> MidiUnavailable | None:
        """What is wrong when no backend is open, as far as the process has said; None when one is."""
        reasons = list(self.backends.values())
        if self._spoke and not all(reasons):
            return None
        why = "; ".join(filter(None, reasons)) or "belabridge knows none of this system"
        if not self._spoke:
            return MidiUnavailable("it does not answer")
        return MidiUnavailable(why, "restart the JACK server") if self.hung else MidiUnavailable(why)

    def _warn(self, line: str) -> None:
        if self._warns:
            log.warning("%s", line)

    def _wishes(self) -> bytes:
        said = {
            way: [[number, wish.name, wish.pattern, wish.virtual] for number, wish in wishes.items()]
            for way, wishes in (("ins", self._ins), ("outs", self._outs))
        }
        return frame(Frame.WANT, payload=json.dumps(said).encode())

    def _numbered(self, old: dict[int, MidiPort], wishes: Sequence[MidiPort]) -> dict[int, MidiPort]:
        """The wishes with their numbers: one that is as before, but for its limit, keeps its own."""
        free = {(wish.name, wish.pattern, wish.virtual): number for number, wish in old.items()}
        numbered: dict[int, MidiPort] = {}
        for wish in wishes:
            number = free.pop((wish.name, wish.pattern, wish.virtual), None)
            if number is None:
                number, self._next_number = self._next_number, self._next_number + 1
            numbered[number] = wish
        return numbered

    def _flush(self) -> None:
        self._flushing = False
        if self._collected and self._process is not None:
            some = self._collected.items()
            self._process.write(b"".join([frame(*goal, 0.0, packed(m)) for goal, m in some]))
        self._collected.clear()
        self._collected_bytes = 0

    def _complain(self, reason: str, detail: str) -> None:
        line = self._tally.complain(reason, detail, asyncio.get_running_loop().time())
        if line is not None:
            log.warning("%s", line)


async def list_ports(deadline_s: float = 5.0) -> Ports:
    """What the system has now, asked by a process of its own.

    Raises:
        MidiUnavailable: there is no MIDI on this machine, or it does not answer.
    """
    told = asyncio.Event()
    host = PortHost(Tally(), lambda *_: None, told.set, warns=False)
    host.want([MidiPort("", pattern="(?!)")], [])  # a pattern that nothing has: nothing is opened
    host.start()
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(deadline_s):
                await told.wait()
        ports, error = host.ports, host.unavailable()
    finally:
        await host.stop()
    if error is not None:
        raise error
    return ports
