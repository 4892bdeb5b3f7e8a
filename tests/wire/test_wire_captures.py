"""Every recorded session, decoded value for value against the functions that the boards' programs assign."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest

from belabridge.values import TimestampMode, VarType
from belabridge.wire.continuity import Continuity
from belabridge.wire.control import LogStarted, Unreadable
from belabridge.wire.session import Greeted, Listed, Session
from belabridge.wire.splice import WatchStart
from belabridge.wire.tail import cut_dense, cut_dense_before
from captures import records, sessions

# Dense blocks that are not one value a frame to their end, by (session, variable, frame): how many values
# are. Zeros follow, because the run ended there; for the scheduled ones the host had said at which frame.
FLUSHED = {
    **{("all-types", name, 55600): 625 for name in ("i_d", "j_d", "f_d")},
    ("all-types", "c_d", 54576): 1649,
    ("all-types", "d_d", 56112): 113,
    **{("all-types.arm32", name, 53488): 625 for name in ("i_d", "j_d", "f_d")},
    ("all-types.arm32", "c_d", 52464): 1649,
    ("all-types.arm32", "d_d", 54000): 113,
    ("control-set", "myvar", 53136): 193,
    ("no-connection-reply", "myvar", 44064): 369,
    ("scheduled-watch", "myvar", 37277): 33181 + 4410 - 37277 + 1,
    ("scheduled-watch", "myvar", 71504): 70992 + 1000 - 71504 + 1,
    ("scheduled-watch", "myvar2", 79856): 1000 + 1,
    ("scheduled-watch", "myvar5", 102064): 1,  # unwatched before its time came
    ("scheduled-watch", "myvar", 181456): 181633 - 181456 + 1,
    ("state-outlives-client", "myvar", 61904): 385,
    ("watch-and-monitor", "myvar", 35056): 497,
    ("watch-twice-and-log-while-watched", "myvar", 33264): 33409 - 33264,  # the log's end, in mid-stream
    ("watch-twice-and-log-while-watched", "myvar", 35457): 176,
    ("watch-unwatch", "myvar", 35088): 481,
    ("watch-unwatch.arm32", "myvar", 35872): 497,
}
# Blocks that began before the second client came: values 368 and 372 on are of its time.
SPLICED = {("state-outlives-client", "myvar", 26352): 368, ("state-outlives-client", "myvar3", 22260): 372}
BLOCKS = {
    "all-types": 203,
    "all-types.arm32": 203,
    "buffer-to-board": 3,
    "control-set": 6,
    "monitor-oneshot": 6,
    "monitor-period": 54,
    "no-connection-reply": 18,
    "scheduled-watch": 50,
    "state-outlives-client": 31,
    "watch-and-monitor": 53,
    "watch-twice-and-log-while-watched": 22,
    "watch-unwatch": 29,
    "watch-unwatch.arm32": 29,
}
VALUED = sorted(set(BLOCKS) - {"buffer-to-board"})  # its values come from the host


@dataclass
class Replayed:
    """One connection of a recorded session, fed to a `Session`."""

    session: Session
    events: list
    blocks: list
    bodies: int


def replay(name):
    """All connections of a session: a ``#2`` behind the endpoint's name is the second."""
    connections = {}
    for record in records(name):
        if record.direction != "rx":
            continue
        endpoint, _, number = record.endpoint.partition("#")
        seen = connections.setdefault(number, Replayed(Session(), [], [], 0))
        if endpoint == "control":
            seen.events += seen.session.control_received(record.payload)
        else:
            seen.bodies += len(record.payload) > 8
            block = seen.session.data_received(record.payload)
            if block is not None:
                seen.blocks.append(block)
    return list(connections.values())


def assigned(variable, frames, *, char_signed):
    """What the program assigns at these frames (tests/data/captures/README.md)."""
    if variable.name.startswith("myvar"):
        return frames.astype(np.float64)
    match variable.type:
        case VarType.CHAR:
            return frames.astype(np.uint8).view(np.int8 if char_signed else np.uint8)
        case VarType.INT:
            return -frames.astype(np.int64)
        case VarType.UINT:
            return (frames | np.uint64(0x80000000)).astype(np.uint64)
        case VarType.FLOAT | VarType.DOUBLE:
            return frames.astype(np.float64)


@pytest.mark.parametrize("name", sessions())
def test_every_message_of_a_recorded_session_is_understood(name):
    for seen in replay(name):
        assert not seen.session.reader.lost
        assert not seen.session.reader.lost_by_id
        assert len(seen.blocks) == seen.bodies
        assert not [e for e in seen.events if isinstance(e, Unreadable)]
        greetings = [e for e in seen.events if isinstance(e, Greeted)]
        assert seen.session.to_send() == ['{"event":"connection-reply"}'] * len(greetings)
        assert seen.session.project in {"bela-test", "bela-types", "bela-test-send"}


@pytest.mark.parametrize("name", sessions())
def test_no_block_is_missing(name):
    assert sum(len(seen.blocks) for seen in replay(name)) == BLOCKS.get(name, 0)


@pytest.mark.parametrize("name", VALUED)
def test_every_value_is_what_the_program_assigned(name):
    odd = []
    for seen in replay(name):
        for block in seen.blocks:
            variable = seen.session.by_id[block.id]
            expected = assigned(variable, block.frames(), char_signed=seen.session.reader.char_signed)
            wrong = np.flatnonzero(block.values != expected)
            assert block.type is variable.type
            if len(wrong):
                odd.append((name, variable.name, block.frame))
                count = (FLUSHED | SPLICED)[odd[-1]]
                assert wrong[0] == count
                assert block.values[count:].all() == (odd[-1] in SPLICED)
                assert block.values[count:].any() == (odd[-1] in SPLICED)
                assert block.relative is None
    # a sparse block says the time of each value, so that a spliced one has no wrong value either
    known = {key for key in FLUSHED | SPLICED if key[0] == name and key[1] != "myvar3"}
    assert set(odd) == known
    assert len(odd) == len(known)


@pytest.mark.parametrize("name", VALUED)
def test_the_times_of_sparse_values_are_the_programs_steps(name):
    step = 3 if name.startswith("all-types") else 12
    for seen in replay(name):
        for block in seen.blocks:
            variable = seen.session.by_id[block.id]
            assert (block.relative is not None) == (
                variable.mode is TimestampMode.SPARSE and not block.monitored
            )
            if block.relative is not None:
                seams = np.flatnonzero(np.diff(block.relative.astype(np.int64)) != step) + 1
                spliced = SPLICED.get((name, variable.name, block.frame))
                assert list(seams) == ([spliced] if spliced else [])


def test_the_two_architectures_differ_in_char_and_a_list_tells():
    for name, dtype, at_200 in (("all-types", np.int8, -56), ("all-types.arm32", np.uint8, 200)):
        (seen,) = replay(name)
        chars = [b for b in seen.blocks if b.type is VarType.CHAR]
        assert {b.values.dtype for b in chars} == {np.dtype(dtype)}
        dense = next(b for b in chars if b.relative is None and not b.monitored)
        assert dense.values[(200 - dense.frame) % 256] == at_200


def test_values_that_the_host_sent_come_back_while_the_clock_stands():
    (seen,) = replay("buffer-to-board")
    first, second, last = seen.blocks
    for block, frame in ((first, 1), (second, 2)):
        assert block.frame == frame
        assert (block.values == np.arange(1, 1025)).all()
    assert last.frame == 3
    assert last.values[0] == 1
    assert not last.values[1:].any()


def test_a_dense_tail_is_cut_where_the_host_knows_the_end():
    ends = {37277: 33181 + 4410, 71504: 70992 + 1000, 79856: 79856 + 1000, 181456: 181633, 102064: 97615}
    (seen,) = replay("scheduled-watch")
    cut = {b.frame: cut_dense(b, ends[b.frame]) for b in seen.blocks if b.frame in ends}
    assert cut.keys() == ends.keys()
    for frame, block in cut.items():
        assert (block.values == block.frames()).all()
        assert block.frames()[-1] == (ends[frame] if frame != 102064 else frame)


def test_a_buffer_flushed_in_mid_stream_is_cut_where_the_next_one_starts():
    (seen,) = replay("watch-twice-and-log-while-watched")
    for block, after in pairwise(seen.blocks):
        whole = cut_dense_before(block, after.frame)
        assert (whole is block) == (block.frame != 33264)
        assert (whole.values == whole.frames()).all()


def test_gaps_are_the_frames_between_what_arrived():
    (seen,) = replay("watch-twice-and-log-while-watched")
    continuity = Continuity()
    gaps = {block.frame: continuity.seen(block) for block in seen.blocks}
    # a second watch, and a log, dropped what was in the buffer
    assert {frame: n for frame, n in gaps.items() if n} == {
        28880: 28880 - (28032 + 512),
        31216: 31216 - (30416 + 512),
    }


@pytest.mark.parametrize("name", sorted(set(VALUED) - {"watch-twice-and-log-while-watched"}))
def test_no_gap_is_seen_where_there_is_none(name):
    for seen in replay(name):
        continuity = Continuity()
        for block in seen.blocks:
            gap = continuity.seen(block)
            # nobody told it here of new runs; and after a splice the step is known one block later
            new_run = name == "scheduled-watch" and block.frame in (70992, 164048)
            after_splice = name == "state-outlives-client" and block.frame == 56272
            assert (gap > 0) == (new_run or after_splice), block.frame


def test_spliced_first_buffers_are_recognised_and_cut():
    _, seen = replay("state-outlives-client")
    listed = next(e.list for e in seen.events if isinstance(e, Listed))
    start = WatchStart()
    start.watched([0, 2], listed.frame)  # as if the second client had watched again right after its list
    ours = [start.ours(block) for block in seen.blocks]
    assert start.cut_blocks == 2
    assert ours.count(None) == 1
    for block, kept in zip(seen.blocks, ours, strict=True):
        if block.frame == 26352:
            assert kept is None
        elif block.frame == 22260:
            assert len(kept.values) == 512 - 372
            assert (kept.values == kept.frames()).all()
            assert kept.relative[0] == 0
            assert kept.frame >= listed.frame
        else:
            assert kept is block


@pytest.mark.parametrize("name", ["log", "log.arm32"])
def test_log_answers_name_the_file_and_the_frames(name):
    (seen,) = replay(name)
    started = [e for e in seen.events if isinstance(e, LogStarted)]
    assert [(e.variable, e.file_name) for e in started] == [
        ("myvar", "myvar.bin"),
        ("myvar4", "myvar4.bin"),
        ("myvar2", "myvar2.bin"),
        ("myvar2", "myvar2+0.bin"),
    ]
    assert [e.end_frame and e.end_frame - e.frame for e in started] == [4410, 22050, None, None]
