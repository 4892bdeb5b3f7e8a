"""One variable's way through a stream: cut to the frames that are wanted, gaps where some are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from belabridge.client.blocks import Block, Gap


class Window:
    """The frames of one variable that a stream wants, from ``start_frame`` up to ``end_frame``, without it.

    A window is cut here and not on the board: several streams may want different frames of one variable, the
    board starts and ends at whatever is assigned near a frame, and a start that it was told dies with a
    connection. The frames of the blocks say exactly what belongs to it, whatever happened in between.

    Attributes:
        name: of the variable.
        start_frame: the first frame.
        end_frame: the first one behind; None = there is no end yet.
        known_until: everything before this frame has come, or is known to be missing.
    """

    def __init__(self, name: str, start_frame: int, end_frame: int | None, *, promised: bool) -> None:
        """A window of frames.

        Args:
            name: of the variable.
            start_frame: the first frame.
            end_frame: the first one behind.
            promised: what is missing between the start and the first value is a gap. Otherwise the window
                begins, and ends, so much later.
        """
        self.name = name
        self.start_frame, self.end_frame = start_frame, end_frame
        self.known_until = start_frame
        self._expected: int | None = start_frame if promised else None  # of a regular variable
        self._may_shift = not promised
        self._away_until: int | None = None
        self._began_anew = False

    @property
    def is_complete(self) -> bool:
        """Everything that was wanted has come."""
        return self.end_frame is not None and self.known_until >= self.end_frame

    def take(self, block: Block) -> Iterator[Block]:
        """Take the next block of the variable; what of it is wanted, with a gap before it if there is one."""
        if block.end_frame <= self.start_frame:
            return
        if self._may_shift:
            self._shift(block)
        gap = self._gap_before(block)
        if gap is not None:
            yield gap
        first, behind = block.first_frame, block.end_frame
        self.known_until = max(self.known_until, behind)
        if block.is_regular:
            self._expected = behind
        start, end = self.start_frame, self.end_frame
        if first >= start and (end is None or behind <= end):
            yield block
        elif (cut := _cut(block, start, end)) is not None:
            yield cut

    def nothing_before(self, frame: int) -> None:
        """No value from before this frame can come any more."""
        self.known_until = max(self.known_until, frame)

    def back(self, frame: int) -> None:
        """The connection was away until this frame; the same program runs."""
        self._away_until = frame

    def began_anew(self, frame: int) -> None:
        """The program runs since a short while, and counts its frames from 0 again; this one is now.

        What was left of a window that had begun is wanted of the new program; nobody knows how long it took.
        """
        if self.known_until > self.start_frame:
            left = None if self.end_frame is None else max(0, self.end_frame - self.known_until)
            self.start_frame = frame
            self.end_frame = None if left is None else frame + left
            self._began_anew = True
        self._expected = self._away_until = None
        self.known_until = self.start_frame

    def _shift(self, block: Block) -> None:
        self._may_shift = False
        late = block.first_frame - self.start_frame
        if late >= block.step_frames and block.is_regular:
            self.start_frame += late
            if self.end_frame is not None:
                self.end_frame += late

    def _gap_before(self, block: Block) -> Gap | None:
        first, expected = block.first_frame, self._expected
        away_until, self._away_until = self._away_until, None
        if self._began_anew:
            self._began_anew = False
            return block.gap(0, first)
        if not block.is_regular:
            # between two values that have frames of their own nothing need be missing
            first, expected = min(first, away_until or 0), self.known_until
        if expected is None or first <= expected:
            return None
        missing = (first if self.end_frame is None else min(first, self.end_frame)) - expected
        return block.gap(missing, expected) if missing >= max(1.0, block.step_frames) else None


def _cut(block: Block, start: int, end: int | None) -> Block | None:
    frames = block.frames
    low = int(frames.searchsorted(start))
    high = len(frames) if end is None else int(frames.searchsorted(end))
    return block.part(low, high) if low < high else None
