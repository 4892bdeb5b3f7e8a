"""What a rule says of the hand on its control: takeover, mode, steps; and what does not go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from belabridge.controls import Kind
from belabridge.rules import Mode, Takeover
from belabridge.settings.model_control import NATURAL, PULSES
from belabridge.settings.refusal import Wrong
from belabridge.settings.words import Word, choice

if TYPE_CHECKING:
    from belabridge.settings.model_control import InControlPart
    from belabridge.settings.model_shape import ShapePart

TakeoverMode = Annotated[
    str,
    Word(
        choice("takeover", {mode.value: mode.value for mode in Takeover}),
        {"enum": [mode.value for mode in Takeover]},
    ),
]
ModeWord = Annotated[
    str,
    Word(choice("mode", {mode.value: mode.value for mode in Mode}), {"enum": [mode.value for mode in Mode]}),
]


def beyond_position(part: ShapePart, kind: Kind, way: Literal["from", "to"], what: str) -> list[Wrong]:
    """Find the end of a scale on which a control is, but which goes beyond its 0 to 1.

    Args:
        part: of a rule with a control.
        kind: of that control.
        way: the end of the scale where the control is.
        what: the sentence's other end: what to write instead.
    """
    ends = (part.scale.from_ if way == "from" else part.scale.to) if part.scale else (0.0, 1.0)
    if kind in NATURAL or kind in PULSES or all(0.0 <= end <= 1.0 for end in ends):
        return []
    problem = f"all of a MIDI control is 0 to 1, not {min(ends):g} to {max(ends):g}"
    return [Wrong(problem, what, ("scale", way))]


def hand_wrongs(part: ShapePart, control: InControlPart | None, takeover: str, mode: str) -> list[Wrong]:
    """Find what a rule says of a hand, and its control cannot do.

    Args:
        part: the rule; it may have ``step``.
        control: its control; None for a rule of OSC.
        takeover: its word.
        mode: its word.
    """
    said = {"takeover": takeover != Takeover.JUMP, "mode": mode != Mode.ABSOLUTE}
    said["step"] = "step" in part.model_fields_set
    words = [word for word, is_said in said.items() if is_said]
    if control is None:
        return [Wrong(f"`{word}` is for MIDI controls", "remove it", (word,), key=True) for word in words]
    kind = control.kind()
    if control.relative is not None:
        return [
            Wrong(f"steps know no `{word}`", "remove it, or `relative`", (word,), key=True)
            for word in words
            if word != "step"
        ]
    wrongs = []
    if said["step"] and kind not in {Kind.RPN, Kind.NRPN}:
        problem = "`step` is for an encoder that says steps"
        wrongs.append(Wrong(problem, "add relative: twos to the control, or remove it", ("step",), key=True))
    if said["takeover"] and (kind in NATURAL or kind in PULSES or kind is Kind.NOTE):
        wrongs.append(Wrong(f"{kind} takes nothing over", "remove it", ("takeover",), key=True))
    if said["mode"] and (kind in NATURAL or kind is Kind.CLOCK):
        wrongs.append(Wrong(f"{kind} is not pressed", "remove it", ("mode",), key=True))
    if said["mode"] and said["takeover"]:
        wrongs.append(Wrong("a toggle takes nothing over", "remove it", ("takeover",), key=True))
    return [*wrongs, *beyond_position(part, kind, "from", "write from: [0, 1], or leave it out")]
