"""A SysEx message as a config writes it: bytes in hexadecimal, and words where the value stands."""

from __future__ import annotations

import re
from typing import Any

from belabridge.settings.refusal import refuse, shown

PLACES = {"value": -1, "low": -1, "high": -2}  # as in ``Control.template``
LONGEST = 256  # bytes: a message with one value in it; whole banks are no control
START, END = 0xF0, 0xF7
SCHEMA: dict[str, Any] = {"type": "string", "pattern": "^ *(0x)?[Ff]0[ ,].*[Ff]7 *$"}

_BYTE = re.compile(r"(?:0x)?([0-9a-fA-F]{2})", re.ASCII)


def template(value: Any) -> tuple[int, ...]:
    """Read ``F0 43 10 4C value F7``, or ``low`` and ``high`` for the two halves of 14 bits.

    Raises:
        Refused: it is no message, or its value has no clear place.
    """
    if not isinstance(value, str):
        raise refuse(f"{shown(value)} is no SysEx message", "write its bytes: F0 43 10 value F7")
    items = tuple(_item(word) for word in value.replace(",", " ").split())
    if len(items) < 3 or items[0] != START or items[-1] != END:
        raise refuse("a SysEx message begins with F0 and ends with F7", "write F0 43 10 value F7")
    if len(items) > LONGEST:
        raise refuse("this message is too long for a control", f"write at most {LONGEST} bytes")
    if START in items[1:-1] or END in items[1:-1]:
        raise refuse("a SysEx message has one F0 and one F7", "write one rule for each message")
    if -2 in items and -1 not in items:
        raise refuse("`high` has no `low`", "write both, or value for 7 bits")
    return items


def _item(word: str) -> int:
    if word in PLACES:
        return PLACES[word]
    found = _BYTE.fullmatch(word)
    if found is None:
        raise refuse(f"{shown(word)} is no byte", "write two digits, 00 to 7F, or value, low or high")
    byte = int(found[1], 16)
    if byte >= 0x80 and byte not in (START, END):
        raise refuse(f"{shown(word)} cannot stand in a SysEx message", "write 00 to 7F between F0 and F7")
    return byte
