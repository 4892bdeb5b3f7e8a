"""One note rule at work: keys that are held, and the pitch, velocity and gate that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from belabridge.controls import Kind
from belabridge.mapping.intents import Intent, SetValue
from belabridge.mapping.shape import compile_shape
from belabridge.mapping.touches import ControlInput, MidiInput
from belabridge.mapping.way import Way
from belabridge.rules import Mode

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from belabridge.controls import MidiOrigin, Touch
    from belabridge.mapping.truth import Truth
    from belabridge.rules import InRule, MidiIn

A4_HZ = 440.0
A4_NOTE = 69
Key = tuple[str, int, int, int]  # port, device, channel, note


def frequency_hz(note: float) -> float:
    """The frequency of a note in equal temperament, A4 = 69 = 440 Hz."""
    return float(A4_HZ * 2.0 ** ((note - A4_NOTE) / 12.0))


class NoteInput(MidiInput):
    """Sets variables by keys, the newest one first.

    The pitch is that of the newest key that is down: when it is let go, the one before it sounds again,
    without a new gate. The pitch stays when the last one is let go, so that a release is heard at its pitch.
    A note's variables are set in the order pitch, velocity, gate: what the gate starts is already right.
    """

    __slots__ = ("_gate", "_held", "_hz", "_main", "_one", "_pitch", "_velocity", "_way")

    def __init__(self, index: int, rule: InRule, midi: MidiIn, truths: Mapping[str, Truth]) -> None:
        """Begin with no key down.

        Args:
            index: the place of the rule in the plan's ``in_``.
            rule: the rule; its shape is the way of the velocity.
            midi: of the rule.
            truths: what is known of each variable that the rule sets.

        Raises:
            UsageError: when a part of the shape is impossible.
        """
        super().__init__(index, rule)
        compiled = compile_shape(rule.shape)
        self._one = compiled.before.one
        self._way = Way(rule.shape, compiled.after, rule.rate_hz)
        self._hz = midi.pitch_is_hz
        self._main, self._pitch, self._velocity, self._gate = (
            None if name is None else truths[name]
            for name in (rule.var, midi.pitch_var, midi.velocity_var, midi.gate_var)
        )
        self._held: dict[Key, tuple[float, MidiOrigin]] = {}  # the position of each velocity; the newest last

    def touch(self, touch: Touch, origin: MidiOrigin, now: float, intents: list[Intent]) -> None:
        """Take a note that begins or ends."""
        self.received += 1
        key = (origin.port, origin.device, touch.channel, touch.note)
        if touch.on:
            self.value = touch.value
            self._held.pop(key, None)
            self._held[key] = touch.value, origin
            self._sound(now, intents, begins=True)
        elif key in self._held:
            self._release([key], now, intents)

    def released(self, port: str, now: float, intents: list[Intent]) -> None:
        """Let go the keys of a port that is gone."""
        keys = [key for key in self._held if key[0] == port]
        if keys:
            self._release(keys, now, intents)

    @property
    def gates(self) -> list[str]:
        """The variables that a key holds open now."""
        open_ = [self._main, self._gate] if self._held else []
        return [truth.name for truth in open_ if truth is not None]

    def tick(self, now: float, intents: list[Intent]) -> None:
        """Set what waited, or the next output of the filter."""
        if self._way.tick(now) and self._main is not None and self._way.value is not None:
            self._open(self._main, self._way.value, self._way.origin, now, intents)
        self.deadline = self._way.deadline

    def _release(self, keys: list[Key], now: float, intents: list[Intent]) -> None:
        newest, (_, origin) = next(reversed(self._held.items()))
        for key in keys:
            del self._held[key]
        if not self._held:
            self._offer(0.0, origin, now, intents)
            if self._gate is not None:
                self._open(self._gate, 0.0, origin, now, intents)
        elif newest not in self._held:
            self._sound(now, intents, begins=False)

    def _sound(self, now: float, intents: list[Intent], *, begins: bool) -> None:
        (*_, note), (position, origin) = next(reversed(self._held.items()))
        if self._pitch is not None:
            self._set(self._pitch, frequency_hz(note) if self._hz else float(note), origin, now, intents)
        if self._velocity is not None and begins:
            y = self._one(position)
            if y - y != 0.0:
                self._refuse_number(position, y, intents)
            else:
                self._set(self._velocity, y, origin, now, intents)
        self._offer(position, origin, now, intents)
        if self._gate is not None and begins:
            self._open(self._gate, 1.0, origin, now, intents)

    def _offer(self, position: float, origin: MidiOrigin, now: float, intents: list[Intent]) -> None:
        if self._main is None:
            return
        y = self._one(position)
        if y - y != 0.0:
            self._refuse_number(position, y, intents)
        elif self._way.offer(y, now, origin) and self._way.value is not None:
            self._open(self._main, self._way.value, self._way.origin, now, intents)
        self.deadline = self._way.deadline

    def _open(self, truth: Truth, value: float, origin: Hashable, now: float, intents: list[Intent]) -> None:
        """Set what opens and closes with the keys."""
        truth.set(value, origin, now)
        intents.append(SetValue(self.index, truth.name, value, is_edge=True))

    def _set(self, truth: Truth, value: float, origin: Hashable, now: float, intents: list[Intent]) -> None:
        truth.set(value, origin, now)
        intents.append(SetValue(self.index, truth.name, value))


def make_midi_input(index: int, rule: InRule, midi: MidiIn, truths: Mapping[str, Truth]) -> MidiInput:
    """The input for a rule of MIDI, which ``rule_problem`` has nothing against.

    Args:
        index: its place in the plan's ``in_``.
        rule: the rule.
        midi: of the rule.
        truths: what is known of each variable that the rule sets.
    """
    if midi.control.kind is Kind.NOTE and midi.mode is Mode.ABSOLUTE:
        return NoteInput(index, rule, midi, truths)
    (truth,) = truths.values()
    return ControlInput(index, rule, midi, truth)
