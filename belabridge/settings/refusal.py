"""How a reader of the config says no: what is wrong, what to write instead, and where below it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from belabridge.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

Trail = tuple[str | int, ...]  # keys and list indices from some value down to another

SHOWN = 40  # characters of the user's text in a message: enough to find it, and the line stays a line


@dataclass(frozen=True, slots=True)
class Wrong:
    """One fault, not yet placed in a file.

    Attributes:
        problem: what is wrong.
        instead: what to write instead.
        path: from the value that was read down to the guilty one.
        key: the key itself is at fault, not its value.
        needs: keys of which one is missing; where the file has one without a value or misspelled, that is
            said instead of this.
    """

    problem: str
    instead: str = ""
    path: Trail = ()
    key: bool = False
    needs: tuple[str, ...] = ()

    def below(self, *steps: str | int) -> Wrong:
        """Give the same fault, seen from a value that holds this one at ``steps``."""
        return replace(self, path=(*steps, *self.path))


class Refused(UsageError):
    """A value that cannot be used; pydantic takes it for its own, because it is a ``ValueError``.

    Attributes:
        wrongs: at least one.
    """

    def __init__(self, *wrongs: Wrong) -> None:
        self.wrongs = wrongs
        super().__init__("; ".join(f"{wrong.problem}: {wrong.instead}" for wrong in wrongs))


def refuse(problem: str, instead: str = "", *, path: Trail = (), key: bool = False) -> Refused:
    """Give the exception for a single fault, to be raised."""
    return Refused(Wrong(problem, instead, path, key))


def shown(value: Any) -> str:
    """Give the user's own text between back quotes: on one line, printable, and not too long."""
    match value:
        case str():
            text = value or '""'
        case None:
            text = "(nothing)"
        case dict() | list() if not value:
            text = "{}" if isinstance(value, dict) else "[]"
        case dict():
            text = "{" + f"{next(iter(value))}: …" + "}"
        case list():
            first = value[0] if isinstance(value[0], (str, int, float)) else "…"
            text = f"[{first}, …]" if len(value) > 1 else f"[{first}]"
        case _:
            text = json.dumps(value)
    text = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
    return f"`{text}`" if len(text) <= SHOWN else f"`{text[: SHOWN - 1]}…`"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Give the one of ``known`` that is spelled most like ``word``, or None."""
    names = list(known)
    near = get_close_matches(word, names, n=1, cutoff=0.6)
    return near[0] if near else next((name for name in names if name.lower() == word.lower()), None)


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Name the nearest of ``known``, or say ``otherwise``; without that, name what there is."""
    names = list(known)
    near = nearest(word, names)
    return f"did you mean `{near}`?" if near else otherwise or f"write {one_of(names)}"


def one_of(names: Iterable[str]) -> str:
    """Join names as a sentence does: ``a, b or c``."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last
