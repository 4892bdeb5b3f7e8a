"""A thread with a loop for ssh, so that a transfer at full speed holds up nothing else."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")

END_S: Final = 0.5  # for transfers to let go of their files; what came is kept anyhow


class Aside:
    """Runs coroutines in a loop of its own; the thread begins with the first."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    async def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine there; when the caller is cancelled, it is as well."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self._started()))

    def call(self, function: Callable[[], object]) -> None:
        """Call a function there, soon; after the end nothing happens."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function)

    def end(self) -> None:
        """End the loop and what runs in it; more than once does no harm."""
        loop, self._loop = self._loop, None
        if loop is not None and self._thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            self._thread.join(END_S)

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            ready = threading.Event()
            self._thread = threading.Thread(target=self._run, args=(ready,), name="logs", daemon=True)
            self._thread.start()
            ready.wait()
        assert self._loop is not None  # noqa: S101 - the thread has made it before it said so
        return self._loop

    def _run(self, ready: threading.Event) -> None:
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            self._loop.call_soon(ready.set)
            self._loop.run_forever()
