"""A control that was moved becomes a rule in the text of a config, or takes the place of another control."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from belabridge.controls import Kind
from belabridge.settings.marks import read
from belabridge.settings.writing import append, put, remove

if TYPE_CHECKING:
    from collections.abc import Iterator

    from belabridge.controls import Control, Relative
    from belabridge.settings.refusal import Trail

STEP = 0.01  # of an encoder, as long as nobody says more: a hundred clicks are a whole 0 to 1

# what the name of a variable ends with that is a part of notes
_PARTS = {
    "pitch": ("note", "pitch", "key"),
    "hz": ("freq", "frequency", "hz"),
    "gate": ("gate", "trigger", "trig"),
}

# kinds that have no number
_PLAIN = {Kind.BEND, Kind.PRESSURE, Kind.PROGRAM, Kind.START, Kind.STOP, Kind.CONTINUE}


@dataclass(frozen=True, slots=True)
class Learned:
    """A text with its new rule.

    Attributes:
        text: the whole config.
        line: where the rule stands, from 1.
        changed: the rule was there already, with another control.
        stands_alone: it is the first rule of a config that mapped everything by having none.
    """

    text: str
    line: int
    changed: bool
    stands_alone: bool


def as_written(control: Control, relative: Relative | None = None, port: str | None = None) -> dict[str, Any]:
    """Give a control as a config has it after ``midi:``.

    Args:
        control: one that can be heard from a hand: no SysEx and no clock.
        relative: how it says steps, or None.
        port: the name of its port in the config, when there are several.
    """
    number: Any = "any" if control.number is None else control.number
    words: dict[str, Any] = {control.kind.value: True if control.kind in _PLAIN else number}
    if control.channel is not None:
        words["channel"] = control.channel
    if control.bits != 7 and control.kind in {Kind.RPN, Kind.NRPN}:
        words["bits"] = control.bits
    if relative is not None:
        words["relative"] = relative.value
    return words if port is None else words | {"port": port}


def learned(
    text: str,
    var: str,
    midi: dict[str, Any] | str,
    *,
    is_relative: bool = False,
    takeover: str | None = None,
    port: str | None = None,
    another: bool = False,
) -> Learned:
    """Write a rule for a control.

    The first rule that sets the variable by MIDI gets the new control and keeps everything else; without one,
    a rule is added to ``in``, with the range that other rules of the variable have. A rule that sets the
    pitch, the velocity and the gate of notes is for notes, and stays when something else was moved.

    Args:
        text: of a config without faults.
        var: the variable.
        midi: what stands after ``midi:``.
        is_relative: it says steps.
        takeover: the word for a new rule, or None.
        port: a port to be added to ``midi.in``, or None.
        another: add a rule also when there is one.

    Raises:
        UsageError: the text is written so that only its author can change it.
    """
    tree = read(text.removeprefix("\ufeff"), "config")[0].plain() or {}
    there = (
        [] if another else [trail for trail, rule in _rules(tree) if _takes(rule, midi) and _sets(rule, var)]
    )
    if there:
        trail = there[0]
        after = put(text, (*trail, "midi"), midi)
        after = _fitted(after, trail, _at(tree, trail), is_relative=is_relative)
    else:
        trail = ("in", len(tree.get("in") or ()))
        after = append(text, ("in",), _rule(tree, var, midi, is_relative=is_relative, takeover=takeover))
    if port is not None:
        nobody = (tree.get("midi") or {}).get("in") == "none"
        after = (put if nobody else append)(after, ("midi", "in"), port)
    alone = not there and tree.get("in") is None and tree.get("out") is None and tree.get("links") is None
    line, _column = read(after.removeprefix("\ufeff"), "config")[0].find(trail)
    return Learned(after, line, bool(there), alone)


def _fitted(text: str, trail: Trail, rule: dict[str, Any], *, is_relative: bool) -> str:
    """Give a rule the words that its new kind of control needs, and take those that it cannot have."""
    if not is_relative:
        return remove(text, (*trail, "step")) if "step" in rule else text
    for word in ("takeover", "mode"):
        if word in rule:
            text = remove(text, (*trail, word))
    return text if "step" in rule else put(text, (*trail, "step"), STEP)


def _rule(
    tree: dict[str, Any], var: str, midi: dict[str, Any] | str, *, is_relative: bool, takeover: str | None
) -> dict[str, Any]:
    rule: dict[str, Any] = {"midi": midi, "var": _part_of_notes(var, midi) or var}
    if scale := _range(tree, var):
        rule["scale"] = scale
    if is_relative:
        rule["step"] = STEP
    elif takeover is not None:
        rule["takeover"] = takeover
    return rule


def _part_of_notes(var: str, midi: dict[str, Any] | str) -> dict[str, str] | None:
    """What a variable is of the notes of a keyboard, when its name says it; else it is the velocity."""
    if isinstance(midi, str) or midi.get("note") != "any":
        return None
    word = var.lower()
    part = next((part for part, names in _PARTS.items() if word.endswith(names)), None)
    return None if part is None else {part: var}


def _takes(rule: dict[str, Any], midi: dict[str, Any] | str) -> bool:
    """Whether a rule can have this control in the place of its own."""
    is_of_notes = isinstance(rule.get("var"), dict)
    return "midi" in rule and (not is_of_notes or (isinstance(midi, dict) and "note" in midi))


def _range(tree: dict[str, Any], var: str) -> dict[str, Any] | None:
    """The range of the variable, as other rules that set it have it."""
    for _trail, rule in _rules(tree):
        scale = rule.get("scale")
        if rule.get("var") == var and isinstance(scale, dict) and "to" in scale:
            return {key: scale[key] for key in ("to", "curve") if key in scale}
    return None


def _rules(tree: dict[str, Any]) -> Iterator[tuple[Trail, dict[str, Any]]]:
    for section in ("in", "links"):
        for index, rule in enumerate(tree.get(section) or ()):
            if isinstance(rule, dict):
                yield (section, index), rule


def _sets(rule: dict[str, Any], var: str) -> bool:
    names = rule.get("var")
    return var in names.values() if isinstance(names, dict) else names == var


def _at(tree: dict[str, Any], trail: Trail) -> dict[str, Any]:
    section, index = trail
    rule: dict[str, Any] = tree[str(section)][int(index)]
    return rule
