import pytest
from hypothesis import given
from hypothesis import strategies as st
from mido import Message

from belabridge.midi.codec.parser import Parser

CC = Message("control_change", channel=0, control=7, value=64)
NOTE = Message("note_on", channel=9, note=36, velocity=100)
CLOCK = Message("clock")

# bytes, what they are
STREAMS = {
    "one": ("B0 07 40", [CC]),
    "two": ("B0 07 40 99 24 64", [CC, NOTE]),
    "running status": ("B0 07 40 07 41", [CC, CC.copy(value=65)]),
    "clock inside a message": ("B0 F8 07 FE 40", [CLOCK, Message("active_sensing"), CC]),
    "clock inside running status": ("B0 07 40 F8 07 41", [CC, CLOCK, CC.copy(value=65)]),
    "clock inside SysEx": ("F0 7D F8 01 F7", [CLOCK, Message("sysex", data=(0x7D, 1))]),
    "SysEx ends running status": ("B0 07 40 F0 7D F7 07 41", [CC, Message("sysex", data=(0x7D,))]),
    "system common ends running status": ("B0 07 40 F3 02 07 41", [CC, Message("song_select", song=2)]),
    "tune request ends it too": ("B0 07 40 F6 07", [CC, Message("tune_request")]),
    "undefined F4 ends it too": ("B0 07 40 F4 07 41", [CC]),
    "undefined real time does not": ("B0 07 F9 40 FD 07 41", [CC, CC.copy(value=65)]),
    "a status byte cuts a message off": ("B0 07 99 24 64", [NOTE]),
    "a status byte cuts SysEx off": ("F0 7D 01 B0 07 40", [CC]),
    "an end without SysEx": ("F7 B0 07 40", [CC]),
    "an end inside a message": ("B0 07 F7 40", []),
    "stray data": ("07 40 B0 07 40", [CC]),
    "program and pressure": (
        "C3 05 06 D3 40",
        [
            Message("program_change", channel=3, program=5),
            Message("program_change", channel=3, program=6),
            Message("aftertouch", channel=3, value=64),
        ],
    ),
    "bend": ("E0 00 40 7F 7F", [Message("pitchwheel"), Message("pitchwheel", pitch=8191)]),
    "song position": ("F2 10 01", [Message("songpos", pos=144)]),
    "empty SysEx": ("F0 F7", [Message("sysex")]),
}


@pytest.mark.parametrize(("text", "messages"), STREAMS.values(), ids=STREAMS)
def test_a_stream_whole_byte_by_byte_and_torn(text, messages):
    data = bytes.fromhex(text)
    assert Parser().feed(data) == messages
    parser = Parser()
    assert [message for byte in data for message in parser.feed(bytes((byte,)))] == messages
    for cut in range(len(data)):
        parser = Parser()
        assert parser.feed(data[:cut]) + parser.feed(data[cut:]) == messages


def test_streams_glued():
    parser = Parser()
    for text, messages in STREAMS.values():
        # a status byte first: what the stream before it left open ends here
        assert parser.feed(b"\xf6" + bytes.fromhex(text)) == [Message("tune_request"), *messages]


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_no_bytes_make_it_raise_and_pieces_do_not_matter(pieces):
    whole, parts = Parser(), Parser()
    assert whole.feed(b"".join(pieces)) == [m for piece in pieces for m in parts.feed(piece)]
    assert whole.dropped == parts.dropped


messages_of_all_kinds = st.one_of(
    st.builds(
        lambda s, a, b: bytes((s, a, b)), st.integers(0x80, 0xBF), st.integers(0, 127), st.integers(0, 127)
    ),
    st.builds(lambda s, a: bytes((s, a)), st.integers(0xC0, 0xDF), st.integers(0, 127)),
    st.builds(
        lambda s, a, b: bytes((s, a, b)), st.integers(0xE0, 0xEF), st.integers(0, 127), st.integers(0, 127)
    ),
    st.builds(lambda data: b"\xf0" + bytes(data) + b"\xf7", st.lists(st.integers(0, 127), max_size=20)),
)


@given(st.lists(messages_of_all_kinds, max_size=20), st.data())
def test_running_status_and_real_time_anywhere_change_nothing(messages, data):
    expected = [Message.from_bytes(message) for message in messages]
    stream, status = bytearray(), 0
    for message in messages:
        # running status where the standard allows it, a clock tick before any byte
        begin = 1 if message[0] == status and data.draw(st.booleans()) else 0
        for byte in message[begin:]:
            if data.draw(st.booleans()):
                stream.append(0xF8)
            stream.append(byte)
        status = message[0] if message[0] < 0xF0 else 0
    assert [m for m in Parser().feed(bytes(stream)) if m.type != "clock"] == expected


def test_sysex_of_any_size_takes_bounded_memory_and_is_counted():
    parser = Parser(largest_sysex_bytes=4)
    assert parser.feed(b"\xf0\x01\x02\x03\x04\xf7") == [Message("sysex", data=(1, 2, 3, 4))]
    assert parser.feed(b"\xf0") == []
    for _ in range(1000):
        assert parser.feed(b"\x01" * 100) == []
    assert len(parser._sysex) == 5
    assert parser.feed(b"\xf7" + bytes.fromhex("B00740")) == [CC]
    assert parser.dropped == {"sysex too long": 1}


def test_what_is_dropped_is_counted_by_reason():
    parser = Parser()
    parser.feed(bytes.fromhex("07 40 B0 07 99 F0 01 F4 F9"))
    assert parser.dropped == {"stray data": 2, "cut off": 2, "undefined": 2}


def test_messages_that_were_seen_before_keep_the_rules_of_the_stream():
    parser = Parser()
    parser.feed(bytes.fromhex("B00740"))
    parser.feed(b"\xf6")
    assert parser.feed(bytes.fromhex("B00740")) == [CC]
    assert parser.feed(bytes.fromhex("0741")) == [CC.copy(value=65)]  # it set the running status
    assert parser.feed(b"\xf6") == [Message("tune_request")]
    assert parser.feed(bytes.fromhex("0741")) == []  # and this ended it
    assert parser.feed(bytes.fromhex("B007")) == []
    assert parser.feed(b"\xf6") == [Message("tune_request")]  # inside a message: it is cut off
    assert parser.feed(b"\x40") == []


def test_random_messages_do_not_fill_the_memory():
    parser = Parser()
    for number in range(128):
        for value in range(128):
            assert len(parser.feed(bytes((0xB0, number, value)))) == 1
    assert len(parser._made) <= 8192
