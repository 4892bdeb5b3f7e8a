"""Fills an unfinished file from the board, and has what came checked on the way."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from enum import Enum
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

from belabridge.board.logs.checks import Checker, Mixture, Range
from belabridge.board.logs.reading import read_all, read_range
from belabridge.board.logs.remote import Remote

if TYPE_CHECKING:
    from collections.abc import Callable

    import asyncssh

    from belabridge.board.logs.part import Part
    from belabridge.board.logs.reading import Budget

SPOT_BYTES: Final = 4096
SPOTS: Final = 8
"""Pieces that are read again where the board tells no checksums; the first has the program's start in it."""

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class Check(Enum):
    """How it is known that a file is what the board has."""

    CHECKSUM = "checksum"
    SIZE = "size"


class Filling:
    """One transfer.

    Args:
        remote: the file on the board, open.
        part: the unfinished file here.
        connection: for checksums.
        budget: what all transfers of the connection may ask for.
        check_bytes: so much is checked at once, while the next piece comes.
        progress: ``progress(done, total)`` in bytes, whenever something came.
    """

    def __init__(
        self,
        remote: Remote,
        part: Part,
        connection: asyncssh.SSHClientConnection,
        *,
        budget: Budget,
        check_bytes: int,
        progress: Callable[[int, int], None],
    ) -> None:
        self._remote, self._part, self._budget = remote, part, budget
        self._check_bytes, self._progress = check_bytes, progress
        self._checker = Checker(connection, remote.path)
        self._checked = 0  # where the range begins that the board was not asked about yet
        self._is_doubtful = False  # what was there may be of another file, unless the board confirms it
        self.came_bytes = 0

    @property
    def stamp_s(self) -> int:
        """The time to put on what came: that of the board's file, to know it again; 0 = it is doubtful."""
        return 0 if self._is_doubtful else self._remote.modified_s

    async def resume(self) -> None:
        """Look at what is there of an earlier transfer.

        Raises:
            Mixture: it is not of this file.
        """
        if not self._part.size:
            return
        if self._part.size > self._remote.size:
            raise Mixture
        self._is_doubtful = not self._part.was_put_down(self._remote.modified_s)
        digest = await in_thread(self._part.digest_of, self._part.size)
        self._checker.add(Range(0, self._part.size, digest))
        self._checked = self._part.size

    async def up_to(self, end: int) -> None:
        """Read the board's file up to a byte.

        Raises:
            Mixture: what was there, or what came, is not what the board has.
            NoRoom: the disk is full.
            asyncssh.Error: the connection broke.
        """
        self._part.expected = end
        async with aclosing(read_range(self._remote, self._part.size, end, self._budget)) as pieces:
            async for piece in pieces:
                self._look()
                await in_thread(self._part.append, piece)
                self.came_bytes += len(piece)
                if self._part.size - self._checked >= self._check_bytes:
                    self._have_checked()
                self._progress(self._part.size, end)
        if self._part.size < end:
            raise Mixture  # the file on the board became shorter

    async def confirmed(self) -> Check:
        """Whether the board has what is here.

        Raises:
            Mixture: it has not.
            asyncssh.Error: the connection broke.
        """
        self._have_checked()
        if await self._checker.result():
            return Check.CHECKSUM
        if self._is_doubtful:
            raise Mixture
        await self._compare_spots()
        return Check.SIZE

    async def close(self) -> None:
        """Ask the board no more."""
        await self._checker.close()

    def _look(self) -> None:
        self._checker.look()
        if self._is_doubtful and self._checker.is_mute:
            raise Mixture

    def _have_checked(self) -> None:
        self._checker.add(Range(self._checked, self._part.size, self._part.digest()))
        self._checked = self._part.size

    async def _compare_spots(self) -> None:
        """Read some pieces again, by the file's name: it may be another one by now."""
        size = self._part.size
        last = max(0, size - SPOT_BYTES)
        async with await Remote.open(self._remote.sftp, self._remote.path) as again:
            if again.size < size:
                raise Mixture
            for at in {last * spot // (SPOTS - 1) for spot in range(SPOTS)}:
                piece = await read_all(again, at, min(size, at + SPOT_BYTES), self._budget)
                if piece != await in_thread(self._part.read, at, SPOT_BYTES):
                    raise Mixture


async def in_thread(
    call: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """Run a blocking call; a cancelled caller leaves only when it is over, so that its file can be closed."""
    task = asyncio.ensure_future(asyncio.to_thread(call, *args, **kwargs))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        with suppress(Exception):  # the caller is leaving: nobody is there to hear of it
            await task
        raise
