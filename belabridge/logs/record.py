"""One log of one variable, from its start until its file is here; and what is told of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from belabridge.board.logs.filling import Check


class State(Enum):
    """Where a log is in its life."""

    LOGGING = "logging"
    ENDED = "ended"
    FETCHING = "fetching"
    HERE = "here"
    FAILED = "failed"


@dataclass(slots=True, eq=False)
class BoardLog:
    """A log that a board writes, or wrote.

    Attributes:
        variable: its name.
        file: on the board, in the folder of the project; as the board named it.
        project: what ran on the board.
        began: by this computer's clock; when it was first seen, if somebody else began it.
        frame: of the first value; None when somebody else began it.
        end_frame: of the last value, where the board said it.
        sample_rate_hz: of the board.
        ordered_frame: at which the board was when it was first heard of.
        state: where it is in its life.
        path: where its file is on this computer, or None.
        frames: that the file spans; 0 while it is not here.
        bytes: of the file.
        check: how the file is known to be whole, or None.
        structure: what is odd about it; empty when its blocks are whole.
        problem: why it is not here, or still on the board; empty when all is well.
        over: the board has ended it.
    """

    variable: str
    file: str
    project: str
    began: datetime
    sample_rate_hz: float
    ordered_frame: int
    frame: int | None = None
    end_frame: int | None = None
    state: State = State.LOGGING
    path: Path | None = None
    frames: int = 0
    bytes: int = 0
    check: Check | None = None
    structure: str = ""
    problem: str = ""
    over: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Began:
    """The board logs a variable now, or will at ``log.frame``."""

    log: BoardLog


@dataclass(frozen=True, slots=True)
class Ended:
    """The board has ended a log."""

    log: BoardLog


@dataclass(frozen=True, slots=True)
class Progress:
    """So much of a file came.

    Attributes:
        file: its name on the board.
        done: bytes.
        total: bytes that it has by now.
    """

    file: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Done:
    """A file is here, in ``log.path``."""

    log: BoardLog


@dataclass(frozen=True, slots=True)
class Failed:
    """A file did not come, or something else went wrong with it.

    Attributes:
        file: its name on the board.
        text: what, and what to do.
    """

    file: str
    text: str


Told: TypeAlias = Began | Ended | Progress | Done | Failed
Tell: TypeAlias = "Callable[[Told], None]"


def to_nobody(_told: Told) -> None:
    """Nobody is told."""
