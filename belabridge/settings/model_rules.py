"""The rules of ``out`` and ``in``: which variable, which OSC address, and the words between them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from belabridge.rules import DEFAULT_RATE_HZ, InRule, OscOut, OutRule, Shape, Take
from belabridge.settings.addresses import control_address, osc_address
from belabridge.settings.model_base import Part
from belabridge.settings.model_shape import ShapePart
from belabridge.settings.refusal import Refused, Wrong, refuse, shown
from belabridge.settings.words import Flag, Name, Rate, Short, Word, choice, each, name
from belabridge.values import VarType

MAX_BUFFER_ID = 2**32 - 1  # uint32 on the wire
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


def _buffer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_BUFFER_ID:
        raise refuse(f"{shown(value)} is no buffer", "write its number on the board: 0 is the first")
    return value


class OscOutPart(Part):
    """Where an output goes, and as what."""

    address: Annotated[str, Word(osc_address, ADDRESS_SCHEMA)]
    """An OSC address such as /synth/cutoff."""
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


def _osc(value: Any) -> Any:
    return value if isinstance(value, dict) else {"address": value}


class OutPart(ShapePart):
    """From the board: a variable, what is taken of it, its way, and where it goes."""

    var: Name
    """The variable's name on the board."""
    take: Annotated[str, Word(choice("`take`", _TAKES), {"enum": list(_TAKES)})] = "value"
    """What of the samples since the last message: value, last, mean, rms, peak, min, max, or all of them."""
    rate: Rate | None = None
    """At most this many messages a second; 50 unless said."""
    osc: Annotated[OscOutPart, Short(_osc, lambda _long: [ADDRESS_SCHEMA])] | None = None
    """/address, or {address: /address, to: NAME, as: f}; /bela/<var> unless said."""
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
        if wrongs:
            raise Refused(*wrongs)
        return self

    def rule(self, place: tuple[int, int]) -> OutRule:
        """Give the rule's value."""
        rate_hz = self.rate or (None if self.take == Take.ALL else DEFAULT_RATE_HZ)
        osc = OscOut(self.osc.address, self.osc.to, self.osc.as_) if self.osc else None
        return OutRule(self.var, Take(self.take), rate_hz, self.shape(), osc, echo=self.echo, place=place)


class InPart(ShapePart):
    """To the board: an OSC address that sets a variable, or fills a buffer of the program."""

    osc: Annotated[str, Word(control_address, ADDRESS_SCHEMA)]
    """The OSC address that is listened to."""
    var: Name | None = None
    """The variable that is set."""
    buffer: (
        Annotated[int, Word(_buffer, {"type": "integer", "minimum": 0, "maximum": MAX_BUFFER_ID})] | None
    ) = None
    """Instead of var: the number of the program's buffer that the arguments fill."""
    type: (
        Annotated[str, Word(choice("C type", _C_TYPES), {"enum": [kind.value for kind in VarType]})] | None
    ) = None
    """The C type of the buffer: c char, i int, j unsigned int, f float, d double."""
    rate: Rate | None = None
    """At most this many settings a second, the last one always arriving; no limit unless said."""

    @model_validator(mode="after")
    def _fits(self) -> InPart:
        wrongs = []
        if self.var is None and self.buffer is None:
            wrongs.append(Wrong("this rule sets nothing", "add `var: NAME`, or `buffer: 0` and `type: f`"))
        elif self.var is not None and self.buffer is not None:
            wrongs.append(
                Wrong("a rule sets a variable or a buffer", "remove one of the two", ("buffer",), key=True)
            )
        elif self.buffer is not None and self.type is None:
            wrongs.append(
                Wrong("a buffer needs its C type", "add `type: f` for floats", ("buffer",), key=True)
            )
        elif self.var is not None and self.type is not None:
            problem = "only a buffer has a `type`: a variable's is known"
            wrongs.append(Wrong(problem, "remove it", ("type",), key=True))
        if self.buffer is not None:
            wrongs += [
                Wrong(
                    f"`{word}` looks at single values, and a buffer has many", "remove it", (word,), key=True
                )
                for word in ("smooth", "deadband", "on_change")
                if getattr(self, word)
            ]
        if wrongs:
            raise Refused(*wrongs)
        return self

    def rule(self, place: tuple[int, int]) -> InRule:
        """Give the rule's value."""
        shape: Shape = self.shape()
        kind = VarType(self.type) if self.type else VarType.FLOAT
        return InRule(self.osc, self.var, self.buffer, kind, shape, self.rate, place=place)
