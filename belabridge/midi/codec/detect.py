"""Which control was moved, and how it speaks: found in the messages that it sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from belabridge.controls import Control, Kind, Relative, control_name
from belabridge.midi.codec.parameters import (
    CONTROLLERS,
    DATA_LOWER,
    DATA_UPPER,
    DECREMENT,
    INCREMENT,
    Parameters,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mido import Message

QUIET_S = 0.5  # a hand that has moved something rests so long
PLENTY = 64  # messages of one control that say all that there is to know
_KEYBOARD_NOTES = 3  # so many different notes are a keyboard; fewer are pads
_FADER_MOVES = 8  # a motor fader announces a finger with a note, and then moves
_LARGEST_STEPS = 24  # of one message of an encoder that is turned fast
_FEWEST_REPEATS = 0.25  # an encoder says the same step again and again; a knob has moved when it speaks
_JUMP = 40  # between two messages: an encoder that turns round (1 and 127, 1 and 65); no knob does that
_TURNED_S = 0.12  # between two steps of an encoder; the same button cannot be pressed again so soon
_FEWEST_VALUES = 3
_DATA = frozenset({DATA_UPPER, DATA_LOWER, INCREMENT, DECREMENT})
_TRANSPORT = {"start": Kind.START, "stop": Kind.STOP, "continue": Kind.CONTINUE}
_ONE_PER_CHANNEL = {
    "pitchwheel": (Kind.BEND, "pitch"),
    "aftertouch": (Kind.PRESSURE, "value"),
    "program_change": (Kind.PROGRAM, "program"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """A control that was moved.

    Attributes:
        control: with its channel, without a port; a keyboard's notes have no number.
        relative: how it says steps, or None.
        says: what was seen, for the person who moved it; when it is not sure, what to do more.
        moves: it goes through its positions: a knob, a fader, a wheel; not a button, a key or an encoder.
        sure: nothing else could have sent this.
    """

    control: Control
    relative: Relative | None
    says: str
    moves: bool = False
    sure: bool = True


@dataclass(slots=True)
class _Moves:
    """What one control sent."""

    values: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    lower_halves: int = 0  # of a parameter
    steps: int = 0  # increments and decrements of a parameter

    def add(self, value: int, now: float) -> None:
        if len(self.values) < PLENTY:
            self.values.append(value)
            self.times.append(now)


class _Anything:
    """Every parameter may have 14 bits as long as nobody knows."""

    def __contains__(self, _parameter: object) -> bool:
        return True


class Detector:
    """Listens to one port while somebody moves one control; a clock is nothing."""

    def __init__(self) -> None:
        self._moves: dict[Control, _Moves] = {}
        self._parameters = Parameters(_Anything())
        self._last: float | None = None
        self._is_told = False

    def take(self, message: Message, now: float) -> None:
        """A message came."""
        kind = message.type
        if kind == "control_change":
            self._control_change(message.channel + 1, message.control, message.value, now)
        elif kind in {"note_on", "note_off"}:
            if kind == "note_on" and message.velocity:
                self._moved(Control(Kind.NOTE, message.note, message.channel + 1), message.velocity, now)
        elif kind == "polytouch":
            control = Control(Kind.POLY_PRESSURE, message.note, message.channel + 1)
            self._moved(control, message.value, now)
        elif kind in _ONE_PER_CHANNEL:
            which, value = _ONE_PER_CHANNEL[kind]
            self._moved(Control(which, None, message.channel + 1), getattr(message, value), now)
        elif kind in _TRANSPORT:
            self._moved(Control(_TRANSPORT[kind]), 1, now)

    def due(self) -> float | None:
        """When ``found`` knows something new, if nothing else comes; None when it does not."""
        return None if self._last is None or self._is_told else self._last + QUIET_S

    def found(self, now: float) -> Found | None:
        """What was moved; None while nothing was, and while it still moves."""
        if self._last is None:
            return None
        plenty = any(len(moves.values) >= PLENTY for moves in self._moves.values())
        if now < self._last + QUIET_S and not plenty:
            return None
        self._is_told = True
        return self._judge()

    def _moved(self, control: Control, value: int, now: float) -> _Moves:
        moves = self._moves.setdefault(control, _Moves())
        moves.add(value, now)
        self._last, self._is_told = now, False
        return moves

    def _control_change(self, channel: int, number: int, value: int, now: float) -> None:
        if number in CONTROLLERS:
            heard = self._parameters.control(channel, number, value, now)
            selected = self._parameters.selected(channel)
            if number not in _DATA:
                return  # a selector
            if selected is not None:
                kind, _, parameter = selected
                moves = self._moved(Control(kind, parameter, channel), value, now)
                moves.lower_halves += number == DATA_LOWER
                moves.steps += any(one.bits == 0 for one in heard)
                return
        self._moved(Control(Kind.CC, number, channel), value, now)

    def _judge(self) -> Found | None:
        notes = [control for control in self._moves if control.kind is Kind.NOTE]
        others = {c: m for c, m in self._moves.items() if c.kind not in {Kind.NOTE, Kind.POLY_PRESSURE}}
        if notes:
            # a key is pressed and pressed on; only what is clearly moved is more than a key
            others = {
                c: m
                for c, m in others.items()
                if c.kind is not Kind.PRESSURE and len(m.values) >= max(_FADER_MOVES, 4 * len(notes))
            }
            if not others:
                return _notes(notes)
        if not others:
            others = self._moves
        control, moves = max(others.items(), key=lambda pair: len(pair[1].values))
        return self._describe(control, moves)

    def _describe(self, control: Control, moves: _Moves) -> Found:
        if control.kind in {Kind.RPN, Kind.NRPN}:
            return _parameter(control, moves)
        if control.kind is not Kind.CC or control.number is None:
            says = f"{control_name(control)}: {_PLAIN.get(control.kind, 'a button')}"
            return Found(control, None, says, moves=control.kind in _MOVING)
        if control.number < 64:
            upper = Control(Kind.CC, control.number & 31, control.channel)
            lower = Control(Kind.CC, upper.number + 32 if upper.number is not None else 0, control.channel)
            if upper in self._moves and lower in self._moves:
                pair = Control(Kind.CC14, upper.number, control.channel)
                return Found(pair, None, f"{control_name(pair)}: a knob or fader of 14 bits", moves=True)
        return _controller(control, moves)


_MOVING = frozenset({Kind.BEND, Kind.PRESSURE, Kind.POLY_PRESSURE})
_PLAIN = {
    Kind.BEND: "a wheel or fader of 14 bits",
    Kind.PRESSURE: "pressure of all keys",
    Kind.POLY_PRESSURE: "pressure of one key",
    Kind.PROGRAM: "a choice of programs",
}


def _notes(notes: Sequence[Control]) -> Found:
    if len(notes) >= _KEYBOARD_NOTES:
        keyboard = Control(Kind.NOTE, None, notes[0].channel)
        return Found(keyboard, None, f"notes on channel {keyboard.channel}: a keyboard")
    return Found(notes[-1], None, f"{control_name(notes[-1])}: a pad or key")


def _parameter(control: Control, moves: _Moves) -> Found:
    name = control_name(control)
    if moves.steps * 2 > len(moves.values):
        return Found(control, None, f"{name}: an encoder that sends increments and decrements")
    if moves.lower_halves * 3 > len(moves.values):  # about half when each value has one
        fine = Control(control.kind, control.number, control.channel, bits=14)
        return Found(fine, None, f"{name}: a knob or fader of 14 bits", moves=True)
    return Found(control, None, f"{name}: a knob or fader of 7 bits", moves=True)


def _controller(control: Control, moves: _Moves) -> Found:
    name, values = control_name(control), moves.values
    relative, sure = _relative(values, moves.times)
    if relative is not None:
        up, down = _STEP_BYTES[relative]
        says = f"{name}: an encoder that says {up} for a step up and {down} for a step down ({relative})"
        more = "" if sure else "; turn it the other way too, to be sure"
        return Found(control, relative, says + more, sure=sure)
    if set(values) <= {0, max(values)} and (0 in values or 127 in values):
        return Found(control, None, f"{name}: a button")
    if len(values) < _FEWEST_VALUES:
        says = f"{name}: a knob or fader of 7 bits; move it more, to be sure"
        return Found(control, None, says, moves=True, sure=False)
    return Found(control, None, f"{name}: a knob or fader of 7 bits", moves=True)


_STEP_BYTES = {Relative.TWOS: (1, 127), Relative.OFFSET: (65, 63), Relative.SIGN: (1, 65)}
# what ranges of values an encoder uses: 1 and above, 127 and below, 65 and above, 63 and below
_KINDS = {
    frozenset({"low"}): (Relative.TWOS, False),  # or sign
    frozenset({"high"}): (Relative.TWOS, True),
    frozenset({"low", "high"}): (Relative.TWOS, True),
    frozenset({"over"}): (Relative.OFFSET, False),  # or sign, downwards
    frozenset({"under"}): (Relative.OFFSET, True),
    frozenset({"over", "under"}): (Relative.OFFSET, True),
    frozenset({"low", "over"}): (Relative.SIGN, True),
}


def _range(value: int) -> str:
    if 1 <= value <= _LARGEST_STEPS:
        return "low"
    if value >= 128 - _LARGEST_STEPS:
        return "high"
    if 64 < value <= 64 + _LARGEST_STEPS:
        return "over"
    return "under" if 64 - _LARGEST_STEPS <= value < 64 else "none"


def _relative(values: Sequence[int], times: Sequence[float]) -> tuple[Relative | None, bool]:
    """How these values are steps, and whether they are sure to be that kind; None when they are positions."""
    kind, sure = _KINDS.get(frozenset(map(_range, values)), (None, True))
    if kind is None or len(values) < _FEWEST_VALUES:
        return None, True
    repeats = sum(a == b for a, b in pairwise(values)) / (len(values) - 1)
    jumps = any(abs(a - b) > _JUMP for a, b in pairwise(values))
    if repeats < _FEWEST_REPEATS and not jumps:
        return None, True
    if set(values) == {127} and median(b - a for a, b in pairwise(times)) > _TURNED_S:
        return None, True  # a button that says nothing when it is let go
    return kind, sure
