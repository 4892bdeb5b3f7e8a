"""A range of a file on the board, read with many requests on their way and handed over in order."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from belabridge.board.logs.remote import Remote

LEAST_BLOCK: Final = 32 * 1024
"""Bytes that every server gives at once, although older ones do not say so."""

MOST_BLOCK: Final = 255 * 1024
"""What the servers of OpenSSH give at once since 8.5; larger ones are not faster."""

AHEAD_BYTES: Final = 4 << 20
"""Asked for and not yet handed over, by one transfer: 100 MB/s over a network with 40 ms."""

TOGETHER_BYTES: Final = 16 << 20
"""The same of all transfers of a connection, so that twenty need no more memory than four."""


@dataclass(slots=True)
class Budget:
    """What all transfers of a connection have asked for.

    Attributes:
        block_bytes: of one request.
        asked: bytes that were asked for and not yet handed over.
    """

    block_bytes: int
    asked: int = 0

    @classmethod
    def of(cls, most_read: int) -> Budget:
        """For a server that says how much it gives at once."""
        return cls(min(max(most_read, LEAST_BLOCK), MOST_BLOCK))


async def read_range(source: Remote, start: int, end: int, budget: Budget) -> AsyncGenerator[bytes, None]:
    """The bytes from ``start`` to ``end``, in pieces; fewer when the file is shorter.

    Use with ``aclosing``: requests may be on their way when it is left early.
    """
    waiting: deque[tuple[int, asyncio.Task[bytes]]] = deque()
    asked = 0
    try:
        while start < end or waiting:
            while start < end and (not waiting or _may_ask(asked, budget)):
                count = min(budget.block_bytes, end - start)
                waiting.append((count, asyncio.create_task(_whole(source, start, count))))
                start += count
                asked += count
                budget.asked += count
            count, task = waiting[0]
            data = await task
            waiting.popleft()
            asked -= count
            budget.asked -= count
            yield data
            if len(data) < count:
                return
    finally:
        budget.asked -= asked
        for _, task in waiting:
            task.cancel()
        await asyncio.gather(*(task for _, task in waiting), return_exceptions=True)


def _may_ask(asked: int, budget: Budget) -> bool:
    return asked < AHEAD_BYTES and budget.asked < TOGETHER_BYTES


async def _whole(source: Remote, at: int, count: int) -> bytes:
    """``count`` bytes, unless the file ends before: a server may give fewer at once."""
    data = await source.read(count, at)
    if len(data) in {0, count}:
        return data
    pieces = [data]
    got = len(data)
    while got < count and (data := await source.read(count - got, at + got)):
        pieces.append(data)
        got += len(data)
    return b"".join(pieces)


async def read_all(source: Remote, start: int, end: int, budget: Budget) -> bytes:
    """A short range as one piece."""
    async with aclosing(read_range(source, start, end, budget)) as pieces:
        return b"".join([piece async for piece in pieces])
