"""A try to open a backend, on a thread of its own: a sound server that hangs must not hold up the others."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from belabridge.midi.library import LibraryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from belabridge.midi.library import Library

ANSWERS_WITHIN_S = 2.0  # a server that works takes some milliseconds


class Opening:
    """One try, once.

    Args:
        opener: opens it; may take for ever.
        changed: told, on any thread, when the system's ports have changed.
        over: told, on a thread, when this is over.
        now: in seconds.

    Attributes:
        library: when it is open.
        why_not: when it cannot be opened.
    """

    def __init__(
        self,
        opener: Callable[[Callable[[], None]], Library],
        changed: Callable[[], None],
        over: Callable[[], None],
        now: float,
    ) -> None:
        self.library: Library | None = None
        self.why_not: str | None = None
        self._until = now + ANSWERS_WITHIN_S
        self._opener, self._changed, self._over = opener, changed, over
        threading.Thread(target=self._open, daemon=True).start()

    def is_late(self, now: float) -> bool:
        """Whether it takes longer than it may."""
        return now >= self._until

    def _open(self) -> None:
        try:
            self.library = self._opener(self._changed)
        except LibraryError as error:
            self.why_not = str(error)
        self._over()
