"""The MIDI ends: which ports are heard, and which are sent to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, model_validator

from belabridge.rules import FASTEST_BPM, SLOWEST_BPM, MidiPort, MidiSettings
from belabridge.settings.model_base import Part
from belabridge.settings.model_shape import TIME_SCHEMAS, duration_s
from belabridge.settings.refusal import Refused, Wrong, refuse, shown
from belabridge.settings.words import Flag, Short, Word, name, number, positive

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue

DIN_BYTES_S = 3125.0  # 31 250 baud, ten bits a byte
LONGEST_FEEDBACK_S = 10.0  # later nobody knows what the light is about
DEFAULTS = MidiSettings()

_TEXT: dict[str, Any] = {"type": "string", "minLength": 1}


def port_name(value: Any) -> str:
    """Read a part of a port's name, or a regular expression between slashes."""
    text = name(value)
    if not text.startswith("/"):
        return text
    if len(text) < 3 or not text.endswith("/"):
        raise refuse(f"{shown(text)} is half a regular expression", "write /between slashes/")
    try:
        re.compile(text[1:-1])
    except re.error as error:
        raise refuse(f"{shown(text)} is no regular expression", error.msg) from None
    return text


def limit(value: Any) -> float | None:
    """Read bytes a second: a number, ``din``, or ``none``."""
    if value == "none":
        return None
    if value == "din":
        return DIN_BYTES_S
    if isinstance(value, (str, bool)):
        raise refuse(f"{shown(value)} is no limit", "write din, bytes a second such as 3125, or none")
    return positive(value)


def tempo(value: Any) -> float | None:
    """Read beats a minute, or ``none``."""
    if value == "none":
        return None
    if isinstance(value, (str, bool)):
        raise refuse(f"{shown(value)} is no tempo", "write beats a minute such as 120, or none")
    if not SLOWEST_BPM <= number(value) <= FASTEST_BPM:
        instead = f"write {SLOWEST_BPM:g} to {FASTEST_BPM:g}, or none"
        raise refuse(f"a clock of {shown(value)} beats a minute cannot be played", instead)
    return float(value)


def _pause(value: Any) -> float:
    return duration_s(value, LONGEST_FEEDBACK_S, "to wait with feedback")


PortName = Annotated[str, Word(port_name, _TEXT)]
Limit = Annotated[
    float | None,
    Word(limit, {"anyOf": [{"enum": ["din", "none"]}, {"type": "number", "exclusiveMinimum": 0}]}),
]
Pause = Annotated[float, Word(_pause, {"anyOf": TIME_SCHEMAS})]
Tempo = Annotated[
    float | None,
    Word(
        tempo,
        {"anyOf": [{"enum": ["none"]}, {"type": "number", "minimum": SLOWEST_BPM, "maximum": FASTEST_BPM}]},
    ),
]


class InPortPart(Part):
    """A port that is heard."""

    name: PortName
    """Part of the port's name, or a /regular expression/ for all ports that it fits."""
    virtual: Flag = False
    """Open a port of this name when none matches, for others to connect to."""

    @model_validator(mode="after")
    def _has_a_name(self) -> InPortPart:
        if self.virtual and self.name.startswith("/"):
            raise refuse("a virtual port needs a name", "write one instead of the expression", path=("name",))
        return self

    def port(self) -> MidiPort:
        """Give the value."""
        pattern = self.name[1:-1] if self.name.startswith("/") else None
        return MidiPort(self.name, pattern, self.virtual)


class OutPortPart(InPortPart):
    """A port that is sent to."""

    limit: Limit | None = None
    """At most so many bytes a second: din is 3125, what a MIDI cable carries; none unless said."""

    def port(self) -> MidiPort:
        """Give the value."""
        plain = super().port()
        return MidiPort(plain.name, plain.pattern, plain.virtual, self.limit)


def _port(value: Any) -> Any:
    return value if isinstance(value, dict) else {"name": value}


def _ports(value: Any) -> Any:
    if value == "none":
        return []
    return value if isinstance(value, list) else [value]


def _spellings(long: JsonSchemaValue) -> list[JsonSchemaValue]:
    return [long["items"]]


InPorts = Annotated[
    list[Annotated[InPortPart, Short(_port, lambda _long: [_TEXT])]], Short(_ports, _spellings)
]
OutPorts = Annotated[
    list[Annotated[OutPortPart, Short(_port, lambda _long: [_TEXT])]], Short(_ports, _spellings)
]


class MidiPart(Part):
    """The MIDI ends."""

    in_: InPorts = Field(default_factory=list, alias="in")
    """Ports to hear: part of a port's name, {name: NAME, virtual: true}, or a list of such."""
    out: OutPorts = Field(default_factory=list)
    """Ports to send to: part of a port's name, {name: NAME, virtual: true, limit: din}, or a list of such."""
    feedback_after: Pause = DEFAULTS.feedback_after_s
    """How long after its last touch a control is told its variable's true value; 300ms unless said."""
    silence_on_board_loss: Flag = DEFAULTS.silence_on_board_loss
    """End the notes that sound when the board is lost; true unless said."""
    clock: Tempo | None = None
    """Send MIDI clock at this tempo, in beats a minute; none unless said."""

    @model_validator(mode="after")
    def _each_once(self) -> MidiPart:
        wrongs: list[Wrong] = []
        for way, ports in (("in", self.in_), ("out", self.out)):
            seen: set[str] = set()
            for index, port in enumerate(ports):
                if port.name.casefold() in seen:
                    problem = f"{shown(port.name)} is there already"
                    wrongs.append(Wrong(problem, "remove one of the two", (way, index)))
                seen.add(port.name.casefold())
        if wrongs:
            raise Refused(*wrongs)
        return self

    def settings(self) -> MidiSettings:
        """Give the value."""
        return MidiSettings(
            tuple(port.port() for port in self.in_),
            tuple(port.port() for port in self.out),
            self.feedback_after,
            self.silence_on_board_loss,
            self.clock,
        )
