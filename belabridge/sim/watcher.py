"""One variable of the running program: who owns its value, what it is now, and what it sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from belabridge.sim.exact import NEVER
from belabridge.sim.layout import RELATIVE_BYTES, layout
from belabridge.sim.outlet import Outlet
from belabridge.stored import INTEGERS
from belabridge.values import VarType

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from belabridge.sim.machine import Machine
    from belabridge.sim.outlet import Sent
    from belabridge.sim.program import ProgramVariable


BEYOND_FLOAT = 3.4028235677973366e38  # half a step above the largest float32: from here on it is infinite


class Watcher:
    """The value twice, as the program assigned it and as a client set it, and the outlet of the first."""

    def __init__(self, place: int, rank: int, variable: ProgramVariable, machine: Machine) -> None:
        """A variable before the program's first frame.

        Args:
            place: in the list; the number in front of its buffers.
            rank: in the order of assignment within a frame.
            variable: what the program does with it.
            machine: under the program.
        """
        self.variable = variable
        self.controlled = False
        self.controller = ""
        self.log_file_name = ""
        self.lost_watched = self.lost_monitored = self.lost_logged = 0
        self._machine = machine
        self.place = place
        self.layout = self._layout = layout(variable.type, variable.mode)
        self.outlet = Outlet(f"{place}/{variable.type}".encode(), rank, self._layout)
        self._input = machine.to_c(variable.initial, variable.type)
        self._input_frame = -1  # that of the assignment that ``_input`` came from
        self._set: float = machine.to_c(0.0, variable.type)
        self._since = 0  # the first frame whose assignment the outlet has not seen
        self._quiet = NEVER  # until that frame no assignment has an effect that shows

    def process(self, end: int, *, active: bool) -> list[Sent]:
        """The program has processed the frames before ``end``; what leaves because of it.

        While nothing can leave, nothing is computed: the program is asked for a whole buffer at once.
        """
        return self._catch_up(end, active=active) if end > self._quiet else []

    def disturb(self, now: int, *, active: bool) -> None:
        """Something changes at frame ``now``: what was put off is done before it, as it was before it."""
        self._catch_up(now, active=active)
        self._quiet = now

    def _catch_up(self, end: int, *, active: bool) -> list[Sent]:
        values, every, outlet = self.variable.values, self.variable.every_frames, self.outlet
        sent: list[Sent] = []
        following = -(-end // every) * every
        if values is not None and outlet.busy:
            # what is assigned while it is quiet is wanted in the buffer or not at all
            start = self._since if outlet.storing(active=active) else max(self._since, min(self._quiet, end))
            frames = np.arange(-(-start // every) * every, end, every, dtype=np.uint64)
            if len(frames):
                sent = outlet.assigned(frames, self.as_c(values(frames)), active=active)
        if outlet.reads and end > self._since:
            frames = np.arange(self._since, end, dtype=np.uint64)
            sent += outlet.read(frames, self._read_at(frames), active=active)
        if active:
            sent += outlet.pass_time(end)
        self._since = end
        idle = not outlet.busy or (values is None and not outlet.reads)
        self._quiet = NEVER if idle else outlet.quiet_until(following, every, active=active, now=end)
        return sent

    def _read_at(self, frames: NDArray[np.uint64]) -> NDArray[Any]:
        """What the program read at the end of these frames, while nobody changed what it reads."""
        if self.controlled or self.variable.values is None:
            return np.full(len(frames), self.as_c(np.array([self.value]))[0])
        every = np.uint64(self.variable.every_frames)
        return self.as_c(self.variable.values(frames // every * every))

    def as_c(self, values: NDArray[Any]) -> NDArray[Any]:
        """Numbers as the C type; integers wrap, fractions are cut off."""
        values = np.asarray(values)
        if values.dtype == self._layout.dtype:
            return values
        if self._layout.dtype.kind != "f":
            values = values.astype(np.int64)
        return values.astype(self._layout.dtype)

    def assigned(self, value: np.generic, frame: int) -> None:
        """Remember an assignment."""
        self._input, self._input_frame = self._number(value), frame

    def settle(self, now: int) -> None:
        """Find out what the program last assigned before frame ``now``; it is asked only when needed."""
        if self.variable.values is None or now <= 0:
            return
        last = (now - 1) // self.variable.every_frames * self.variable.every_frames
        if last > self._input_frame:
            self.assigned(self.as_c(self.variable.values(np.array([last], dtype=np.uint64)))[0], last)

    @property
    def value_input(self) -> float:
        """What the program last assigned, as of the last `settle`."""
        return self._input

    @property
    def value(self) -> float:
        """What the program reads."""
        return self._set if self.controlled else self._input

    def control(self, controlled: bool) -> None:  # noqa: FBT001 - the one thing it says
        """Give the value to the clients, beginning as it is now, or back to the program."""
        if controlled and not self.controlled:
            self._set = self._input
        self.controlled = controlled

    def can_hold(self, value: float) -> bool:
        """A value of protocol 2 fits the type, but for a fraction and the rounding of a float."""
        if self._layout.dtype.kind == "f":
            return self._layout.dtype.itemsize > RELATIVE_BYTES or abs(value) < BEYOND_FLOAT
        low, high = (-128, 127) if self._machine.char_signed else (0, 255)
        if self.variable.type is not VarType.CHAR:
            low, high = INTEGERS[self.variable.type]
        return low - 1 < value < high + 1

    def set(self, value: float) -> None:
        """A client's value; lost unless the variable is controlled."""
        self._set = self._machine.to_c(value, self.variable.type)

    def set_mask(self, value: float, mask: float) -> None:
        """Change only the bits of the mask."""
        unsigned = self._machine.to_unsigned
        bits = unsigned(mask, 32)
        integer = self._layout.dtype.kind != "f"
        old = int(self._set) & 0xFFFF_FFFF if integer else unsigned(self._set, 32)
        new = old & ~bits | unsigned(value, 32) & bits
        if self.variable.type is VarType.CHAR:
            new = self._machine.char(new)
        elif self.variable.type is VarType.INT and new >= 1 << 31:
            new -= 1 << 32
        self.set(new)

    def describe(self) -> dict[str, object]:
        """Its entry in the answer to ``list``."""
        outlet = self.outlet
        return {
            "name": self.variable.name,
            "type": self.variable.type.value,
            "timestampMode": self.variable.mode.value,
            "value": self.value,
            "valueInput": self.value_input,
            "controlled": self.controlled,
            "watched": outlet.watch.running,
            "logged": outlet.log.running or outlet.exact_log.running,
            "logFileName": self.log_file_name,
            "monitor": outlet.period,
        }

    def describe_exactly(self) -> dict[str, object]:
        """The same of protocol 2."""
        outlet, run = self.outlet, self.outlet.exact_watch
        return {
            **self.describe(),
            "id": self.place,
            "watched": outlet.watch.running or run.running,
            "block": run.limit if run.running else 0,
            "latency": run.latency if run.running else 0,
            "watchRead": run.running and run.reads,
            "monitorRead": outlet.period != 0 and outlet.monitor_reads,
            "controller": self.controller if self.controlled else "",
            "lostWatched": self.lost_watched,
            "lostMonitored": self.lost_monitored,
            "lostLogged": self.lost_logged,
        }

    def _number(self, value: np.generic) -> float:
        if self.variable.type is VarType.CHAR:
            return self._machine.char(int(value.item()))
        number: float = value.item()
        return number
