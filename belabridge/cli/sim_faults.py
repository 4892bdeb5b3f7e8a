"""Faults of a simulated board as a user writes them: ``vanish:5s@10s``, or without a time, to happen now."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from belabridge.errors import UsageError
from belabridge.sim.faults import DropBody, DropHeader, Greet, Restart, Splice, Stall, Vanish
from belabridge.sim.programs.many import many_variables

if TYPE_CHECKING:
    from collections.abc import Callable

    from belabridge.sim.faults import Fault

MAX_COUNT = 1_000_000
EXAMPLE = "vanish:5s@10s"
WORDS = "vanish[:TIME], stall[:TIME], drop-header[:N], drop-body[:N], splice[:FRAMES], restart[:VARS], greet"

_FAULT = re.compile(r"(?P<name>[a-z-]+)(?::(?P<how>[^@]*))?(?:@(?P<at>.*))?", re.ASCII)
_TIME = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)\s*(ms|s|)", re.ASCII)
_TIMED: dict[str, Callable[[float | None], Fault]] = {"vanish": Vanish, "stall": Stall}
_COUNTED: dict[str, Callable[[int], Fault]] = {"drop-header": DropHeader, "drop-body": DropBody}
_SEAM_FRAMES = 512  # half a usual buffer: its seam lies within one


def fault(text: str) -> tuple[float, Fault]:
    """Read a fault.

    Args:
        text: such as ``stall:10s@5s``: what, for how long or how many, and when after the start.

    Returns:
        The seconds after the start, 0 unless said, and the fault.

    Raises:
        UsageError: it is none; says which there are.
    """
    found = _FAULT.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{text!r} is no fault: write one such as {EXAMPLE}; there are {WORDS}")
    name, how, at = found["name"], found["how"], found["at"]
    return 0.0 if at is None else _seconds(at, text), _made(name, how, text)


def _made(name: str, how: str | None, text: str) -> Fault:
    if name in _TIMED:
        return _TIMED[name](None if how is None else _seconds(how, text))
    if name in _COUNTED:
        return _COUNTED[name](1 if how is None else _count(how, text))
    if name == "splice":
        return Splice(_SEAM_FRAMES if how is None else _count(how, text))
    if name == "restart":
        return Restart(None if how is None else many_variables(min(_count(how, text), 10_000)))
    if name == "greet" and how is None:
        return Greet()
    raise UsageError(f"{text!r}: there is no such fault; there are {WORDS}")


def _seconds(text: str, whole: str) -> float:
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{whole!r}: {text!r} is no time: write one such as 10s or 500ms")
    return float(found[1]) * (0.001 if found[2] == "ms" else 1.0)


def _count(text: str, whole: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 0 < int(text) <= MAX_COUNT):
        raise UsageError(f"{whole!r}: {text!r} is no count: write a whole number such as 8")
    return int(text)
