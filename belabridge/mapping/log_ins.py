"""An address or a MIDI control that begins and ends logs on the board's own disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from belabridge.controls import Kind
from belabridge.mapping.arguments import first_number, shown
from belabridge.mapping.encoder import PRESSED
from belabridge.mapping.ins import OscInput
from belabridge.mapping.intents import WRONG_TYPE, Intent, WriteLog
from belabridge.mapping.touches import MidiInput
from belabridge.rules import LogMode

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from belabridge.controls import MidiOrigin, Touch
    from belabridge.rules import InRule, LogTrigger

_ON_PRESS = {LogMode.START: True, LogMode.STOP: False, LogMode.TOGGLE: None}


class Press:
    """What a number says to logs: above 0 is a press, and 0 its end."""

    __slots__ = ("_is_down", "_trigger")

    def __init__(self, trigger: LogTrigger) -> None:
        self._trigger = trigger
        self._is_down = False

    def move(self, index: int, *, is_down: bool, intents: list[Intent]) -> None:
        """The control is pressed, or not."""
        was_down, self._is_down = self._is_down, is_down
        if self._trigger.mode is LogMode.HOLD:
            if is_down != was_down:
                intents.append(WriteLog(index, self._trigger, is_down))
        elif is_down:
            intents.append(WriteLog(index, self._trigger, _ON_PRESS[self._trigger.mode]))


class LogInput(OscInput):
    """Begins and ends logs by messages: a number above 0 is a press."""

    __slots__ = ("_press",)

    def __init__(self, index: int, rule: InRule, trigger: LogTrigger) -> None:
        super().__init__(index, rule)
        self._press = Press(trigger)

    def take(self, args: Sequence[Any], origin: Hashable, now: float, intents: list[Intent]) -> None:  # noqa: ARG002 - a log does not come back
        """Take a message's arguments."""
        self.received += 1
        x = first_number(args)
        if x is None:
            self._refuse(WRONG_TYPE, f"a number is needed, not {shown(args)}", intents)
            return
        self.value = x
        self._press.move(self.index, is_down=x > 0.0, intents=intents)

    def tick(self, now: float, intents: list[Intent]) -> None:
        """Nothing is ever due."""


class LogControl(MidiInput):
    """Begins and ends logs by a control: a note, a pulse, or one that passes its middle."""

    __slots__ = ("_is_note", "_press", "_was_pressed")

    def __init__(self, index: int, rule: InRule, trigger: LogTrigger) -> None:
        super().__init__(index, rule)
        self._press = Press(trigger)
        self._is_note = rule.midi is not None and rule.midi.control.kind is Kind.NOTE
        self._was_pressed = False

    def touch(self, touch: Touch, origin: MidiOrigin, now: float, intents: list[Intent]) -> None:  # noqa: ARG002 - as above
        """Take what the control said."""
        self.received += 1
        self.value = touch.value
        is_pressed = touch.on if self._is_note else touch.value >= PRESSED
        if is_pressed and self._was_pressed and not self._is_note:
            return  # a fader on its way up presses once
        self._was_pressed = is_pressed
        self._press.move(self.index, is_down=is_pressed, intents=intents)

    def tick(self, now: float, intents: list[Intent]) -> None:
        """Nothing is ever due."""
