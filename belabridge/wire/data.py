"""Turns the messages of ``/gui_data`` into blocks: a header, then a body, and back in step after a loss."""

from __future__ import annotations

import struct
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from belabridge.values import Block, Variable, VarType
from belabridge.wire.formats import (
    LATEST_FRAME,
    LONGEST_HEADER,
    STREAM_BODY,
    VALUES_AT,
    header,
    layout,
    read_header,
)
from belabridge.wire.tail import sparse_count

if TYPE_CHECKING:
    from collections.abc import Sequence

REASONS: Final = {
    "header": "a body came without its header",
    "body": "a header came without its body",
    "garbage": "a short message that is no header",
    "unlisted": "a header with an id that the last list does not have",
    "mismatch": "a header of another type than listed, or a body that does not fit its header",
    "frame": "a body from an impossible time, or older than the one before it",
}
"""What ``DataReader.lost`` counts, by its fixed words; a lost header-body pair counts once."""

_STREAMED: Final = False
_MONITORED: Final = True
_NONE_YET: Final = -1
_frame_of = struct.Struct("<Q").unpack_from
_view = np.frombuffer
_RELATIVE: Final = np.dtype("<u4")


class _Expected:
    """What follows a header of one variable: everything precomputed, because this is the hot path."""

    __slots__ = (
        "count",
        "dtype",
        "exact",
        "exact_below",
        "id",
        "mode",
        "monitor_body",
        "monitor_frame",
        "relative_at",
        "size",
        "stream_frame",
        "type",
    )

    def __init__(self, variable: Variable, *, char_signed: bool) -> None:
        self.id = variable.id
        self.type = variable.type
        self.mode = variable.mode
        self.exact = variable.exact is not None
        self.stream_frame = _NONE_YET  # of the last accepted stream body
        self.monitor_frame = _NONE_YET
        self.set_layout(char_signed=char_signed)

    def set_layout(self, *, char_signed: bool) -> None:
        form = layout(self.type, self.mode, char_signed=char_signed)
        self.dtype: np.dtype[Any] = form.dtype
        self.size = form.dtype.itemsize
        self.count = form.count
        self.relative_at = form.relative_at
        self.monitor_body = form.monitor_body
        # the shortest body that is too long for an exact block, or 0 where there are none
        self.exact_below = STREAM_BODY if self.exact and not form.relative_at else 0


class DataReader:
    """Binary messages of ``/gui_data`` to blocks, for the life of one connection.

    The board loses headers and bodies independently when its queue overflows, so nothing is taken for
    granted: each message is told to be a header or a body by its length alone, a body is only paired with
    the header right before it, and what does not fit is counted and skipped. Two losses in a row (a body,
    and the header after it) can still put one variable's body behind another one's header; when lengths,
    sparse times or the order of frames show it, the block is dropped, and otherwise nobody can know.

    Attributes:
        lost: how many header-body pairs were lost, by the words of ``REASONS``.
        lost_by_id: the same by variable, where it is known; only ids that were listed.
    """

    def __init__(self) -> None:
        self.lost: Counter[str] = Counter()
        self.lost_by_id: Counter[int] = Counter()
        self._char_signed = False
        self._by_header: dict[bytes, _Expected] = {}  # bounded by the table: strange headers never get in
        self._types: dict[int, VarType] = {}
        self._held: _Expected | None = None  # the header that waits for its body
        self._skip_body = False  # the header before was counted: its body is part of the same loss

    @property
    def char_signed(self) -> bool:
        """A char is -128..127 (x86 boards) instead of 0..255 (ARM boards)."""
        return self._char_signed

    @char_signed.setter
    def char_signed(self, signed: bool) -> None:
        self._char_signed = signed
        for expected in self._by_header.values():
            expected.set_layout(char_signed=signed)

    @property
    def latest_frame(self) -> int:
        """The largest frame of the last blocks of the variables in the table; 0 before the first."""
        frames = (max(e.stream_frame, e.monitor_frame) for e in self._by_header.values())
        return max(0, max(frames, default=0))

    def know(self, variables: Sequence[Variable]) -> None:
        """Take the board's table: which ids exist, of which type and mode. Replaces the one before.

        A variable that stays as it was keeps its place in time, and a header already taken keeps its meaning.
        """
        table: dict[bytes, _Expected] = {}
        for variable in variables:
            key = header(variable.id, variable.type)
            old = self._by_header.get(key)
            if old is None or old.mode is not variable.mode or old.exact is not (variable.exact is not None):
                table[key] = _Expected(variable, char_signed=self._char_signed)
            else:
                table[key] = old
        held = self._held
        if held is not None and table.get(header(held.id, held.type)) is not held:
            self._lose("mismatch", held.id)
            self._held, self._skip_body = None, True
        self._by_header = table
        self._types = {expected.id: expected.type for expected in table.values()}

    def receive(self, message: bytes) -> Block | None:  # noqa: PLR0911 - one function: calls cost here
        """Take one binary message; never raises, whatever its bytes are.

        Returns:
            The block that this message completes. None when it was a header, or when a loss was counted.
            ``values`` and ``relative`` are read-only views into ``message``.
        """
        length = len(message)
        if length <= LONGEST_HEADER:
            expected = self._by_header.get(message)
            if expected is None or self._held is not None or self._skip_body:
                self._odd_header(message, expected)
                return None
            self._held = expected
            return None
        expected = self._held
        if expected is None:
            self._stray_body()
            return None
        self._held = None
        (frame,) = _frame_of(message)
        if length == STREAM_BODY:
            if not expected.stream_frame <= frame <= LATEST_FRAME:
                self._refuse_frame(expected)
                return None
            if expected.relative_at:
                return self._sparse(expected, frame, message)
            expected.stream_frame = frame
            values = _view(message, expected.dtype, expected.count, VALUES_AT)
            return Block(expected.id, expected.type, frame, values, None, _STREAMED)
        if length == expected.monitor_body:
            if not expected.monitor_frame <= frame <= LATEST_FRAME:
                self._refuse_frame(expected)
                return None
            expected.monitor_frame = frame
            values = _view(message, expected.dtype, 1, VALUES_AT)
            return Block(expected.id, expected.type, frame, values, None, _MONITORED)
        if length < expected.exact_below:
            return self._exact(expected, frame, message)
        self._lose("mismatch", expected.id)
        return None

    def _exact(self, expected: _Expected, frame: int, message: bytes) -> Block | None:
        """A dense block of protocol 2: its frame, its values, and the last of them once more."""
        size, length = expected.size, len(message)
        twice = length - size - size
        # sizes are powers of two, and the values begin at a multiple of each of them
        if length & (size - 1) or twice < VALUES_AT or not message.endswith(message[twice : length - size]):
            self._lose("mismatch", expected.id)
            return None
        if not expected.stream_frame <= frame <= LATEST_FRAME:
            self._refuse_frame(expected)
            return None
        expected.stream_frame = frame
        values = _view(message, expected.dtype, (length - VALUES_AT) // size - 1, VALUES_AT)
        return Block(expected.id, expected.type, frame, values, None, _STREAMED)

    def _sparse(self, expected: _Expected, frame: int, message: bytes) -> Block | None:
        relative = _view(message, _RELATIVE, expected.count, expected.relative_at)
        count = sparse_count(relative, exact=expected.exact)
        if count is None:
            self._lose("mismatch", expected.id)
            return None
        expected.stream_frame = frame
        values = _view(message, expected.dtype, count, VALUES_AT)
        return Block(expected.id, expected.type, frame, values, relative[:count], _STREAMED)

    def _refuse_frame(self, expected: _Expected) -> None:
        """Drop a block with an impossible frame; forget the one before too: either may be the false one."""
        expected.stream_frame = expected.monitor_frame = _NONE_YET
        self._lose("frame", expected.id)

    def _odd_header(self, message: bytes, expected: _Expected | None) -> None:
        """Take a short message that is not simply the next header: count what it shows to be lost."""
        if self._held is not None:
            self._lose("body", self._held.id)
        self._held, self._skip_body = expected, expected is None
        if expected is not None:
            return
        parsed = read_header(message)
        if parsed is None:
            self._lose("garbage")
        elif parsed[0] in self._types:
            self._lose("mismatch", parsed[0])
        else:
            self._lose("unlisted")

    def _stray_body(self) -> None:
        if not self._skip_body:
            self._lose("header")
        self._skip_body = False

    def _lose(self, reason: str, id_: int | None = None) -> None:
        self.lost[reason] += 1
        if id_ is not None:
            self.lost_by_id[id_] += 1
