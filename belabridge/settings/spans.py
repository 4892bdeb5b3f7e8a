"""Where each value of a YAML text begins and ends, so that it can be changed in its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from belabridge.settings.refusal import Trail


@dataclass(slots=True)
class Span:
    """One value.

    Attributes:
        start: index of its first character; of a list in lines, of its first ``-``.
        end: index behind its last character, before any comment.
        kind: of the value; a reference to another one is an alias.
        is_flow: a list or mapping between brackets.
        items: of a list, or the values of a mapping.
        keys: of a mapping: the spans of its keys, in the order of ``items``.
        text: of a scalar.
    """

    start: int
    end: int
    kind: str
    is_flow: bool = False
    items: list[Span] = field(default_factory=list)
    keys: list[Span] = field(default_factory=list)
    text: str = ""

    @property
    def is_empty(self) -> bool:
        """Nothing is written where a value could be."""
        return self.kind == "scalar" and self.start == self.end

    def get(self, step: str | int) -> Span | None:
        """Give the value at a key or an index, or None."""
        if self.kind == "list":
            return self.items[step] if isinstance(step, int) and step < len(self.items) else None
        pairs = zip(self.keys, self.items, strict=True)
        return next((item for key, item in pairs if key.text == step), None)

    def key(self, step: str | int) -> Span | None:
        """Give the key of that name in a mapping, or None."""
        return next((key for key in self.keys if key.text == step), None)


@dataclass(frozen=True, slots=True)
class Document:
    """The only document of a text.

    Attributes:
        root: its value; None when there is none.
        end: index where more of it can be added.
    """

    root: Span | None
    end: int

    def find(self, trail: Trail) -> tuple[list[Span], Trail]:
        """Give the values on the way as far as they are written, and the steps that are not."""
        found = [] if self.root is None else [self.root]
        for done, step in enumerate(trail):
            below = found[-1].get(step) if found else None
            if below is None:
                return found, tuple(trail[done:])
            found.append(below)
        return found, ()


def spans(text: str) -> Document:
    """Find all values of a text.

    Args:
        text: that ``marks.read`` has read without a complaint; without a byte order mark.
    """
    events: Iterator[Any] = yaml.parse(text, Loader=yaml.SafeLoader)
    root, end = None, len(text)
    for event in events:
        if isinstance(event, yaml.NodeEvent):
            root = _span(text, event, events)
        elif isinstance(event, yaml.DocumentEndEvent) and event.explicit:
            end = _index(event.start_mark)
    if root is not None and root.is_empty:
        root = None
    return Document(root, end)


def _span(text: str, event: Any, events: Iterator[Any]) -> Span:
    start, end = _index(event.start_mark), _index(event.end_mark)
    if isinstance(event, yaml.AliasEvent):
        return Span(start, end, "alias")
    if isinstance(event, yaml.ScalarEvent):
        if event.style in {"|", ">"}:
            end = len(text[:end].rstrip())  # as with collections in lines
        return Span(start, end, "scalar", text=event.value)
    is_list = isinstance(event, yaml.SequenceStartEvent)
    found = Span(start, end, "list" if is_list else "mapping", is_flow=bool(event.flow_style))
    while not isinstance(below := next(events), yaml.CollectionEndEvent):
        if not is_list:
            found.keys.append(_span(text, below, events))
            below = next(events)
        found.items.append(_span(text, below, events))
    # in lines, the parser sees the end only at what comes next, behind comments and empty lines
    found.end = _index(below.end_mark) if found.is_flow else max(item.end for item in found.items)
    return found


def _index(mark: Any) -> int:
    index: int = mark.index
    return index
