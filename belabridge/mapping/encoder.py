"""Steps that move a variable on from where it is, and presses that turn it over."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from belabridge.controls import Kind
from belabridge.mapping.reach import Reach
from belabridge.mapping.takeover import is_fine

if TYPE_CHECKING:
    from belabridge.controls import Control, Touch
    from belabridge.rules import MidiIn, Shape

STEPS_OF_A_RANGE = 100.0  # an encoder crosses its range in so many steps unless its rule says otherwise
PRESSED = 0.5  # a button says 0 and 1; a pedal passes the middle


def reach_of_steps(shape: Shape) -> Reach:
    """What an encoder reaches.

    With a scale it moves within ``scale.start``, with another word that changes values within 0 to 1, and
    without any it moves the value itself, within ``clip`` if there is one.

    Raises:
        UsageError: when a part of the shape is impossible.
    """
    if shape.expr is not None or (shape.invert and shape.scale is None):
        return Reach(shape)
    if shape.scale is not None:
        return Reach(shape, *sorted(map(float, shape.scale.start)))
    return Reach(shape, *(shape.clip or (-math.inf, math.inf)))


class Encoder:
    """Moves the position by steps, within the reach.

    It remembers the position as exactly as the steps made it: a variable of whole numbers, or a ``round``,
    swallows no small steps.
    """

    __slots__ = ("_at", "_reach", "_step")

    def __init__(self, midi: MidiIn, reach: Reach) -> None:
        self._reach = reach
        self._step = default_step(midi, reach) if midi.step is None else midi.step
        self._at: float | None = None

    def move(self, touch: Touch, value: float | None) -> float | None:
        """The position after so many steps; None when it stays where it is, or nobody knows where it is."""
        if self._at is None:
            if value is None:
                return None
            self._at = self._reach.position_of(value)
        at = self._at
        moved = min(max(at + touch.value * self._step, self._reach.low), self._reach.high)
        if math.isfinite(moved):  # beyond all numbers there is no way back
            self._at = moved
        return None if moved == at else moved

    def lose(self) -> None:
        """Begin where the value is now."""
        self._at = None

    def change(self) -> None:
        """Another encoder goes on where this one stopped."""


def default_step(midi: MidiIn, reach: Reach) -> float:
    """By how much a step moves the position when the rule does not say."""
    width = reach.high - reach.low
    if midi.relative is None:  # increment and decrement of what else says positions: one of its own steps
        return width / (16383.0 if is_fine(midi.control) else 127.0)
    return (width if math.isfinite(width) else 1.0) / STEPS_OF_A_RANGE


class Toggle:
    """Each press turns the variable over: from the end that is nearer to it to the other one.

    A press is a passing of the middle upwards, or the same position again (some buttons say nothing when
    they are let go).
    """

    __slots__ = ("_before", "_is_note", "_reach")

    def __init__(self, control: Control, reach: Reach) -> None:
        self._reach = reach
        self._is_note = control.kind is Kind.NOTE
        self._before: float | None = None

    def move(self, touch: Touch, value: float | None) -> float | None:
        """The end to which a press turns the variable; None when it is no press."""
        before, self._before = self._before, touch.value
        if self._is_note:
            pressed = touch.on
        else:
            pressed = touch.value >= PRESSED and (before is None or before < PRESSED or before == touch.value)
        if not pressed:
            return None
        low, high = self._reach.one(self._reach.low), self._reach.one(self._reach.high)
        if value is None or abs(value - low) <= abs(value - high):
            return self._reach.high
        return self._reach.low

    def lose(self) -> None:
        """Where the variable is, is asked at each press."""

    def change(self) -> None:
        """Nothing is known of the other button."""
        self._before = None
