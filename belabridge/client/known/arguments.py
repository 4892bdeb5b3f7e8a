"""What the calls of the known form may be given: names, numbers for each of them, and their checks."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Final

from belabridge.board.names import require
from belabridge.errors import UsageError
from belabridge.values import TimestampMode, VarType
from belabridge.wire.commands import LONGEST_PERIOD_FRAMES
from belabridge.wire.formats import LATEST_FRAME, STREAM_BODY, layout

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from belabridge.values import Variable

USUAL_PERIOD: Final = 1000  # frames: pybela's
MODES: Final = {"dense": TimestampMode.DENSE, "sparse": TimestampMode.SPARSE}


def names_of(variables: str | Sequence[str] | None, table: Mapping[str, Variable]) -> tuple[str, ...]:
    """The variables that are meant: one by its name, several, or all when none is given.

    Raises:
        UnknownVariable: the board lacks one.
        UsageError: these are no names.
    """
    if variables is None or len(variables) == 0:
        return tuple(table)
    given = (variables,) if isinstance(variables, str) else tuple(variables)
    for name in given:
        if not isinstance(name, str):
            raise UsageError(f"{name!r} is no name of a variable: write it as a string")
    require(given, table)
    return tuple(dict.fromkeys(given))


def periods_of(periods: int | Sequence[int] | None, names: Sequence[str]) -> dict[str, int]:
    """The period of each variable in frames; one serves all, and none is 1000.

    Raises:
        UsageError: they are no periods, or of another number than the variables.
    """
    given = each("periods", periods, names, missing=USUAL_PERIOD)
    for period in given.values():
        if not 1 <= period <= LONGEST_PERIOD_FRAMES:
            raise UsageError(
                f"a period of {period}: write 1 (a single value) to {LONGEST_PERIOD_FRAMES} frames"
            )
    return given


def frames_of(what: str, frames: int | Sequence[int] | None, names: Sequence[str]) -> dict[str, int]:
    """Timestamps or durations: one for all, or one each; none is 0.

    Raises:
        UsageError: they are none that a board can have, or of another number than the variables.
    """
    given = each(what, frames, names, missing=0)
    for frame in given.values():
        if not 0 <= frame <= LATEST_FRAME:
            raise UsageError(f"{what}: {frame} is no frame that a board can have")
    return given


def each(
    what: str, numbers: int | Sequence[int] | None, names: Sequence[str], *, missing: int
) -> dict[str, int]:
    """A whole number for each variable.

    Raises:
        UsageError: they are not whole, or of another number than the variables.
    """
    if numbers is None or (not isinstance(numbers, int | float) and len(numbers) == 0):
        return dict.fromkeys(names, missing)
    if isinstance(numbers, int | float):
        return dict.fromkeys(names, whole(what, numbers))
    if len(numbers) != len(names):
        raise UsageError(f"{what}: {len(numbers)} for {len(names)} variables; give one each, or one for all")
    return {name: whole(what, number) for name, number in zip(names, numbers, strict=True)}


def whole(what: str, number: Any) -> int:
    """A whole number; 44100.0 is one.

    Raises:
        UsageError: it is none.
    """
    if isinstance(number, float) and number.is_integer():
        return int(number)
    try:
        return operator.index(number)
    except TypeError:
        raise UsageError(f"{what}: {number!r} is no whole number") from None


def type_of(letter: str) -> VarType:
    """A C type by its letter.

    Raises:
        UsageError: there is none.
    """
    try:
        return VarType(letter)
    except ValueError:
        raise UsageError(f"type {letter!r}: write one of {', '.join(VarType)}") from None


def mode_of(mode: str) -> TimestampMode:
    """A timestamp mode by its name.

    Raises:
        UsageError: there is none.
    """
    if mode not in MODES:
        raise UsageError(f"timestamp mode {mode!r}: write 'dense' or 'sparse'")
    return MODES[mode]


def buffer_values(type_: VarType, mode: TimestampMode) -> int:
    """How many values a full buffer of an original board has."""
    return layout(type_, mode).count


BUFFER_BYTES: Final = STREAM_BODY
