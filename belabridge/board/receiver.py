"""Whom a link tells of its board."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from belabridge.board.speech import Want
    from belabridge.values import Block
    from belabridge.wire.listing import VariableList


class Receiver(Protocol):
    """Whom a link tells; all is called in the loop and must not block."""

    def connected(self, board: VariableList, project: str) -> Mapping[str, Want]:
        """The board is here, or has other variables than before; gives what is wanted of it."""

    def block(self, block: Block, now: float) -> None:
        """Samples of a wanted variable."""

    def read(self, board: VariableList) -> None:
        """What the program reads, from a later ``list``."""

    def gap(self, id_: int, frames: int) -> None:
        """So many frames of a variable's stream are missing before its next block."""

    def lost(self, reason: str) -> None:
        """The board is gone; the link goes on trying."""
