"""A simulated board within this process, where a command plays without a real one."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from belabridge.errors import PortInUse
from belabridge.sim.programs.default import default_program
from belabridge.sim.server import SimServer
from belabridge.values import DEFAULT_PORT, Address

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def simulated_board() -> AsyncIterator[Address]:
    """The default program on a board's usual port; on another one when that is taken."""
    board = SimServer(default_program(), port=DEFAULT_PORT)
    try:
        await board.start()
    except PortInUse:
        board = SimServer(default_program())
        await board.start()
    try:
        yield Address(board.host, board.port)
    finally:
        await board.stop()
