"""What an OSC message's arguments mean for a rule: one number, or many."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from belabridge.mapping.function import Floats

SHOWN = 40  # characters of a stranger's text in our own


def first_number(args: Sequence[Any]) -> float | None:
    """The first argument that is a number, as a float; None when there is none.

    True and False are 1 and 0; a text counts when it says a number, as some programs send them. It may be NaN
    or infinite.
    """
    for arg in args:
        number = _number(arg)
        if number is not None:
            return number
    return None


def all_numbers(args: Sequence[Any]) -> Floats | None:
    """All arguments, or one blob of big-endian float32, as float64 (n,); None when they are neither."""
    if len(args) == 1 and isinstance(args[0], (bytes, bytearray, memoryview)):
        blob = bytes(args[0])
        with np.errstate(all="ignore"):  # a stranger may send NaN in all its forms
            return np.frombuffer(blob, ">f4").astype(np.float64) if len(blob) % 4 == 0 else None
    numbers = [_number(arg) for arg in args]
    if any(number is None for number in numbers):
        return None
    return np.array(numbers, dtype=np.float64)


def shown(args: Sequence[Any]) -> str:
    """The arguments for a person: escaped and cut."""
    text = ascii(tuple(args[:4]))[1:-1].rstrip(",")
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _number(arg: Any) -> float | None:
    if type(arg) is float:
        return arg
    if isinstance(arg, (int, float)):
        try:
            return float(arg)
        except OverflowError:
            return math.inf
    if isinstance(arg, str) and len(arg) <= SHOWN and "_" not in arg:
        try:
            return float(arg)
        except ValueError:
            return None
    return None
