"""Which addresses to try, and trying them all at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from belabridge.board.connection import Connection
from belabridge.errors import BoardUnreachable
from belabridge.values import Address

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from belabridge.values import Block
    from belabridge.wire.session import Event

# A Bela names itself by mDNS; over USB it has the first address on Windows and Linux, the second on a Mac.
USUAL = (Address("bela.local"), Address("192.168.7.2"), Address("192.168.6.2"))


async def open_first(
    addresses: Sequence[Address],
    *,
    on_block: Callable[[Block, float], None],
    on_event: Callable[[Event], None],
) -> Connection:
    """Try all addresses at once and keep the first that answers; the others are closed.

    Args:
        addresses: to try; none means the usual ones.
        on_block: as for ``Connection.open``.
        on_event: as for ``Connection.open``.

    Raises:
        BoardUnreachable: none of them answered.
    """
    tried = addresses or USUAL
    tasks = {
        asyncio.create_task(Connection.open(address, on_block=on_block, on_event=on_event)): address
        for address in tried
    }
    pending = set(tasks)
    chosen: asyncio.Task[Connection] | None = None
    reason = ""
    try:
        while pending:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in sorted(done, key=list(tasks).index):
                error = task.exception()
                if error is None:
                    chosen = task
                    return task.result()
                if not isinstance(error, BoardUnreachable):
                    raise error
                reason = error.reason
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for task in tasks:  # one board may answer at two of its addresses
            if task is not chosen and not task.cancelled() and task.exception() is None:
                task.result().abort()
    raise BoardUnreachable([str(address) for address in tried], reason)
