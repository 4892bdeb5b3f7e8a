"""Buffers from the host, and those that would make a board read beyond them."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.errors import RemoteFormatError
from belabridge.sim import hostbuffer
from belabridge.values import VarType


def test_a_good_one():
    buffer = hostbuffer.parse(struct.pack("<I4sII3f", 7, b"f", 3, 0, 1, 2, 3))
    assert (buffer.id, buffer.type) == (7, VarType.FLOAT)
    np.testing.assert_array_equal(buffer.values, [1, 2, 3])


@pytest.mark.parametrize(
    "message", [b"", bytes(15), struct.pack("<I4sII", 0, b"f", 1, 0), struct.pack("<I4sII", 0, b"x", 0, 0)]
)
def test_what_would_be_read_beyond_its_end(message):
    with pytest.raises(RemoteFormatError):
        hostbuffer.parse(message)


def test_a_long_one_is_cut_to_the_room():
    message = struct.pack("<I4sII", 0, b"c", 20_000, 0) + bytes(20_000)
    assert len(hostbuffer.parse(message).values) == hostbuffer.MAX_VALUES_BYTES


@given(st.binary(max_size=64))
def test_any_bytes_are_a_buffer_or_a_fault(message):
    try:
        buffer = hostbuffer.parse(message)
    except RemoteFormatError:
        return
    assert buffer.values.nbytes <= len(message) - 16
