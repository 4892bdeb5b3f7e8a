"""The variables that a rule sets: one by its name, or those of a note."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from belabridge.settings.refusal import Refused, Wrong, did_you_mean, refuse, shown
from belabridge.settings.words import MAX_TEXT, Word, missing_space, name

_KEYS = {
    "pitch": "Set to the number of the newest note that is held.",
    "hz": "Instead of pitch: set to its frequency.",
    "velocity": "Set to how hard it was played, 0 to 1.",
    "gate": "Set to 1 while a note is held, and to 0 when the last one is let go.",
}
_NAME: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT}
_SCHEMA: dict[str, Any] = {
    "anyOf": [
        _NAME,
        {
            "type": "object",
            "properties": {key: {**_NAME, "description": about} for key, about in _KEYS.items()},
            "additionalProperties": False,
            "minProperties": 1,
        },
    ]
}
EXAMPLE = "{pitch: NAME, velocity: NAME, gate: NAME}"


@dataclass(frozen=True, slots=True)
class NoteVars:
    """Variables of a note, by what they are set to."""

    pitch: str | None = None
    hz: str | None = None
    velocity: str | None = None
    gate: str | None = None

    def parts(self) -> dict[str, Any]:
        """Give the fields of ``MidiIn``."""
        return {
            "pitch_var": self.hz or self.pitch,
            "pitch_is_hz": self.hz is not None,
            "velocity_var": self.velocity,
            "gate_var": self.gate,
        }


def variables(value: Any) -> str | NoteVars:
    """Read a name, or ``{pitch: NAME, velocity: NAME, gate: NAME}``.

    Raises:
        Refused: with every fault in it.
    """
    if not isinstance(value, dict):
        return name(value)
    wrongs: list[Wrong] = []
    names: dict[str, str] = {}
    for key, text in value.items():
        if key not in _KEYS:
            wrongs.append(_unknown(key))
            continue
        try:
            names[key] = name(text)
        except Refused as refused:
            wrongs += [wrong.below(key) for wrong in refused.wrongs]
    if "pitch" in names and "hz" in names:
        wrongs.append(Wrong("a pitch is a number or a frequency", "remove one of the two", ("hz",), key=True))
    if wrongs:
        raise Refused(*wrongs)
    if not names:
        raise refuse("nothing is set", f"write {EXAMPLE}")
    return NoteVars(**names)


def _unknown(key: str) -> Wrong:
    known = list(_KEYS)
    if spaced := missing_space(key, known):
        return Wrong(f"{shown(key)} has no space after the `:`", f"write {shown(spaced)}", (key,), key=True)
    instead = did_you_mean(key, known, "a note has pitch (or hz), velocity and gate")
    return Wrong(f"unknown key {shown(key)}", instead, (key,), key=True)


Vars = Annotated[str | NoteVars, Word(variables, _SCHEMA)]
