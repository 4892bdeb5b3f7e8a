"""The fields of a board's JSON: what they must be, or in a few words what is wrong with them."""

from __future__ import annotations

import math
from typing import Any, Final

from belabridge.wire.formats import LATEST_FRAME

_LONGEST_SHOWN: Final = 40  # characters of a peer's text in a reason that ends up in our log


class Wrong(Exception):
    """A field is not what it must be; the readers turn it into an ``Unreadable``."""


def field(owner: dict[str, Any], key: str) -> Any:
    """Whatever is there.

    Raises:
        Wrong: nothing is; as all functions of this file say what is wrong.
    """
    try:
        return owner[key]
    except KeyError:
        raise Wrong(f"{key} is missing") from None


def _wrong(key: str, value: object) -> Wrong:
    shown = ascii(value) if isinstance(value, (str, int, float)) else type(value).__name__
    return Wrong(f"{key} is {shown[:_LONGEST_SHOWN]}")


def text(owner: dict[str, Any], key: str) -> str:
    """A string."""
    value = field(owner, key)
    if not isinstance(value, str):
        raise _wrong(key, value)
    return value


def number(owner: dict[str, Any], key: str) -> float:
    """A number as float; ``null``, which a board writes for NaN and infinity, is NaN."""
    value = field(owner, key)
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong(key, value)
    try:
        return float(value)
    except OverflowError:
        raise Wrong(f"{key} is too large") from None


def whole(owner: dict[str, Any], key: str) -> int:
    """A whole number from 0 to ``LATEST_FRAME``."""
    value = number(owner, key)
    if not 0 <= value <= LATEST_FRAME or value != int(value):
        raise _wrong(key, owner[key])
    return int(value)


def end_frame(owner: dict[str, Any]) -> int | None:
    """``timestampEnd``; None when there is no end, which a board says as the largest 64-bit number."""
    value = number(owner, "timestampEnd")
    return None if value > LATEST_FRAME else whole(owner, "timestampEnd")


def truth(owner: dict[str, Any], key: str) -> bool:
    """Whether it is true; what is missing is not."""
    return owner.get(key) is True
