"""Sessions of one object, begun and ended from any thread: what a streamer and a monitor have in common."""

from __future__ import annotations

import concurrent.futures
import contextlib
import logging
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

from belabridge.client.known.callbacks import Callbacks
from belabridge.client.known.keep import Keep, Named
from belabridge.client.known.watcher import Watcher
from belabridge.errors import Closed, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from belabridge.client.known.run import Run
    from belabridge.client.known.shared import Lease

log = logging.getLogger("belabridge.client")

STOP_S: Final = 15.0  # a board gives away its last values within a second or two; a busy laptop needs more
GONE_S: Final = 2.0  # a board that is gone may be back by then; later, its last values are given up
LOOK_S: Final = 0.1
SILENT_S: Final = 5.0  # a variable of which nothing came for so long is worth a word

T = TypeVar("T", bound=Named)


class Saver(Protocol):
    """Writes what comes to files."""

    def save(self, item: Any) -> None:
        """Write one."""

    def close(self) -> None:
        """That was all."""


class Session(Generic[T]):
    """What runs, what it keeps, and who is called back."""

    def __init__(self, lease: Lease, run: Run, keep: Keep[T], callbacks: Callbacks | None) -> None:
        """A session that has not begun."""
        self.run, self.keep = run, keep
        self._lease, self._callbacks = lease, callbacks
        self._is_ended = False

    def begin(self) -> None:
        """Let it come."""
        self._lease.runs.add(self.run)
        self._lease.thread.run(self.run.begin)

    @property
    def is_over(self) -> bool:
        """Nothing comes any more."""
        return self.run.over.done()

    def stop(self, names: Collection[str]) -> None:
        """End it for some of its variables; return when all that the board had of them is here."""
        if set(names) >= set(self.run.wanted):
            self._lease.thread.run(self.run.stop)
            left_s = STOP_S
            while left_s > 0 and not self.wait(LOOK_S):
                left_s -= LOOK_S
                if not self._lease.bela.is_connected:
                    left_s = min(left_s, GONE_S)
        else:
            with contextlib.suppress(TimeoutError):  # a board that is gone gives nothing more
                self._lease.thread.call(self.run.stop_some(names), STOP_S)

    def wait(self, timeout_s: float | None) -> bool:
        """Wait until it is over; False when that takes too long."""
        try:
            self.run.over.result(timeout_s)
        except concurrent.futures.TimeoutError:
            return False
        return True

    def end(self) -> None:
        """End it at once, and return when the last callback was called."""
        if self._is_ended:
            return
        self._is_ended = True
        with contextlib.suppress(Closed):
            self._lease.thread.run(self.run.close)
        self._lease.runs.discard(self.run)
        if self._callbacks is not None:
            self._callbacks.end()


class Keeping(Watcher):
    """A board whose values come by themselves, and are kept: a streamer or a monitor."""

    _usual_length = 1000

    def _prepare(self) -> None:
        super()._prepare()
        self._length = self._usual_length
        self._session: Session[Any] | None = None
        self._taking_turns = threading.Lock()

    @property
    def streaming_buffers_queue_length(self) -> int:
        """How many buffers of each variable stay in memory, the last ones; may be set.

        What has come so far stays, up to that many.
        """
        return self._length

    @streaming_buffers_queue_length.setter
    def streaming_buffers_queue_length(self, value: int) -> None:
        if value < 1:
            raise UsageError(f"streaming_buffers_queue_length = {value}: write a number from 1 on")
        self._length = value
        session = self._session
        if session is not None and self._lease is not None and self._lease.is_alive:
            self._lease.thread.run(lambda: session.keep.resize(value))

    def is_streaming(self) -> bool:
        """Something comes now, or is to come."""
        return self._session is not None and not self._session.is_over

    def flush_queue(self) -> None:
        """Forget what has come so far."""
        if self._session is not None:
            for queue in self._session.keep.queues.values():
                queue.clear()

    def disconnect(self) -> None:
        """End what was begun with this object; the last one leaves the board."""
        session = self._session
        if session is not None and not session.is_over:
            session.end()
        super().disconnect()

    # For its kinds.

    @property
    def _queues(self) -> dict[str, deque[Any]]:
        """What has come, by name, of all variables."""
        queues: dict[str, deque[Any]] = {}
        if self._lease is not None and self._lease.is_alive:
            queues = {name: deque() for name in self._lease.hub.table}
        if self._session is not None:
            queues |= self._session.keep.queues
        return queues

    def _begin(self, session: Session[Any]) -> Session[Any]:
        """Begin a session; a former one has ended, unless another thread has begun it this moment."""
        with self._taking_turns:
            former, self._session = self._session, session
        if former is not None:
            former.end()
        try:
            session.begin()
        except BaseException:
            session.end()
            raise
        return session

    def _end_former(self) -> None:
        """One session at a time: the one that runs is ended."""
        if self._session is not None and not self._session.is_over:
            log.info("the session that runs is ended, because another one begins")
            self._session.stop(self._session.keep.queues)
        if self._session is not None:
            self._session.end()

    def _stop(self, names: Collection[str]) -> None:
        """End the session for these variables, with all that the board has of them.

        Raises:
            CannotSave: what was to be saved could not be, from some moment on.
        """
        session = self._session
        if session is None:
            return
        try:
            if not session.is_over:
                session.stop(names)
        finally:
            if session.is_over or set(names) >= set(session.run.wanted):
                session.end()
        if session.keep.error is not None:
            raise session.keep.error

    def _complete(self, session: Session[Any], timeout_s: float | None = None) -> None:
        """Wait until a session has all that it wants; what interrupts that ends it."""
        try:
            if not session.wait(SILENT_S if timeout_s is None else timeout_s):
                missing = ", ".join(session.keep.missing)
                if missing:
                    log.warning(
                        "nothing of %s has come for %g s: does the program assign it?", missing, SILENT_S
                    )
                session.wait(timeout_s)
        finally:
            session.end()
        if session.keep.error is not None:
            raise session.keep.error


def callbacks_of(
    on_buffer: Callable[..., Any] | None, on_block: Callable[..., Any] | None, args: Any
) -> Callbacks | None:
    """Who calls back.

    Raises:
        UsageError: both are given, or one that cannot be called.
    """
    if on_buffer is not None and on_block is not None:
        raise UsageError("give on_buffer_callback or on_block_callback, not both")
    function = on_buffer or on_block
    if function is None:
        return None
    if not callable(function):
        raise UsageError(f"{function!r} is no function that could be called back")
    return Callbacks(function, args)


def at_least(what: str, number: int) -> int:
    """A count from 1 on.

    Raises:
        UsageError: it is none.
    """
    if number < 1:
        raise UsageError(f"{what}={number}: write a number from 1 on")
    return number
