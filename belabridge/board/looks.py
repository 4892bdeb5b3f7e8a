"""When a board is asked what its program reads: now and then, and soon after something has changed it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

LOOK_EVERY_S: Final = 5.0
"""For values that no stream carries and for a silent end; 15 kB of JSON cost a board 1 ms."""
CONFIRM_EVERY_S: Final = 0.1  # while sets keep coming
LIST_S: Final = 0.001  # of a board's time for each variable that it lists: no more than a look in ten of it


class Looks:
    """The next look at a board."""

    def __init__(self) -> None:
        """None has been."""
        self._now = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._last_at = 0.0

    def soon(self, after_s: float, variables: int) -> None:
        """Let the next one be after so long, or when a board with so many variables can bear it."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            rest_s = max(CONFIRM_EVERY_S, LIST_S * variables)
            at = max(loop.time() + after_s, self._last_at + rest_s)
            self._timer = loop.call_at(at, self._now.set)

    async def due(self, every_s: float | None) -> None:
        """Return when it is time; after ``every_s`` at the latest."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(every_s or LOOK_EVERY_S):
                await self._now.wait()
        self._now.clear()
        self._timer = None
        self._last_at = asyncio.get_running_loop().time()

    def stop(self) -> None:
        """There is no next one."""
        if self._timer is not None:
            self._timer.cancel()
