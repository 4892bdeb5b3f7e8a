"""One output rule of MIDI at work: a value's way, and what its end makes of it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from belabridge.controls import Kind, control_name
from belabridge.mapping.intents import SendOsc
from belabridge.mapping.midi_ends import ControlEnd, End, PulseEnd, is_pulse
from belabridge.mapping.note_outs import NoteEnd
from belabridge.mapping.outs import Output, make_output
from belabridge.mapping.step_outs import StepEnd
from belabridge.rules import OscOut, OutRule, Take

if TYPE_CHECKING:
    from collections.abc import Hashable

    from belabridge.mapping.intents import Intent
    from belabridge.rules import MidiOut, Shape
    from belabridge.values import Block

HIGHEST_PROGRAM = 127


class MidiOutput(Output):
    """The same way as for OSC, with another end."""

    __slots__ = ("_inner", "deadline", "end", "followers")

    def __init__(self, index: int, rule: OutRule, midi: MidiOut) -> None:
        """Compile.

        Args:
            index: the place of the rule in the plan's ``out``.
            rule: the rule.
            midi: of the rule.

        Raises:
            UsageError: when a part of the shape is impossible.
        """
        goal = OscOut(control_name(midi.control))  # its name is seen in complaints; nothing goes there
        super().__init__(index, rule, goal)
        self.end: End
        self.followers: list[tuple[str, Output]] = []
        if midi.control.kind is Kind.NOTE:
            self.end = note = NoteEnd(index, midi, rule.var)
            self.followers = [(name, Follower(self, note, name)) for name in note.needs]
        else:
            self.end = _end(index, midi)
        self._inner = make_output(index, _inner_rule(rule, midi), goal)
        self.deadline = math.inf

    @property
    def sent(self) -> int:
        """Messages that went out."""
        return self.end.sent

    @property
    def superseded(self) -> int:
        """Values that the rate held back until newer ones replaced them."""
        return self._inner.superseded

    @property
    def value(self) -> float | None:
        """The last value that the way let go."""
        return self._inner.value

    def block(self, block: Block, now: float, intents: list[Intent]) -> None:
        """Take a block of at least one sample."""
        passed: list[Intent] = []
        self._inner.block(block, now, passed)
        self._pass_on(passed, now, intents)

    def one(
        self, x: float, now: float, intents: list[Intent], origin: Hashable | None = None, frame: int = 0
    ) -> None:
        """Take what the program reads, as one sample."""
        passed: list[Intent] = []
        self._inner.one(x, now, passed, origin, frame)
        self._pass_on(passed, now, intents)

    def tick(self, now: float, intents: list[Intent]) -> None:
        """Do what is due on the way and at its end."""
        passed: list[Intent] = []
        self._inner.tick(now, passed)
        self.end.tick(now, intents)
        self._pass_on(passed, now, intents)

    def forget(self) -> None:
        """Let the next value go out, whether or not it differs from the last."""
        self._inner.forget()
        self.end.forget()

    def silenced(self) -> None:
        """All notes were ended: a gate that is open begins its note anew when its value comes again."""
        self._inner.forget()
        self.end.silenced()
        self.settle()

    def begin_anew(self, intents: list[Intent]) -> None:
        """All notes were ended: a gate that is open begins its note anew at once."""
        self.end.begin_anew(intents)
        self.settle()

    def mute(self) -> None:
        """All notes were ended and are not wanted any more; a light is none."""
        if not self.rule.feedback:
            self.end.mute()
            self.settle()

    def move(self, index: int) -> None:
        """The rule has this place in the plan's ``out`` now."""
        self.index = self.end.index = index
        for _, follower in self.followers:
            follower.index = index

    def settle(self) -> None:
        """Something was done on the way or at its end: say when the next thing is."""
        self.deadline = min(self._inner.deadline, self.end.deadline)

    def _pass_on(self, passed: list[Intent], now: float, intents: list[Intent]) -> None:
        for intent in passed:
            if isinstance(intent, SendOsc) and intent.value is not None:
                self.end.take(intent.value, intent, now, intents)
            else:
                self.refused += 1
                intents.append(intent)
        self.settle()


class Follower(Output):
    """What feeds a note's end with a variable that says its pitch or velocity."""

    __slots__ = ("_name", "_note", "_output")

    def __init__(self, output: MidiOutput, note: NoteEnd, name: str) -> None:
        super().__init__(output.index, output.rule, output.osc)
        self._output, self._note, self._name = output, note, name

    @property
    def sent(self) -> int:
        """Nothing goes out here."""
        return 0

    @property
    def superseded(self) -> int:
        """Nothing is held back here."""
        return 0

    @property
    def value(self) -> float | None:
        """Nothing goes out here."""
        return None

    @property
    def deadline(self) -> float:  # type: ignore[override]  # it has no time of its own
        """When the output has something to do."""
        return self._output.deadline

    def block(self, block: Block, now: float, intents: list[Intent]) -> None:
        """Take the newest value of a block."""
        self.one(float(block.values.item(-1)), now, intents, None, block.frame)

    def one(
        self,
        x: float,
        now: float,  # noqa: ARG002 - a pitch is taken at once
        intents: list[Intent],
        origin: Hashable | None = None,  # noqa: ARG002 - who set a pitch does not matter to the note
        frame: int = 0,
    ) -> None:
        """Take a value."""
        self._note.hear(self._name, x, frame, intents)
        self._output.settle()

    def tick(self, now: float, intents: list[Intent]) -> None:
        """The output is asked for itself."""


def _end(index: int, midi: MidiOut) -> End:
    if midi.step is not None:
        return StepEnd(index, midi, midi.step)
    return PulseEnd(index, midi) if is_pulse(midi.control) else ControlEnd(index, midi)


def _inner_rule(rule: OutRule, midi: MidiOut) -> OutRule:
    shape = rule.shape
    if midi.step is not None:  # steps have no ends
        return rule
    if midi.control.kind is Kind.NOTE or is_pulse(midi.control):
        # an edge must not be lost because another one came shortly before
        return replace(rule, rate_hz=None if rule.take is Take.VALUE else rule.rate_hz)
    match midi.control.kind:
        case Kind.TEMPO:
            return rule
        case Kind.PROGRAM:
            return replace(rule, shape=_clipped(replace(shape, round=shape.round or 1.0), HIGHEST_PROGRAM))
        case _:
            return replace(rule, shape=_clipped(shape, 1.0))


def _clipped(shape: Shape, highest: float) -> Shape:
    low, high = shape.clip or (0.0, highest)
    return replace(shape, clip=(min(max(low, 0.0), highest), min(max(high, 0.0), highest)))
