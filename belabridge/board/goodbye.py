"""Leaves a board as it was, and stays until it has acted: it does so only while a client is there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from belabridge.board.connection import Connection
    from belabridge.board.wishes import Wishes

GOODBYE_S: Final = 0.5  # a board acts within a block of audio; one that is gone must not keep us
ASK_AGAIN_S: Final = 0.02  # a few blocks of audio


async def say_goodbye(connection: Connection, wishes: Wishes) -> None:
    """Take back all that was wanted of a board, and return when it has let go.

    Raises:
        BoardError: the connection ended before that.
        TimeoutError: the board did not act in time.
    """
    async with asyncio.timeout(GOODBYE_S):
        commands = wishes.release(connection.session.variables)
        connection.say(commands)
        ended = wishes.ending  # now, or just before
        while True:
            board = await connection.list()
            state = wishes.speech.state
            if not any(state(variable).watched for variable in board.variables if variable.name in ended):
                return
            await asyncio.sleep(ASK_AGAIN_S)
