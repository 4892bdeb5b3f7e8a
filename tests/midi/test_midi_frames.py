"""Frames survive however the stream is cut, and nonsense is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.errors import RemoteFormatError
from belabridge.midi.frames import HEAD_BYTES, LONGEST_PAYLOAD, Frame, Note, Reader, frame, packed, unpacked

NOTES = st.builds(
    Note,
    st.sampled_from([int(kind) for kind in Frame]),
    st.integers(0, 65535),
    st.floats(allow_nan=False),
    st.binary(max_size=50),
)


@given(st.lists(NOTES), st.data())
def test_what_goes_in_comes_out_however_it_is_cut(notes, data):
    stream = b"".join([frame(Frame(kind), *rest) for kind, *rest in notes])
    reader, got = Reader(), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        got += reader.feed(stream[:size])
        stream = stream[size:]
    assert got == notes
    assert not reader.waiting


@pytest.mark.parametrize("size", [0, 1, HEAD_BYTES - 1, HEAD_BYTES, HEAD_BYTES + 2])
def test_a_torn_frame_waits(size):
    whole = frame(Frame.MIDI, 3, 1.5, b"\xb0\x01\x02")
    reader = Reader()
    assert reader.feed(whole[:size]) == []
    assert reader.feed(whole[size:]) == [Note(Frame.MIDI, 3, 1.5, b"\xb0\x01\x02")]


def test_an_impossible_length_is_refused():
    reader = Reader()
    bad = (LONGEST_PAYLOAD + 1).to_bytes(4, "little") + bytes(HEAD_BYTES - 4)
    with pytest.raises(RemoteFormatError, match="1048577"):
        reader.feed(frame(Frame.ALIVE) + bad)


@given(st.lists(st.binary(max_size=40)))
def test_messages_are_packed_and_unpacked(messages):
    assert unpacked(packed(messages)) == messages


@given(st.binary())
def test_any_payload_is_unpacked_without_a_fault(payload):
    assert len(packed(unpacked(payload))) <= len(payload)
