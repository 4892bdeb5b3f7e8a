"""The board, pure and deterministic: the clients' messages and frames of time in, messages out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from belabridge.errors import RemoteFormatError
from belabridge.sim import answers, commands, hostbuffer, logfile
from belabridge.sim.machine import X86_64, Machine
from belabridge.sim.second import Second
from belabridge.sim.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from belabridge.sim.outlet import Sent, Stream
    from belabridge.sim.program import Program

Endpoint = Literal["control", "data"]
BLOCK_FRAMES = 16  # Bela's default


class Message(NamedTuple):
    """One WebSocket message; the board sends each to every client of the endpoint.

    Attributes:
        endpoint: ``control`` (text) or ``data`` (binary).
        payload: its bytes.
    """

    endpoint: Endpoint
    payload: bytes


class SimBoard:
    """A program that runs on a board.

    What a client says about streams acts at the next block of frames, the rest at once: as on the board,
    whose network has its own thread. It does not check what would harm a board: it takes note.

    Attributes:
        frame: the next frame that the program will process.
        files: log files by name, whole.
        harm: what clients sent that makes a real board read what is not its own, in words.
        dead: a client sent what ends a real program; nothing comes any more.
    """

    def __init__(
        self,
        program: Program,
        *,
        machine: Machine = X86_64,
        block_frames: int = BLOCK_FRAMES,
        start_frame: int = 0,
        original: bool = False,
    ) -> None:
        """Start the program.

        Args:
            program: what runs.
            machine: what it runs on.
            block_frames: streams start and stop at multiples of this.
            start_frame: its first frame, a multiple of ``block_frames``.
            original: the board knows only protocol 1.
        """
        self.frame = start_frame
        self.files: dict[str, bytearray] = {}
        self.harm: list[str] = []
        self.dead = False
        self.program = program
        self.block_frames = block_frames
        self.machine = machine
        names = [variable.name for variable in program.variables]
        order = list(program.order or names)
        self.watchers = [
            Watcher(place, order.index(variable.name), variable, machine)
            for place, variable in enumerate(program.variables)
        ]
        self.by_name = dict(zip(names, self.watchers, strict=True))
        self._controls: set[Hashable] = set()
        self._active: set[Hashable] = set()
        self.pending: list[Callable[[int], None]] = []  # for the program's thread, at its next block
        self._out: list[Message] = []
        self._ignored_until = 0
        self._was_active = False  # in the frames processed last
        self._second = None if original else Second(self)
        if program.started is not None:
            program.started()
        for watcher in self.watchers:
            if program.heard is not None and self._is_heard(watcher):
                program.heard(watcher.variable.name, watcher.value, start_frame)

    @property
    def active(self) -> bool:
        """At least one control client takes buffers."""
        return bool(self._active) and self.frame >= self._ignored_until

    def ignore_clients(self, frames: int) -> None:
        """For so many frames, rounded up to blocks, behave as if no client were active."""
        self._ignored_until = self.frame + -(-frames // self.block_frames) * self.block_frames

    def connect_control(self, client: Hashable) -> None:
        """A client opened ``/gui_control``; every control client is greeted."""
        self._controls.add(client)
        self.greet()

    def greet(self) -> None:
        """Send the greeting."""
        self.say(answers.greeting(self.program.project))

    def disconnect_control(self, client: Hashable) -> None:
        """A client's control socket is gone; what it asked for stays."""
        self._controls.discard(client)
        self._active.discard(client)

    def control_received(self, client: Hashable, message: str | bytes) -> None:
        """A message on ``/gui_control``; answers come with the next `advance`, be it one of 0 frames."""
        root = commands.parse(message.encode() if isinstance(message, str) else message)
        if root is None or self.dead:
            return
        self._watcher_commands(commands.array(root, "watcher"))
        if self._second is not None:
            self._second.post()
        match root.get("event"):
            case "connection-reply" | "active":
                self._active.add(client)
            case "inactive":
                self._active.discard(client)

    def data_received(self, client: Hashable, message: bytes) -> None:  # noqa: ARG002 - mirrors control_received
        """A message on ``/gui_data``: a buffer for the program, which ignores what it has no use for."""
        if self.dead:
            return
        try:
            buffer = hostbuffer.parse(message)
        except RemoteFormatError as error:
            self.harm.append(error.reason)
            if self._second is not None:
                self._second.refused += 1
            return
        if not self._fits(buffer):
            return
        if self.program.taken is None:
            return
        self._settle()
        assignments = self.program.taken(buffer.id, buffer.values)
        if not self.program.clocked_by_buffers:
            return
        self.frame += 1
        self._run_pending(self.frame)
        if self._second is not None:
            self._second.act(self.frame)
        sent: list[Sent] = []
        for name, values in assignments:
            watcher = self.by_name[name]
            if len(values) == 0:
                continue
            as_c = watcher.as_c(values)
            frames = np.full(len(as_c), self.frame, dtype=np.uint64)
            sent += watcher.outlet.assigned(frames, as_c, active=self.active)
            watcher.assigned(as_c[-1], self.frame)
        self.send_blocks(sent)

    def _fits(self, buffer: hostbuffer.HostBuffer) -> bool:
        """The program has a place for a buffer of this id and type."""
        types = [watcher.variable.type for watcher in self.watchers]
        types += [array.type for array in self.program.arrays]
        fits = buffer.id < len(types) and buffer.type is types[buffer.id]
        if self._second is not None and len(self.watchers) <= buffer.id < len(types):
            self._second.received[buffer.id - len(self.watchers)] += fits
            self._second.refused += not fits
        return fits

    def advance(self, frames: int) -> list[Message]:
        """Let the program process frames; all that the board sent since the last call, in its order.

        Args:
            frames: a multiple of ``block_frames``; 0 gives only what is waiting.
        """
        if self.dead:
            self._out.clear()
        elif frames and not self.program.clocked_by_buffers:
            deaf = min(frames, max(0, self._ignored_until - self.frame))
            for part in filter(None, (deaf, frames - deaf)):
                self._process(part)
        out, self._out = self._out, []
        return out

    def _process(self, count: int) -> None:
        start, end = self.frame, self.frame + count
        active = self.active
        if active != self._was_active:
            self._disturb_all()
            self._was_active = active
            for watcher in self.watchers if not active else ():
                watcher.lost_watched += watcher.outlet.exact_watch.drop()
        self._run_pending(start)
        if self._second is not None:
            while (due := self._second.due) < end:
                self._pass(max(due, self.frame), active=active)
                self._second.act(self.frame)
        self._pass(end, active=active)

    def _pass(self, end: int, *, active: bool) -> None:
        """Process the frames before ``end``; clients act at none of them."""
        sent: list[Sent] = []
        for watcher in self.watchers:
            sent += watcher.process(end, active=active)
        self.frame = end
        self.send_blocks(sent)

    def disturb(self, watcher: Watcher) -> None:
        """Before any change of a variable's streams or monitor, or of what the program makes of it."""
        watcher.disturb(self.frame, active=self._was_active)

    def _disturb_all(self) -> None:
        for watcher in self.watchers:
            self.disturb(watcher)

    def send_blocks(self, sent: list[Sent]) -> None:
        """Send what has left the outlets, in its order, and write what was logged."""
        sent.sort()
        for item in sent:
            self._out.append(Message("data", item.header))
            self._out.append(Message("data", item.body))
        for watcher in self.watchers:
            if watcher.outlet.logged:
                self.files[watcher.log_file_name] += watcher.outlet.logged
                watcher.outlet.logged.clear()

    def _run_pending(self, now: int) -> None:
        pending, self.pending = self.pending, []
        for act in pending:
            act(now)

    def _watcher_commands(self, elements: list[object]) -> None:
        for element in elements:
            if self._second is not None and self._second.is_meant(element):
                self._second.read(element)
                continue
            match name := commands.command(element):
                case "list":
                    self._list()
                case "watch" | "unwatch" | "log" | "unlog":
                    self._stream(name, element)
                case "control" | "uncontrol":
                    self._control(name, element)
                case "monitor":
                    self._monitor(element)
                case "set" | "setMask":
                    if not self._set(name, element):
                        return

    def find(self, name: object) -> Watcher | None:
        """The variable of that name."""
        return self.by_name.get(commands.word(name))

    @property
    def clock(self) -> int:
        """The frame that the program last began."""
        return self.frame if self.program.clocked_by_buffers else max(0, self.frame - 1)

    def say(self, text: str) -> None:
        """Send a text to the control clients."""
        self._out.append(Message("control", text.encode()))

    def settle(self) -> None:
        """Find out what all variables are."""
        for watcher in self.watchers:
            watcher.settle(self.frame)

    def _list(self) -> None:
        self.settle()
        watchers = [watcher.describe() for watcher in self.watchers]
        self.say(answers.variable_list(self.program.sample_rate_hz, self.clock, watchers))

    def _settle(self) -> None:
        """Ask the program for all of the past that one may still want: the next thing changes its answers."""
        for watcher in self.watchers:
            self.disturb(watcher)
            watcher.settle(self.frame)

    def change(self, watcher: Watcher, act: Callable[[], None]) -> None:
        """Change what the program reads of a variable, and let it hear that."""
        if watcher.outlet.reads:
            self.disturb(watcher)
        watcher.settle(self.frame)
        before = watcher.value
        act()
        heard = self.program.heard
        if watcher.value != before and heard is not None and self._is_heard(watcher):
            self._settle()
            heard(watcher.variable.name, watcher.value, self.frame)

    def _is_heard(self, watcher: Watcher) -> bool:
        return self.program.hears is None or watcher.variable.name in self.program.hears

    def _control(self, name: str, element: object) -> None:
        for watcher in filter(None, map(self.find, commands.array(element, "watchers"))):
            self.change(watcher, partial(watcher.control, name == "control"))
            watcher.controller = ""
            if self._second is not None and name == "uncontrol":
                self.pending.append(partial(self._second.drop, watcher))

    def _stream(self, name: str, element: object) -> None:
        times, durations = commands.array(element, "timestamps"), commands.array(element, "durations")
        for n, named in enumerate(commands.array(element, "watchers")):
            watcher = self.find(named)
            if watcher is None:
                continue
            at = self.machine.to_unsigned(commands.nth(times, n), 64)
            duration = self.machine.to_unsigned(commands.nth(durations, n), 64)
            stream = watcher.outlet.log if name.endswith("log") else watcher.outlet.watch
            if name.startswith("un"):
                self.pending.append(partial(self._stop, watcher, stream, at))
            elif name == "watch":
                self.pending.append(partial(self._start, watcher, stream, at, duration))
            elif not stream.running and not watcher.outlet.exact_log.state:
                self._open_log(watcher)
                self.pending.append(partial(self._start, watcher, stream, at, duration))

    def _open_log(self, watcher: Watcher) -> None:
        variable = watcher.variable
        watcher.log_file_name = logfile.free_name(variable.name, self.files)
        head = logfile.header(variable.name, variable.type, self.machine)
        self.files[watcher.log_file_name] = bytearray(head)

    def _start(self, watcher: Watcher, stream: Stream, at: int, duration: int, now: int) -> None:
        self.disturb(watcher)
        begin, end = watcher.outlet.start(stream, now, at, duration)
        if stream is watcher.outlet.log:
            text = answers.log_started(watcher.variable.name, watcher.log_file_name, begin, end)
            self.say(text)

    def _stop(self, watcher: Watcher, stream: Stream, at: int, now: int) -> None:
        self.disturb(watcher)
        if self._second is not None and stream is watcher.outlet.log and watcher.outlet.exact_log.state:
            self._second.stop(watcher, watcher.outlet.exact_log, at, now)  # whoever began it
        else:
            watcher.outlet.stop(stream, at)

    def _monitor(self, element: object) -> None:
        periods = commands.array(element, "periods")
        for n, named in enumerate(commands.array(element, "watchers")):
            watcher = self.find(named)
            if watcher is None:
                continue
            if n >= len(periods):
                return
            self.disturb(watcher)
            watcher.outlet.monitor(self.machine.to_unsigned(commands.number(periods[n]), 64))

    def _set(self, name: str, element: object) -> bool:
        """False when the rest of the message is dropped."""
        names, values = commands.array(element, "watchers"), commands.array(element, "values")
        masks = commands.array(element, "masks")
        if len(names) != len(values):
            return False
        for n, named in enumerate(names):
            watcher = self.find(named)
            if watcher is None:
                continue
            value = commands.number(values[n])
            if name == "set":
                self.change(watcher, partial(watcher.set, value))
            elif n < len(masks):
                mask = commands.number(masks[n])
                self.change(watcher, partial(watcher.set_mask, value, mask))
            else:
                self.die("setMask without enough masks")
                return False
        return True

    def die(self, reason: str) -> None:
        """End as a real program does on a message that it cannot bear.

        Args:
            reason: what a client did, for ``harm``.
        """
        self.harm.append(reason)
        self.dead = True
        self._out.clear()
