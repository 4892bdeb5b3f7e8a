"""What waits for its reader: bounded, the oldest dropped and shown as a gap, or an error."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Generic, Protocol, Self, TypeVar

from belabridge.errors import FellBehind

if TYPE_CHECKING:
    from belabridge.errors import BelabridgeError


class Item(Protocol):
    """What can wait: a block of something."""

    @property
    def first_frame(self) -> int:
        """Of the first value."""

    @property
    def end_frame(self) -> int:
        """Behind the last value."""

    @property
    def key(self) -> str:
        """What it is a block of."""

    def gap_before(self, first_frame: int) -> Self:
        """The gap from this frame on up to this block."""


T = TypeVar("T", bound=Item)


class Backlog(Generic[T]):
    """Items in their order; put in one thread, taken in any.

    Args:
        most: so many may wait; None = however many.
        most_frames: or so many frames of each variable; None = however many.
        fails: one that does not find room is an error, instead of the oldest one's end.

    Attributes:
        dropped: items that went, because their reader was too slow.
    """

    def __init__(self, most: int | None, most_frames: int | None, *, fails: bool) -> None:
        """Nothing waits."""
        self.dropped = 0
        self._most, self._most_frames, self._fails = most, most_frames, fails
        self._items: deque[T] = deque()
        self._missing: dict[str, int] = {}  # from which frame on
        self._error: BelabridgeError | None = None
        self._closed = False
        self._lock = threading.Lock()
        self._arrived = threading.Condition(self._lock)
        self._sleepers = 0

    def __len__(self) -> int:
        return len(self._items)

    @property
    def is_closed(self) -> bool:
        """Nothing comes any more; what waits is still there."""
        return self._closed

    def put(self, item: T) -> None:
        """Let one wait; nothing when it is closed."""
        with self._lock:
            if self._closed:
                return
            self._items.append(item)
            if self._sleepers:
                self._arrived.notify_all()
            if self._is_full(item):
                self._make_room()

    def take(self) -> T | None:
        """The next one; None when none waits.

        Raises:
            BelabridgeError: what ``close`` was told, behind all that had come before.
            StopIteration: it is closed, and nothing is left.
        """
        with self._lock:
            if not self._items:
                if not self._closed:
                    return None
                if self._error is not None:
                    error, self._error = self._error, None
                    raise error
                raise StopIteration
            item = self._items[0]
            if self._missing:
                since = self._missing.pop(item.key, None)
                if since is not None:
                    return item.gap_before(since)
            return self._items.popleft()

    def take_error(self) -> BelabridgeError | None:
        """What would be raised behind all that waits; it is not raised any more."""
        with self._lock:
            error, self._error = self._error, None
            return error

    def close(self, error: BelabridgeError | None = None) -> None:
        """Nothing comes any more; with an error, it is raised once behind what waits."""
        with self._lock:
            if not self._closed:
                self._closed, self._error = True, error
                self._arrived.notify_all()

    def sleep(self, most_s: float) -> None:
        """Let this thread sleep until something can be taken, or nothing comes any more, or so long."""
        with self._lock:
            if self._items or self._closed:
                return
            self._sleepers += 1
            try:
                self._arrived.wait(most_s)
            finally:
                self._sleepers -= 1

    def _is_full(self, item: T) -> bool:
        if self._most is not None:
            return len(self._items) > self._most
        if self._most_frames is None:
            return False
        return item.end_frame - self._items[0].first_frame > self._most_frames

    def _make_room(self) -> None:
        if self._fails:
            self._closed, self._error = True, FellBehind(len(self._items))
            self._arrived.notify_all()
            return
        while self._is_full(self._items[-1]):
            oldest = self._items.popleft()
            self.dropped += 1
            self._missing.setdefault(oldest.key, oldest.first_frame)
            if not self._items:
                return
