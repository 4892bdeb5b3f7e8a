"""Names of a board's variables, and what to say of one that it does not have."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from belabridge.errors import UnknownVariable

if TYPE_CHECKING:
    from collections.abc import Iterable


def near(name: str, known: Iterable[str]) -> list[str]:
    """At most three of the known names that look like ``name``, the nearest first; case counts little."""
    by_lower: dict[str, str] = {}
    for one in known:
        by_lower.setdefault(one.lower(), one)
    return [by_lower[found] for found in get_close_matches(name.lower(), by_lower, n=3, cutoff=0.6)]


def require(names: Iterable[str], known: Iterable[str]) -> None:
    """Check that the board has all the names.

    Raises:
        UnknownVariable: for the first that it lacks.
    """
    have = list(known)
    for name in names:
        if name not in have:
            raise UnknownVariable(name, near(name, have))
