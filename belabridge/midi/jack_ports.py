"""Our own ports on JACK: what a cycle hears, and what waits for the next one."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

import jack

from belabridge.midi.library import has_room

if TYPE_CHECKING:
    from collections.abc import Callable

    from belabridge.midi.cables import Cables

# A second of a flood; JACK takes some hundred a cycle, so more than this are old when they get out.
MOST_WAITING = 8192


class Owner(Protocol):
    """What holds the ports."""

    def drop(self, port: JackIn | JackOut) -> None:
        """Unregister one."""

    def empty(self, port: JackOut) -> None:
        """Wait until nothing waits in it."""


class JackIn:
    """A port that listens."""

    def __init__(
        self, owner: Owner, own: jack.OwnMidiPort, cables: Cables, heard: Callable[[float, bytes], None]
    ) -> None:
        self.own, self.cables, self.heard = own, cables, heard
        self._owner = owner

    def rename(self, label: str) -> None:
        """Be called otherwise; see ``InPort``."""
        rename(self.own, label)

    def close(self) -> None:
        """Take nothing more."""
        self._owner.drop(self)


class JackOut:
    """A port that sends."""

    def __init__(self, owner: Owner, own: jack.OwnMidiPort, cables: Cables) -> None:
        self.own, self.cables = own, cables
        self._owner = owner
        self._queue: deque[bytes] = deque()

    def send(self, message: bytes) -> bool:
        """Queue one message for the next cycle."""
        if not has_room(len(self._queue), MOST_WAITING, message):
            return False
        self._queue.append(message)
        return True

    def waiting(self) -> int:
        """How many messages no cycle has taken yet."""
        return len(self._queue)

    def forget(self) -> int:
        """Throw away what waits; gives how many messages that were."""
        count = len(self._queue)
        self._queue.clear()
        return count

    def rename(self, label: str) -> None:
        """Be called otherwise; see ``OutPort``."""
        rename(self.own, label)

    def close(self) -> None:
        """Send nothing more; what waits goes out first."""
        self._owner.empty(self)
        self._owner.drop(self)

    def cycle(self) -> None:
        """Give JACK what fits in this cycle; on JACK's thread."""
        own, queue = self.own, self._queue
        own.clear_buffer()
        first = True
        while queue:
            try:
                own.write_midi_event(0, queue[0])
            except jack.JackError:
                if not first:
                    break  # full: the rest goes with the next cycle
                # Not even alone: it never fits.
            queue.popleft()
            first = False


def clean(label: str) -> str:
    """A name for a port; JACK joins client and port with a colon."""
    return label.replace(":", "_")


def rename(own: jack.OwnMidiPort, label: str) -> None:
    """Give a port another name; its connections stay."""
    try:
        own.shortname = clean(label)
    except jack.JackError:
        return  # another port of ours has it: a name is not worth the connections
