"""Whole blocks of samples as messages, each with the audio frame that it begins at.

==========  ===================  =============================================================
form        dense variable       sparse variable
==========  ===================  =============================================================
arguments   ``i f f f …``        ``i f i f …``: each value behind its own frame
blob        ``i b``              ``i b b``: values, and int32 frames after the first
==========  ===================  =============================================================

Frames are int32, the one whole number that every receiver has: they wrap to 0 after 2^31, 13.5 hours at
44.1 kHz. Numbers in blobs are big-endian, values float32.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from belabridge.osc.codec.writer import DATAGRAM_BYTES, Template

if TYPE_CHECKING:
    from numpy.typing import NDArray

# What a Mac sends in one datagram unless it is told otherwise; a block of a board is 4 kB as a blob.
BLOB_DATAGRAM_BYTES = 9216
_WRAP = 1 << 31
_INT = struct.Struct(">i")
_BIG_INT = np.dtype(">i4")


class BlockTemplate:
    """The messages of one output that takes every sample.

    Args:
        address: a valid address.
        form: ``blob``, or the OSC type of each value.

    Raises:
        UsageError: the address is not valid.
    """

    def __init__(self, address: str, form: str) -> None:
        self._blob = form == "blob"
        self._numbers = Template(address, "f" if self._blob else form)  # type: ignore[arg-type]  # one of its forms
        name = address.encode("ascii")
        self._address = name + b"\0" * (4 - len(name) % 4)
        self._tag = b"b" if self._blob else form.encode("ascii")
        self._width = self._numbers.width_bytes

    def messages(
        self, frame: int, values: NDArray[Any], relative: NDArray[Any] | None = None, step_frames: float = 1.0
    ) -> list[bytes]:
        """All values, shape (n,), in as few messages as travel well.

        Args:
            frame: audio frame of the first value.
            values: numbers of any type.
            relative: frames after ``frame``, shape (n,), for a sparse variable; None for a dense one.
            step_frames: between two values of a dense variable.
        """
        step = self._capacity(sparse=relative is not None)
        out = []
        for i in range(0, len(values), step):
            part = values[i : i + step]
            if relative is None:
                out.append(self._dense(frame + round(i * step_frames), part))
            else:
                times = relative[i : i + step].astype(np.int64)
                out.append(self._sparse(frame + int(times[0]), part, times - times[0]))
        return out

    def _capacity(self, *, sparse: bool) -> int:
        head = len(self._address)
        if self._blob:
            return int((BLOB_DATAGRAM_BYTES - head - 20) // (8 if sparse else 4))
        # a tag and its bytes for each number; the first frame, the comma and padding once
        each = 1 + self._width + (5 if sparse else 0)
        return max(1, (DATAGRAM_BYTES - head - 12) // each)

    def _dense(self, frame: int, values: NDArray[Any]) -> bytes:
        body = self._numbers.body(values)
        if self._blob:
            return self._start(b"ib") + _INT.pack(frame % _WRAP) + _INT.pack(len(body)) + body
        return self._start(b"i" + self._tag * len(values)) + _INT.pack(frame % _WRAP) + body

    def _sparse(self, frame: int, values: NDArray[Any], after: NDArray[np.int64]) -> bytes:
        n = len(values)
        if self._blob:
            body = self._numbers.body(values)
            size = _INT.pack(len(body))
            times = after.astype(_BIG_INT).tobytes()
            return self._start(b"ibb") + _INT.pack(frame % _WRAP) + size + body + _INT.pack(4 * n) + times
        pairs = np.empty(n, dtype=[("frame", _BIG_INT), ("value", f"V{self._width}")])
        pairs["frame"] = (frame + after) % _WRAP
        pairs["value"] = np.frombuffer(self._numbers.body(values), dtype=f"V{self._width}")
        return self._start((b"i" + self._tag) * n) + pairs.tobytes()

    def _start(self, tags: bytes) -> bytes:
        padded = b"," + tags
        return self._address + padded + b"\0" * (4 - len(padded) % 4)
