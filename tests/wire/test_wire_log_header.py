"""The size of a pointer and the mode of a log, which an original file does not say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.values import TimestampMode
from belabridge.wire.log_file import LogFile
from belabridge.wire.log_header import LONGEST_START, read_header
from log_bytes import (
    LETTERS,
    as_bytes,
    counting,
    exact,
    original,
    original_head,
)

DENSE_MODE, SPARSE_MODE = TimestampMode.DENSE, TimestampMode.SPARSE


def steady_values(count):
    return np.arange(count, dtype="f8") * 0.5 + 3


@pytest.mark.parametrize("pointer_bytes", [4, 8])
@pytest.mark.parametrize("name", ["a", "ab", "abc", "abcd"])
def test_the_size_of_a_pointer_when_both_could_be(name, pointer_bytes):
    """Cut so that the other size would leave whole blocks: the blocks themselves tell."""
    for letter in LETTERS:
        count = 5 * 4096 // np.dtype(LETTERS[letter]).itemsize
        frames = 7000 + np.arange(count)
        for values in (counting(letter, count), np.arange(count)):
            written = original(name, letter, values, frames, pointer_bytes=pointer_bytes)
            other = len(written.data) + (4 if pointer_bytes == 4 else -4)
            torn = written.data.ljust(other, b"\1")[:other]  # 4 bytes of the next block, or 4 too few
            assert (other - written.head - (4 if pointer_bytes == 4 else -4)) % 4104 == 0
            assert read_header(torn, len(torn)).bytes == written.head


@pytest.mark.parametrize("pointer_bytes", [4, 8])
def test_the_size_of_a_pointer_that_is_0_as_in_our_librarys_files(pointer_bytes):
    head = original_head("a", "d", pointer_bytes, pointer=0, pid=0)
    for frames in (np.arange(2000), 500 + np.arange(2000)):
        written = original("a", "d", frames, frames, head=head)
        assert read_header(written.data, len(written.data)).bytes == len(head)


@pytest.mark.parametrize("pointer_bytes", [4, 8])
def test_the_size_of_a_pointer_where_the_file_says_nothing_but_its_size(pointer_bytes):
    head = original_head("a", "d", pointer_bytes, pointer=0)
    assert read_header(head, len(head)).bytes == len(head)  # no block was written yet
    still = original("a", "d", np.zeros(2000), np.zeros(2000), head=head)  # nothing ever moves
    assert read_header(still.data, len(still.data)).bytes == len(head)


def test_the_size_of_a_pointer_may_be_said():
    data = original("a", "d", steady_values(1000), np.arange(1000)).data
    assert read_header(data, len(data), pointer_bytes=4).bytes == read_header(data, len(data)).bytes - 4


def test_the_beginning_of_a_file_is_enough_for_its_header():
    for written in (
        original("n" * 1000, "d", steady_values(100_000), np.arange(100_000)),
        exact("é" * 1000, "d", steady_values(100_000), np.arange(100_000)),
    ):
        start = written.data[:LONGEST_START]
        assert read_header(start, len(written.data)) == read_header(written.data, len(written.data))


@pytest.mark.parametrize("letter", "ijfd")
def test_a_variable_that_stands_at_0_is_dense(letter):
    log = LogFile(as_bytes(original("x", letter, np.zeros(5000), np.arange(5000))))
    assert (log.mode, log.mode_is_sure) == (DENSE_MODE, False)


def test_one_event_is_sparse():
    log = LogFile(as_bytes(original("x", "f", [3.5], [900], sparse=True)))
    assert (log.mode, log.mode_is_sure) == (SPARSE_MODE, False)
    assert len(log) == 1


@pytest.mark.parametrize("rise", [2000, 2561, 5000, 9999])
def test_a_gate_is_dense(rise):
    values = np.zeros(10_000, "i4")
    values[rise:] = 1
    log = LogFile(as_bytes(original("gate", "i", values, np.arange(10_000))))
    assert log.mode is DENSE_MODE


def test_irregular_events_are_sparse():
    random = np.random.default_rng(6)
    frames = 5000 + np.cumsum(random.integers(0, 40_000, 4000))
    for letter in LETTERS:
        log = LogFile(as_bytes(original("e", letter, counting(letter, 4000), frames, sparse=True)))
        assert (log.mode, log.mode_is_sure) == (SPARSE_MODE, True), letter
        assert (log.frames(0, len(log)) == frames).all()


def test_what_the_caller_knows_counts():
    written = original("x", "i", np.zeros(5000), np.arange(5000))
    assert LogFile(as_bytes(written), mode=SPARSE_MODE).mode is SPARSE_MODE
    assert LogFile(as_bytes(exact("x", "i", [1], [1])), mode=SPARSE_MODE).mode is DENSE_MODE


def signals(count):
    """Dense values of the kinds that come nearest to the times of sparse blocks."""
    n = np.arange(count)
    random = np.random.default_rng(count)
    yield from (n // length % 2 for length in (100, 700, 1300, 4000))
    yield from (n // length for length in (1, 7, 600, 3000))
    yield from (n % length for length in (512, 1024))
    yield from ((n > at) * 7 for at in random.integers(0, count, 20))
    yield from (np.where(random.random(count) < 0.001, 5, 0) for _ in range(20))


@pytest.mark.parametrize("letter", LETTERS)
def test_a_dense_log_is_never_surely_sparse(letter):
    for count in (600, 1500, 9000):
        for signal in signals(count):
            values = signal.astype("i8").astype(LETTERS[letter])
            log = LogFile(as_bytes(original("x", letter, values, 70_000 + np.arange(count))))
            assert log.mode is DENSE_MODE or not log.mode_is_sure


@pytest.mark.parametrize("letter", LETTERS)
@given(steps=st.lists(st.integers(1, 1 << 20), min_size=2, max_size=50), count=st.integers(2, 2000))
def test_a_sparse_log_is_told_by_its_times(letter, steps, count):
    frames = 70_000 + np.cumsum(np.resize(steps, count))
    for values in (np.zeros(count), counting(letter, count)):
        log = LogFile(as_bytes(original("x", letter, values, frames, sparse=True)))
        assert log.mode is SPARSE_MODE or not log.mode_is_sure
        assert log.mode is SPARSE_MODE or max(steps) > 4 * min(steps)


def test_a_sparse_log_with_a_damaged_block_is_sparse():
    written = original("x", "f", counting("f", 4096), np.arange(4096) * 12, sparse=True)
    data = bytearray(written.data)
    data[written.begins[5] + 2056 : written.begins[5] + 2060] = b"\1\2\3\4"
    log = LogFile(as_bytes(bytes(data) + bytes(4104)))  # and one that was never written
    assert (log.mode, log.mode_is_sure) == (SPARSE_MODE, False)
    assert len(log) == 4096 - 512
