"""SysEx messages with a value in them, written and recognised by a template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from belabridge.midi.codec.levels import position

if TYPE_CHECKING:
    from collections.abc import Sequence

LOW, HIGH = -1, -2  # places of the value in ``Control.template``


def bits(template: Sequence[int]) -> int:
    """14 when the template has a place for the high bits of its value, 7 with one place, 0 without any."""
    if HIGH in template:
        return 14
    return 7 if LOW in template else 0


def filled(template: Sequence[int], number: int) -> bytes:
    """The message, from F0 to F7, with ``number`` (of ``bits`` bits) in its places."""
    halves = {LOW: number & 127, HIGH: number >> 7}
    return bytes(halves.get(byte, byte) for byte in template)


def match(template: Sequence[int], data: Sequence[int]) -> float | None:
    """The position that a message says: 1.0 when its template has no place for one, None when it is another.

    Args:
        template: of ``Control``, from F0 to F7.
        data: the bytes of a message between F0 and F7.
    """
    body = template[1:-1]
    if len(body) != len(data):
        return None
    halves: dict[int, int] = {}
    for wanted, byte in zip(body, data, strict=True):
        # a place that stands twice must say the same twice
        if byte != (halves.setdefault(wanted, byte) if wanted in (LOW, HIGH) else wanted):
            return None
    width = bits(template)
    return position(halves.get(HIGH, 0) << 7 | halves.get(LOW, 0), width) if width else 1.0
