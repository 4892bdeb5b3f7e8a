"""The OSC addresses that names of variables become, each of its own."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PATTERN_CHARACTERS = frozenset("?*[]{}")
# OSC 1.0, "OSC Address Spaces": these may not stand in the name of a method or container
_FORBIDDEN = frozenset(" #,/") | PATTERN_CHARACTERS


def is_part(text: str) -> bool:
    """Whether these characters may stand between two slashes of an OSC address."""
    return text.isascii() and text.isprintable() and _FORBIDDEN.isdisjoint(text)


def sanitise(name: str) -> str:
    """The part of an address that stands for a variable: each character OSC forbids becomes ``_``.

    Two names may become the same part (``a b`` and ``a#b``): ``addresses`` looks for that.
    """
    return "".join(c if is_part(c) else "_" for c in name) or "_"


def addresses(names: Iterable[str], prefix: str) -> dict[str, str]:
    """An address ``prefix/name`` for each name; of two that become the same, the later one gets ``_2``.

    Args:
        names: of variables, in the board's order; a second one of the same name changes nothing.
        prefix: an OSC address.
    """
    taken: set[str] = set()
    numbers: Counter[str] = Counter()  # the last one given to a part: a thousand that collide are no search
    found: dict[str, str] = {}
    for name in dict.fromkeys(names):
        part = wanted = sanitise(name)
        while part in taken:
            numbers[wanted] = max(numbers[wanted], 1) + 1
            part = f"{wanted}_{numbers[wanted]}"
        taken.add(part)
        found[name] = f"{prefix}/{part}"
    return found
