"""Waits for a condition with a deadline: for what has no event to wait for."""

import asyncio


async def until(condition, deadline_s=5.0):
    """Return when ``condition()`` holds; fails after the deadline."""
    async with asyncio.timeout(deadline_s):
        while not condition():  # noqa: ASYNC110  # there is no event: a socket or another program is awaited
            await asyncio.sleep(0.001)
