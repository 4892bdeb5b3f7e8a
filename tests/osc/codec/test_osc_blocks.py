import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.osc.codec.blocks import BLOB_DATAGRAM_BYTES, BlockTemplate
from belabridge.osc.codec.reader import read_packet
from belabridge.osc.codec.writer import DATAGRAM_BYTES, message

ADDRESSES = ["/a", "/ab", "/abc", "/abcd", "/mic/block"]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("form", ["f", "d", "i", "h"])
@pytest.mark.parametrize("n", range(1, 6))
def test_arguments_are_what_python_osc_builds(address, form, n):
    values = np.arange(n, dtype=np.float32)
    plain = [float(v) if form in "fd" else int(v) for v in values]
    dense = BlockTemplate(address, form).messages(1000, values)
    assert dense == [message(address, [1000, *plain], "i" + form * n)]
    after = np.arange(n, dtype=np.uint32) * 7
    pairs = [x for t, v in zip(after, plain, strict=True) for x in (1000 + int(t), v)]
    assert BlockTemplate(address, form).messages(1000, values, after) == [
        message(address, pairs, ("i" + form) * n)
    ]


@pytest.mark.parametrize("address", ADDRESSES)
def test_blobs_are_what_python_osc_builds(address):
    values = np.array([0.5, -1.0, 2.0], np.float32)
    body = struct.pack(">3f", *values)
    after = np.array([3, 5, 9], np.uint32)
    assert BlockTemplate(address, "blob").messages(1000, values) == [message(address, [1000, body], "ib")]
    assert BlockTemplate(address, "blob").messages(1000, values, after) == [
        message(address, [1003, body, struct.pack(">3i", 0, 2, 6)], "ibb")
    ]


def read_back(data, form, *, sparse):
    """(frame, value) of each sample; dense ones at one frame each."""
    args = read_packet(data).args
    if form == "blob":
        values = struct.unpack(f">{len(args[1]) // 4}f", args[1])
        after = struct.unpack(f">{len(args[2]) // 4}i", args[2]) if sparse else range(len(values))
        return [(args[0] + t, v) for t, v in zip(after, values, strict=True)]
    if sparse:
        return list(zip(args[::2], args[1::2], strict=True))
    return [(args[0] + i, v) for i, v in enumerate(args[1:])]


@given(
    st.sampled_from(["f", "d", "i", "h", "blob"]),
    st.sampled_from([*ADDRESSES, "/" + "x" * 200]),
    st.integers(0, 6000),
    st.booleans(),
)
def test_every_sample_goes_out_once_at_its_frame_in_datagrams_that_travel(form, address, n, sparse):
    values = np.arange(n, dtype=np.float32)
    after = np.cumsum(np.arange(n, dtype=np.uint32) % 5 + 1, dtype=np.uint32)
    out = BlockTemplate(address, form).messages(5000, values, after if sparse else None)
    times = 5000 + (after if sparse else np.arange(n))
    got = [pair for data in out for pair in read_back(data, form, sparse=sparse)]
    assert got == list(zip(times.tolist(), values.tolist(), strict=True))
    assert max(map(len, out), default=0) <= (BLOB_DATAGRAM_BYTES if form == "blob" else DATAGRAM_BYTES)


def test_a_chunk_begins_at_the_frame_of_its_first_value():
    out = BlockTemplate("/a", "f").messages(100, np.zeros(1000, np.float32), step_frames=2.5)
    starts = [read_packet(data).args for data in out]
    sent = 0
    assert len(starts) > 1
    for frame, *values in starts:
        assert frame == 100 + round(sent * 2.5)
        sent += len(values)


def test_frames_wrap_within_int32():
    last = (1 << 31) - 1
    for form in ("f", "blob"):
        assert read_packet(BlockTemplate("/a", form).messages(last, np.zeros(1))[0]).args[0] == last
        assert read_packet(BlockTemplate("/a", form).messages(last + 1, np.zeros(1))[0]).args[0] == 0
    two = np.array([0, 1], np.uint32)
    assert read_packet(BlockTemplate("/a", "f").messages(last, np.zeros(2), two)[0]).args == (
        last,
        0.0,
        0,
        0.0,
    )
