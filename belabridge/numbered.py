"""File names with a number before their suffix, for when the plain one is taken."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def numbered(name: str, join: str, first: int) -> Iterator[str]:
    """A name, and then without end those to take instead: ``mic.bin``, ``mic-2.bin``, ``mic-3.bin``….

    Args:
        name: of a file; what begins with a dot is no suffix.
        join: stands before the number, such as ``-``.
        first: number.
    """
    yield name
    stem, dot, suffix = name.rpartition(".")
    if not stem:
        stem, dot, suffix = name, "", ""
    for number in count(first):
        yield f"{stem}{join}{number}{dot}{suffix}"
