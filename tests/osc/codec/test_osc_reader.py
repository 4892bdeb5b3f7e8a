import struct
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message_builder import OscMessageBuilder

from belabridge.errors import OscFormatError
from belabridge.osc.codec.reader import MAX_DEPTH, Bundle, Message, Midi, Reader, Rgba, read_packet

A = b"/a\0\0"

TYPES = [
    # the two examples of the OSC 1.0 specification
    (
        b"/oscillator/4/frequency\0,f\0\0\x43\xdc\0\0",
        Message("/oscillator/4/frequency", (440.0,), "f"),
    ),
    (
        b"/foo\0\0\0\0,iisff\0\0\0\0\x03\xe8\xff\xff\xff\xffhello\0\0\0\x3f\x9d\xf3\xb6\x40\xb5\xb2\x2d",
        Message(
            "/foo",
            (1000, -1, "hello", 1.2339999675750732, 5.677999973297119),
            "iisff",
        ),
    ),
    (A + b",i\0\0\xff\xff\xff\xfe", Message("/a", (-2,), "i")),
    (A + b",f\0\0\x3f\x80\0\0", Message("/a", (1.0,), "f")),
    (A + b",s\0\0abc\0", Message("/a", ("abc",), "s")),
    (A + b",s\0\0\0\0\0\0", Message("/a", ("",), "s")),
    (A + b",s\0\0\xc3\xa9\0\0", Message("/a", ("é",), "s")),
    (A + b",s\0\0\xff\0\0\0", Message("/a", ("\ufffd",), "s")),
    (A + b",S\0\0abcd\0\0\0\0", Message("/a", ("abcd",), "S")),
    (A + b",b\0\0\0\0\0\x05hello\0\0\0", Message("/a", (b"hello",), "b")),
    (A + b",b\0\0\0\0\0\0", Message("/a", (b"",), "b")),
    (A + b",h\0\0\xff\xff\xff\xff\xff\xff\xff\xff", Message("/a", (-1,), "h")),
    (A + b",t\0\0\xff\xff\xff\xff\0\0\0\x01", Message("/a", (0xFFFFFFFF00000001,), "t")),
    (A + b",d\0\0\x3f\xb9\x99\x99\x99\x99\x99\x9a", Message("/a", (0.1,), "d")),
    (A + b",c\0\0\0\0\0\x41", Message("/a", ("A",), "c")),
    (A + b",r\0\0\x01\x02\x03\xff", Message("/a", (Rgba(1, 2, 3, 255),), "r")),
    (A + b",m\0\0\x01\x90\x3c\x7f", Message("/a", (Midi(1, 0x90, 0x3C, 0x7F),), "m")),
    (A + b",TFNI\0\0\0", Message("/a", (True, False, None, True), "TFNI")),
    (A + b",i[ff]\0\0\0\0\0\x01\x3f\x80\0\0\x40\0\0\0", Message("/a", (1, [1.0, 2.0]), "i[ff]")),
    (A + b",[[T][]]\0\0\0\0", Message("/a", ([[True], []],), "[[T][]]")),
    (A + b",\0\0\0", Message("/a", (), "")),
    (A, Message("/a", (), "")),
    (A + b"\0\0\0\x01", Message("/a", (b"\0\0\0\x01",), "")),
    (b"/a,b\0\0\0\0,i\0\0\0\0\0\x05", Message("/a,b", (5,), "i")),
    (b"/{a,b}\0\0,i\0\0\0\0\0\x05", Message("/{a,b}", (5,), "i")),
    (
        b"#bundle\0\0\0\0\0\0\0\0\x01\0\0\0\x0c" + A + b",i\0\0\0\0\0\x07" + b"\0\0\0\x08" + A + b",T\0\0",
        Bundle(1, (Message("/a", (7,), "i"), Message("/a", (True,), "T"))),
    ),
    (b"#bundle\0\0\0\0\0\0\0\0\x02", Bundle(2, ())),
    (
        b"#bundle\0\0\0\0\0\0\0\0\x01\0\0\0\x10#bundle\0\0\0\0\0\0\0\0\x03",
        Bundle(1, (Bundle(3, ()),)),
    ),
]


@pytest.mark.parametrize(("data", "packet"), TYPES)
def test_every_type(data, packet):
    reader = Reader()
    assert read_packet(data) == packet
    assert reader.read(data) == packet
    again = reader.read(data)  # now from what it remembers
    assert again == packet
    assert type(again) is type(packet)


BAD = [
    (b"", "multiple of 4"),
    (b"/a\0", "multiple of 4"),
    (b"/abc", "no end"),
    (b"/a\0x", "padded"),
    (b"abc\0", "starts with"),
    (b"\0\0\0\0", "starts with"),
    (b"/\x01\0\0", "printable"),
    (b"/\xc3\xa9\0", "printable"),
    (A + b",i\0\0", "take 4 bytes, 0"),
    (A + b",i\0\0\0\0\0\0\0\0\0\0", "take 4 bytes, 8"),
    (A + b",iT\0", "within a number"),
    (A + b",T\0\0\0\0\0\0", "4 bytes follow"),
    (A + b",iii", "no end"),
    (A + b",x\0\0", "type tag 'x'"),
    (A + b",\xff\0\0", "ASCII"),
    (A + b",]\0\0", "type tag ']'"),
    (A + b",[\0\0", "not closed"),
    (A + b",s\0\0abcd", "no end"),
    (A + b",s\0\0ab\0c", "padded"),
    (A + b",b\0\0\xff\xff\xff\xff", "claims -1 bytes"),
    (A + b",b\0\0\x7f\xff\xff\xff\0\0\0\0", "claims 2147483647"),
    (A + b",b\0\0\0\0\0\x01a\0\0b", "padded"),
    (A + b",c\0\0\xff\xff\xff\xff", "not a character"),
    (A + b",c\0\0\0\0\xd8\0", "not a character"),
    (A + b"," + b"[" * 12 + b"]" * 12 + b"\0\0\0", "deeper"),
    (b"#bundle\0", "within a number"),
    (b"#bundle\0\0\0\0\0\0\0\0\x01\0\0\0\0", "claims 0 bytes"),
    (b"#bundle\0\0\0\0\0\0\0\0\x01\0\0\0\x08/a\0\0", "claims 8 bytes, 4"),
    (b"#bundle\0\0\0\0\0\0\0\0\x01\0\0\0\x03/a\0\0", "multiple of 4"),
    # this one hangs python-osc 1.10.2
    (b"#bundle\0\0\0\0\0\0\0\0\x01\xff\xff\xff\xfc", "claims -4 bytes"),
]


@pytest.mark.parametrize(("data", "reason"), BAD)
def test_says_what_is_wrong(data, reason):
    with pytest.raises(OscFormatError, match=reason.replace("]", r"\]")):
        read_packet(data)


@pytest.mark.parametrize("packet", [data for data, _ in TYPES])
def test_torn_anywhere_is_another_packet_or_an_error(packet):
    whole = read_packet(packet)
    for end in range(len(packet)):
        try:
            torn = read_packet(packet[:end])
        except OscFormatError:
            continue
        assert torn != whole or torn == Message("/a", (), "")


def nested(depth):
    data = A
    for _ in range(depth):
        data = b"#bundle\0\0\0\0\0\0\0\0\x01" + struct.pack(">i", len(data)) + data
    return data


def test_nesting_is_bounded():
    packet = read_packet(nested(MAX_DEPTH))
    for _ in range(MAX_DEPTH):
        (packet,) = packet.elements
    assert packet == Message("/a", (), "")
    for depth in (MAX_DEPTH + 1, 3000):
        with pytest.raises(OscFormatError, match="deeper"):
            read_packet(nested(depth))


@given(st.binary(max_size=200))
def test_any_datagram_is_read_or_refused(data):
    try:
        packet = read_packet(data)
    except OscFormatError:
        return
    assert isinstance(packet, Message | Bundle)


VALID = st.sampled_from([data for data, _ in TYPES] + [nested(3)])


@given(VALID, st.data())
def test_mutated_packets_are_read_or_refused_and_remembered_rightly(data, draw):
    reader = Reader()
    reader.read(data)
    broken = bytearray(data)
    for _ in range(draw.draw(st.integers(1, 4))):
        if broken:
            broken[draw.draw(st.integers(0, len(broken) - 1))] = draw.draw(st.integers(0, 255))
    fresh = used = None
    try:
        fresh = read_packet(bytes(broken))
    except OscFormatError as fault:
        fresh = fault.reason
    try:
        used = reader.read(bytes(broken))
    except OscFormatError as fault:
        used = fault.reason
    assert repr(fresh) == repr(used)  # repr, because NaN is not equal to itself


number = {
    "i": st.integers(-(2**31), 2**31 - 1),
    "h": st.integers(-(2**63), 2**63 - 1),
    "f": st.floats(width=32, allow_nan=False),
    "d": st.floats(allow_nan=False),
    "s": st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    "b": st.binary(min_size=1),
    "T": st.just(True),  # noqa: FBT003  # the value itself
    "F": st.just(False),  # noqa: FBT003
    "N": st.none(),
}
arguments = st.lists(
    st.sampled_from(sorted(number)).flatmap(lambda tag: st.tuples(st.just(tag), number[tag]))
)


@given(arguments)
def test_what_python_osc_builds_is_read_value_for_value(pairs):
    builder = OscMessageBuilder("/round/trip")
    for tag, value in pairs:
        builder.add_arg(value, tag)
    data = builder.build().dgram
    assert read_packet(data) == Message(
        "/round/trip", tuple(value for _, value in pairs), "".join(tag for tag, _ in pairs)
    )


def test_a_flood_of_addresses_takes_bounded_memory():
    reader = Reader()

    def flood(start):
        for i in range(start, start + 15_000):
            reader.read((b"/%0100d" % i).ljust(104, b"\0") + b",f\0\0\0\0\0\0")
        for n in range(start % 999, start % 999 + 200):
            tags = b"," + b"if" * n
            reader.read(A + tags.ljust(len(tags) // 4 * 4 + 4, b"\0") + bytes(8 * n))

    tracemalloc.start()
    try:
        flood(0)
        first = tracemalloc.get_traced_memory()[0]
        flood(15_000)
        second = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert first < 8 << 20
    assert second < 8 << 20


def test_the_largest_datagrams_take_bounded_memory():
    worst = [
        b"#bundle\0\0\0\0\0\0\0\0\x01" + (b"\0\0\0\x04" + A) * 8100,
        A + b"," + b"T" * 65_000 + b"\0" * 3,
        A + b"," + b"[]" * 32_500 + b"\0" * 3,
        A + b"," + b"if" * 6_000 + b"\0" * 3 + bytes(48_000),
    ]
    reader = Reader()
    tracemalloc.start()
    try:
        for data in worst:
            reader.read(data)
        left, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20
    assert left < 1 << 20
