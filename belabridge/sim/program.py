"""What a program on the board does: its variables, when it assigns them, and what it hears."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from belabridge.values import TimestampMode, VarType

SAMPLE_RATE_HZ = 44_100.0  # Bela's default

Values = Callable[[NDArray[np.uint64]], NDArray[Any]]
Heard = Callable[[str, float, int], None]
Taken = Callable[[int, NDArray[Any]], Sequence[tuple[str, NDArray[Any]]]]


@dataclass(frozen=True, slots=True)
class ProgramVariable:
    """A ``Watcher`` in the program.

    Attributes:
        name: as the board lists it.
        type: its C type.
        mode: dense or sparse timestamps.
        values: frames (n,) uint64 -> what the program assigns at these frames (n,); asked for rising frames
            only, for any piece of time. None when the program only reads it.
        every_frames: it is assigned at the multiples of this.
        initial: its value before the first assignment.
    """

    name: str
    type: VarType = VarType.FLOAT
    mode: TimestampMode = TimestampMode.DENSE
    values: Values | None = None
    every_frames: int = 1
    initial: float = 0.0


@dataclass(frozen=True, slots=True)
class ProgramArray:
    """An array in the program that clients fill; its id follows those of the variables.

    Attributes:
        name: as the board lists it, to clients of protocol 2.
        type: its C type.
        size: how many values it holds.
    """

    name: str
    type: VarType
    size: int


@dataclass(frozen=True, slots=True)
class Program:
    """A program, as far as the protocol can see it.

    Attributes:
        project: its name in the greeting.
        variables: in the order of ``list``.
        sample_rate_hz: of its audio.
        order: names in the order of assignment within a frame; empty = as in ``variables``.
        started: called when a board starts it, at the first time and again.
        heard: called with (name, value, frame) when what the program reads of a variable changes.
        hears: the variables that ``heard`` is told of; None = all of them.
        taken: called with (id, values) for a buffer from the host: what is assigned because of it, in order.
        arrays: what clients fill besides; ``taken`` gets them too.
        clocked_by_buffers: its only clock is the count of buffers that it took (no audio).
    """

    project: str
    variables: tuple[ProgramVariable, ...]
    sample_rate_hz: float = SAMPLE_RATE_HZ
    order: tuple[str, ...] = ()
    started: Callable[[], None] | None = None
    heard: Heard | None = None
    hears: frozenset[str] | None = None
    taken: Taken | None = None
    clocked_by_buffers: bool = False
    arrays: tuple[ProgramArray, ...] = ()
