"""The board's JSON texts, written as its library writes them: sorted keys, no spaces, 15 digits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from belabridge.values import TimestampMode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SHORT = {
    '"': '\\"',
    "\\": "\\\\",
    "/": "\\/",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
}


def greeting(project: str) -> str:
    """What every control client hears when any of them has connected."""
    return text({"event": "connection", "projectName": project} if project else {"event": "connection"})


def variable_list(sample_rate: float, frame: int, watchers: Sequence[Mapping[str, object]]) -> str:
    """The answer to ``list``."""
    return text({"watcher": {"sampleRate": sample_rate, "timestamp": frame, "watchers": list(watchers)}})


def log_started(name: str, file_name: str, frame: int, end_frame: int) -> str:
    """The answer to ``log``, for one variable."""
    fields = {"logFileName": file_name, "timestamp": frame, "timestampEnd": end_frame, "watcher": name}
    return text({"watcher": fields})


def text(value: object) -> str:
    """Any value as the board writes it."""
    if isinstance(value, str):
        return '"' + "".join(map(_character, value)) + '"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{text(key)}:{text(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(text, value)) + "]"
    raise TypeError(f"the board writes no {type(value).__name__}")


def number(value: float) -> str:
    """A number as a C++ stream with 15 digits shows it; what is not finite is ``null``."""
    if isinstance(value, TimestampMode):
        value = int(value)
    as_double = float(value)
    return format(as_double, ".15g") if math.isfinite(as_double) else "null"


def _character(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    if " " <= character <= "~":
        return character
    return f"\\u{ord(character) & 0xFFFF:04X}"
