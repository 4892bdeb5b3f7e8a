"""The simulated board in protocol 2: what the definition's examples say, and nothing to who does not ask.

That it says what the library says, byte for byte, ``tests/watcher/test_watcher_second`` holds.
"""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from clients import both, got, say
from second_sessions import SESSIONS, one, said, simulated, two

from belabridge.sim.core import SimBoard
from belabridge.sim.machine import ARM32
from belabridge.sim.program import Program, ProgramArray, ProgramVariable
from belabridge.sim.programs.captures import bela_test
from belabridge.sim.server import SimServer
from belabridge.values import TimestampMode, VarType


def answered(board, *elements, frames=0):
    """What the control clients hear after a message."""
    board.control_received("us", said(elements))
    return [json.loads(m.payload) for m in board.advance(frames) if m.endpoint == "control"]


def active(program, **more):
    board = SimBoard(program, **more)
    board.connect_control("us")
    board.control_received("us", '{"event":"connection-reply"}')
    board.advance(16)
    return board


ONES = Program(
    "ones",
    (
        ProgramVariable("f", values=lambda frames: frames - np.uint64(44_099), every_frames=1),
        ProgramVariable(
            "a", mode=TimestampMode.SPARSE, values=lambda frames: frames * 0 + 1, every_frames=1000
        ),
    ),
    arrays=(ProgramArray("table", VarType.FLOAT, 1024),),
)


def test_the_block_of_the_definition():
    board = SimBoard(ONES, start_frame=44_096)
    board.connect_control("us")
    board.control_received("us", '{"event":"connection-reply"}')
    board.control_received("us", said([two("watch", "f", blocks=[2], timestamps=[44_100])]))
    header, body, *_ = (m.payload for m in board.advance(16) if m.endpoint == "data")
    assert header == b"0/f"
    assert body == bytes.fromhex("44ac000000000000 0000803f 00000040 00000040")


def test_the_log_file_of_the_definition():
    board = SimBoard(ONES, start_frame=992, machine=ARM32)
    board.control_received("us", said([two("log", "a", timestamps=[1000])]))
    board.advance(16)
    board.control_received("us", said([two("unlog", "a")]))
    board.advance(16)
    assert board.files["a.bin"] == bytes.fromhex(
        "5741544348455232 04030201 30000000 000000008088e540 e803000000000000"
        "66010004 00020000 6100000000000000 e803000000000000 01000000 00000000 0000803f 00000000"
    )


def test_what_the_list_says_of_arrays_and_of_messages_that_lie():
    board = active(ONES)
    values = np.ones(3, "<f4").tobytes()
    board.data_received("us", struct.pack("<I4sII", 2, b"f", 3, 0) + values)
    board.data_received("us", struct.pack("<I4sII", 2, b"j", 3, 0) + values)
    board.data_received("us", struct.pack("<I4sII", 2, b"f", 4, 0) + values)
    (answer,) = answered(board, two("list", id_=1))
    content = answer["watcher2"]
    assert content["buffers"] == [{"id": 2, "name": "table", "received": 1, "size": 1024, "type": "f"}]
    assert (content["protocol"], content["refused"], content["id"]) == (2, 2, 1)
    assert [watcher["id"] for watcher in content["watchers"]] == [0, 1]


def test_an_original_board_takes_every_command_for_one_of_its_own():
    elements = [two("list", id_=1), two("watch", "myvar", id_=2, blocks=[16])]
    second, original = active(bela_test()), active(bela_test(), original=True)
    old = active(bela_test())
    assert "watcher2" in answered(second, *elements, frames=1600)[0]
    answers = answered(original, *elements, frames=1600)
    assert answers == answered(old, {"cmd": "list"}, one("watch", "myvar"), frames=1600)
    assert [list(answer) for answer in answers] == [["watcher"]]


@pytest.mark.parametrize("session", SESSIONS)
def test_a_session_is_the_same_in_pieces_of_any_length(session):
    program = bela_test()
    if SESSIONS[session][0] != "bela-test":
        return
    whole = simulated(session, program)
    board = SimBoard(program)
    board.connect_control("us")
    board.control_received("us", '{"event":"connection-reply"}')
    out = board.advance(0)
    _, end, *steps = SESSIONS[session]
    for frame, elements in [*steps, (end // 16 * 16, None)]:
        while board.frame < frame:
            out += board.advance(16)
        if elements is not None:
            board.control_received("us", said(elements))
            out += board.advance(0)
    assert sorted(m.payload for m in out if m.endpoint == "data") == sorted(whole[2])
    assert sorted(m.payload.decode() for m in out if m.endpoint == "control") == sorted(whole[1])


async def test_old_and_new_clients_at_one_board():
    async with SimServer(bela_test()) as server, both(server) as (new, _), both(server) as (old, _):
        await got(new)  # the greeting of the other one
        await say(new, two("control", "myvar", id_=1, controller="new"))
        done = [json.loads(await got(socket)) for socket in (new, old)]
        assert done[0] == done[1], "answers go to all"
        assert done[0]["watcher2"]["id"] == 1
        await say(old, {"cmd": "list"})
        (entry, *_) = json.loads(await got(old))["watcher"]["watchers"]
        assert sorted(entry) == [
            "controlled",
            "logFileName",
            "logged",
            "monitor",
            "name",
            "timestampMode",
            "type",
            "value",
            "valueInput",
            "watched",
        ], "an original list has no word more than it ever had"
        assert entry["controlled"]


async def test_an_original_server_stays_one_after_a_restart():
    async with SimServer(bela_test(), original=True) as server:
        server.restart()
        async with both(server) as (control, _):
            await say(control, two("list", id_=1))
            assert list(json.loads(await got(control))) == ["watcher"]
