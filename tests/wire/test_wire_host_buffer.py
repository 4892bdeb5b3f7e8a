"""Numbers for C types, and buffers to the board, against the ones recorded."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.errors import UsageError
from belabridge.values import VarType
from belabridge.wire.host_buffer import LONGEST_BUFFER, coerce, encode_buffer
from captures import records

C, I, J, F, D = VarType  # noqa: E741 - the board's own letters
LIMIT = LONGEST_BUFFER - 16


@pytest.mark.parametrize(
    ("type_", "value", "result"),
    [
        (C, 300, 255),
        (C, -3, 0),
        (C, 127.4, 127),
        (I, 2.5, 2),
        (I, 3.5, 4),
        (I, -1e12, -(2**31)),
        (I, 2**31, 2**31 - 1),
        (J, -3, 0),
        (J, 4.6, 5),
        (J, 1e300, 2**32 - 1),
        (F, 0.1, float(np.float32(0.1))),
        (F, 1e-60, 0.0),
        (F, 3.4028234663852886e38, 3.4028234663852886e38),
        (D, 0.1, 0.1),
        (D, 1e300, 1e300),
    ],
)
def test_coerce(type_, value, result):
    coerced = coerce(type_, value)
    assert coerced == result
    assert isinstance(coerced, float if type_ in (F, D) else int)


def test_coerce_follows_the_sign_of_char():
    assert coerce(C, 300, char_signed=True) == 127
    assert coerce(C, -300, char_signed=True) == -128


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        *((t, v) for t in VarType for v in (float("nan"), float("inf"), float("-inf"))),
        (F, 3.5e38),
        (F, -1e39),
    ],
)
def test_coerce_refuses_what_no_board_can_have(type_, value):
    with pytest.raises(UsageError):
        coerce(type_, value)


@given(st.sampled_from(list(VarType)), st.floats(-1e30, 1e30), st.booleans())
def test_what_coerce_gives_fits_and_stays_as_it_is(type_, value, signed):
    coerced = coerce(type_, value, char_signed=signed)
    assert coerce(type_, coerced, char_signed=signed) == coerced
    if type_ not in (F, D):
        low, high = {
            C: (-128, 127) if signed else (0, 255),
            I: (-(2**31), 2**31 - 1),
            J: (0, 2**32 - 1),
        }[type_]
        assert low <= coerced <= high
        assert coerced in (low, high) or abs(coerced - value) <= 0.5


def test_buffers_are_those_that_a_real_board_took():
    sent = [r.payload for r in records("buffer-to-board") if r.direction == "tx" and r.endpoint == "data"]
    ramp = np.arange(1, 1025)
    assert [encode_buffer(0, F, ramp), encode_buffer(1, F, ramp), encode_buffer(0, F, ramp[:4])] == sent


@pytest.mark.parametrize(
    ("type_", "values", "payload"),
    [
        (C, [-128, -1, 0, 255], b"\x80\xff\x00\xff"),
        (I, [-(2**31), 2**31 - 1], struct.pack("<ii", -(2**31), 2**31 - 1)),
        (J, [0, 2**32 - 1], struct.pack("<II", 0, 2**32 - 1)),
        (I, [1.6, -1.6], struct.pack("<ii", 2, -2)),
        (F, [0.5], struct.pack("<f", 0.5)),
        (D, (1e300,), struct.pack("<d", 1e300)),
        (I, np.arange(2, dtype=np.uint8), struct.pack("<ii", 0, 1)),
    ],
)
def test_values_of_every_type(type_, values, payload):
    head = struct.pack("<I4sII", 5, type_.encode(), len(values), 0)
    assert encode_buffer(5, type_, values) == head + payload


@pytest.mark.parametrize(("type_", "limit"), [(C, LIMIT), (I, LIMIT // 4), (D, LIMIT // 8)])
def test_the_longest_buffer(type_, limit):
    assert len(encode_buffer(0, type_, np.zeros(limit))) <= LONGEST_BUFFER
    with pytest.raises(UsageError, match=str(limit)):
        encode_buffer(0, type_, np.zeros(limit + 1))


@pytest.mark.parametrize(
    ("id_", "type_", "values"),
    [
        (0, F, []),
        (0, F, 3.0),
        (0, F, [[1, 2]]),
        (0, F, [[1], [2, 3]]),
        (0, F, [float("nan")]),
        (0, D, [float("inf")]),
        (0, F, [1e39]),
        (0, C, [256]),
        (0, C, [-129]),
        (0, I, [2**31]),
        (0, J, [-1]),
        (0, J, [2**32]),
        (0, F, ["1"]),
        (0, F, [1, "a"]),
        (0, F, [None]),
        (0, F, [10**400]),
        (0, F, [1j]),
        (-1, F, [1]),
        (2**32, F, [1]),
        (1.5, F, [1]),
    ],
)
def test_a_buffer_that_would_harm_a_board_is_a_usage_error(id_, type_, values):
    with pytest.raises(UsageError):
        encode_buffer(id_, type_, values)
