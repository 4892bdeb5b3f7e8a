"""One in port followed: its messages, with the time at which each was played, to what was heard."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mido import Message

from belabridge.midi.codec.decoder import Decoder
from belabridge.midi.codec.parser import Parser

if TYPE_CHECKING:
    from belabridge.midi.codec.heard import Heard
    from belabridge.midi.codec.routes import Routes

# JACK gives what was played during a cycle when it is over, so two messages of one moment may come a whole
# cycle apart: 46 ms are 2048 frames at 44.1 kHz.
USUALLY_LATE_S = 0.05
MOST_LATE_S = 0.2  # a cycle of 8192 frames at 44.1 kHz; what comes later is no sign of a longer cycle


class Reader:
    """Follows one port from its opening on.

    It lives in the port's own time, which is when messages were played. That time is over only when nothing
    of it can still be on its way: so late after it as the latest message was.

    Attributes:
        routes: which rules what was heard concerns.
    """

    def __init__(self, routes: Routes) -> None:
        self.routes = routes
        self._parser = Parser()
        self._decoder = Decoder(routes.needs)
        self._late_s = USUALLY_LATE_S
        self._at = -math.inf

    def follow(self, routes: Routes) -> None:
        """Take other rules."""
        if routes.needs != self.routes.needs:
            self._decoder = Decoder(routes.needs)
        self.routes = routes

    def hear(self, message: bytes, at: float, now: float) -> list[Heard]:
        """What a message completes.

        Args:
            message: its bytes.
            at: when it was played, in seconds.
            now: the same clock, now.
        """
        self._late_s = max(self._late_s, min(now - at, MOST_LATE_S))
        # cycles are not called so evenly that no message seems to be played before the one in front of it
        self._at = max(self._at, min(at, now))
        return [
            heard for parsed in self._parser.feed(message) for heard in self._decoder.feed(parsed, self._at)
        ]

    def lift(self, channel: int, note: int) -> list[Heard]:
        """A key is up, though no message of its own has said so."""
        return self._decoder.feed(Message("note_off", channel=channel - 1, note=note), self._at)

    def due(self) -> float | None:
        """When ``tick`` has something to say; None while nothing waits."""
        due = self._decoder.due()
        return None if due is None else due + self._late_s

    def tick(self, now: float) -> list[Heard]:
        """What is whole because no more of it has come in time."""
        due = self._decoder.due()
        if due is None or due + self._late_s > now:
            return []
        return self._decoder.tick(max(due, now - self._late_s))  # a sum taken apart may be a little less
