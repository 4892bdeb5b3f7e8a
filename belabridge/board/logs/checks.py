"""Ranges of a file, compared with the board's checksums while the rest of it still comes."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import asyncssh

from belabridge.errors import LogError

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from belabridge.board.logs.sums import Sums


class Mixture(LogError):  # never leaves this folder: it means "begin anew"
    """What is here is not what the board has."""


@dataclass(frozen=True, slots=True)
class Range:
    """Some bytes of a file, and what their SHA-256 is here."""

    start: int
    end: int
    digest: str


class Checker:
    """Has ranges of one file checked by the board, one after the other, in a task of its own.

    Attributes:
        confirmed: the end of what the board has confirmed from the beginning of the file on.

    Args:
        sums: of the board.
        path: of the file on it.
    """

    def __init__(self, sums: Sums, path: PurePosixPath) -> None:
        self._sums, self._path = sums, path
        self.confirmed = 0
        self._waiting: asyncio.Queue[Range | None] = asyncio.Queue()
        self._task = asyncio.create_task(self._run())

    def add(self, range_: Range) -> None:
        """Have a range checked; an empty one is right."""
        if range_.end > range_.start:
            self._waiting.put_nowait(range_)

    def look(self) -> None:
        """Raise what is known by now.

        Raises:
            Mixture: a range is not what the board has.
            asyncssh.Error: the connection broke.
        """
        if self._task.done():
            self._task.result()

    @property
    def is_mute(self) -> bool:
        """The board's shell cannot tell checksums."""
        return self._task.done() and not self._task.cancelled() and self._task.result() is False

    async def result(self) -> bool:
        """Whether the board has confirmed all ranges; False when it cannot.

        Raises:
            Mixture: a range is not what the board has.
            asyncssh.Error: the connection broke.
        """
        self._waiting.put_nowait(None)
        return await self._task

    async def close(self) -> None:
        """Ask no more."""
        self._task.cancel()
        with suppress(asyncio.CancelledError, Mixture, asyncssh.Error, OSError):
            await self._task

    async def _run(self) -> bool:
        while (range_ := await self._waiting.get()) is not None:
            digest = await self._sums.digest(self._path, range_.start, range_.end)
            if digest is None:
                return False
            if digest != range_.digest:
                raise Mixture
            self.confirmed = range_.end
        return True
