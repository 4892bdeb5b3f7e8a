"""The values that every room speaks of: a board's variables and the samples that come from them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


DEFAULT_PORT = 5555  # where Bela's Gui library listens unless a program says otherwise


@dataclass(frozen=True, slots=True)
class Address:
    """Where a board is.

    Attributes:
        host: a name or a numeric address.
        port: TCP port of its two WebSockets.
    """

    host: str
    port: int = DEFAULT_PORT

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class VarType(StrEnum):
    """The C type of a variable, by the letter that C++'s ``typeid`` gives it."""

    CHAR = "c"
    INT = "i"
    UINT = "j"
    FLOAT = "f"
    DOUBLE = "d"


C_NAMES = {
    VarType.CHAR: "char",
    VarType.INT: "int",
    VarType.UINT: "unsigned int",
    VarType.FLOAT: "float",
    VarType.DOUBLE: "double",
}


class TimestampMode(IntEnum):
    """How a variable's buffers carry time: one timestamp a buffer, or one a value."""

    DENSE = 0
    SPARSE = 1


@dataclass(frozen=True, slots=True)
class Variable:
    """One ``Watcher`` of the program on the board, as its ``list`` answer says.

    Attributes:
        name: as the board writes it.
        id: the number in front of its buffers; on an original board its place in the list.
        type: its C type.
        mode: dense or sparse timestamps.
        value: what the program reads (what a client set, while controlled).
        value_input: what the program last assigned.
        controlled: a client owns the value.
        watched: buffers are streamed now.
        logged: a file is written now.
        monitor_period_frames: 0 when it is not monitored.
        log_file_name: of the current or last log; empty when there was none.
        exact: what only a board of protocol 2 tells; None on an original one.
    """

    name: str
    id: int
    type: VarType
    mode: TimestampMode
    value: float
    value_input: float
    controlled: bool = False
    watched: bool = False
    logged: bool = False
    monitor_period_frames: int = 0
    log_file_name: str = ""
    exact: Exact | None = None


@dataclass(frozen=True, slots=True)
class Exact:
    """What a board of protocol 2 tells of a variable besides.

    Attributes:
        block_values: most values in a block of its stream of exact blocks; 0 while there is no such stream.
        latency_frames: the longest that a value waits in a block of it; 0 = no limit.
        watch_reads: the stream has what the program reads.
        monitor_reads: the monitor tells what the program reads.
        controller: the name that the client gave which controls it; often empty.
        lost_watched: values that the board could not stream since its program started.
        lost_monitored: the same of monitored values.
        lost_logged: the same of logged values.
    """

    block_values: int = 0
    latency_frames: int = 0
    watch_reads: bool = False
    monitor_reads: bool = False
    controller: str = ""
    lost_watched: int = 0
    lost_monitored: int = 0
    lost_logged: int = 0


@dataclass(slots=True)
class Block:
    """What one message pair of the board carries: a buffer of a stream, or one monitored value.

    Attributes:
        id: the variable's id.
        type: its C type, as the header said.
        frame: audio frame of the first value.
        values: read-only view of shape (n,), dtype of the C type; n is 1 for a monitor.
        relative: sparse streams only: uint32 view (n,), frames after ``frame``; otherwise None.
        monitored: True for a monitor's single value.
        reads: the value is what the program reads, whoever owns it, and not what it assigned; only a board of
            protocol 2 tells such.
    """

    id: int
    type: VarType
    frame: int
    values: NDArray[np.generic]
    relative: NDArray[np.uint32] | None
    monitored: bool
    reads: bool = False

    def frames(self, step_frames: float = 1.0) -> NDArray[np.uint64]:
        """Audio frame of each value, uint64 (n,).

        Dense buffers carry only the first; the others follow at ``step_frames``, the distance between
        two assignments in the program (1 when it assigns once per audio frame).
        """
        if self.relative is not None:
            return np.uint64(self.frame) + self.relative.astype(np.uint64)
        steps = np.arange(len(self.values)) * step_frames
        return np.uint64(self.frame) + steps.astype(np.uint64)
