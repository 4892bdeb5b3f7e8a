"""Calls a user's function with what comes, in a thread of its own: it may take its time, and may fail."""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger("belabridge.client")

MOST_WAITING: Final = 4096  # buffers, 16 MiB of an original board: as for a stream's reader
END_S: Final = 5.0  # a callback that is busy for longer is left alone with what waits for it


class Callbacks:
    """Calls back for each item, in their order.

    A function is called in a thread that belongs to this, a coroutine function runs in an event loop there.
    What it raises is logged with its traceback, and the next item goes on. When it is slower than the items
    come, the oldest that wait are dropped.

    Args:
        function: of the user.
        args: what it gets behind the item: a tuple, or the one further argument.

    Attributes:
        dropped: items that it was too slow for.
    """

    def __init__(self, function: Callable[..., Any], args: Any = ()) -> None:
        self.dropped = 0
        self._function = function
        self._args = args if isinstance(args, tuple) else (args,)
        self._queue: SimpleQueue[Callable[[], Any] | None] = SimpleQueue()
        self._is_over = False
        self._thread = threading.Thread(target=self._run, name="belabridge callbacks", daemon=True)
        self._thread.start()

    def put(self, make: Callable[[], Any]) -> None:
        """Let the function be called with what ``make`` gives; never waits."""
        if self._queue.qsize() >= MOST_WAITING:
            self._drop()
        self._queue.put(make)

    def end(self) -> None:
        """Return when all that waits was handled; from within the function itself, at once."""
        self._queue.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join(END_S)
            self._is_over = True

    def _drop(self) -> None:
        try:
            self._queue.get_nowait()
        except Empty:
            return
        if not self.dropped:
            log.warning("a callback is slower than its data comes: the oldest that wait are dropped")
        self.dropped += 1

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            while (make := self._queue.get()) is not None and not self._is_over:
                try:
                    result = self._function(make(), *self._args)
                    if inspect.isawaitable(result):
                        runner.run(_awaited(result))
                except (Exception, asyncio.CancelledError):
                    # a fault of the user's code is told, and ends neither the stream nor the next calls
                    name = getattr(self._function, "__name__", repr(self._function))
                    log.exception("the callback %s raised", name)


async def _awaited(result: Any) -> Any:
    return await result
