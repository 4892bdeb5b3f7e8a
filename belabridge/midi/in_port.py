"""An open in port: what is heard at it, which of its keys are down, which out port is the same device's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from belabridge.controls import Kind
from belabridge.midi.names import device

if TYPE_CHECKING:
    from collections.abc import Iterable

    from belabridge.midi.codec.heard import Heard
    from belabridge.midi.codec.reader import Reader
    from belabridge.midi.ports import OpenPort

_NOTE_OFF = 0x80


@dataclass(slots=True)
class InPort:
    """One that is open.

    Attributes:
        port: what the system calls it.
        reader: what follows it.
        held: channel (1 to 16) and number of keys that are down.
    """

    port: OpenPort
    reader: Reader
    held: set[tuple[int, int]] = field(default_factory=set)

    def hear(self, message: bytes, at: float, now: float) -> list[Heard]:
        """What a message completes; see ``Reader.hear``."""
        heard = self.reader.hear(message, at, now)
        for one in heard:
            if one.kind is Kind.NOTE:
                (self.held.add if one.on else self.held.discard)((one.channel, one.number))
        return heard

    def lifted(self, others: Iterable[InPort], now: float) -> list[Heard]:
        """The port is gone: its keys are lifted, but for those that others of its wish hold too."""
        keys = sorted(self.held.difference(*[other.held for other in others]))
        ends = [bytes((_NOTE_OFF | channel - 1, note, 64)) for channel, note in keys]
        return [heard for end in ends for heard in self.reader.hear(end, now, now)]


def of_one_device(one: OpenPort, other: OpenPort) -> bool:
    """Whether a way in and a way out belong to the same device; our own ports to none."""
    if one.virtual or other.virtual:
        return False
    called = {device(name) for name in (one.name, *one.also)}
    return not called.isdisjoint([device(name) for name in (other.name, *other.also)])
