"""The host's JSON as the board reads it: what is missing is empty, what is of the wrong kind is nothing."""

from __future__ import annotations

import json
from typing import Any


def parse(message: bytes) -> dict[str, Any] | None:
    """The object of a control message; None for everything that the board leaves unread.

    The board takes the bytes as a C string of plain ASCII: one byte beyond makes all of it unreadable, and
    what follows a zero byte is not there.
    """
    try:
        root = json.loads(message.split(b"\0")[0].decode("ascii"), parse_constant=_refuse, parse_int=float)
    except (ValueError, RecursionError):
        return None
    return root if isinstance(root, dict) else None


def array(element: object, key: str) -> list[Any]:
    """The array of that name, or an empty one."""
    value = element.get(key) if isinstance(element, dict) else None
    return value if isinstance(value, list) else []


def word(value: object) -> str:
    """A string, or an empty one."""
    return value if isinstance(value, str) else ""


def command(element: object) -> str:
    """Which command an element of ``watcher`` is."""
    return word(element.get("cmd")) if isinstance(element, dict) else ""


def number(value: object) -> float:
    """A number, a truth value as 0 or 1, and 0 for everything else."""
    return float(value) if isinstance(value, int | float) else 0.0


def nth(values: list[Any], n: int) -> float:
    """The number at that place, or 0 when the list is too short."""
    return number(values[n]) if n < len(values) else 0.0


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
