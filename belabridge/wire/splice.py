"""Cuts what was on its way before our watch began: old values that a board puts into the first buffer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from belabridge.values import Block

if TYPE_CHECKING:
    from collections.abc import Iterable


class WatchStart:
    """Since which frame the blocks of a watched variable are ours.

    Watches outlive the client that asked, and a buffer that was half full when the last client left is filled
    up when the next one comes: its frame and its first values are old, the rest is new, and a dense buffer
    does not say where the seam is.

    Attributes:
        cut_blocks: spliced blocks that were dropped or shortened so far.
    """

    def __init__(self) -> None:
        self.watched_from: dict[int, int] = {}
        self.cut_blocks = 0

    def watched(self, ids: Iterable[int], frame: int) -> None:
        """Our watch was sent when ``frame`` was the latest frame known of this connection.

        A list answer of the same connection must have been seen before: it makes ``frame`` later than all
        that the board kept from earlier clients.
        """
        self.watched_from.update(dict.fromkeys(ids, frame))

    def ours(self, block: Block) -> Block | None:
        """The part of a block that was assigned since our watch was sent.

        Returns:
            The same block, when all of it is ours or it is a monitor's. For a spliced one: None when it is
            dense, and the new values with their times when it is sparse.
        """
        start = self.watched_from.get(block.id, 0)
        if block.frame >= start or block.monitored:
            return block
        self.cut_blocks += 1
        if block.relative is None:
            return None
        first = int(np.searchsorted(block.relative, start - block.frame))
        if first == len(block.relative):
            return None
        skipped = block.relative[first]
        return Block(
            block.id,
            block.type,
            block.frame + int(skipped),
            block.values[first:],
            block.relative[first:] - skipped,
            monitored=False,
        )
