"""Exact blocks: the definition's bytes, whole sessions, and original blocks between them."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from second_sessions import SESSIONS, simulated, two

from belabridge.sim.programs.captures import bela_test, bela_types
from belabridge.values import Block, Exact, TimestampMode, Variable, VarType
from belabridge.wire.control import read_control
from belabridge.wire.data import DataReader
from belabridge.wire.handover import Handover

DEFINED = bytes.fromhex("44ac000000000000 0000803f 00000040 00000040")  # of docs/wire-protocol.md


TOLD = Exact()  # a list of protocol 2 has told of the variable


def variable(type_=VarType.FLOAT, mode=TimestampMode.DENSE, exact=TOLD):
    return Variable("v", 0, type_, mode, 0.0, 0.0, exact=exact)


def reader(**about):
    it = DataReader()
    it.know([variable(**about)])
    return it


def fed(it, *bodies, header=b"0/f"):
    blocks = []
    for body in bodies:
        assert it.receive(header) is None
        blocks.append(it.receive(body))
    return blocks


def test_the_block_of_the_definition():
    (block,) = fed(reader(), DEFINED)
    assert (block.frame, block.values.tolist(), block.monitored) == (44100, [1.0, 2.0], False)


def test_an_original_board_has_no_such_block():
    it = reader(exact=None)
    assert fed(it, DEFINED) == [None]
    assert it.lost == {"mismatch": 1}


@given(st.sampled_from(list(VarType)), st.data())
def test_no_length_has_two_meanings(type_, data):
    it = reader(type_=type_)
    size = {"c": 1, "d": 8}.get(type_, 4)
    n = data.draw(st.integers(1, 4096 // size - 2))
    values = np.arange(1, n + 1).astype({"c": "u1", "i": "<i4", "j": "<u4", "f": "<f4", "d": "<f8"}[type_])
    body = struct.pack("<Q", 7) + values.tobytes() + values[-1:].tobytes()
    (block,) = fed(it, body, header=f"0/{type_}".encode())
    assert not block.monitored
    assert np.array_equal(block.values, values)


@pytest.mark.parametrize(
    "body", [DEFINED[:-1], DEFINED[:-4] + b"\1\1\1\1", DEFINED[:13], bytes(4103), bytes(4105)]
)
def test_what_is_no_block_is_counted(body):
    it = reader()
    assert fed(it, body) == [None]
    assert it.lost == {"mismatch": 1}
    assert fed(it, DEFINED)[0] is not None, "and the next one is taken"


def test_frames_never_go_back():
    it = reader()
    earlier = struct.pack("<Q", 5) + DEFINED[8:]
    assert [block is None for block in fed(it, DEFINED, earlier, earlier)] == [False, True, False]
    assert it.lost == {"frame": 1}


def sparse(times, fill):
    values = np.ones(512, "<f4")
    relative = np.full(512, fill, "<u4")
    relative[: len(times)] = times
    return struct.pack("<Q", 9) + values.tobytes() + relative.tobytes()


@pytest.mark.parametrize(
    ("times", "fill", "count"),
    [
        ([0], 0, 1),
        ([0], 2**32 - 1, 1),
        ([0, 0, 0], 2**32 - 1, 3),
        ([0, 5, 5], 2**32 - 1, 3),
        ([0, 5, 5], 0, 3),
    ],
)
def test_sparse_blocks_are_exact_in_either_protocol(times, fill, count):
    it = reader(mode=TimestampMode.SPARSE)
    (block,) = fed(it, sparse(times, fill))
    assert block.relative.tolist() == times
    assert len(block.values) == count


def test_on_an_original_board_every_time_is_a_time():
    (block,) = fed(reader(mode=TimestampMode.SPARSE, exact=None), sparse([0], 2**32 - 1))
    assert len(block.values) == 512


@pytest.mark.parametrize(
    "session", ["limits", "scheduled", "every type", "the largest blocks", "an old client first"]
)
def test_every_value_of_a_session_comes_once_and_in_order(session):
    program = {"bela-test": bela_test, "bela-types": bela_types}[SESSIONS[session][0]]()
    board, _, data = simulated(session, program)
    board.control_received("us", two_list())
    table = read_control(board.advance(0)[-1].payload)
    it, frames = DataReader(), {}
    it.char_signed = True
    it.know(table.variables)
    handover = Handover(lambda _id: 1.0)
    for message in data:
        block = it.receive(message)
        for whole in handover.seen(block) if block is not None else ():
            every = program.variables[whole.id].every_frames
            got = whole.frames() if whole.relative is not None else whole.frames(every)
            expected = program.variables[whole.id].values(got)
            assert np.array_equal(expected.astype(np.int64).astype(whole.values.dtype), whole.values)
            frames.setdefault(whole.id, []).extend(got.tolist())
    assert not it.lost
    for id_, got in frames.items():
        steps = set(np.diff(got).tolist())
        assert steps == {program.variables[id_].every_frames}, (session, id_)


def two_list():
    return json.dumps({"watcher": [two("list", id_=1)]})


def block(frame, values):
    return Block(0, VarType.FLOAT, frame, np.array(values, "<f4"), None, monitored=False)


def test_padding_is_cut_where_the_next_block_begins():
    handover = Handover(lambda _id: 1.0)
    padded = np.arange(1, 1025.0)
    padded[100:] = 0
    assert handover.seen(block(1000, padded)) == ()
    first, second = handover.seen(block(1100, [5.0, 6.0]))
    assert (len(first.values), second.frame) == (100, 1100)


def test_zeros_that_were_assigned_stay():
    handover = Handover(lambda _id: 1.0)
    assert handover.seen(block(0, np.zeros(1024))) == ()
    (first,) = handover.seen(block(1024, np.zeros(1024)))
    assert len(first.values) == 1024
    _, last = handover.seen(block(2048, [0.0]))
    assert len(last.values) == 1


def test_other_blocks_pass_at_once():
    handover = Handover(lambda _id: 1.0)
    for one in (block(0, np.ones(1024)), block(1024, [0.0]), block(1025, np.zeros(512))):
        assert handover.seen(one) == (one,)
