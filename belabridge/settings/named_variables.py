"""Which of the board's variables and buffers a config names, and where; also in one that has faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from belabridge.settings.marks import read
from belabridge.settings.model_control import says_a_variable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from belabridge.settings.marks import Node, Place


def named_variables(text: str) -> tuple[tuple[str, Place], ...]:
    """Find the names of variables, each with its line and column, in the order of the sections.

    Raises:
        ConfigError: nothing can be read, as of wrong syntax.
    """
    root, _ = read(text, "")
    return tuple(
        (found.value, found.place)
        for section in ("out", "in", "links")
        for rule in _items(root.get(section))
        for found in _of_rule(rule, sends=section == "out")
        if isinstance(found.value, str) and found.value
    )


def named_buffers(text: str) -> tuple[tuple[int | str, str | None, Place], ...]:
    """Find the numbers and names of buffers with the types that they are said to have, and their places.

    Raises:
        ConfigError: nothing can be read, as of wrong syntax.
    """
    root, _ = read(text, "")
    found = []
    for rule in _items(root.get("in")):
        buffer, type_ = rule.get("buffer"), rule.get("type")
        if buffer is not None and isinstance(buffer.value, int | str) and not isinstance(buffer.value, bool):
            said = type_.value if type_ is not None and isinstance(type_.value, str) else None
            found.append((buffer.value, said, buffer.place))
    return tuple(found)


def _items(rules: Node | None) -> list[Node]:
    return rules.value if rules is not None and isinstance(rules.value, list) else []


def _of_rule(rule: Node, *, sends: bool) -> Iterator[Node]:
    var = rule.get("var")
    if var is not None:
        yield from _values(var)
    control = rule.get("midi") if sends else None
    if control is None:
        return
    for word, node in ((word, control.get(word)) for word in ("note", "velocity")):
        if node is None or (
            isinstance(node.value, str) and word == "note" and not says_a_variable(node.value)
        ):
            continue
        yield from (each for each in _values(node) if isinstance(each.value, str))


def _values(node: Node) -> list[Node]:
    """Give the name itself, or those of a mapping of names."""
    return list(node.value.values()) if isinstance(node.value, dict) else [node]
