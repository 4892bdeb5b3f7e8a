"""Where an output of MIDI ends: a control that is told each value, or a pulse at each rise."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from belabridge.controls import Kind
from belabridge.mapping.intents import SendMidi

if TYPE_CHECKING:
    from belabridge.controls import Control
    from belabridge.mapping.intents import Intent, SendOsc
    from belabridge.rules import MidiOut

_PULSES = frozenset({Kind.CLOCK, Kind.START, Kind.STOP, Kind.CONTINUE})


def is_pulse(control: Control) -> bool:
    """Whether it says only that something happens: a SysEx message without a place for a value does too."""
    return control.kind in _PULSES or (control.kind is Kind.SYSEX and not set(control.template) & {-1, -2})


class End(ABC):
    """What becomes of the values that a rule's way lets go.

    Attributes:
        sent: messages that went out.
        deadline: when ``tick`` has something to do; infinity when nothing waits.
        index: the place of the rule in the plan's ``out``.
    """

    __slots__ = ("deadline", "index", "sent")

    def __init__(self, index: int) -> None:
        self.index = index
        self.sent = 0
        self.deadline = math.inf

    @abstractmethod
    def take(self, y: float, message: SendOsc, now: float, intents: list[Intent]) -> None:
        """Take a finite value.

        Args:
            y: the value.
            message: who set it and its frame, from the way that let it go.
            now: seconds.
            intents: here go the new ones.
        """

    def tick(self, now: float, intents: list[Intent]) -> None:
        """Do what is due."""

    def forget(self) -> None:
        """The next value goes out, whatever was sent before."""

    def silenced(self) -> None:
        """All notes that sounded were ended."""

    def begin_anew(self, intents: list[Intent]) -> None:
        """All notes that sounded were ended; what is to sound begins again."""

    def mute(self) -> None:
        """All notes that sounded were ended, and none begins again by itself."""


class ControlEnd(End):
    """A control is told each value."""

    __slots__ = ("_is_whole", "_midi")

    def __init__(self, index: int, midi: MidiOut) -> None:
        super().__init__(index)
        self._midi = midi
        self._is_whole = midi.control.kind is Kind.PROGRAM

    def take(self, y: float, message: SendOsc, now: float, intents: list[Intent]) -> None:  # noqa: ARG002 - nothing waits here
        """Send it."""
        self.sent += 1
        intents.append(
            SendMidi(self.index, self._midi, float(round(y)) if self._is_whole else y, message.skip)
        )


class PulseEnd(End):
    """A pulse goes out each time that the value rises to ``on``, after it was below ``off``.

    The first value only says where it is: a variable that is high when a board is found has not risen.
    """

    __slots__ = ("_high", "_midi")

    def __init__(self, index: int, midi: MidiOut) -> None:
        super().__init__(index)
        self._midi = midi
        self._high: bool | None = None

    def take(self, y: float, message: SendOsc, now: float, intents: list[Intent]) -> None:  # noqa: ARG002 - nothing waits here
        """Compare it with the one before."""
        if y >= self._midi.on:
            if self._high is False:
                self.sent += 1
                intents.append(SendMidi(self.index, self._midi, 1.0, message.skip))
            self._high = True
        elif y < self._midi.off or self._high is None:
            self._high = False

    def forget(self) -> None:
        """Where the value is has to be learned anew."""
        self._high = None
