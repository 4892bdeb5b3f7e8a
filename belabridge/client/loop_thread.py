"""A thread that owns an event loop, for programs without ``async``."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from typing import TYPE_CHECKING, Any, Final, TypeVar

from belabridge.errors import Closed, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")

END_S: Final = 5.0  # a goodbye takes half a second; whoever closes waits no longer than a person would


class LoopThread:
    """An event loop that runs in a thread of its own, so that data comes while the user's code computes.

    Each connection has its own: one that is kept busy by its user's callback holds up no other, and its end
    is the end of the thread. It is a daemon, so that a connection which nobody closed cannot keep the
    interpreter from ending.
    """

    def __init__(self, name: str) -> None:
        """Start it."""
        self._loop: asyncio.AbstractEventLoop | None = None
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name=name, daemon=True)
        self._thread.start()
        ready.wait()

    @property
    def is_here(self) -> bool:
        """The caller is in this thread."""
        return threading.current_thread() is self._thread

    def check(self) -> None:
        """Raise when waiting for what the loop does would have no end.

        Raises:
            Closed: the loop has ended.
            UsageError: from within the loop one would wait for oneself.
        """
        if self._loop is None or self._loop.is_closed() or not self._thread.is_alive():
            raise Closed
        if self.is_here:
            raise UsageError("this is called in the connection's own thread, and would wait for itself")

    def call(self, coroutine: Coroutine[Any, Any, T], timeout_s: float | None = None) -> T:
        """Run a coroutine in the loop, and wait for what it gives; an interrupt here cancels it there.

        Raises:
            TimeoutError: it took longer than that.
            Closed: the loop has ended.
            UsageError: from within the loop this would wait for ever.
            Exception: what the coroutine raises.
        """
        try:
            future = self._submitted(coroutine)
        except BaseException:
            coroutine.close()
            raise
        try:
            return future.result(timeout_s)
        except concurrent.futures.CancelledError:
            raise Closed from None
        except BaseException:
            future.cancel()  # it does nothing when the coroutine itself has raised
            raise

    def run(self, function: Callable[[], T]) -> T:
        """Call a function in the loop, and wait for what it gives.

        Raises:
            Closed: the loop has ended.
            Exception: what the function raises.
        """

        async def called() -> T:
            return function()

        return self.call(called())

    def end(self) -> None:
        """End the loop and what runs in it, then the thread; more than once does no harm."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            try:
                loop.call_soon_threadsafe(loop.stop)
            except RuntimeError:
                return  # it has closed this moment
        if not self.is_here:
            self._thread.join(END_S)

    def _submitted(self, coroutine: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        self.check()
        assert self._loop is not None  # noqa: S101 - ``check`` has seen it
        try:
            return asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        except RuntimeError:  # it has closed this moment
            raise Closed from None

    def _run(self, ready: threading.Event) -> None:
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            self._loop.call_soon(ready.set)
            self._loop.run_forever()
