"""Faults that no value has by itself: empty keys, names of destinations, expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from belabridge.settings.model import keys_at
from belabridge.settings.refusal import Wrong, did_you_mean, one_of, shown
from belabridge.settings.words import missing_space

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from belabridge.rules import Destination, MidiSettings
    from belabridge.settings.marks import Node
    from belabridge.settings.refusal import Trail

_MAY_BE_EMPTY = {"board", "osc", "midi", "log", "logs"}  # as if they were not there, which is what they say


def empty_keys(root: Node) -> Iterator[Wrong]:
    """Find keys without a value, except where that is as good as no key."""
    for trail, node in _walk(root, ()):
        if node.value is not None or trail in {(name,) for name in _MAY_BE_EMPTY}:
            continue
        match trail:
            case ("out" | "in" | "links" as name,):
                yield Wrong(
                    f"`{name}` is empty",
                    f"write `{name}: []` for nothing, or remove the line",
                    trail,
                    key=True,
                )
            case (*above, str() as name):
                spaced = missing_space(name, _known(tuple(above)))
                if spaced:
                    yield Wrong(
                        f"{shown(name)} has no space after the `:`", f"write {shown(spaced)}", trail, key=True
                    )
                    continue
                point = "; a decimal number has a point: 0.5" if name.isdigit() else ""
                yield Wrong(f"{shown(name)} has no value", f"write one, or remove it{point}", trail, key=True)


def _known(trail: Trail) -> list[str]:
    try:
        return keys_at(trail)
    except KeyError:  # below an unknown key nothing is known
        return []


def _walk(node: Node, trail: Trail) -> Iterator[tuple[Trail, Node]]:
    yield trail, node
    if isinstance(node.value, dict):
        for key, below in node.value.items():
            yield from _walk(below, (*trail, key))
    elif isinstance(node.value, list):
        for index, below in enumerate(node.value):
            yield from _walk(below, (*trail, index))


def _rules(root: Node, sections: Sequence[str]) -> Iterator[tuple[Trail, Node]]:
    for section in sections:
        rules = root.get(section)
        if rules is not None and isinstance(rules.value, list):
            for index, rule in enumerate(rules.value):
                yield (section, index), rule


def expressions(root: Node, check: Callable[[str], str | None]) -> Iterator[Wrong]:
    """Find expressions that ``check`` has something to say about."""
    for trail, rule in _rules(root, ("out", "in", "links")):
        expr = rule.get("expr")
        if expr is None or not isinstance(expr.value, str) or not expr.value:
            continue
        problem = check(expr.value)
        if problem is not None:
            yield Wrong(f"{shown(expr.value)} cannot be used", problem, (*trail, "expr"))


def destinations(root: Node, known: Sequence[Destination]) -> Iterator[Wrong]:
    """Find names in ``to`` that no destination has."""
    names = [destination.name for destination in known]
    for trail, rule in _rules(root, ("out", "links")):
        osc = rule.get("osc")
        to = osc.get("to") if osc else None
        if to is None:
            continue
        items = enumerate(to.value) if isinstance(to.value, list) else [(None, to)]
        for index, node in items:
            if isinstance(node.value, str) and node.value and node.value not in names:
                steps = ("osc", "to") if index is None else ("osc", "to", index)
                yield Wrong(
                    f"no destination is called {shown(node.value)}",
                    _named(node.value, names),
                    (*trail, *steps),
                )


def _named(name: str, names: Sequence[str]) -> str:
    if names and not all(":" in known for known in names):
        return did_you_mean(name, names, f"`osc.send` has {one_of(names)}")
    return f"give it an address in `osc.send`: {shown(f'{name}: 127.0.0.1:9000')}"


def midi_ports(root: Node, midi: MidiSettings) -> Iterator[Wrong]:
    """Find controls on ports that the section ``midi`` does not have."""
    ins, outs = [port.name for port in midi.ins], [port.name for port in midi.outs]
    nowhere = {"in": not ins, "out": not outs}
    for trail, rule in _rules(root, ("out", "in", "links")):
        control = rule.get("midi")
        if control is None or control.value is None:
            continue
        feedback = rule.get("feedback")
        ways = {"out": ["out"], "in": ["in"], "links": ["in"]}[str(trail[0])]
        if trail[0] == "links" and feedback is not None and feedback.value is True:
            ways.append("out")
        for way in ways:
            if nowhere[way]:
                nowhere[way] = False  # one fault says it for all rules
                verb = "listened to" if way == "in" else "sent to"
                instead = f"add {shown(f'midi: {{{way}: NAME}}')}; `belabridge midi` lists the names"
                yield Wrong(f"no MIDI port is {verb}", instead, (*trail, "midi"), key=True)
        for word, names in (("port", ins), ("to", outs)):
            yield from _unknown_ports(control.get(word), (*trail, "midi", word), names)


def _unknown_ports(node: Node | None, trail: Trail, names: Sequence[str]) -> Iterator[Wrong]:
    if node is None or not names:
        return
    way = "in" if trail[-1] == "port" else "out"
    items = enumerate(node.value) if isinstance(node.value, list) else [(None, node)]
    for index, item in items:
        if isinstance(item.value, str) and item.value and item.value not in names:
            instead = did_you_mean(item.value, names, f"`midi.{way}` has {one_of(names)}")
            path = trail if index is None else (*trail, index)
            yield Wrong(f"no port is called {shown(item.value)}", instead, path)
