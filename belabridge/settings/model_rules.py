"""The rules of ``out`` and ``in``: which variable, which address or control, and the words between them."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from belabridge.controls import Kind
from belabridge.rules import DEFAULT_RATE_HZ, InRule, MidiIn, Mode, OscOut, OutRule, Shape, Take, Takeover
from belabridge.settings.addresses import control_address, osc_address
from belabridge.settings.hand import ModeWord, TakeoverMode, beyond_position, hand_wrongs
from belabridge.settings.model_base import Part
from belabridge.settings.model_control import PULSES, InControl, OutControl
from belabridge.settings.model_logs import VARS_SCHEMA, LogTriggerPart, log_short
from belabridge.settings.model_shape import ShapePart
from belabridge.settings.note_vars import NoteVars, Vars
from belabridge.settings.refusal import Refused, Wrong, refuse, shown
from belabridge.settings.words import MAX_TEXT, Flag, Name, Number, Rate, Short, Word, choice, each, name
from belabridge.values import VarType

MAX_BUFFER_ID = 2**32 - 1  # uint32 on the wire
EDGE_RATE_HZ = 200.0  # of notes and pulses: 5 ms late nobody hears, and twice that some do
ADDRESS_SCHEMA: dict[str, Any] = {"type": "string", "pattern": "^/[^ #*,?\\[\\]{}]+$"}

_TAKES = {take.value: take.value for take in Take}
_FORMS = {form: form for form in ("f", "d", "i", "h", "blob")} | {
    "float": "f", "double": "d", "int": "i", "integer": "i", "long": "h", "b": "blob"
}  # fmt: skip
_C_TYPES = {kind.value: kind.value for kind in VarType} | {
    "char": "c", "int": "i", "unsigned": "j", "unsigned int": "j", "uint": "j", "float": "f", "double": "d"
}  # fmt: skip


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        return (name(value),)
    if not value:
        raise refuse("`to` names nobody", "name a destination, or remove `to` to send to all of them")
    return tuple(each(name, value))


def _buffer(value: Any) -> int | str:
    if isinstance(value, str) and value:
        return name(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_BUFFER_ID:
        raise refuse(f"{shown(value)} is no buffer", "write its name or its number on the board")
    return value


OscAddress = Annotated[str, Word(osc_address, ADDRESS_SCHEMA)]


class OscOutPart(Part):
    """Where an output goes, and as what."""

    address: OscAddress = ""
    """An OSC address such as /synth/cutoff; /bela/<var> unless said."""
    to: Annotated[
        tuple[str, ...],
        Word(
            _names,
            {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]},
        ),
    ] = ()
    """Names of destinations of osc.send; without it, all of them."""
    as_: Annotated[
        Literal["f", "d", "i", "h", "blob"],
        Word(choice("OSC type", _FORMS), {"enum": ["f", "d", "i", "h", "blob"]}),
    ] = Field("f", alias="as")
    """f float, d double, i int, h 64-bit int; blob: big-endian float32, for `take: all`."""


_IN_TIME = ("smooth", "deadband", "on_change")
OscIn = Annotated[str, Word(control_address, ADDRESS_SCHEMA)]
BufferId = Annotated[
    int | str,
    Word(
        _buffer,
        {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": MAX_BUFFER_ID},
                {"type": "string", "minLength": 1, "maxLength": MAX_TEXT},
            ]
        },
    ),
]
CType = Annotated[str, Word(choice("C type", _C_TYPES), {"enum": [kind.value for kind in VarType]})]


def osc_out(value: Any) -> Any:
    """Give the long spelling of an address alone."""
    return value if isinstance(value, dict) else {"address": value}


class OutPart(ShapePart):
    """From the board: a variable, what is taken of it, its way, and where it goes."""

    var: Name
    """The variable's name on the board."""
    take: Annotated[str, Word(choice("`take`", _TAKES), {"enum": list(_TAKES)})] = "value"
    """What of the samples since the last message: value, last, mean, rms, peak, min, max, or all of them."""
    rate: Rate | None = None
    """At most this many messages a second; 50 unless said."""
    osc: Annotated[OscOutPart, Short(osc_out, lambda _long: [ADDRESS_SCHEMA])] | None = None
    """/address, or {address: /address, to: NAME, as: f}; /bela/<var> unless said."""
    midi: OutControl | None = None
    """A MIDI control such as {cc: 20, channel: 1}, or a note: {note: 36, on: 0.5}."""
    step: Number | None = None
    """How far the value moves for one step of a relative control; the other words are before it."""
    feedback: Flag = False
    """Its variable is set by the same control: tell a light, a ring or a motor, but never the hand."""
    echo: Flag = False
    """Send a value also to the program that it came from."""

    @model_validator(mode="after")
    def _fits(self) -> OutPart:
        wrongs = []
        if self.take == Take.ALL:
            problem = "`take: all` sends every sample, and `{}` looks at single values"
            wrongs += [
                Wrong(problem.format(word), "remove it, or take value, mean or rms", (word,), key=True)
                for word in ("smooth", "deadband", "on_change")
                if getattr(self, word)
            ]
        elif self.osc and self.osc.as_ == "blob":
            wrongs.append(
                Wrong("a blob holds many samples", "add `take: all`, or write as: f", ("osc", "as"))
            )
        if self.midi is None and self.feedback:
            wrongs.append(Wrong("only a MIDI control has feedback", "remove it", ("feedback",), key=True))
        wrongs += self._step_wrongs()
        if self.midi is not None:
            if self.take == Take.ALL:
                wrongs.append(Wrong("MIDI takes single values", "write value, mean, rms or peak", ("take",)))
            both = "write two rules, one of them for MIDI" if self.osc else "write to: [0, 1]"
            if self.midi.kind() is not Kind.NOTE and self.midi.relative is None:
                wrongs += beyond_position(self, self.midi.kind(), "to", both)
        if wrongs:
            raise Refused(*wrongs)
        return self

    def _step_wrongs(self) -> list[Wrong]:
        is_relative = self.midi is not None and self.midi.relative is not None
        if is_relative and self.feedback:
            problem = "steps do not say where the variable is"
            return [Wrong(problem, "remove `relative`, or `feedback`", ("feedback",), key=True)]
        if self.step is None or (is_relative and self.step):
            return []
        if is_relative:
            return [Wrong("a step of 0 goes nowhere", "write a number such as 0.01", ("step",))]
        problem = "`step` is for a control that is sent steps"
        return [Wrong(problem, "add relative: twos to the control, or remove it", ("step",), key=True)]

    def _width(self) -> float:
        first, second = self.scale.to if self.scale is not None else (0.0, 1.0)
        return abs(second - first)

    def rules(self, place: tuple[int, int]) -> list[OutRule]:
        """Give the rule's value: two for two kinds of ends."""
        take, found = Take(self.take), []
        if self.osc is not None or self.midi is None:
            rate_hz = self.rate or (None if take is Take.ALL else DEFAULT_RATE_HZ)
            osc = OscOut(self.osc.address, self.osc.to, self.osc.as_) if self.osc else None
            found.append(OutRule(self.var, take, rate_hz, self.shape(), osc, echo=self.echo, place=place))
        if self.midi is not None:
            found.append(
                OutRule(
                    self.var,
                    take,
                    self.rate or midi_rate_hz(self.midi.kind()),
                    changes(self),
                    midi=self.midi.sent(self.step, self._width()),
                    feedback=self.feedback,
                    echo=self.echo,
                    place=place,
                )
            )
        return found


def midi_rate_hz(kind: Kind) -> float:
    """Give how often a variable is looked at for a control when the rule does not say."""
    return EDGE_RATE_HZ if kind is Kind.NOTE or kind in PULSES else DEFAULT_RATE_HZ


def changes(part: ShapePart) -> Shape:
    """Give the shape for a MIDI control, which is told only what is new unless the rule says otherwise."""
    return replace(part.shape(), on_change=part.on_change or "on_change" not in part.model_fields_set)


class InPart(ShapePart):
    """To the board: an OSC address or a MIDI control sets a variable, or an address fills a buffer."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": [way]} for way in ("osc", "midi")]})

    osc: OscIn | None = None
    """The OSC address that is listened to."""
    midi: InControl | None = None
    """Instead of osc: the MIDI control, such as {cc: 7, channel: 1}, bend, or {note: any}."""
    var: Vars | None = None
    """The variable that is set; of a note also {pitch: NAME, velocity: NAME, gate: NAME}."""
    buffer: BufferId | None = None
    """Instead of var: the name or the number of the program's buffer that the arguments fill."""
    type: CType | None = None
    """The C type of the buffer: c char, i int, j unsigned int, f float, d double; a number needs it."""
    log: Annotated[LogTriggerPart, Short(log_short, lambda _long: [VARS_SCHEMA])] | None = None
    """Instead of var: begin and end logs on the board's disk: {vars: [mic], mode: toggle}."""
    takeover: TakeoverMode = Takeover.JUMP
    """When control and variable differ: jump (unless said), pickup, scale or relative."""
    step: Number | None = None
    """How far one step of a relative control moves: of the variable, or of the scale's from."""
    mode: ModeWord = Mode.ABSOLUTE
    """toggle: each press turns the variable over; absolute unless said."""
    rate: Rate | None = None
    """At most this many settings a second, the last one always arriving; no limit unless said."""

    @model_validator(mode="after")
    def _fits(self) -> InPart:
        wrongs = [*self._goal_wrongs(), *self._buffer_wrongs()]
        if self.osc is None and self.midi is None:
            what = "add `osc: /address`, which it listens to, or `midi: {cc: 7}`"
            wrongs.append(Wrong("`osc` is missing", what, needs=("osc", "midi")))
        elif self.osc is not None and self.midi is not None:
            wrongs.append(
                Wrong("a rule hears OSC or MIDI", "write two rules, or one in `links:`", ("midi",), key=True)
            )
        wrongs += hand_wrongs(self, self.midi, self.takeover, self.mode)
        if self.midi is not None:
            wrongs += self._note_wrongs(self.midi.kind())
        elif isinstance(self.var, NoteVars):
            wrongs.append(Wrong("only a note has pitch, velocity and gate", "write var: NAME", ("var",)))
        if wrongs:
            raise Refused(*wrongs)
        return self

    def _goal_wrongs(self) -> list[Wrong]:
        if self.log is not None:
            sets = [word for word in ("var", "buffer", "type") if getattr(self, word) is not None]
            problem = "a rule that logs sets nothing"
            return [Wrong(problem, "write two rules", (word,), key=True) for word in sets]
        if self.var is None and self.buffer is None:
            instead = "add `var: NAME`, or `buffer: NAME`"
            return [Wrong("this rule sets nothing", instead, needs=("var", "buffer"))]
        if self.var is not None and self.buffer is not None:
            return [
                Wrong("a rule sets a variable or a buffer", "remove one of the two", ("buffer",), key=True)
            ]
        if isinstance(self.buffer, int) and self.type is None:
            problem = "the number of a buffer needs its C type"
            return [Wrong(problem, "add `type: f` for floats", ("buffer",), key=True)]
        if self.var is not None and self.type is not None:
            problem = "only a buffer has a `type`: a variable's is known"
            return [Wrong(problem, "remove it", ("type",), key=True)]
        return []

    def _buffer_wrongs(self) -> list[Wrong]:
        if self.buffer is None:
            return []
        wrongs = [
            Wrong(f"`{word}` looks at single values, and a buffer has many", "remove it", (word,), key=True)
            for word in _IN_TIME
            if getattr(self, word)
        ]
        if self.midi is not None:
            wrongs.append(Wrong("MIDI fills no buffer", "write `osc: /address`", ("midi",), key=True))
        return wrongs

    def _note_wrongs(self, kind: Kind) -> list[Wrong]:
        if not isinstance(self.var, NoteVars):
            return []
        if kind is not Kind.NOTE:
            return [Wrong(f"{kind} has no pitch, velocity and gate", "write var: NAME", ("var",))]
        if self.mode == Mode.TOGGLE:
            return [Wrong("a toggle turns one variable over", "write var: NAME", ("var",))]
        wrongs = [
            Wrong(f"`{word}` would hold a note back", "remove it", (word,), key=True)
            for word in (*_IN_TIME, "rate")
            if getattr(self, word)
        ]
        if self.var.velocity is None:
            problem = "`{}` is for the velocity, and none is set"
            wrongs += [
                Wrong(problem.format(word), "remove it", (word,), key=True)
                for word in ("expr", "scale", "invert", "clip", "round")
                if getattr(self, word)
            ]
        return wrongs

    def rule(self, place: tuple[int, int]) -> InRule:
        """Give the rule's value."""
        kind = VarType(self.type) if self.type else None
        var = self.var if isinstance(self.var, str) else None
        midi: MidiIn | None = None
        if self.midi is not None:
            parts = self.var.parts() if isinstance(self.var, NoteVars) else {}
            midi = self.midi.heard(
                step=self.step, takeover=Takeover(self.takeover), mode=Mode(self.mode), **parts
            )
        log = None if self.log is None else self.log.trigger()
        return InRule(self.osc, var, self.buffer, kind, self.shape(), self.rate, midi, place, log)
