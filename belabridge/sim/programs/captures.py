"""The programs of the recorded sessions: every value says which frame it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from belabridge.sim.program import Program, ProgramVariable
from belabridge.values import TimestampMode, VarType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

DENSE, SPARSE = TimestampMode.DENSE, TimestampMode.SPARSE


def _frame(frames: NDArray[np.uint64]) -> NDArray[Any]:
    return frames


def _negative(frames: NDArray[np.uint64]) -> NDArray[Any]:
    return -frames.astype(np.int64)


def _high_bit(frames: NDArray[np.uint64]) -> NDArray[Any]:
    return frames | np.uint64(0x8000_0000)


def bela_test() -> Program:
    """Five variables that hold the frame; ``myvar3`` and ``myvar4`` at every 12th."""
    return Program(
        "bela-test",
        (
            ProgramVariable("myvar", VarType.DOUBLE, DENSE, _frame),
            ProgramVariable("myvar2", VarType.UINT, DENSE, _frame),
            ProgramVariable("myvar3", VarType.UINT, SPARSE, _frame, 12),
            ProgramVariable("myvar4", VarType.DOUBLE, SPARSE, _frame, 12),
            ProgramVariable("myvar5", VarType.DOUBLE, DENSE, _frame),
        ),
    )


def bela_types() -> Program:
    """Every type, dense (``_d``) at every frame and sparse (``_s``) at every third; the dense ones first."""
    kinds = {
        VarType.CHAR: _frame,
        VarType.INT: _negative,
        VarType.UINT: _high_bit,
        VarType.FLOAT: _frame,
        VarType.DOUBLE: _frame,
    }
    variables = tuple(
        ProgramVariable(f"{type_}_{mode.name.lower()[0]}", type_, mode, values, every)
        for type_, values in kinds.items()
        for mode, every in ((DENSE, 1), (SPARSE, 3))
    )
    order = sorted((variable.name for variable in variables), key=lambda name: name[-1])
    return Program("bela-types", variables, order=tuple(order))


def bela_test_send() -> Program:
    """``myvar1`` and ``myvar2`` take each value of the buffers 0 and 1 that the host sends."""
    names = ("myvar1", "myvar2")

    def taken(buffer: int, values: NDArray[Any]) -> Sequence[tuple[str, NDArray[Any]]]:
        return [(names[buffer], values)]

    variables = tuple(ProgramVariable(name) for name in names)
    return Program("bela-test-send", variables, taken=taken, clocked_by_buffers=True)
