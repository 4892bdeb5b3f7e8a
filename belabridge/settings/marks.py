"""YAML text into a tree whose every key and value knows its place; nothing in it can run or grow."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from belabridge.errors import ConfigError, Fault
from belabridge.settings.refusal import shown
from belabridge.settings.scalars import Trap, resolve
from belabridge.settings.syntax import say

if TYPE_CHECKING:
    from belabridge.settings.refusal import Trail
    from belabridge.settings.scalars import Scalar

MAX_CHARACTERS = 1 << 20  # some thousand rules; a wrong file (a sound, a log) is refused at once
MAX_DEPTH = 16  # the deepest key of a config is the sixth
MAX_NODES = 100_000  # with aliases written out: ten thousand rules, and no "billion laughs"

Place = tuple[int, int]  # line and column, both from 1, the column in characters

# YAML 1.1 breaks lines at the last three, editors do not: places would be wrong below them
_UNWELCOME = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029\ufeff]"
)
_NO_TAG = (None, "!", "tag:yaml.org,2002:str")


@dataclass(frozen=True, slots=True)
class Node:
    """One value of the file.

    Attributes:
        place: where it begins.
        value: a scalar, a list of nodes, or nodes by key (keys are always text).
        keys: of a mapping: where each key stands.
        size: how many nodes it makes when aliases are written out.
    """

    place: Place
    value: Scalar | list[Node] | dict[str, Node]
    keys: dict[str, Place] = field(default_factory=dict)
    size: int = 1

    def plain(self) -> Any:
        """Give the value without places: dicts, lists and scalars; keys that have no value are left out."""
        match self.value:
            case dict():
                return {key: node.plain() for key, node in self.value.items() if node.value is not None}
            case list():
                return [node.plain() for node in self.value]
            case _:
                return self.value

    def get(self, step: str | int) -> Node | None:
        """Give the node below at a key or an index, or None."""
        if isinstance(self.value, dict) and isinstance(step, str):
            return self.value.get(step)
        if isinstance(self.value, list) and isinstance(step, int) and step < len(self.value):
            return self.value[step]
        return None

    def find(self, trail: Trail, *, key: bool = False) -> Place:
        """Give the place of what ``trail`` leads to; steps that the file spells shorter are passed over.

        Args:
            trail: keys and indices from here.
            key: the place of the last key instead of its value.
        """
        node, place = self, self.place
        for number, step in enumerate(trail, start=1):
            below = node.get(step)
            if below is None:
                continue
            at_key = key and number == len(trail) and isinstance(step, str)
            place = node.keys[str(step)] if at_key else below.place
            node = below
        return place


def read(text: str, file: str) -> tuple[Node, list[Fault]]:
    """Read one YAML document.

    Args:
        text: the whole file.
        file: its name in the faults.

    Returns:
        The tree (an empty mapping for an empty file), and the faults after which it could go on:
        doubled keys, and words that YAML readers disagree about.

    Raises:
        ConfigError: one fault after which nothing can be read: syntax, size, depth, strange characters.
    """
    text = text.removeprefix("\ufeff")
    if len(text) > MAX_CHARACTERS:
        raise ConfigError([Fault(file, 1, 1, "too big for a config", "is it the right file?")])
    if found := _UNWELCOME.search(text):
        line, column = _place_of(text, found.start())
        problem = f"an invisible or impossible character (U+{ord(found[0]):04X})"
        raise ConfigError([Fault(file, line, column, problem, "remove it")])
    return _Tree(text, file).document()


def readable(text: str) -> bool:
    """Whether ``text`` can be written into a config, between double quotes and with escapes."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _place_of(text: str, index: int) -> Place:
    lines = re.split("\r\n|\r|\n", text[:index])
    return len(lines), len(lines[-1]) + 1


class _Tree:
    """Builds the tree out of the parser's events, never deeper or bigger than allowed."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._loader = yaml.SafeLoader(text)
        self._anchors: dict[str, Node | None] = {}  # None while the node is still being built
        self._faults: list[Fault] = []

    def document(self) -> tuple[Node, list[Fault]]:
        self._next()  # the stream's start
        if isinstance(self._next(), yaml.StreamEndEvent):
            return Node((1, 1), {}), []
        root = self._node(self._next(), 0)
        self._next()  # the document's end
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            raise self._end(
                _start(after), "a second document begins here", "a file is one config: remove the rest"
            )
        if root.value is None:
            root = Node((1, 1), {})
        return root, self._faults

    def _next(self) -> Any:
        try:
            return self._loader.get_event()  # type: ignore[no-untyped-call]  # its stubs are unfinished
        except yaml.MarkedYAMLError as error:
            line, column, problem, instead = say(error, self._text)
            raise self._end((line, column), problem, instead) from None
        except (ValueError, OverflowError):
            # the parser converts \U escapes and version numbers without looking at their size
            place = (self._loader.line + 1, self._loader.column + 1)
            raise self._end(
                place, "a number here is impossibly large", "put the text in single quotes"
            ) from None

    def _end(self, place: Place, problem: str, instead: str) -> ConfigError:
        written = re.split("\r\n|\r|\n", self._text.rstrip())
        end = (len(written), len(written[-1]) + 1)
        line, column = min(place, end)  # what is missing at the end is missing in the last line
        return ConfigError([*self._faults, Fault(self._file, line, column, problem, instead)])

    def _node(self, event: Any, depth: int) -> Node:
        place = _start(event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event.anchor, place)
        if event.tag not in _NO_TAG:
            raise self._end(
                place, f"a tag ({shown(event.tag)}) stands here", "put the text in quotes, or remove it"
            )
        if depth > MAX_DEPTH:
            raise self._end(place, "too deep for a config", "are there brackets too many?")
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        match event:
            case yaml.ScalarEvent():
                node = self._scalar(event, place)
            case yaml.SequenceStartEvent():
                node = self._list(place, depth)
            case _:
                node = self._mapping(place, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _alias(self, name: str | None, place: Place) -> Node:
        if name is None or name not in self._anchors:
            instead = f"put the text in quotes, or write `&{name}` before what it means"
            raise self._end(place, f"`*{name}` refers to nothing above", instead)
        if (target := self._anchors[name]) is None:
            raise self._end(place, f"`*{name}` refers to what it stands in", "write the value out")
        return target

    def _scalar(self, event: yaml.ScalarEvent, place: Place) -> Node:
        word: str = event.value
        if not readable(word):
            raise self._end(place, "half a character (a lone surrogate) is written here", "remove it")
        if event.style is not None or event.tag == "tag:yaml.org,2002:str":
            return Node(place, word)
        meaning = resolve(word)
        if isinstance(meaning, Trap):
            self._faults.append(Fault(self._file, *place, meaning.problem, meaning.instead))
            return Node(place, meaning.value)
        return Node(place, meaning)

    def _list(self, place: Place, depth: int) -> Node:
        items: list[Node] = []
        size = 1
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
            size = self._grow(size, items[-1], _start(event))
        return Node(place, items, size=size)

    def _mapping(self, place: Place, depth: int) -> Node:
        values: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        merged: list[Node] = []
        size = 1
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            at = _start(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise self._end(at, "a key must be a word", "write `key: value`")
            key = event.value
            below = self._next()
            value = self._node(below, depth + 1)
            size = self._grow(size, value, _start(below))
            if key == "<<" and event.style is None:
                merged += value.value if isinstance(value.value, list) else [value]
            elif key in values:
                first = f"line {keys[key][0]}, column {keys[key][1]}"
                problem = f"{shown(key)} is given twice (first in {first})"
                self._faults.append(Fault(self._file, *at, problem, "remove one of the two"))
            else:
                values[key], keys[key] = value, at
        for source in merged:
            if not isinstance(source.value, dict):
                raise self._end(
                    source.place, "`<<` needs a mapping", "write `<<: *NAME` of a `&NAME` mapping"
                )
            for key, value in source.value.items():
                if key not in values:
                    values[key], keys[key] = value, source.keys[key]
        return Node(place, values, keys, size)

    def _grow(self, size: int, node: Node, place: Place) -> int:
        if size + node.size > MAX_NODES:
            raise self._end(place, "too much for a config", "write fewer rules, or fewer references")
        return size + node.size


def _start(event: Any) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1
