"""Changes one place of a config's text: its comments, its order and its manner stay."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from belabridge.errors import ConfigError, UsageError
from belabridge.settings.marks import read
from belabridge.settings.scalars import resolve
from belabridge.settings.spans import Document, Span, spans
from belabridge.settings.starter import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from belabridge.settings.refusal import Trail

_BARE = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*", re.ASCII)
_NEWLINE = re.compile("\r\n|\r|\n")
_STEP = 2  # spaces of indentation, where the text has no manner of its own

# a new section comes behind the last of these that is there; others come at the end
_BEHIND = {"midi": ("board", "osc"), "osc": ("board",)}


def one_line(value: Any) -> str:
    """Write a value (dicts, lists, scalars) as YAML in one line."""
    match value:
        case dict():
            return (
                "{" + ", ".join(f"{one_line(key)}: {one_line(below)}" for key, below in value.items()) + "}"
            )
        case list() | tuple():
            return "[" + ", ".join(map(one_line, value)) + "]"
        case _:
            return _scalar(value)


def _scalar(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value if _BARE.fullmatch(value) and resolve(value) == value else quoted(value)
        case float() if not math.isfinite(value):
            return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
        case _:
            return "null" if value is None else repr(value)


def append(text: str, trail: Trail, item: Any) -> str:
    """Put an item at the end of a list, such as a rule into ``in``.

    A list that is not there is made, with the mappings that it stands in; a single value becomes a list with
    it.

    Args:
        text: of a config without faults.
        trail: keys and indices that lead to the list.
        item: dicts, lists and scalars.

    Raises:
        UsageError: the text is written so that only its author can change it.
    """

    def expected(value: Any) -> Any:
        if value is None:
            return [item] if len(trail) == 1 else item
        return [*value, item] if isinstance(value, list) else [value, item]

    return _changed(text, trail, expected, lambda pen: pen.append(trail, one_line(item)))


def put(text: str, trail: Trail, value: Any) -> str:
    """Give a key another value; a key that is not there is added, with the mappings that it stands in.

    A mapping in lines stays one: only what differs is changed.

    Args:
        text: of a config without faults.
        trail: keys and indices that lead to the value.
        value: dicts, lists and scalars.

    Raises:
        UsageError: the text is written so that only its author can change it.
    """
    found, missing = spans(text.removeprefix("\ufeff")).find(trail)
    if isinstance(value, dict) and not missing and found[-1].kind == "mapping" and not found[-1].is_flow:
        return _put_in_lines(text, trail, [key.text for key in found[-1].keys], value)
    return _changed(text, trail, lambda _old: value, lambda pen: pen.put(trail, one_line(value)))


def remove(text: str, trail: Trail) -> str:
    """Take a key out of a mapping; one that is not there is no mistake.

    A line with a comment becomes a comment as a whole: nothing that its author wrote is lost.

    Args:
        text: of a config without faults.
        trail: that leads to the key.

    Raises:
        UsageError: the text is written so that only its author can change it.
    """
    return _changed(text, trail, lambda _old: None, lambda pen: pen.remove(trail))


def _put_in_lines(text: str, trail: Trail, before: list[str], value: dict[str, Any]) -> str:
    """Change a mapping key by key, so that the comments behind them stay."""
    first = next(iter(value))
    if first not in before and before[0] not in value:  # one kind of control in the place of another
        old, line = before[0], one_line(value[first])
        text = _changed(
            text,
            trail,
            lambda there: {first if key == old else key: there[key] for key in there} | {first: value[first]},
            lambda pen: pen.rename((*trail, old), first, line),
        )
        before = [first, *before[1:]]
    for key, below in value.items():
        text = put(text, (*trail, key), below)
    for key in before:
        if key not in value:
            text = remove(text, (*trail, key))
    return text


def _changed(
    text: str, trail: Trail, expected: Callable[[Any], Any], change: Callable[[_Pen], str | None]
) -> str:
    """Change a text and look whether it says what it should, and nothing else has changed."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    plain = text.removeprefix(mark)
    tree = read(plain, "config")[0].plain()
    changed = change(_Pen(plain, spans(plain)))
    if changed is not None:
        try:
            after = read(changed, "config")[0].plain()
        except ConfigError:
            after = None
        if _is_same(after, _with(tree, trail, expected)):
            return mark + changed
    where = ".".join(map(str, trail))
    raise UsageError(f"`{where}` is written so that no program can change it safely: change it by hand")


def _is_same(one: Any, other: Any) -> bool:
    """Whether two trees say the same: keys in any order, and 1 is not true."""
    match one, other:
        case dict(), dict():
            return one.keys() == other.keys() and all(_is_same(one[key], other[key]) for key in one)
        case list(), list():
            return len(one) == len(other) and all(map(_is_same, one, other))
    return repr(one) == repr(other)  # also of what is no number, which is never equal to itself


def _with(tree: Any, trail: Trail, change: Callable[[Any], Any]) -> Any:
    """The tree with another value at a place."""
    if not trail:
        return change(tree)
    step, rest = trail[0], trail[1:]
    if isinstance(step, int):
        return [_with(below, rest, change) if at == step else below for at, below in enumerate(tree)]
    known: dict[str, Any] = tree or {}
    changed = known | {step: _with(known.get(step), rest, change)}
    return {key: below for key, below in changed.items() if below is not None}


@dataclass(frozen=True, slots=True)
class _Pen:
    """Writes into one text; gives None where it must not."""

    text: str
    document: Document

    @property
    def newline(self) -> str:
        found = _NEWLINE.search(self.text)
        return found[0] if found else "\n"

    def append(self, trail: Trail, item: str) -> str | None:
        found, missing = self.document.find(trail)
        if missing:
            return self._add(found, missing, item, as_list=len(trail) == 1)
        node = found[-1]
        if node.kind == "list" and node.items:
            return self._into(node, item)
        if node.kind == "list" or node.is_empty:
            return self._first(found, trail, item)
        if node.kind == "alias":
            return None
        return self._over(node, f"[{self.text[node.start : node.end]}, {item}]")

    def put(self, trail: Trail, value: str) -> str | None:
        found, missing = self.document.find(trail)
        if missing:
            return self._add(found, missing, value, as_list=False)
        node = found[-1]
        if node.is_empty:
            return self._insert(node.end, f" {value}")
        if node.kind == "mapping" and not node.is_flow and len(found) > 1:
            return self._one_line(found[-2].key(trail[-1]), node, value)
        return self._over(node, value)

    def _one_line(self, key: Span | None, node: Span, value: str) -> str | None:
        """A value in the line of its key, in the place of lines; those with comments become comments."""
        if key is None:
            return None
        colon = self.text.index(":", key.end) + 1
        start, end = self._line_start(node.start), self._line_end(node.end)
        if start <= colon or self.text[start : node.start].strip():
            return None
        lines = self.text[start:end]
        if "#" in lines:
            kept = re.sub(r"(?m)^( *)(?=[^ \n#])", r"\1# ", lines)
        else:
            after = _NEWLINE.match(self.text, end)
            kept, end = "", after.end() if after else end
        return f"{self.text[:colon]} {value}{self.text[colon:start]}{kept}{self.text[end:]}"

    def rename(self, trail: Trail, name: str, value: str) -> str | None:
        found, missing = self.document.find(trail)
        key = None if missing or len(found) < 2 else found[-2].key(trail[-1])
        if key is None:
            return None
        node = found[-1]
        between = self.text[key.end : node.start]
        return f"{self.text[: key.start]}{name}{between}{value}{self.text[node.end :]}"

    def remove(self, trail: Trail) -> str | None:
        found, missing = self.document.find(trail)
        if missing:
            return self.text
        node, parent = found[-1], found[-2] if len(found) > 1 else None
        key = parent.key(trail[-1]) if parent is not None else None
        if parent is None or key is None:
            return None
        at = parent.keys.index(key)
        if not parent.is_flow:
            return self._without_lines(key, node)
        if at:
            return self._over(Span(parent.items[at - 1].end, parent.items[at].end, "scalar"), "")
        end = parent.keys[1].start if len(parent.keys) > 1 else parent.items[0].end
        return self._over(Span(key.start, end, "scalar"), "")

    def _without_lines(self, key: Span, node: Span) -> str | None:
        start, end = self._line_start(key.start), self._line_end(node.end)
        if self.text[start : key.start].strip():  # it stands behind a `-`
            return None
        lines = self.text[start:end]
        if "#" in self.text[node.end : end] or (_NEWLINE.search(lines) and "#" in lines):
            kept = re.sub(rf"(?m)^( {{0,{key.start - start}}})", r"\1# ", lines)
            return self._over(Span(start, end, "scalar"), kept)
        after = _NEWLINE.match(self.text, end)
        return self._over(Span(start, after.end() if after else end, "scalar"), "")

    def _over(self, node: Span, value: str) -> str:
        return self.text[: node.start] + value + self.text[node.end :]

    def _insert(self, at: int, what: str) -> str:
        return self.text[:at] + what + self.text[at:]

    def _into(self, node: Span, item: str) -> str:
        """Behind the last item of a list."""
        if node.is_flow:
            return self._insert(node.items[-1].end, f", {item}")
        column = self._column(node.start)
        return self._line(self._behind(node.end, column), f"{' ' * column}- {item}")

    def _first(self, found: list[Span], trail: Trail, item: str) -> str | None:
        """The first item of a list that is empty."""
        node, parent = found[-1], found[-2] if len(found) > 1 else None
        if parent is None:
            return None
        if parent.is_flow:
            return self._over(node, f"[{item}]") if node.kind == "list" else None
        key = parent.key(trail[-1])
        if key is None:
            return None
        start = len(self.text[: node.start].rstrip(" "))
        without = _Pen(self.text[:start] + self.text[node.end :], self.document)
        column = self._column(key.start)
        return without._line(without._behind(start, column), f"{' ' * (column + _STEP)}- {item}")

    def _add(self, found: list[Span], missing: Trail, value: str, *, as_list: bool) -> str | None:
        """A key that is not there, below what is."""
        names = [step for step in missing if isinstance(step, str)]
        if len(names) != len(missing):
            return None
        if not found or (len(found) == 1 and not found[0].is_flow):
            return self._section(found, names, value, as_list=as_list)
        node = found[-1]
        if node.kind == "scalar" and node.is_empty and len(found) > 1 and not found[-2].is_flow:
            lines = self._lines(names, value, self._column(found[-2].start) + _STEP, as_list=as_list)
            return self._line(self._behind(node.end, self._column(found[-2].start)), lines)
        if node.kind != "mapping":
            return None
        if node.is_flow:
            for name in reversed(names[1:]):
                value = f"{{{name}: {value}}}"
            pair = f"{names[0]}: [{value}]" if as_list else f"{names[0]}: {value}"
            return self._insert(
                node.items[-1].end if node.items else node.start + 1, f", {pair}" if node.items else pair
            )
        column = self._column(node.start)
        return self._line(self._behind(node.end, column), self._lines(names, value, column, as_list=as_list))

    def _section(self, found: list[Span], names: list[str], value: str, *, as_list: bool) -> str | None:
        """A key of the whole config, in lines of its own."""
        lines = self._lines(names, value, 0, as_list=as_list)
        if found and found[0].kind != "mapping":
            return None
        above = [name for name in _BEHIND.get(names[0], ()) if found and found[0].key(name)]
        if above:
            node = found[0].get(above[-1])
            assert node is not None  # noqa: S101 - it was found by its key just now
            return self._line(self._behind(node.end, 0), f"{self.newline}{lines}")
        end = self.document.end
        before = self.text[:end].rstrip()
        gap = self.newline * 2 if before else ""
        after = self.text[end:]
        return f"{before}{gap}{lines}{self.newline}{after}"

    def _lines(self, names: list[str], value: str, column: int, *, as_list: bool) -> str:
        """A key in lines of its own, the first without its newline before and the last without it behind."""
        lines = [f"{' ' * (column + _STEP * depth)}{name}:" for depth, name in enumerate(names)]
        if as_list:
            lines.append(f"{' ' * (column + _STEP * len(names))}- {value}")
        else:
            lines[-1] += f" {value}"
        return self.newline.join(lines)

    def _column(self, index: int) -> int:
        return index - self._line_start(index)

    def _line_start(self, index: int) -> int:
        return max(self.text.rfind("\n", 0, index), self.text.rfind("\r", 0, index)) + 1

    def _line_end(self, index: int) -> int:
        found = _NEWLINE.search(self.text, index)
        return found.start() if found else len(self.text)

    def _behind(self, index: int, column: int) -> int:
        """The end of the line, or of the comment below it that still belongs to what ends here."""
        end = self._line_end(index)
        least = max(column, 1)
        while found := _NEWLINE.match(self.text, end):
            line = self.text[found.end() : self._line_end(found.end())]
            if not line.lstrip(" ").startswith("#") or len(line) - len(line.lstrip(" ")) < least:
                break
            end = self._line_end(found.end())
        return end

    def _line(self, end: int, line: str) -> str:
        """A line more behind the one that ends at ``end``."""
        missing = self.newline if end == len(self.text) else ""  # the last line of a file has its end, too
        return self._insert(end, f"{self.newline}{line}{missing}")
