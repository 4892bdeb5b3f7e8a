"""The words of a MIDI control: notes, channels, velocities, kinds of steps."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from belabridge.controls import Relative, Zone, note_number
from belabridge.settings import sysex_text
from belabridge.settings.refusal import refuse, shown
from belabridge.settings.words import Word, choice, name, whole

BY_INCREMENT = "true"  # as the file says it: the steps of a parameter have no kind

TEXT: dict[str, Any] = {"type": "string", "minLength": 1}


def read_note(value: Any) -> int:
    """Read a note: its number, or its name; middle C is C4 and 60."""
    if not isinstance(value, str):
        return whole("note", 0, 127)(value)
    number = note_number(value)
    if number is None:
        raise refuse(f"{shown(value)} is no note", "write C-1 to G9 (middle C is C4), or 0 to 127")
    return number


def read_key(value: Any) -> int | Literal["any"]:
    """Read a note, or ``any``."""
    return "any" if value == "any" else read_note(value)


def read_channel(value: Any) -> int | Literal["any"]:
    """Read a channel, or ``any``."""
    if value == "any":
        return "any"
    if isinstance(value, str) and not value.isdigit():
        raise refuse(f"{shown(value)} is no channel", "write 1 to 16, or any")
    return whole("channel", 1, 16)(value)


def read_bits(value: Any) -> int:
    """Read how many bits data has."""
    if isinstance(value, bool) or value not in (7, 14):
        raise refuse(f"{shown(value)} is no number of bits", "write 7 or 14")
    return int(value)


def read_alone(value: Any) -> bool:
    """Read the value of a kind that has no number."""
    if value is not True:
        raise refuse(f"{shown(value)} says nothing here", "write true, as this kind has no number")
    return True


def read_velocity(value: Any) -> int | str:
    """Read a velocity, or the name of the variable that says it."""
    if isinstance(value, str):
        return name(value)
    if isinstance(value, float) and 0.0 < value < 1.0:
        raise refuse(f"{shown(value)} is no velocity", f"write {max(round(value * 127), 1)}, of 1 to 127")
    return whole("velocity", 1, 127)(value)


_relative_kind = choice("relative kind", {kind.value: kind.value for kind in Relative})


def read_steps(value: Any) -> str:
    """Read how steps are sent."""
    if value is True:
        return BY_INCREMENT
    return _relative_kind(value)


def _number(what: str, highest: int) -> Word:
    return Word(whole(what, 0, highest), {"type": "integer", "minimum": 0, "maximum": highest})


_RELATIVE = {"enum": [kind.value for kind in Relative]}
NOTES = [{"type": "integer", "minimum": 0, "maximum": 127}, {"type": "string", "pattern": "^[A-Ga-g]"}]
_ANY = {"enum": ["any"]}
PORTS = {"anyOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1}]}

Controller = Annotated[int, _number("controller", 127)]
Controller14 = Annotated[int, _number("14-bit controller", 31)]
Parameter = Annotated[int, _number("parameter", 16383)]
Note = Annotated[int, Word(read_note, {"anyOf": NOTES})]
Key = Annotated[int | Literal["any"], Word(read_key, {"anyOf": [*NOTES, _ANY]})]
Alone = Annotated[bool, Word(read_alone, {"const": True})]
Sysex = Annotated[tuple[int, ...], Word(sysex_text.template, sysex_text.SCHEMA)]
ControlName = Annotated[str, Word(name, TEXT)]
Channel = Annotated[
    int | Literal["any"],
    Word(read_channel, {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 16}, _ANY]}),
]
Bits = Annotated[int, Word(read_bits, {"enum": [7, 14]})]
Mpe = Annotated[
    str,
    Word(
        choice("MPE zone", {zone.value: zone.value for zone in Zone}), {"enum": [zone.value for zone in Zone]}
    ),
]
RelativeKind = Annotated[str, Word(_relative_kind, _RELATIVE)]
Steps = Annotated[str, Word(read_steps, {"anyOf": [_RELATIVE, {"const": True}]})]
Velocity = Annotated[
    int | str,
    Word(read_velocity, {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 127}, TEXT]}),
]
