import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message_builder import OscMessageBuilder

from belabridge.errors import UsageError
from belabridge.osc.codec.reader import Bundle, Message, Midi, Rgba, read_packet
from belabridge.osc.codec.writer import Template, bundle, message

INF, NAN = math.inf, math.nan


def python_osc(address, *pairs):
    builder = OscMessageBuilder(address)
    for value, tag in pairs:
        builder.add_arg(value, tag)
    return builder.build().dgram


ONE = [
    ("f", 440, b"/a\0\0,f\0\0\x43\xdc\0\0"),
    ("f", 1, b"/a\0\0,f\0\0\x3f\x80\0\0"),  # whole, and still a float
    ("f", 1e39, b"/a\0\0,f\0\0\x7f\x80\0\0"),
    ("f", -1e39, b"/a\0\0,f\0\0\xff\x80\0\0"),
    ("d", 0.1, b"/a\0\0,d\0\0\x3f\xb9\x99\x99\x99\x99\x99\x9a"),
    ("i", 1000, b"/a\0\0,i\0\0\0\0\x03\xe8"),
    ("i", -0.6, b"/a\0\0,i\0\0\xff\xff\xff\xff"),
    ("i", 2.5, b"/a\0\0,i\0\0\0\0\0\x02"),
    ("i", 1e10, b"/a\0\0,i\0\0\x7f\xff\xff\xff"),
    ("i", -INF, b"/a\0\0,i\0\0\x80\0\0\0"),
    ("h", 2**40, b"/a\0\0,h\0\0\0\0\x01\0\0\0\0\0"),
    ("h", INF, b"/a\0\0,h\0\0\x7f\xff\xff\xff\xff\xff\xff\xff"),
    ("blob", 1.0, b"/a\0\0,b\0\0\0\0\0\x04\x3f\x80\0\0"),
]


@pytest.mark.parametrize(("form", "value", "data"), ONE)
def test_one(form, value, data):
    assert Template("/a", form).one(value) == data


@pytest.mark.parametrize("form", ["i", "h"])
def test_nan_is_no_whole_number(form):
    with pytest.raises(UsageError, match="NaN"):
        Template("/a", form).one(NAN)
    with pytest.raises(UsageError, match="NaN"):
        Template("/a", form).body([1.0, NAN])


@pytest.mark.parametrize("form", ["f", "d", "i", "h"])
@pytest.mark.parametrize("address", ["/a", "/ab", "/abc", "/abcd", "/bela/pot1"])
def test_one_is_what_python_osc_builds(form, address):
    value = 2.5 if form in "fd" else -2
    assert Template(address, form).one(value) == python_osc(address, (value, form))


@given(
    st.sampled_from(["f", "d", "i", "h"]),
    st.lists(st.floats(allow_nan=False), max_size=9),
)
def test_a_body_says_what_one_says(form, values):
    template = Template("/a", form)
    head = message("/a", [0] * len(values), form * len(values))[: -template.width_bytes * len(values) or None]
    together = read_packet(head + template.body(np.array(values)))
    alone = [read_packet(template.one(value)).args[0] for value in values]
    if form == "h":  # int64's ends are no doubles: within one step of a double
        assert together.args == pytest.approx(alone, abs=1024)
    else:
        assert list(together.args) == alone
    assert template.body(values) == template.body(np.array(values))


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.uint32, np.float32, np.float64])
def test_every_dtype_of_a_board_goes_out_as_i(dtype):
    kind = np.dtype(dtype)
    values = np.array([0, 1, np.iinfo(dtype).max if kind.kind in "iu" else 7], dtype)
    expected = [min(int(v), 2**31 - 1) for v in values]
    assert Template("/a", "i").body(values) == struct.pack(">3i", *expected)


@pytest.mark.parametrize("address", ["", "/", "a", "/a b", "/a*", "/a//b", "/ä", "/a\0", "/a,b", "/#"])
def test_addresses_that_are_none(address):
    with pytest.raises(UsageError, match="not an OSC address"):
        Template(address)
    with pytest.raises(UsageError, match="not an OSC address"):
        message(address)


MESSAGES = [
    ((), None, Message("/a", (), "")),
    (
        (1, 1.5, "x", b"y", True, False, None),
        None,
        Message("/a", (1, 1.5, "x", b"y", True, False, None), "ifsbTFN"),
    ),
    ((2**31, -(2**31) - 1), None, Message("/a", (2**31, -(2**31) - 1), "hh")),
    ((1, 2), "fd", Message("/a", (1.0, 2.0), "fd")),
    (([1, [2.0]],), None, Message("/a", ([1, [2.0]],), "[i[f]]")),
    (
        (Rgba(1, 2, 3, 4), Midi(0, 0x90, 60, 1)),
        None,
        Message("/a", (Rgba(1, 2, 3, 4), Midi(0, 0x90, 60, 1)), "rm"),
    ),
    ((Rgba(1, 2, 3, 4), True), "rT", Message("/a", (Rgba(1, 2, 3, 4), True), "rT")),
    ((np.float32(0.5), np.int32(3)), None, Message("/a", (0.5, 3), "fi")),
    (("é",), None, Message("/a", ("é",), "s")),
]


@pytest.mark.parametrize(("args", "tags", "expected"), MESSAGES)
def test_messages_of_every_kind(args, tags, expected):
    assert read_packet(message("/a", args, tags)) == expected


@pytest.mark.parametrize(
    ("args", "tags"),
    [
        ((1,), "ii"),
        ((1,), "x"),
        ((1,), "I"),
        (("x",), "i"),
        ((2**31,), "i"),
        ((1e39,), "f"),
        ((1,), "s"),
        (("a\0b",), None),
        ((object(),), None),
        ((2**64,), None),
    ],
)
def test_what_cannot_go_out(args, tags):
    with pytest.raises(UsageError, match=r"^/a: "):
        message("/a", args, tags)


def test_a_bundle_holds_what_was_put_in():
    inner = bundle([message("/b", [1.0])], 5 << 32)
    data = bundle([message("/a", [1]), inner, message("/c")])
    assert read_packet(data) == Bundle(
        1,
        (Message("/a", (1,), "i"), Bundle(5 << 32, (Message("/b", (1.0,), "f"),)), Message("/c", (), "")),
    )
