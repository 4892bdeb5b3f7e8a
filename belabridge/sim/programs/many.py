"""As many variables as one wants, each a function of the frame that one can check."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from belabridge.sim.program import Program, ProgramVariable

if TYPE_CHECKING:
    from numpy.typing import NDArray

EXACT_FRAMES = 1 << 23  # floats hold every whole number and half of them below this


def expected(index: int, frames: NDArray[np.uint64]) -> NDArray[np.float32]:
    """What variable ``v<index>`` holds at these frames (n,): the frame modulo 2^23, plus a half in odd ones.

    The index shifts it, so that no two variables are alike: ``(frame + 1000 * index) mod 2^23``.
    """
    shifted = (frames + np.uint64(1000 * index)) & np.uint64(EXACT_FRAMES - 1)
    return shifted.astype(np.float32) + np.float32(0.5 * (index % 2))


def many_variables(count: int, project: str = "many") -> Program:
    """Dense floats ``v0``, ``v1``… assigned at every frame with `expected` values."""
    variables = tuple(ProgramVariable(f"v{index}", values=partial(expected, index)) for index in range(count))
    return Program(project, variables)
