"""The commands of protocol 2: all of one or nothing of it, those of a message at one frame; errors."""

from __future__ import annotations

import math
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

from belabridge.sim import answers, commands, logfile
from belabridge.sim.exact import NEVER, Run, most_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from belabridge.sim.machine import Machine
    from belabridge.sim.outlet import Sent
    from belabridge.sim.program import Program
    from belabridge.sim.watcher import Watcher

LATEST = 2**53  # frames, and ids
LONGEST_PERIOD = 0x7FFF_FFFF
LONGEST_CONTROLLER = 32
MOST_WAITING = 1024  # requests for the program's thread, and scheduled values
LARGEST_BLOCK = 4096
DEFAULT = object()


class Board(Protocol):
    """What the commands act on."""

    frame: int
    files: dict[str, bytearray]
    program: Program
    machine: Machine
    watchers: list[Watcher]
    pending: list[Callable[[int], None]]

    @property
    def clock(self) -> int:
        """The frame that the program last began."""

    def find(self, name: object) -> Watcher | None:
        """The variable of that name."""

    def change(self, watcher: Watcher, act: Callable[[], None]) -> None:
        """Change what the program reads of a variable."""

    def disturb(self, watcher: Watcher) -> None:
        """Before any change of a variable's streams."""

    def settle(self) -> None:
        """Find out what all variables are."""

    def say(self, text: str) -> None:
        """Send a text to the control clients."""

    def send_blocks(self, sent: list[Sent]) -> None:
        """Send what has left the outlets."""


class _Error(Exception):
    """A command is refused; never leaves this file."""

    def __init__(self, word: str, variable: str = "") -> None:
        super().__init__(word)
        self.word, self.variable = word, variable


class _Command:
    """One command in the making: what it is, and what it will do in the program's thread."""

    def __init__(self, element: dict[str, Any]) -> None:
        self.element = element
        self.name = commands.word(element.get("cmd"))
        self.id: float | None = None
        self.watchers: list[Watcher] = []
        self.acts: list[Callable[[int], None]] = []
        self.answered_at = 0  # not before this frame

    def say(self, **fields: object) -> str:
        about = {"cmd": self.name, **fields}
        if self.id is not None:
            about["id"] = self.id
        return answers.text({"watcher2": about})

    def numbers(self, key: str, most: float, beyond: str) -> list[int]:
        """A list beside ``watchers``; zeros when it is missing."""
        given = self._list(key)
        if given is None:
            return [0] * len(self.watchers)
        for value, watcher in zip(given, self.watchers, strict=True):
            if not _is_count(value, LATEST * 2):
                raise _Error("type", watcher.variable.name)
            if value > most:
                raise _Error(beyond, watcher.variable.name)
        return [int(value) for value in given]

    def truths(self, key: str) -> list[bool]:
        given = self._list(key)
        if given is None:
            return [False] * len(self.watchers)
        for value, watcher in zip(given, self.watchers, strict=True):
            if not isinstance(value, bool):
                raise _Error("type", watcher.variable.name)
        return given

    def _list(self, key: str) -> list[Any] | None:
        if key not in self.element:
            return None
        given = self.element[key]
        if not isinstance(given, list):
            raise _Error("type")
        if len(given) != len(self.watchers):
            raise _Error("length")
        return given


class Second:
    """What a board of protocol 2 does beside the original protocol.

    Attributes:
        refused: binary messages that lied.
        received: for each of the program's arrays, the messages taken.
    """

    def __init__(self, board: Board) -> None:
        self.refused = 0
        self.received = [0] * len(board.program.arrays)
        self._board = board
        self._message: list[_Command] = []
        self._scheduled: list[tuple[int, int, Callable[[int], None]]] = []
        self._order = count()
        self._logging: set[str] = set()

    @staticmethod
    def is_meant(element: object) -> bool:
        """An element of ``watcher`` is of protocol 2."""
        version = element.get("protocol") if isinstance(element, dict) else None
        return isinstance(version, float) and version >= 2

    @property
    def due(self) -> int:
        """The next frame before which something happens."""
        runs = (
            run.due
            for watcher in self._board.watchers
            for run in (watcher.outlet.exact_watch, watcher.outlet.exact_log)
        )
        return min(min(runs, default=NEVER), self._scheduled[0][0] if self._scheduled else NEVER)

    def act(self, now: int) -> None:
        """Do what is due before frame ``now``."""
        for watcher in self._board.watchers:
            for run in (watcher.outlet.exact_watch, watcher.outlet.exact_log):
                if run.due <= now:
                    self._board.disturb(watcher)
                    if run.step():
                        self._end(watcher, run, now)
        while self._scheduled and self._scheduled[0][0] <= now:
            heappop(self._scheduled)[2](now)

    def read(self, element: Any) -> None:
        """Take one command that is meant for it; its acts wait for ``post``."""
        command = _Command(element)
        try:
            self._read(command)
        except _Error as error:
            self._refuse(command, error)

    def post(self) -> None:
        """A message is read: its commands go to the program's thread together, or none does."""
        message, self._message = self._message, []
        if len(self._board.pending) + sum(len(command.acts) for command in message) > MOST_WAITING:
            for command in message:
                self._refuse(command, _Error("busy"))
            return
        for command in message:
            self._board.pending += command.acts
            if command.id is not None and command.name != "log":
                self._board.pending.append(
                    partial(self._at, command.answered_at, partial(self._answer, command))
                )

    def stop(self, watcher: Watcher, run: Run, at: int, now: int) -> None:
        """End a run, now or at a frame."""
        self._board.disturb(watcher)
        if run.stop(now, at):
            self._end(watcher, run, now)

    def _refuse(self, command: _Command, error: _Error) -> None:
        about = {"watcher": error.variable} if error.variable else {}
        self._board.say(command.say(error=error.word, **about))

    def _answer(self, command: _Command, now: int) -> None:
        self._board.say(command.say(timestamp=now))

    def _at(self, frame: int, act: Callable[[int], None], now: int) -> None:
        """Do it now, or when its frame has come."""
        if frame > now:
            heappush(self._scheduled, (frame, next(self._order), act))
        else:
            act(now)

    def _read(self, command: _Command) -> None:
        element = command.element
        if "id" in element:
            if not _is_count(element["id"], LATEST):
                raise _Error("type")
            command.id = element["id"]
        if command.name == "list":
            self._list(command)
            return
        make = {
            "watch": self._watch,
            "unwatch": self._unwatch,
            "log": self._log,
            "unlog": self._unwatch,
            "monitor": self._monitor,
            "control": self._control,
            "uncontrol": self._control,
            "set": self._set,
            "setMask": self._set,
        }.get(command.name)
        if make is None:
            raise _Error("command")
        names = element.get("watchers", DEFAULT)
        if not isinstance(names, list):
            raise _Error("length" if names is DEFAULT else "type")
        for name in names:
            if not isinstance(name, str):
                raise _Error("type")
            watcher = self._board.find(name)
            if watcher is None:
                raise _Error("name", name)
            command.watchers.append(watcher)
        make(command)
        self._message.append(command)

    # Streams

    def _watch(self, command: _Command) -> None:
        starts, durations = (
            command.numbers("timestamps", LATEST, "type"),
            command.numbers("durations", LATEST, "type"),
        )
        blocks = command.numbers("blocks", LARGEST_BLOCK, "range")
        latencies = command.numbers("latencies", LONGEST_PERIOD, "range")
        reads = command.truths("reads")
        most = [most_values(watcher.layout) for watcher in command.watchers]
        for n, watcher in enumerate(command.watchers):
            if blocks[n] > most[n]:
                raise _Error("range", watcher.variable.name)
        for n, watcher in enumerate(command.watchers):
            limits = blocks[n] or most[n], latencies[n], reads[n]
            command.acts.append(partial(self._start, watcher, limits, starts[n], durations[n]))

    def _start(
        self, watcher: Watcher, limits: tuple[int, int, bool], at: int, duration: int, now: int
    ) -> None:
        self._board.disturb(watcher)
        run = watcher.outlet.exact_watch
        if run.running and (run.limit, run.reads) != (limits[0], limits[2]):
            self._board.send_blocks(watcher.outlet.streamed(run.flush(now)))
        run.limit, run.latency, run.reads = limits
        run.start(now, at, duration)

    def _unwatch(self, command: _Command) -> None:
        ends = command.numbers("timestamps", LATEST, "type")
        for watcher, at in zip(command.watchers, ends, strict=True):
            outlet = watcher.outlet
            if command.name == "unwatch":
                command.acts.append(partial(self.stop, watcher, outlet.exact_watch, at))
            else:
                command.acts.append(partial(self._unlog, watcher, at))

    def _unlog(self, watcher: Watcher, at: int, now: int) -> None:
        outlet = watcher.outlet
        if outlet.log.state:  # whoever began it
            self._board.disturb(watcher)
            outlet.stop(outlet.log, at)
        else:
            self.stop(watcher, outlet.exact_log, at, now)

    def _end(self, watcher: Watcher, run: Run, now: int) -> None:
        outlet, is_log = watcher.outlet, run is watcher.outlet.exact_log
        chunks = run.flush(now)
        if is_log:
            outlet.log_chunks(chunks)
            self._logging.discard(watcher.variable.name)
        self._board.send_blocks([] if is_log else outlet.streamed(chunks))
        about = {"ended": "log" if is_log else "watch", "timestamp": now, "values": run.over()}
        self._board.say(answers.text({"watcher2": {**about, "watcher": watcher.variable.name}}))

    def _log(self, command: _Command) -> None:
        starts, durations = (
            command.numbers("timestamps", LATEST, "type"),
            command.numbers("durations", LATEST, "type"),
        )
        seen: set[str] = set()
        for watcher in command.watchers:
            name, outlet = watcher.variable.name, watcher.outlet
            if name in seen or name in self._logging or outlet.log.state or outlet.exact_log.state:
                raise _Error("logged", name)
            seen.add(name)
        for n, watcher in enumerate(command.watchers):
            watcher.log_file_name = logfile.free_name(watcher.variable.name, self._board.files)
            self._board.files[watcher.log_file_name] = bytearray()
            command.acts.append(partial(self._start_log, watcher, command, starts[n], durations[n]))
        self._logging |= seen

    def _start_log(self, watcher: Watcher, command: _Command, at: int, duration: int, now: int) -> None:
        board, variable = self._board, watcher.variable
        board.disturb(watcher)
        run = watcher.outlet.exact_log
        run.limit = watcher.layout.capacity
        begin, end = run.start(now, at, duration)
        board.files[watcher.log_file_name] += logfile.exact_header(
            variable.name,
            variable.type,
            watcher.layout,
            board.machine,
            sample_rate_hz=board.program.sample_rate_hz,
            begin=begin,
        )
        board.say(
            command.say(
                logFileName=watcher.log_file_name, timestamp=begin, timestampEnd=end, watcher=variable.name
            )
        )

    # Values

    def _monitor(self, command: _Command) -> None:
        if "periods" not in command.element:
            raise _Error("length")
        periods, reads = command.numbers("periods", LONGEST_PERIOD, "range"), command.truths("reads")
        for watcher, period, read in zip(command.watchers, periods, reads, strict=True):
            self._board.disturb(watcher)
            watcher.outlet.monitor(period, reads_from=self._board.frame if read else None)

    def _control(self, command: _Command) -> None:
        controller = command.element.get("controller", "")
        plain = isinstance(controller, str) and all(" " <= c <= "~" for c in controller)
        if not plain or len(controller) > LONGEST_CONTROLLER:
            raise _Error("type")
        taken = command.name == "control"
        for watcher in command.watchers:
            self._board.change(watcher, partial(watcher.control, taken))
            watcher.controller = controller if taken else ""

    def _set(self, command: _Command) -> None:
        plain = command.name == "set"
        values, masks = commands.array(command.element, "values"), commands.array(command.element, "masks")
        if len(values) != len(command.watchers) or not (plain or len(masks) == len(values)):
            raise _Error("length")
        times = command.numbers("timestamps", LATEST, "type")
        for n, watcher in enumerate(command.watchers):
            name = watcher.variable.name
            given = [values[n]] if plain else [values[n], masks[n]]
            if not all(_is_number(value) for value in given):
                raise _Error("type", name)
            if not (watcher.can_hold(values[n]) if plain else all(_is_count(v, 2**32 - 1) for v in given)):
                raise _Error("range", name)
            if not watcher.controlled:
                raise _Error("control", name)
            act = partial(watcher.set, *given) if plain else partial(watcher.set_mask, *given)
            command.acts.append(partial(self._at, times[n], partial(self._act_set, watcher, act)))
        command.answered_at = max(times, default=0)

    def _act_set(self, watcher: Watcher, act: Callable[[], None], now: int) -> None:  # noqa: ARG002 - as all acts
        self._board.change(watcher, act)

    def _list(self, command: _Command) -> None:
        board = self._board
        board.settle()
        self._board.say(
            command.say(
                buffers=[
                    {"id": id_, "name": a.name, "received": received, "size": a.size, "type": a.type.value}
                    for id_, (a, received) in enumerate(
                        zip(board.program.arrays, self.received, strict=True), len(board.watchers)
                    )
                ],
                protocol=2,
                refused=self.refused,
                sampleRate=board.program.sample_rate_hz,
                timestamp=board.clock,
                watchers=[watcher.describe_exactly() for watcher in board.watchers],
            )
        )


def _is_number(value: object) -> bool:
    return isinstance(value, float) and math.isfinite(value)


def _is_count(value: object, most: float) -> bool:
    return isinstance(value, float) and math.isfinite(value) and 0 <= value <= most and value == int(value)
