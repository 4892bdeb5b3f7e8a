"""One look at a board: connect, list, go."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from belabridge.board.candidates import open_first

if TYPE_CHECKING:
    from collections.abc import Sequence

    from belabridge.values import Address, Variable
    from belabridge.wire.listing import HostArray

LIST_TIMEOUT_S = 4.0  # a board answers in milliseconds; over a bad Wi-Fi in a second


@dataclass(frozen=True, slots=True)
class BoardView:
    """What a board said of itself.

    Attributes:
        address: where it is.
        project: the name of the program that runs on it.
        sample_rate: audio frames a second.
        frame: audio frames since the program began.
        variables: in the board's order.
        protocol: 1, or 2 when it speaks that.
        arrays: what clients may fill; only protocol 2 tells.
    """

    address: Address
    project: str
    sample_rate: float
    frame: int
    variables: tuple[Variable, ...]
    protocol: int = 1
    arrays: tuple[HostArray, ...] = ()


async def look(addresses: Sequence[Address], *, timeout_s: float = LIST_TIMEOUT_S) -> BoardView:
    """Ask the first board that answers for its variables; nothing on it changes.

    Args:
        addresses: where to look; empty = the usual places.
        timeout_s: for the list, once connected.

    Raises:
        BoardUnreachable: no board at any of the addresses.
        BoardTimeout: it is there, but lists nothing.
    """
    connection = await open_first(addresses, on_block=lambda _block, _now: None, on_event=lambda _event: None)
    pump = asyncio.create_task(connection.run())
    try:
        board = await connection.list(timeout_s=timeout_s)
    finally:
        pump.cancel()
        await asyncio.gather(pump, return_exceptions=True)
    return BoardView(
        connection.address,
        connection.session.project or "",
        board.sample_rate,
        board.frame,
        board.variables,
        board.protocol,
        board.arrays,
    )
