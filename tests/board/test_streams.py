"""The streams of a board on their way to a receiver: what passes while one of them is left."""

from __future__ import annotations

import numpy as np
from linking import Told

from belabridge.board.streams import Streams
from belabridge.tally import Tally
from belabridge.values import Block, TimestampMode, Variable, VarType
from belabridge.wire.listing import VariableList


def board(frame):
    variables = tuple(
        Variable(name, id_, VarType.FLOAT, TimestampMode.DENSE, 0.0, 0.0) for id_, name in enumerate("ab")
    )
    return VariableList(44_100.0, frame, variables)


def block(id_, frame):
    return Block(id_, VarType.FLOAT, frame, np.ones(4, np.float32), None, monitored=False)


def test_the_last_block_of_a_stream_that_is_left_still_comes():
    told = Told()
    streams = Streams(told, Tally())
    streams.begin(board(0), exact=False, restarted=False, goes_on=False)
    streams.want(frozenset({0, 1}))
    for frame in (0, 4):
        streams.block(block(0, frame), 0.0)
        streams.block(block(1, frame), 0.0)
    streams.want(frozenset({1}), leaving=frozenset({0}))
    streams.block(block(0, 8), 0.0)
    streams.left(frozenset({0}))
    streams.block(block(0, 12), 0.0)
    streams.block(block(1, 8), 0.0)
    assert [(b.id, b.frame) for b, _ in told.blocks] == [(0, 0), (1, 0), (0, 4), (1, 4), (0, 8), (1, 8)]
    assert told.gaps == []


def test_what_was_left_of_a_connection_that_ended_passes_no_more():
    told = Told()
    streams = Streams(told, Tally())
    streams.want(frozenset(), leaving=frozenset({0}))
    streams.begin(board(0), exact=False, restarted=False, goes_on=False)
    streams.block(block(0, 8), 0.0)
    assert told.blocks == []


def test_one_that_is_left_and_wanted_again_goes_on_without_a_gap():
    told = Told()
    streams = Streams(told, Tally())
    streams.begin(board(0), exact=False, restarted=False, goes_on=False)
    streams.want(frozenset({0}))
    for frame in (0, 4):
        streams.block(block(0, frame), 0.0)
    streams.want(frozenset(), leaving=frozenset({0}))
    streams.want(frozenset({0}))
    streams.left(frozenset({0}))
    streams.block(block(0, 8), 0.0)
    streams.want(frozenset())
    streams.block(block(0, 12), 0.0)
    streams.want(frozenset({0}))
    streams.block(block(0, 40), 0.0)
    assert [b.frame for b, _ in told.blocks] == [0, 4, 8, 40]
    assert told.gaps == [], "what was not wanted is not missing"
