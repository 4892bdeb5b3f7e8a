"""Where an output ends that turns an encoder: each change of the value as steps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from belabridge.mapping.intents import SendMidi
from belabridge.mapping.midi_ends import End

if TYPE_CHECKING:
    from belabridge.mapping.intents import Intent, SendOsc
    from belabridge.rules import MidiOut

# The finest parameter has so many: who hears more in one direction has been at its end for long.
MOST_STEPS = 16383
# A float32 that means 0.03 is a hair less: so much of a step may be missing from a whole one.
NEARLY = 1e-3


class StepEnd(End):
    """Each time that the value has moved by ``step`` since the last message, a step goes out.

    The steps so far always amount to the way from the first value, less than one step away: however many
    values were left out in between, nothing adds up wrong. The first value only says where it is. After a
    step up the value has to come back by a whole one for a step down, so one that trembles sends nothing.
    """

    __slots__ = ("_first", "_gone", "_midi", "_step")

    def __init__(self, index: int, midi: MidiOut, step: float) -> None:
        super().__init__(index)
        self._midi, self._step = midi, step
        self._first: float | None = None
        self._gone = 0  # steps, all in all

    def take(self, y: float, message: SendOsc, now: float, intents: list[Intent]) -> None:  # noqa: ARG002 - nothing waits here
        """Compare it with what the steps so far amount to."""
        if self._first is None:
            self._first = y
            return
        way = (y - self._first) / self._step - self._gone
        if not abs(way) <= MOST_STEPS:
            self._first, self._gone = y, 0
            self._send(math.copysign(MOST_STEPS, way), message, intents)
            return
        steps = int(way + math.copysign(NEARLY, way))
        if steps:
            self._gone += steps
            self._send(float(steps), message, intents)

    def _send(self, steps: float, message: SendOsc, intents: list[Intent]) -> None:
        self.sent += 1
        intents.append(SendMidi(self.index, self._midi, steps, message.skip))
