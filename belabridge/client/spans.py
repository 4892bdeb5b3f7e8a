"""Lengths of time as users say them, ``seconds(10)`` or ``frames(4410)``, and what they are in frames."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from typing import TypeAlias

from belabridge.errors import UsageError
from belabridge.wire.formats import LATEST_FRAME

__all__ = ["Seconds", "Span", "SpanFrames", "When", "frames", "seconds", "span_frames", "start_frame"]


@dataclass(frozen=True, slots=True)
class Seconds:
    """A length in seconds; made by ``seconds``."""

    count: float


@dataclass(frozen=True, slots=True)
class SpanFrames:
    """A length in audio frames; made by ``frames``."""

    count: int


Span: TypeAlias = Seconds | SpanFrames
"""A length of time."""
When: TypeAlias = int | Seconds | SpanFrames
"""A moment: a whole number is a frame of the board's program, a length counts from now."""


def seconds(count: float) -> Seconds:
    """So many seconds, as a length of time; of a board's frames it is the nearest whole number.

    Raises:
        UsageError: it is negative, or no finite number.
    """
    try:
        number = float(count)
    except (TypeError, ValueError):
        raise UsageError(f"seconds({count!r}): give a number") from None
    if not (math.isfinite(number) and number >= 0.0):
        raise UsageError(f"seconds({count!r}): give a number from 0 on")
    return Seconds(number)


def frames(count: int) -> SpanFrames:
    """So many audio frames, as a length of time.

    Raises:
        UsageError: it is negative, or no whole number.
    """
    try:
        number = operator.index(count)
    except TypeError:
        raise UsageError(f"frames({count!r}): give a whole number") from None
    if number < 0:
        raise UsageError(f"frames({count!r}): give a number from 0 on")
    return SpanFrames(number)


def span_frames(what: str, span: Span, sample_rate_hz: float) -> int:
    """A length in frames.

    Args:
        what: the argument's name, for the message.
        span: what the user gave.
        sample_rate_hz: of the board.

    Raises:
        UsageError: it is a bare number, whose unit nobody knows, or too long.
    """
    match span:
        case SpanFrames(count):
            number = count
        case Seconds(count):
            number = round(min(count * sample_rate_hz, LATEST_FRAME + 1))
        case _:
            raise UsageError(f"{what}={span!r}: write seconds({span}) or frames({span})")
    if number > LATEST_FRAME:
        raise UsageError(f"{what}={span!r} is longer than a board can count")
    return number


def start_frame(what: str, when: When, now_frame: int, sample_rate_hz: float) -> int:
    """A moment as a frame of the board's program.

    Raises:
        UsageError: it is no moment, or none that a board can have.
    """
    if isinstance(when, Seconds | SpanFrames):
        return now_frame + span_frames(what, when, sample_rate_hz)
    try:
        number = operator.index(when)
    except TypeError:
        raise UsageError(f"{what}={when!r}: write a frame, or seconds({when!r}) from now") from None
    if not 0 <= number <= LATEST_FRAME:
        raise UsageError(f"{what}={when!r} is no frame that a board can have")
    return number
