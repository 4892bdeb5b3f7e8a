"""What goes onto one port's cable: the messages, room for them, and the notes that they began."""

from __future__ import annotations

from typing import TYPE_CHECKING

from belabridge.midi.codec.encoder import Encoder, note_off, note_on
from belabridge.midi.codec.ledger import Ledger
from belabridge.midi.codec.limit import Limit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from belabridge.controls import Control
    from belabridge.rules import MidiOut


class Cable:
    """Collects messages until ``take``.

    Attributes:
        limit: how much it takes.
        encoder: what it has selected.
        ledger: what sounds on it.
    """

    def __init__(self, limit_bytes_s: float | None) -> None:
        self.limit = Limit(limit_bytes_s)
        self.encoder = Encoder()
        self.ledger = Ledger()
        self._messages: list[bytes] = []

    def is_open(self, now: float) -> bool:
        """Whether there is room for a value; what never waits does not ask."""
        return self.limit.opens() <= now

    def put(self, messages: Iterable[bytes], now: float) -> None:
        """Messages as they are."""
        for message in messages:
            self._messages.append(message)
            self.limit.sent(len(message), now)

    def tell(self, control: Control, channel: int, number: int, raw: int, now: float) -> None:
        """A control's raw number."""
        self.put(self.encoder.messages(control, channel, number, raw, now), now)

    def turn(self, midi: MidiOut, steps: int, now: float) -> int:
        """As many of a control's steps as one message says; gives how many that are."""
        messages, said = self.encoder.steps(midi.control, midi.relative, steps, now)
        self.put(messages, now)
        return said

    def begin(self, channel: int, note: int, velocity: int, now: float) -> None:
        """A note begins."""
        self.ledger.begin(channel, note)
        self.put((note_on(channel, note, velocity),), now)

    def end(self, channel: int, note: int, now: float) -> None:
        """A note ends, if it sounds and nobody else holds it."""
        self.put([note_off(channel, note)] * self.ledger.end(channel, note), now)

    def light(self, channel: int, note: int, velocity: int, now: float) -> None:
        """A light that a note stands for: on, in another colour, or off also when it seems to be."""
        if not velocity:
            self.put([note_off(channel, note)] * max(self.ledger.end(channel, note), 1), now)
            return
        if not self.ledger.sounds(channel, note):
            self.ledger.begin(channel, note)
        self.put((note_on(channel, note, velocity),), now)

    def end_all(self, now: float) -> None:
        """Every note that sounds ends."""
        self.put([note_off(channel, note) for channel, note in self.ledger.close()], now)

    def end_doubtful(self, now: float) -> None:
        """Every note that ever was begun ends, also one whose end was sent: it may not have come."""
        doubtful = self.ledger.doubtful()
        sounding = self.ledger.close()
        ends = [*sounding, *sorted(doubtful.difference(sounding))]
        self.put([note_off(channel, note) for channel, note in ends], now)

    def cut(self) -> None:
        """What was collected goes nowhere."""
        self._messages.clear()

    def take(self) -> list[bytes]:
        """What was collected."""
        messages, self._messages = self._messages, []
        return messages
