"""What a session keeps of each variable: the last buffers, in memory and in files, or enough of them."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from belabridge.errors import RecordingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

log = logging.getLogger("belabridge.client")


class Named(Protocol):
    """A block, or a monitored value."""

    @property
    def name(self) -> str:
        """Of the variable."""


T = TypeVar("T", bound=Named)


class Keep(Generic[T]):
    """Filled in the connection's thread, looked at in any.

    Args:
        names: the variables.
        length: so many buffers of each stay in memory.
        enough: so many of each are wanted; None = all that come.
        save: writes one down, or None.
        end_saving: called at the end.
        tell: is told of each, or None.

    Attributes:
        queues: by name.
        error: why saving has ended before the session, or None.
    """

    def __init__(
        self,
        names: Iterable[str],
        length: int,
        *,
        enough: int | None = None,
        save: Callable[[T], None] | None = None,
        end_saving: Callable[[], None] | None = None,
        tell: Callable[[T], None] | None = None,
    ) -> None:
        """Nothing has come."""
        self.queues: dict[str, deque[T]] = {name: deque(maxlen=length) for name in names}
        self.error: RecordingError | None = None
        self._left = None if enough is None else dict.fromkeys(self.queues, enough)
        self._save, self._end_saving, self._tell = save, end_saving, tell

    def put(self, item: T) -> None:
        """Keep the next one; nothing when there are enough of its variable."""
        left = self._left
        if left is not None:
            if not left[item.name]:
                return
            left[item.name] -= 1
        self.queues[item.name].append(item)
        if self._save is not None:
            try:
                self._save(item)
            except RecordingError as error:
                # the data still comes, and what was saved stays: who stops the session is told
                log.error("saving has ended: %s", error)  # noqa: TRY400 - the message says it all
                self.error, self._save = error, None
        if self._tell is not None:
            self._tell(item)

    @property
    def is_enough(self) -> bool:
        """All that was wanted is here."""
        return self._left is not None and not any(self._left.values())

    @property
    def missing(self) -> list[str]:
        """Variables of which nothing has come at all."""
        return [name for name, queue in self.queues.items() if not queue]

    def resize(self, length: int) -> None:
        """Let so many buffers stay in memory."""
        for name, queue in self.queues.items():
            self.queues[name] = deque(queue, maxlen=length)

    def close(self) -> None:
        """Nothing comes any more."""
        if self._end_saving is not None:
            self._end_saving()
            self._end_saving = None
