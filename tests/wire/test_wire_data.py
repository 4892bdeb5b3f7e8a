"""Header and body pairs to blocks, and what the reader makes of losses, damage and hostile bytes."""

from __future__ import annotations

import struct
import sys
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from belabridge.values import Block, TimestampMode, Variable, VarType
from belabridge.wire.data import REASONS, DataReader
from belabridge.wire.formats import LATEST_FRAME, LONGEST_HEADER, STREAM_BODY, header, layout, read_header
from captures import records

DENSE, SPARSE = TimestampMode.DENSE, TimestampMode.SPARSE


def variable(id_, type_, mode=DENSE):
    return Variable(f"v{id_}", id_, VarType(type_), mode, 0.0, 0.0)


def reader_of(*variables):
    reader = DataReader()
    reader.know(variables)
    return reader


def dense(frame, type_="f"):
    form = layout(VarType(type_), DENSE)
    return struct.pack("<Q", frame) + np.arange(form.count).astype(form.dtype).tobytes()


def sparse(frame, times, type_="j"):
    form = layout(VarType(type_), SPARSE)
    body = bytearray(STREAM_BODY)
    body[:8] = struct.pack("<Q", frame)
    values = (np.asarray(times) + frame).astype(form.dtype).tobytes()
    relative = np.asarray(times, dtype="<u4").tobytes()
    body[8 : 8 + len(values)] = values
    body[form.relative_at : form.relative_at + len(relative)] = relative
    return bytes(body)


def monitored(frame, type_="f", value=1):
    return (
        struct.pack("<Q", frame) + np.asarray([value]).astype(layout(VarType(type_), DENSE).dtype).tobytes()
    )


FORMATS = [  # type, mode, count, relative times at, monitor body (the table of the recorded boards)
    ("c", DENSE, 4096, 0, 9),
    ("c", SPARSE, 816, 824, 9),
    ("i", DENSE, 1024, 0, 12),
    ("i", SPARSE, 512, 2056, 12),
    ("j", DENSE, 1024, 0, 12),
    ("j", SPARSE, 512, 2056, 12),
    ("f", DENSE, 1024, 0, 12),
    ("f", SPARSE, 512, 2056, 12),
    ("d", DENSE, 512, 0, 16),
    ("d", SPARSE, 341, 2736, 16),
]


@pytest.mark.parametrize(("type_", "mode", "count", "relative_at", "monitor_body"), FORMATS)
def test_layouts_are_those_of_the_recorded_boards(type_, mode, count, relative_at, monitor_body):
    form = layout(VarType(type_), mode)
    assert (form.count, form.relative_at, form.monitor_body) == (count, relative_at, monitor_body)
    assert form.dtype.byteorder in "<|="
    assert form.monitor_body > LONGEST_HEADER


@pytest.mark.parametrize(
    ("message", "parsed"),
    [
        (b"0/d", (0, VarType.DOUBLE)),
        (b"12/i", (12, VarType.INT)),
        (b"100/f", (100, VarType.FLOAT)),
        (b"999999/c", (999999, VarType.CHAR)),
        (b"", None),
        (b"/", None),
        (b"/d", None),
        (b"0/", None),
        (b"0/x", None),
        (b"0/\xff", None),
        (b"00/d", None),
        (b"-1/d", None),
        (b"+1/d", None),
        (b"1 /d", None),
        (b"1_0/d", None),
        (b"\xd9\xa1/d", None),  # an Arabic digit
        (b"0/d\0", None),
        (b"1000000/c", None),  # nine bytes: a char's monitor body
    ],
)
def test_a_header_is_exactly_what_a_board_writes(message, parsed):
    assert read_header(message) == parsed
    if parsed:
        assert header(*parsed) == message


@pytest.mark.parametrize(("type_", "mode", "count", "relative_at", "monitor_body"), FORMATS)
def test_both_kinds_of_body_of_every_format(type_, mode, count, relative_at, monitor_body):
    reader = reader_of(variable(7, type_, mode))
    times = np.arange(count) * 3
    body = dense(500, type_) if mode is DENSE else sparse(500, times, type_)
    for frame, message in ((500, body), (600, monitored(600, type_, 5))):
        assert reader.receive(f"7/{type_}".encode()) is None
        block = reader.receive(message)
        assert (block.id, block.type, block.frame) == (7, type_, frame)
        assert block.monitored == (len(message) == monitor_body)
        assert len(block.values) == (1 if block.monitored else count)
        assert not block.values.flags.writeable
    assert block.values[0] == 5
    assert not reader.lost
    assert reader.latest_frame == 600


TABLE = (variable(0, "f"), variable(1, "f"), variable(2, "d"), variable(3, "j", SPARSE))
F0, F1, D2, S3 = (header(v.id, v.type) for v in TABLE)
FULL, FULL_D, SPARSE_3 = dense(9000), dense(9000, "d"), sparse(9000, [0, 12, 24])

LOSSES = {  # name: (messages, ids of the blocks that come out, what is counted)
    "nothing lost": ([F0, FULL, F1, FULL], [0, 1], {}),
    "a header": ([FULL, F1, FULL], [1], {"header": 1}),
    "a body": ([F0, F1, FULL], [1], {"body": 1}),
    "the last body": ([F0, FULL, F1], [0], {}),  # it may still come
    "two headers": ([FULL, FULL, F0, FULL], [0], {"header": 2}),
    "two bodies": ([F0, F1, F0, FULL], [0], {"body": 2}),
    "header, then body": ([FULL, F1, F0, FULL], [0], {"header": 1, "body": 1}),
    "body, then header: lengths tell": ([F0, monitored(1, "d"), F0, FULL], [0], {"mismatch": 1}),
    "body, then header: sparse times tell": ([S3, FULL_D, F0, FULL], [0], {"mismatch": 1}),
    "a doubled header": ([F0, F0, FULL], [0], {"body": 1}),
    "a doubled body": ([F0, FULL, FULL, F1, FULL], [0, 1], {"header": 1}),
    "a torn body": ([F0, FULL[:4000], F0, FULL], [0], {"mismatch": 1}),
    "both parts torn": ([F0, FULL[:4000], FULL[4000:], F0, FULL], [0], {"mismatch": 1, "header": 1}),
    "a glued body": ([F0, FULL + F1, F1, FULL], [1], {"mismatch": 1}),
    "an empty message": ([b"", F0, FULL], [0], {"garbage": 1}),
    "garbage between header and body": ([F0, b"hello", FULL, F1, FULL], [1], {"body": 1, "garbage": 1}),
    "an id that is not listed": ([b"9/f", FULL, F1, FULL], [1], {"unlisted": 1}),
    "only its header": ([b"9/f", F1, FULL, FULL], [1], {"unlisted": 1, "header": 1}),
    "an unlisted id twice": ([b"9/f", FULL, b"9/f", FULL], [], {"unlisted": 2}),
    "another type than listed": ([b"0/d", FULL_D, F1, FULL], [1], {"mismatch": 1}),
    "the end of time": ([F0, dense(LATEST_FRAME), F1, dense(LATEST_FRAME + 1)], [0], {"frame": 1}),
    "back in time": ([F0, FULL, F0, dense(8999), F0, dense(9100)], [0, 0], {"frame": 1}),
    "a monitor beyond the end of time": ([F0, monitored(LATEST_FRAME + 1)], [], {"frame": 1}),
    "a false time is not believed for ever": (
        [F0, dense(LATEST_FRAME), F0, FULL, F0, dense(9100)],
        [0, 0],
        {"frame": 1},
    ),
    "monitor back in time": (
        [F0, monitored(10), F0, monitored(9), F0, monitored(11)],
        [0, 0],
        {"frame": 1},
    ),
    "one frame twice is no loss": ([F0, FULL, F0, FULL], [0, 0], {}),
    "monitors are older than streams": ([F0, FULL, F0, monitored(5), F0, dense(9500)], [0, 0, 0], {}),
}


@pytest.mark.parametrize("name", LOSSES)
def test_losses_are_counted_and_the_rest_is_in_step_again(name):
    messages, ids, lost = LOSSES[name]
    reader = reader_of(*TABLE)
    blocks = [block for message in messages if (block := reader.receive(message)) is not None]
    assert [block.id for block in blocks] == ids
    assert reader.lost == lost
    assert lost.keys() <= REASONS.keys()


def test_a_loss_names_its_variable_where_that_is_known():
    reader = reader_of(*TABLE)
    for message in (F0, F1, FULL, D2, FULL[:100], b"3/d", FULL, FULL, b"88/d"):
        reader.receive(message)
    assert reader.lost_by_id == {0: 1, 2: 1, 3: 1}
    assert reader.lost.total() == 5


@pytest.mark.parametrize(
    ("times", "count"),
    [
        ([0], 1),
        ([0, 12, 24], 3),
        ([0, 0, 12], 3),  # assigned twice in the first frame
        ([0, 5, 5, 5], 4),
        (range(512), 512),
        ([0, 0xFFFF_FFFF], 2),
        ([0, 12, 11], None),
        ([1, 2, 3], None),
        ([0, 12, 0, 13], None),
    ],
)
def test_sparse_times_give_the_count_or_give_the_block_away(times, count):
    reader = reader_of(TABLE[3])
    reader.receive(S3)
    block = reader.receive(sparse(70, np.asarray(times, dtype=np.uint32).astype(np.int64)))
    if count is None:
        assert block is None
        assert reader.lost == {"mismatch": 1}
    else:
        assert len(block.values) == len(block.relative) == count
        assert (block.frames() == 70 + np.asarray(times, dtype=np.uint64)).all()


def test_a_new_table_keeps_what_did_not_change():
    reader = reader_of(*TABLE)
    reader.receive(F0)
    reader.know(TABLE)
    assert reader.receive(FULL) is not None
    reader.receive(F0)
    reader.know([variable(0, "f", SPARSE), variable(1, "f")])
    assert reader.receive(FULL) is None  # its meaning changed after the header
    assert reader.lost == {"mismatch": 1}
    reader.know([])
    assert reader.receive(F1) is None
    assert reader.receive(FULL) is None
    assert reader.lost == {"mismatch": 1, "unlisted": 1}


def test_char_follows_the_board():
    reader = reader_of(variable(0, "c"))
    for signed, value in ((False, 200), (True, -56)):
        reader.char_signed = signed
        reader.receive(b"0/c")
        assert reader.receive(monitored(1, "c", 200)).values[0] == value


@cache
def recorded():
    return [r.payload for r in records("all-types") if r.direction == "rx" and r.endpoint == "data"]


ALL_TYPES = [
    variable(i, letter, mode)
    for i, (letter, mode) in enumerate((c, m) for c in "cijfd" for m in (DENSE, SPARSE))
]


def true_values(block):
    """Whether a block of `all-types` holds what its program assigns at the block's own frames."""
    frames = block.frames()
    expected = {
        "c": frames.astype(np.uint8),
        "i": (-frames.astype(np.int64)).astype(np.int32),
        "j": (frames | np.uint64(0x80000000)).astype(np.uint32),
        "f": frames.astype(np.float32),
        "d": frames.astype(np.float64),
    }[block.type]
    wrong = np.flatnonzero(block.values != expected)
    return not len(wrong) or (wrong[0] > 0 and not block.values[wrong[0] :].any())


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.floats(0.01, 0.3))
def test_single_losses_anywhere_leave_only_true_blocks_and_each_is_counted(rng, share):
    """Of each header-body pair at most one message is lost, never two messages in a row."""
    kept, dropped, last = [], 0, False
    for message in recorded():
        last = not last and rng.random() < share
        dropped += last
        if not last:
            kept.append(message)
    reader = reader_of(*ALL_TYPES)
    blocks = [b for m in kept if (b := reader.receive(m)) is not None]
    reader.receive(b"0/c")  # shows a body that was lost at the very end
    assert all(true_values(b) for b in blocks)
    assert len(blocks) == len(recorded()) // 2 - dropped
    assert reader.lost["header"] + reader.lost["body"] == dropped
    assert reader.lost.total() == dropped


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_torn_glued_and_doubled_messages_never_give_a_false_block(data):
    messages = list(recorded())
    for _ in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.integers(0, len(messages) - 1))
        message = messages[at]
        match data.draw(st.sampled_from(["tear", "glue", "double", "cut", "junk"])):
            case "tear":
                cut = data.draw(st.integers(0, len(message)))
                messages[at : at + 1] = [message[:cut], message[cut:]]
            case "glue":
                messages[at : at + 2] = [b"".join(messages[at : at + 2])]
            case "double":
                messages.insert(at, message)
            case "cut":
                messages[at] = message[: data.draw(st.integers(0, len(message)))]
            case "junk":
                messages.insert(at, data.draw(st.binary(max_size=20)))
    reader = reader_of(*ALL_TYPES)
    blocks = [b for m in messages if (b := reader.receive(m)) is not None]
    streams = [b for b in blocks if not b.monitored]  # a torn stream body may have a monitor's length
    assert all(true_values(b) for b in streams)
    assert len(blocks) > 150


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=20),
            st.binary(min_size=STREAM_BODY - 8, max_size=STREAM_BODY - 8).map(
                lambda b: struct.pack("<Q", 5) + b
            ),
            st.sampled_from(
                [F0, F1, D2, S3, b"4/q", b"77/f", FULL, SPARSE_3, monitored(3), monitored(3, "d")]
            ),
            st.integers(9, 17).map(bytes),
        ),
        max_size=40,
    )
)
def test_any_bytes_yield_a_block_or_none(messages):
    reader = reader_of(*TABLE)
    for message in messages:
        block = reader.receive(message)
        assert block is None or isinstance(block, Block)
        if block is not None:
            assert 0 <= block.frame <= LATEST_FRAME
            assert block.relative is None or len(block.relative) == len(block.values)
    assert set(reader.lost) <= set(REASONS)


def test_hostile_headers_do_not_grow_the_memory():
    reader = reader_of(*TABLE)

    def size():
        held = (reader.lost, reader.lost_by_id, reader._by_header, reader._types)
        return sum(map(sys.getsizeof, held)), [len(h) for h in held]

    for message in (b"9/f", b"x", FULL, F0, b"0/d"):
        reader.receive(message)
    before = size()
    for n in range(20_000):
        reader.receive(b"%d/f" % (100 + n))
        reader.receive(b"%dxy" % n)
    assert size() == before
    assert reader.lost.total() > 40_000
