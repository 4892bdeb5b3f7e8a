"""One MIDI control at work: takes what it says, and says what the board gets."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from belabridge.controls import Kind, control_name
from belabridge.mapping.encoder import Encoder, Toggle, reach_of_steps
from belabridge.mapping.ins import Input
from belabridge.mapping.intents import NOT_FINITE, Intent, Refused, SetValue
from belabridge.mapping.reach import Reach
from belabridge.mapping.shape import compile_shape
from belabridge.mapping.takeover import CatchUp, Hand, Offset, Pickup, make_takeover
from belabridge.mapping.way import COALESCE_S, Way
from belabridge.rules import Mode, Takeover

if TYPE_CHECKING:
    from collections.abc import Sequence

    from belabridge.controls import MidiOrigin, Touch
    from belabridge.mapping.truth import Truth
    from belabridge.rules import InRule, MidiIn, OutRule


class MidiInput(Input):
    """What all input rules of MIDI have in common."""

    __slots__ = ()

    @abstractmethod
    def touch(self, touch: Touch, origin: MidiOrigin, now: float, intents: list[Intent]) -> None:
        """Take what the control said."""

    def _refuse_number(self, x: float, y: float, intents: list[Intent]) -> None:
        self.refused += 1
        name = control_name(self.rule.midi.control) if self.rule.midi is not None else ""
        intents.append(Refused(NOT_FINITE, f"{name}: {x:g} becomes {y:g}, which no board takes", name))


class ControlInput(MidiInput):
    """Sets a variable to what a control says, or moves it on by that.

    A rule that jumps and does nothing in time needs no memory. Every other one knows what the variable was
    after its last touch: when it is something else at the next, it was changed elsewhere.
    """

    __slots__ = ("_encoder", "_hand", "_known", "_midi", "_one", "_origin", "_simple", "_truth", "_way")

    def __init__(self, index: int, rule: InRule, midi: MidiIn, truth: Truth) -> None:
        super().__init__(index, rule)
        self._midi, self._truth = midi, truth
        compiled = compile_shape(rule.shape)
        self._one = compiled.before.one
        self._way = Way(rule.shape, compiled.after, rule.rate_hz)
        reach = Reach(rule.shape)
        self._encoder: Encoder | None = None
        self._hand: Hand
        if midi.relative is not None:
            self._hand = self._encoder = Encoder(midi, reach_of_steps(rule.shape))
        elif midi.mode is Mode.TOGGLE:
            self._hand = Toggle(midi.control, reach)
        else:
            self._hand = make_takeover(midi.takeover, midi.control, reach, truth.same)
        jumps = midi.relative is None and midi.mode is Mode.ABSOLUTE and midi.takeover is Takeover.JUMP
        self._simple = jumps and self._way.is_free
        self._known: float | None = None
        self._origin: MidiOrigin | None = None

    def expect_motor(self, *, there: bool) -> None:
        """Feedback tells the control its variable: a motor, if it has one, brings it there."""
        if isinstance(self._hand, Pickup | CatchUp | Offset):
            self._hand.has_motor = there

    def end_takeover(self) -> None:
        """The control has to meet its variable again."""
        if self._encoder is not self._hand:  # steps meet nothing, and parts of them are not lost
            self._hand.lose()

    def touch(self, touch: Touch, origin: MidiOrigin, now: float, intents: list[Intent]) -> None:
        """Take what the control said."""
        self.received += 1
        self.value = touch.value
        if self._simple and not touch.steps:
            y = self._one(touch.value)
            if y - y != 0.0:
                self._refuse_number(touch.value, y, intents)
                return
            self._truth.set(y, origin, now)
            intents.append(SetValue(self.index, self._truth.name, y))
            return
        value = self._truth.current()
        if not self._truth.same(self._known, value):
            self._let_go(value, now)
        if origin != self._origin:
            self._origin = origin
            self._hand.change()
        x = self._turn(touch, value) if touch.steps else self._show(touch, value)
        if x is not None:
            self._pass_on(x, origin, now, intents)
        self._known = self._truth.current()

    def tick(self, now: float, intents: list[Intent]) -> None:
        """Set what waited, or the next output of the filter, unless the variable was changed elsewhere."""
        if self.deadline > now + COALESCE_S:
            return
        value = self._truth.current()
        if self._truth.controlled and not self._simple and not self._truth.same(self._known, value):
            self._let_go(value, now)
            self._known = value
        elif self._way.tick(now):
            self._go(now, intents)
            self._known = self._truth.current()
        self.deadline = self._way.deadline

    def _show(self, touch: Touch, value: float | None) -> float | None:
        if self._encoder is not None:
            self._encoder.lose()
        return self._hand.move(touch, value)

    def _turn(self, touch: Touch, value: float | None) -> float | None:
        """Increment and decrement may come from a control that else says positions."""
        if self._encoder is None:
            self._encoder = Encoder(self._midi, Reach(self.rule.shape))
        if self._encoder is not self._hand:
            self._hand.lose()
        return self._encoder.move(touch, value)

    def _let_go(self, value: float | None, now: float) -> None:
        self._hand.lose()
        if self._encoder is not None:
            self._encoder.lose()
        self._way.restart(value, now)

    def _pass_on(self, x: float, origin: MidiOrigin, now: float, intents: list[Intent]) -> None:
        y = self._one(x)
        if y - y != 0.0:
            self._refuse_number(x, y, intents)
            return
        if self._way.offer(y, now, origin):
            self._go(now, intents)
        self.deadline = self._way.deadline

    def _go(self, now: float, intents: list[Intent]) -> None:
        value = self._way.value
        if value is not None:
            self._truth.set(value, self._way.origin, now)
            intents.append(SetValue(self.index, self._truth.name, value))


def asks_where_it_is(rule: InRule) -> bool:
    """Whether what a rule does to its variable depends on what that is: takeover, steps, toggle."""
    midi = rule.midi
    if midi is None:
        return False
    by_steps = midi.relative is not None or midi.control.kind in {Kind.RPN, Kind.NRPN}
    return by_steps or midi.mode is Mode.TOGGLE or midi.takeover is not Takeover.JUMP


def expect_motors(inputs: Sequence[Input], out: Sequence[OutRule]) -> None:
    """Tell each control whether one of the rules ``out`` gives it feedback."""
    told = [(rule.var, rule.midi.control) for rule in out if rule.feedback and rule.midi is not None]
    for put in inputs:
        midi = put.rule.midi
        if isinstance(put, ControlInput) and midi is not None:
            own = midi.control
            there = any(
                var == put.rule.var
                and (control.kind, control.number) == (own.kind, own.number)
                and own.channel in {None, control.channel}
                for var, control in told
            )
            put.expect_motor(there=there)
