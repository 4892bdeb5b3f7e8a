"""The commands of protocol 2: all of one or nothing of it, those of a message at one frame; errors."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from belabridge.sim import answers, commands, logfile
from belabridge.sim.exact import NEVER, Run, most_values
from belabridge.sim.schedule import Schedule
from belabridge.sim.second_command import LATEST, Command, Refusal, is_count, is_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from belabridge.sim.machine import Machine
    from belabridge.sim.outlet import Sent
    from belabridge.sim.program import Program
    from belabridge.sim.watcher import Watcher

LONGEST_PERIOD = 0x7FFF_FFFF
LONGEST_CONTROLLER = 32
MOST_WAITING = 1024  # requests for the program's thread
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
    def active(self) -> bool:
        """A client takes buffers."""

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
        self._message: list[Command] = []
        self._scheduled = Schedule()
        self._wishes: dict[str, bool] = {}  # of the `control`s that are in `pending`,
        self._wished: dict[str, bool] = {}  # and of those in this message
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
        ends = min((watcher.outlet.log_end for watcher in self._board.watchers), default=NEVER)
        return min(min(runs, default=NEVER), ends, self._scheduled.next)

    def act(self, now: int) -> None:
        """Do what is due before frame ``now``."""
        for watcher in self._board.watchers:
            if watcher.outlet.log_end <= now:
                self._unlog(watcher, now, now)
            for run in (watcher.outlet.exact_watch, watcher.outlet.exact_log):
                if run.due <= now:
                    self._board.disturb(watcher)
                    if run.step():
                        self._end(watcher, run, now)
        self._scheduled.run(now)

    def read(self, element: Any) -> None:
        """Take one command that is meant for it; its acts wait for ``post``."""
        command = Command(element)
        try:
            self._read(command)
        except Refusal as error:
            self._refuse(command, error)

    def post(self) -> None:
        """A message is read: its commands go to the program's thread together, or none does."""
        message, self._message = self._message, []
        wished, self._wished = self._wished, {}
        entries = sum(len(command.acts) + command.is_answered for command in message)
        values = sum(command.scheduled for command in message)
        has_room = len(self._board.pending) + entries <= MOST_WAITING
        if not has_room or not self._scheduled.reserve(values):
            for command in message:
                self._refuse(command, Refusal("size" if entries > MOST_WAITING else "busy"))
            return
        for command in message:
            self._board.pending += command.acts
            if command.is_answered:
                self._board.pending.append(
                    partial(self._at, command.answered_at, partial(self._answer, command), command)
                )
        if wished:
            self._wishes |= wished
            self._board.pending.append(lambda _: self._wishes.clear())

    def drop(self, watcher: Watcher, now: int) -> None:  # noqa: ARG002 - as all acts
        """Nobody controls it any more: what is scheduled for it will not act."""
        for command in self._scheduled.drop(watcher.variable.name):
            self._refuse_late(command, watcher)

    def stop(self, watcher: Watcher, run: Run, at: int, now: int) -> None:
        """End a run, now or at a frame."""
        self._board.disturb(watcher)
        if run.stop(now, at):
            self._end(watcher, run, now)

    def _refuse(self, command: Command, error: Refusal) -> None:
        about = {"watcher": error.variable} if error.variable else {}
        self._board.say(command.say(error=error.word, **about))

    def _refuse_late(self, command: Command, watcher: Watcher) -> None:
        if command.is_answered and not command.is_refused:
            self._refuse(command, Refusal("control", watcher.variable.name))
        command.is_refused = True

    def _answer(self, command: Command, now: int) -> None:
        if not command.is_refused:
            self._board.say(command.say(timestamp=now))

    def _at(
        self, frame: int, act: Callable[[int], None], command: Command, now: int, *, variable: str = ""
    ) -> None:
        """Do it now, or when its frame has come."""
        if frame > now:
            self._scheduled.add(frame, act, command, variable)
        else:
            act(now)

    def _read(self, command: Command) -> None:
        element = command.element
        if "id" in element:
            if not is_count(element["id"], LATEST):
                raise Refusal("type")
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
            raise Refusal("command")
        names = element.get("watchers", DEFAULT)
        if not isinstance(names, list):
            raise Refusal("length" if names is DEFAULT else "type")
        for name in names:
            if not isinstance(name, str):
                raise Refusal("type")
            watcher = self._board.find(name)
            if watcher is None:
                raise Refusal("name", name)
            command.watchers.append(watcher)
        make(command)
        self._message.append(command)

    # Streams

    def _watch(self, command: Command) -> None:
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
                raise Refusal("range", watcher.variable.name)
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

    def _unwatch(self, command: Command) -> None:
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
            self._board.send_blocks(outlet.end_log(now, at, active=self._board.active))
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

    def _log(self, command: Command) -> None:
        starts, durations = (
            command.numbers("timestamps", LATEST, "type"),
            command.numbers("durations", LATEST, "type"),
        )
        seen: set[str] = set()
        for watcher in command.watchers:
            name, outlet = watcher.variable.name, watcher.outlet
            if name in seen or name in self._logging or outlet.log.state or outlet.exact_log.state:
                raise Refusal("logged", name)
            seen.add(name)
        for n, watcher in enumerate(command.watchers):
            watcher.log_file_name = logfile.free_name(watcher.variable.name, self._board.files)
            self._board.files[watcher.log_file_name] = bytearray()
            command.acts.append(partial(self._start_log, watcher, command, starts[n], durations[n]))
        self._logging |= seen

    def _start_log(self, watcher: Watcher, command: Command, at: int, duration: int, now: int) -> None:
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

    def _monitor(self, command: Command) -> None:
        if "periods" not in command.element:
            raise Refusal("length")
        periods, reads = command.numbers("periods", LONGEST_PERIOD, "range"), command.truths("reads")
        for watcher, period, read in zip(command.watchers, periods, reads, strict=True):
            self._board.disturb(watcher)
            watcher.outlet.monitor(period, reads_from=self._board.frame if read else None)

    def _control(self, command: Command) -> None:
        controller = command.element.get("controller", "")
        plain = isinstance(controller, str) and all(" " <= c <= "~" for c in controller)
        if not plain or len(controller) > LONGEST_CONTROLLER:
            raise Refusal("type")
        taken = command.name == "control"
        for watcher in command.watchers:
            command.acts.append(partial(self._act_control, watcher, controller if taken else None))
            self._wished[watcher.variable.name] = taken

    def _act_control(self, watcher: Watcher, controller: str | None, now: int) -> None:
        self._board.change(watcher, partial(watcher.control, controller is not None))
        watcher.controller = controller or ""
        if controller is None:
            self.drop(watcher, now)

    def _set(self, command: Command) -> None:
        plain = command.name == "set"
        values, masks = commands.array(command.element, "values"), commands.array(command.element, "masks")
        if len(values) != len(command.watchers) or not (plain or len(masks) == len(values)):
            raise Refusal("length")
        times = command.numbers("timestamps", LATEST, "type")
        for n, watcher in enumerate(command.watchers):
            name = watcher.variable.name
            given = [values[n]] if plain else [values[n], masks[n]]
            if not all(is_number(value) for value in given):
                raise Refusal("type", name)
            if not (watcher.can_hold(values[n]) if plain else all(is_count(v, 2**32 - 1) for v in given)):
                raise Refusal("range", name)
            if not self._wished.get(name, self._wishes.get(name, watcher.controlled)):
                raise Refusal("control", name)
            act = partial(watcher.set, *given) if plain else partial(watcher.set_mask, *given)
            acts = partial(self._act_set, command, watcher, act)
            acts = partial(self._act_in_time, acts) if times[n] else acts
            command.acts.append(partial(self._at, times[n], acts, command, variable=name))
        command.answered_at = max(times, default=0)
        command.scheduled = sum(time != 0 for time in times)

    def _act_in_time(self, act: Callable[[int], None], now: int) -> None:
        self._scheduled.acted()
        act(now)

    def _act_set(self, command: Command, watcher: Watcher, act: Callable[[], None], now: int) -> None:  # noqa: ARG002 - as all acts
        if watcher.controlled:
            self._board.change(watcher, act)
        else:
            self._refuse_late(command, watcher)

    def _list(self, command: Command) -> None:
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
