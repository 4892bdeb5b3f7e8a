"""What can be recorded: values that know their frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Dated(Protocol):
    """Values of one variable that follow each other, such as the client's ``Block``."""

    @property
    def values(self) -> NDArray[Any]:
        """Shape (n,), of the dtype that is the variable's C type, little endian."""

    @property
    def first_frame(self) -> int:
        """Audio frame of the first value."""

    @property
    def is_regular(self) -> bool:
        """The values are ``step_frames`` apart; otherwise each has a frame of its own."""

    @property
    def step_frames(self) -> float:
        """Frames between two values that are regular."""

    @property
    def frames(self) -> NDArray[np.uint64]:
        """Audio frame of each value, uint64 (n,)."""
