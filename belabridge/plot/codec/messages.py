"""What a browser asks for and what it gets: a JSON text, and a binary message of columns.

An answer is a header and numbers. It begins with the header's length in bytes, uint32 of this computer's
byte order (as a browser's typed arrays have it), then the header, JSON, with spaces behind it up to a
multiple of 8. For each variable follow as many float64 as the header's ``counts`` says, four times: at, low,
high and flags of its columns.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from belabridge.errors import RemoteFormatError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from belabridge.plot.codec.columns import Columns

MOST_COLUMNS: Final = 8192
"""No screen is wider; what is asked for must not cost more than it can show."""
_LATEST: Final = 1 << 53
"""Whole numbers up to here are exact in a browser."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a browser wants to see.

    Attributes:
        step_frames: frames a column.
        count: columns of the picture.
        first: the first column; None = the latest ones.
        since: by variable, the first column that it has not, or not whole; empty = it has none.
        epoch: of what it has.
        id: of the question; the answer repeats it.
        hold: the picture stands still: what is there now stays for closer looks.
    """

    step_frames: int
    count: int
    first: int | None = None
    since: tuple[int, ...] = ()
    epoch: int = 0
    id: int = 0
    hold: bool = False


def read_ask(text: str | bytes) -> Ask:
    """Read what a browser asks.

    Raises:
        RemoteFormatError: it is no such message.
    """
    try:
        fields = json.loads(text)
        since, first = fields.get("since", ()), fields.get("first")
        return Ask(
            _whole(fields["step"], 1, _LATEST),
            _whole(fields["count"], 1, MOST_COLUMNS),
            None if first is None else _whole(first, 0, _LATEST),
            tuple(_whole(column, 0, _LATEST) for column in since),
            _whole(fields.get("epoch", 0), 0, _LATEST),
            _whole(fields.get("id", 0), 0, _LATEST),
            fields.get("hold") is True,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise RemoteFormatError("no question of a picture") from None


def answer(header: dict[str, Any], lanes: Sequence[Columns]) -> bytes:
    """A binary message of columns; ``counts`` is added to the header."""
    head = json.dumps(header | {"counts": [len(lane.at) for lane in lanes]}).encode()
    head += b" " * (-(len(head) + 4) % 8)
    parts = [np.uint32(len(head)).tobytes(), head]
    for lane in lanes:
        parts += [np.asarray(field, np.float64).tobytes() for field in lane]
    return b"".join(parts)


def _whole(number: Any, low: int, high: int) -> int:
    if type(number) is not int or not low <= number <= high:
        raise ValueError(number)
    return number
