"""Log files that are torn, damaged or hostile are read as far as they go, and harm nobody."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from belabridge.errors import LogDamaged, LogFormatError
from belabridge.values import TimestampMode
from belabridge.wire.log_file import LogFile
from log_bytes import (
    LETTERS,
    as_bytes,
    check,
    everything,
    exact,
    exact_head,
    original,
    original_head,
)

DENSE_MODE, SPARSE_MODE = TimestampMode.DENSE, TimestampMode.SPARSE


KINDS = {
    "original": original("x", "f", np.arange(5000) + 1, 100 + np.arange(5000)),
    "original sparse": original("x", "d", np.arange(1500) + 1, np.arange(1500) * 7, sparse=True),
    "exact": exact("x", "f", np.arange(5000) + 1, 100 + np.arange(5000)),
    "exact sparse": exact("x", "c", np.arange(3000) % 9, np.arange(3000) * 7, sparse=True),
}


@pytest.mark.parametrize("large", [0, 1 << 26], ids=["large", "small"])
@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_any_part_is_that_part_of_the_whole(kind, large, data):
    written = KINDS[kind]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("belabridge.wire.log_index._LARGE_BYTES", large)
        log = LogFile(as_bytes(written), duration_frames=4999)
        assert (log.index.first_frame == 100) == (not large and "sparse" not in kind)
    start, stop = sorted(data.draw(st.tuples(*[st.integers(0, len(written.values))] * 2)))
    assert np.array_equal(log.values(start, stop), written.values[start:stop])
    assert np.array_equal(log.frames(start, stop), written.frames[start:stop])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cut", [0, 1, 1000, 4104])
def test_the_blocks_are_what_the_values_are_made_of(kind, cut):
    written = KINDS[kind]
    log = LogFile(as_bytes(written.data[: len(written.data) - cut]), pointer_bytes=8, end_frame=5099)
    blocks = list(log.blocks())
    values, frames = everything(log)
    assert np.array_equal(np.concatenate([block.values for block in blocks]), values)
    ends = np.cumsum([len(block.values) for block in blocks])
    assert [block.frame for block in blocks] == frames[[0, *ends[:-1]]].tolist()
    for block, end in zip(blocks, ends, strict=True):
        relative = frames[end - len(block.values) : end] - block.frame
        assert block.relative is None if "sparse" not in kind else np.array_equal(block.relative, relative)
    assert log.is_torn == (cut in {1, 1000} or (cut == 4104 and kind.startswith("exact")))


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_can_write_to_what_is_given(kind):
    log = LogFile(as_bytes(KINDS[kind]))
    for array in (log.values(0, 5), log.values(0, len(log)), log.frames(0, 5), next(log.blocks()).values):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def block_of(written):
    """In which block each value is, by its frame."""
    heads = [int.from_bytes(written.data[at : at + 8], "little") for at in written.begins]
    return np.searchsorted(heads, written.frames, "right") - 1


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_a_file_cut_at_any_byte_is_read_up_to_there(kind, data):
    written = KINDS[kind]
    size = data.draw(st.integers(0, len(written.data)))
    torn = as_bytes(written.data[:size])
    if size < written.head:
        # a pointer of 4 bytes would end the original's header sooner
        if kind.startswith("exact") or size < written.head - 4:
            with pytest.raises(LogFormatError):
                LogFile(torn)
        return
    mode = SPARSE_MODE if "sparse" in kind else DENSE_MODE
    log = LogFile(torn, mode=mode, pointer_bytes=8, end_frame=5099)
    count = len(log)
    assert np.array_equal(log.values(0, count), written.values[:count])
    assert np.array_equal(log.frames(0, count), written.frames[:count])
    begins = [*written.begins, len(written.data)]
    whole = sum(end <= size for end in begins[1:])
    torn_bytes = size - begins[whole]
    assert (torn_bytes > 0) == ([d.reason for d in log.scan().damages] == ["torn"])
    assert count >= np.count_nonzero(block_of(written) < whole)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("sparse", [False, True])
def test_a_small_file_cut_at_every_byte(sparse, order):
    frames = 900 + np.arange(10) * 5
    written = exact("x", "d", np.arange(10) + 1, frames, sparse=sparse, order=order, capacity=3)
    counts = []
    for size in range(len(written.data) + 1):
        if size < written.head:
            with pytest.raises(LogFormatError):
                LogFile(as_bytes(written.data[:size]))
            continue
        log = LogFile(as_bytes(written.data[:size]))
        values, got = everything(log)
        assert np.array_equal(values, written.values[: len(values)])
        if sparse or len(values) > 3:  # one dense block alone shows no step
            assert np.array_equal(got, frames[: len(values)])
        counts.append(len(values))
    assert counts == sorted(counts)
    assert set(counts) == set(range(11))


@pytest.mark.parametrize("kind", ["original", "exact"])
def test_every_dense_value_of_a_torn_block_is_read(kind):
    written = KINDS[kind]
    head = 8 if kind == "original" else 16
    for values in (0, 1, 7, 1023):
        size = written.begins[2] + head + values * 4 + 3
        log = LogFile(as_bytes(written.data[:size]))
        check(log, written, 2 * 1024 + values)
        (damage,) = log.index.damages
        assert (damage.reason, damage.at, damage.blocks) == ("torn", written.begins[2], 1)
        assert "the file ends within a block: 1 block" in str(damage)


@pytest.mark.parametrize("frame", [2**53, 0, 90_000])
@pytest.mark.parametrize("kind", ["original", "exact"])
def test_a_block_from_an_impossible_time_is_left_out(kind, frame):
    written = KINDS[kind]
    data = bytearray(written.data)
    data[written.begins[2] : written.begins[2] + 8] = frame.to_bytes(8, "little")
    log = LogFile(as_bytes(bytes(data)), end_frame=5099)
    assert len(log) == 5000 - 1024
    (damage,) = log.scan().damages
    assert (damage.reason, damage.at, damage.blocks) == ("time", written.begins[2], 1)
    assert [(place, jump.frames) for place, jump in log.index.jumps] == [(2048, 1024)]
    values, frames = everything(log)
    assert (values == frames.astype(np.int64) - 99).all()


def test_zeros_that_a_lost_power_left_are_no_values():
    written = KINDS["original"]
    data = written.data + bytes(3 * 4104)
    log = LogFile(as_bytes(data))
    assert np.array_equal(log.values(0, 5000), written.values)
    (damage,) = log.index.damages
    assert (damage.reason, damage.blocks, damage.bytes) == ("time", 3, 3 * 4104)


@pytest.mark.parametrize("claimed", [0, 1025, 2**32 - 1])
def test_a_count_that_lies_costs_one_block(claimed):
    written = KINDS["exact"]
    data = bytearray(written.data)
    at = written.begins[1]
    data[at + 8 : at + 12] = claimed.to_bytes(4, "little")
    log = LogFile(as_bytes(bytes(data)))
    assert len(log) == 5000 - 1024
    (damage,) = log.scan().damages
    assert (damage.reason, damage.at, damage.bytes) == ("count", at, 4112)


def test_sparse_times_that_go_back_cost_one_block():
    written = KINDS["original sparse"]
    data = bytearray(written.data)
    data[written.begins[1] + 2736 + 40] = 0xFF
    log = LogFile(as_bytes(bytes(data)), mode=SPARSE_MODE)
    assert len(log) == 1500 - 341
    (damage,) = log.index.damages
    assert (damage.reason, damage.at) == ("times", written.begins[1])


NOT_LOGS = {
    "empty": b"",
    "text": b"hello, this is no log",
    "a beginning": b"watch",
    "no name": b"watcher\0",
    "no end of the name": b"watcher\0" + b"x" * 9000,
    "no type": b"watcher\0a\0",
    "another type": b"watcher\0a\0q\0" + bytes(100),
    "two letters": b"watcher\0a\0dd\0" + bytes(100),
    "strange letter": b"watcher\0a\0\xe4\0" + bytes(100),
    "half a header": original_head("a", "d", 4)[:-1],
    "half a header of 2": exact_head("a", "d")[:47],
    "no mark": exact_head("a", "d").replace(b"\4\3\2\1", b"\4\3\2\2"),
    "huge header": exact_head("a", "d")[:12] + b"\xf8\xff\xff\xff" + exact_head("a", "d")[16:],
    "tiny header": exact_head("a", "d")[:12] + b"\x08\0\0\0" + exact_head("a", "d")[16:],
    "crooked header": exact_head("a", "d")[:12] + b"\x31\0\0\0" + exact_head("a", "d")[16:] + b"\0",
    "wrong value": exact_head("a", "d")[:35] + b"\4" + exact_head("a", "d")[36:],
    "mode 2": exact_head("a", "d")[:33] + b"\2" + exact_head("a", "d")[34:],
    "no values": exact_head("a", "d")[:36] + bytes(4) + exact_head("a", "d")[40:],
    "too many values": exact_head("a", "d")[:36] + b"\xff" * 4 + exact_head("a", "d")[40:],
}


@pytest.mark.parametrize("name", NOT_LOGS)
def test_what_is_no_log_file_is_refused(name):
    with pytest.raises(LogFormatError, match="no log file that can be read") as error:
        LogFile(as_bytes(NOT_LOGS[name]))
    assert error.value.reason


@given(st.binary(max_size=200), st.sampled_from([b"", *NOT_LOGS.values()]), st.binary(max_size=9000))
@settings(max_examples=200)
def test_no_bytes_harm_the_reader(start, head, rest):
    read_whatever(head + start + rest)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=100)
def test_no_damage_harms_the_reader(kind, data):
    content = bytearray(KINDS[kind].data)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.one_of(st.integers(0, 120), st.integers(0, len(content) - 1)))
        piece = data.draw(st.binary(min_size=1, max_size=9))
        content[at : at + len(piece)] = piece
    read_whatever(bytes(content[: data.draw(st.integers(0, len(content)))]))


def read_whatever(content):
    """Read all of it, whatever it is: nothing but the errors may come, and no value from elsewhere."""
    for large in (1 << 26, 0):  # as a small log, and with the trust that is put into large ones
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("belabridge.wire.log_index._LARGE_BYTES", large)
            try:
                log = LogFile(as_bytes(content), duration_frames=1000)
            except LogFormatError:
                return
            with suppress(LogDamaged):
                read_all(log)
        log.scan()
        read_all(log)


def read_all(log):
    index = log.index
    values, frames = everything(log)
    assert len(values) == len(frames) == len(log) == index.values
    assert values.nbytes <= log.size
    assert sum(damage.bytes for damage in index.damages) <= 2 * log.size


def test_a_header_that_claims_huge_blocks_costs_nothing():
    content = exact_head("a", "d", capacity=1 << 24) + bytes(20_000)
    log = LogFile(as_bytes(content))
    assert len(log) == 0
    assert log.index.damages


def test_many_short_blocks_are_not_read_for_ever(monkeypatch):
    monkeypatch.setattr("belabridge.wire.log_blocks._MOST_ODD", 10)
    block = exact("a", "d", [1.0], [5])
    content = block.data + block.data[block.head :] * 30
    log = LogFile(as_bytes(content))
    assert len(log) == 10
    assert [damage.reason for damage in log.index.damages] == ["odd"]


def test_values_that_are_no_numbers_are_values():
    """Some of them make processors complain when they are compared."""
    for letter, bits in (("f", 0x7FA0_0001), ("d", 0x7FF4_0000_0000_0001)):
        size = np.dtype(LETTERS[letter]).itemsize
        written = original("x", letter, np.zeros(3000), np.arange(3000))
        data = bytearray(written.data)
        for at in (written.begins[0] + 8 + 40 * size, len(data) - 8):
            data[at : at + size] = bits.to_bytes(size, "little")
        log = LogFile(as_bytes(bytes(data)), duration_frames=5)
        assert log.mode is DENSE_MODE
        assert np.flatnonzero(np.isnan(log.values(0, len(log))))[0] == 40


@pytest.mark.parametrize("frame", [2**63, 2**64 - 1])
def test_a_first_block_from_an_impossible_time(frame):
    written = KINDS["original"]
    data = bytearray(written.data)
    data[written.begins[0] : written.begins[0] + 8] = frame.to_bytes(8, "little")
    assert len(LogFile(as_bytes(bytes(data)), pointer_bytes=8, end_frame=5099)) == 5000 - 1024


def test_a_jump_of_years_is_no_step():
    for frames in ([0, 2**52], [0, 2**52, 2**53 - 5], [0, 1, 2**53 - 9]):
        written = exact("x", "f", np.ones(len(frames)), frames, capacity=1)
        log = LogFile(as_bytes(written))
        assert log.frames(0, len(log)).tolist() == frames


def test_frames_never_go_back():
    """Also where blocks come sooner than the step says."""
    frames = np.concatenate([np.arange(4096) * 2, 8192 + np.arange(1024), 9216 + np.arange(2048) * 2])
    for make in (original, exact):
        log = LogFile(as_bytes(make("x", "f", np.ones(len(frames)), frames)))
        got = log.frames(0, len(log)).astype(np.int64)
        assert (np.diff(got) >= 0).all()
        assert np.array_equal(got[::1024], frames[::1024])
