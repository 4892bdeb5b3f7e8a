"""Fills an unfinished file from the board, and has what came checked on the way."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from enum import Enum
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

from belabridge.board.logs.checks import Checker, Mixture, Range
from belabridge.board.logs.known import Known
from belabridge.board.logs.reading import read_all, read_range
from belabridge.board.logs.remote import Remote

if TYPE_CHECKING:
    from collections.abc import Callable

    from belabridge.board.logs.part import Part
    from belabridge.board.logs.reading import Budget
    from belabridge.board.logs.sums import Sums

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
        sums: of the board.
        budget: what all transfers of the connection may ask for.
        check_bytes: so much is checked at once, while the next piece comes.
        progress: ``progress(done, total)`` in bytes, whenever something came.
    """

    def __init__(
        self,
        remote: Remote,
        part: Part,
        sums: Sums,
        *,
        budget: Budget,
        check_bytes: int,
        progress: Callable[[int, int], None],
    ) -> None:
        self._remote, self._part, self._budget = remote, part, budget
        self._check_bytes, self._progress = check_bytes, progress
        self._checker = Checker(sums, remote.path)
        self._checked = 0  # where the range begins that the board was not asked about yet
        self._doubtful_until = 0  # what was there may be of another file, unless the board confirms it
        self._is_trusted = False  # some of it was confirmed by the board before
        self._begin = part.size

    @property
    def came_bytes(self) -> int:
        """Bytes that came by this transfer."""
        return self._part.size - self._begin

    @property
    def known(self) -> Known:
        """What is known of it by now."""
        came = self._checker.confirmed if self._is_doubtful else self._part.size
        size = max(came, self._remote.size)
        return Known(self._remote.modified_s, size, came, min(came, self._checker.confirmed))

    async def resume(self) -> None:
        """Look at what is there of an earlier transfer; what the board has confirmed then is not asked again.

        Raises:
            Mixture: it is not of this file.
        """
        size, remote, known = self._part.size, self._remote, self._part.known
        if size > remote.size:
            raise Mixture
        if known is None or (known.modified_s, known.of_bytes) != (remote.modified_s, remote.size):
            known = Known(0, 0, 0, 0)
        self._checked = self._checker.confirmed = min(size, known.confirmed_bytes)
        self._is_trusted = self._checked > 0
        if size > known.came_bytes:
            self._doubtful_until = size
        if size > self._checked:
            digest = await in_thread(self._part.digest_of, self._checked, size)
            self._checker.add(Range(self._checked, size, digest))
            self._checked = size

    async def up_to(self, end: int) -> None:
        """Read the board's file up to a byte.

        Raises:
            Mixture: what was there, or what came, is not what the board has.
            NoRoom: the disk is full.
            asyncssh.Error: the connection broke.
        """
        self._part.expected = end
        writing: asyncio.Task[None] | None = None
        try:
            async with aclosing(read_range(self._remote, self._part.size, end, self._budget)) as pieces:
                async for piece in pieces:
                    await self._written(writing, end)
                    writing = asyncio.create_task(in_thread(self._part.append, piece))
            await self._written(writing, end)
        finally:
            if writing is not None:
                await asyncio.gather(writing, return_exceptions=True)
        if self._part.size < end:
            raise Mixture  # the file on the board became shorter

    async def confirmed(self) -> Check:
        """Whether the board has what is here.

        Raises:
            Mixture: it has not.
            asyncssh.Error: the connection broke.
        """
        self._have_checked()
        is_confirmed = await self._checker.result()
        if self._is_doubtful:
            raise Mixture
        if self._is_trusted or not is_confirmed:
            await self._compare_spots()
        return Check.CHECKSUM if is_confirmed else Check.SIZE

    async def close(self) -> None:
        """Ask the board no more."""
        await self._checker.close()

    async def _written(self, writing: asyncio.Task[None] | None, end: int) -> None:
        """Wait until a piece is written down; the next one comes meanwhile."""
        self._look()
        if writing is None:
            return
        await writing
        if self._part.size - self._checked >= self._check_bytes:
            self._have_checked()
        self._progress(self._part.size, end)

    @property
    def _is_doubtful(self) -> bool:
        return self._checker.confirmed < self._doubtful_until

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
