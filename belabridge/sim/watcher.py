"""One variable of the running program: who owns its value, what it is now, and what it sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from belabridge.sim.layout import layout
from belabridge.sim.outlet import Outlet
from belabridge.values import VarType

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from belabridge.sim.machine import Machine
    from belabridge.sim.program import ProgramVariable


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
        self.log_file_name = ""
        self._machine = machine
        self._layout = layout(variable.type, variable.mode)
        self.outlet = Outlet(f"{place}/{variable.type}".encode(), rank, self._layout)
        self._input = machine.to_c(variable.initial, variable.type)
        self._input_frame = -1  # that of the assignment that ``_input`` came from
        self._set: float = machine.to_c(0.0, variable.type)

    @property
    def clocked(self) -> bool:
        """The program assigns it as its frames go by."""
        return self.variable.values is not None

    def frames(self, start: int, end: int) -> NDArray[np.uint64]:
        """When the program assigns it, from ``start`` up to but not including ``end``."""
        every = self.variable.every_frames
        return np.arange(-(-start // every) * every, end, every, dtype=np.uint64)

    def evaluate(self, frames: NDArray[np.uint64]) -> NDArray[Any]:
        """What the program assigns at these frames, as its C type (n,)."""
        if self.variable.values is None:
            raise TypeError(f"{self.variable.name} is only read by the program")
        return self.as_c(self.variable.values(frames))

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
            self.assigned(self.evaluate(np.array([last], dtype=np.uint64))[0], last)

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

    def set(self, value: float) -> None:
        """A client's value; lost unless the variable is controlled."""
        self._set = self._machine.to_c(value, self.variable.type)

    def set_mask(self, value: float, mask: float) -> None:
        """Change only the bits of the mask."""
        unsigned = self._machine.to_unsigned
        bits = unsigned(mask, 32)
        kept = unsigned(self._set, 32) & ~bits
        self.set(kept | unsigned(value, 32) & bits)

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
            "logged": outlet.log.running,
            "logFileName": self.log_file_name,
            "monitor": outlet.period,
        }

    def _number(self, value: np.generic) -> float:
        if self.variable.type is VarType.CHAR:
            return self._machine.char(int(value.item()))
        number: float = value.item()
        return number
