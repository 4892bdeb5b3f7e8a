"""The board as its clients see it, beyond what the recordings show."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.sim.core import BLOCK_FRAMES, SimBoard
from belabridge.sim.program import Program, ProgramVariable
from belabridge.sim.programs.captures import bela_test, bela_test_send, bela_types
from belabridge.values import TimestampMode, VarType

REPLY = '{"event":"connection-reply"}'


def say(board: SimBoard, *elements: dict, client: str = "me") -> None:
    board.control_received(client, json.dumps({"watcher": elements}))


def command(cmd: str, *names: str, **more) -> dict:
    return {"cmd": cmd, "watchers": list(names), **more}


def listed(board: SimBoard) -> dict[str, dict]:
    say(board, {"cmd": "list"})
    answer = json.loads(board.advance(0)[-1].payload)["watcher"]
    return {entry["name"]: entry for entry in answer["watchers"]}


def data(messages) -> list[tuple[str, int, bytes]]:
    """(header, frame, values) of each pair."""
    payloads = [m.payload for m in messages if m.endpoint == "data"]
    return [
        (head.decode(), struct.unpack_from("<Q", body)[0], body[8:])
        for head, body in zip(payloads[::2], payloads[1::2], strict=True)
    ]


@pytest.fixture
def board():
    board = SimBoard(bela_test())
    board.connect_control("me")
    board.control_received("me", REPLY)
    board.advance(0)
    return board


def test_everybody_is_greeted_when_anybody_comes():
    board = SimBoard(bela_test())
    for client in "ab":
        board.connect_control(client)
        assert [(m.endpoint, m.payload) for m in board.advance(0)] == [
            ("control", b'{"event":"connection","projectName":"bela-test"}')
        ]


def test_buffers_flow_while_any_control_client_is_active(board):
    board.connect_control("other")
    board.control_received("other", REPLY)
    say(board, command("monitor", "myvar", periods=[16]))
    assert data(board.advance(16))
    board.control_received("me", '{"event":"inactive"}')
    assert data(board.advance(16))
    board.disconnect_control("other")
    assert not data(board.advance(16))
    board.control_received("me", '{"event":"active"}')
    assert data(board.advance(16))


def test_an_event_and_commands_may_share_a_message():
    board = SimBoard(bela_test())
    board.connect_control("me")
    board.control_received("me", '{"event":"connection-reply","watcher":[{"cmd":"list"}]}')
    assert len(board.advance(0)) == 2
    assert board.active


@pytest.mark.parametrize(
    "element",
    [
        {"cmd": "dance"},
        {"watchers": ["myvar"]},
        "list",
        7,
        None,
        command("watch", "nobody"),
        command("set", "nobody", values=[1]),
        command("setMask", "nobody", values=[1], masks=[]),
        command("control", "nobody"),
        command("monitor", "nobody", periods=[1]),
        {"cmd": "watch", "watchers": "myvar"},
        {"cmd": "watch", "watchers": [7, None, {}]},
    ],
)
def test_what_it_does_not_know_does_nothing(board, element):
    before = listed(board)
    say(board, element)
    assert board.advance(0) == []
    assert listed(board) == before
    assert not board.dead
    assert not board.harm


def test_commands_after_a_set_of_unequal_lengths_are_dropped(board):
    say(board, command("control", "myvar"), command("set", "myvar", values=[]), command("control", "myvar2"))
    entries = listed(board)
    assert (entries["myvar"]["controlled"], entries["myvar2"]["controlled"]) == (True, False)


def test_a_mask_that_is_missing_ends_the_program(board):
    say(board, command("control", "myvar"), command("setMask", "myvar", values=[1]))
    assert board.dead
    assert board.harm == ["setMask without enough masks"]
    say(board, {"cmd": "list"})
    board.data_received("me", b"")
    assert board.advance(1600) == []


def test_buffers_that_would_be_read_beyond_are_noted(board):
    board.data_received("me", bytes(15))
    board.data_received("me", struct.pack("<I4sII", 0, b"f", 9, 0))
    assert len(board.harm) == 2
    assert not board.dead


@pytest.mark.parametrize(
    "message", [struct.pack("<I4sIIf", 0, b"i", 1, 0, 1), struct.pack("<I4sIIf", 9, b"f", 1, 0, 1)]
)
def test_a_buffer_of_another_type_or_id_is_ignored(message):
    board = SimBoard(bela_test_send())
    board.data_received("me", message)
    assert board.frame == 0
    board.data_received("me", struct.pack("<I4sIIf", 0, b"f", 1, 0, 2.5))
    assert board.frame == 1
    assert listed(board)["myvar1"]["value"] == 2.5


def test_an_empty_buffer_lets_the_clock_tick_and_assigns_nothing():
    board = SimBoard(bela_test_send())
    board.data_received("me", struct.pack("<I4sII", 0, b"f", 0, 0))
    assert board.frame == 1
    assert listed(board)["myvar1"]["value"] == 0


def test_what_is_never_assigned_never_sends(board):
    board = SimBoard(Program("p", (ProgramVariable("gain", initial=0.8),)))
    board.connect_control("me")
    board.control_received("me", REPLY)
    say(board, command("monitor", "gain", periods=[1]), command("watch", "gain"), command("control", "gain"))
    say(board, command("set", "gain", values=[0.25]))
    assert not data(board.advance(160_000))
    entry = listed(board)["gain"]
    assert (entry["value"], entry["valueInput"], entry["monitor"]) == (0.25, 0.800000011920929, 1)


def test_names_hold_any_text(board):
    board = SimBoard(Program("bär", (ProgramVariable("a/é"),)))
    board.connect_control("me")
    assert board.advance(0)[0].payload == b'{"event":"connection","projectName":"b\\u00E4r"}'
    assert listed(board)["a/é"]["value"] == 0


def test_a_variable_assigned_once_a_block_fills_its_buffer_slowly(board):
    board = SimBoard(
        Program("p", (ProgramVariable("slow", VarType.INT, values=lambda n: n, every_frames=16),))
    )
    board.connect_control("me")
    board.control_received("me", REPLY)
    say(board, command("watch", "slow"))
    ((_, frame, values),) = data(board.advance(1024 * 16 + 16))
    assert frame == 0
    np.testing.assert_array_equal(np.frombuffer(values, "<i4"), np.arange(1024) * 16)


def test_what_nobody_takes_is_not_computed():
    asked = []
    variable = ProgramVariable("x", values=lambda n: asked.append(len(n)) or n)
    board = SimBoard(Program("p", (variable,)))
    board.connect_control("me")
    board.control_received("me", REPLY)
    say(board, command("watch", "x"), command("monitor", "x", periods=[44_100 * 60]))
    board.advance(1600)
    board.control_received("me", '{"event":"inactive"}')
    for _ in range(100):
        board.advance(44_100 // 16 * 16)
    board.control_received("me", REPLY)
    board.advance(16)
    assert sum(asked) < 1600 + 2 * 44_100


def test_clients_that_are_ignored_leave_a_seam(board):
    say(board, command("watch", "myvar"))
    board.advance(160)
    board.ignore_clients(100)
    ((_, frame, values),) = data(board.advance(512))
    seen = np.frombuffer(values, "<f8")
    assert frame == 0
    assert seen[:160].tolist() == list(range(160))
    assert seen[160] == 160 + 112
    assert seen[-1] == 511 + 112


def test_a_log_that_waits_is_begun_anew_by_another(board):
    for _ in range(2):
        say(board, command("log", "myvar", timestamps=[1600], durations=[16]))
    answers = [json.loads(m.payload)["watcher"]["logFileName"] for m in board.advance(16)]
    assert answers == ["myvar+0.bin", "myvar+0.bin"]
    board.advance(3200)
    assert {name: len(content) for name, content in board.files.items()} == {
        "myvar.bin": 28,
        "myvar+0.bin": 28 + 4104,
    }


def test_what_the_program_hears():
    heard = []
    variable = ProgramVariable("x", values=lambda n: n, initial=0.5)
    board = SimBoard(Program("p", (variable,), heard=lambda *change: heard.append(change)))
    board.advance(32)
    say(board, command("set", "x", values=[3]))  # lost: not controlled
    say(board, command("control", "x"))  # begins as it is: no change
    say(board, command("set", "x", values=[3]), command("set", "x", values=[3]))
    board.advance(16)
    say(board, command("uncontrol", "x"))
    assert heard == [("x", 0.5, 0), ("x", 3, 32), ("x", 47, 48)]


def test_what_the_program_does_not_care_about():
    heard = []
    variables = [ProgramVariable(name, values=lambda n: n) for name in ("x", "y")]
    program = Program("p", tuple(variables), heard=lambda *change: heard.append(change), hears=frozenset("y"))
    board = SimBoard(program)
    board.advance(32)
    say(board, command("control", "x", "y"), command("set", "x", "y", values=[3, 4]))
    assert heard == [("y", 0, 0), ("y", 4, 32)]


NAMES = ("c_d", "c_s", "f_d", "d_s", "i_s")
times = st.lists(st.integers(0, 5000), max_size=2)
scripts = st.lists(
    st.one_of(
        st.builds(lambda frames: ("advance", frames), st.integers(1, 300)),
        st.builds(
            lambda cmd, names, stamps, spans: (
                "say",
                command(cmd, *names, timestamps=stamps, durations=spans),
            ),
            st.sampled_from(["watch", "unwatch", "log", "unlog", "control"]),
            st.lists(st.sampled_from(NAMES), min_size=1, max_size=3),
            times,
            times,
        ),
        st.builds(
            lambda names, periods: ("say", command("monitor", *names, periods=periods)),
            st.lists(st.sampled_from(NAMES), max_size=3),
            st.lists(st.sampled_from([0, 1, 5, 400]), max_size=3),
        ),
        st.just(("say", {"cmd": "list"})),
        st.sampled_from([("event", "inactive"), ("event", "active")]),
    ),
    max_size=15,
)


def play(script, *, chunk: int | None):
    board = SimBoard(bela_types())
    board.connect_control("me")
    board.control_received("me", REPLY)
    out = []
    for kind, what in script:
        if kind == "say":
            say(board, what)
        elif kind == "event":
            board.control_received("me", json.dumps({"event": what}))
        else:
            left = what * BLOCK_FRAMES
            while left:
                step = min(left, chunk or left)
                out += board.advance(step)
                left -= step
    return out + board.advance(0), board.files


@given(scripts, st.sampled_from([BLOCK_FRAMES, 5 * BLOCK_FRAMES]))
def test_how_time_is_cut_into_pieces_never_shows(script, chunk):
    assert play(script, chunk=chunk) == play(script, chunk=None)


def test_sparse_buffers_tell_each_time(board):
    say(board, command("watch", "myvar3", durations=[100]))
    ((head, frame, body),) = data(board.advance(160))
    assert (head, frame) == ("2/j", 0)
    relative = np.frombuffer(body, "<u4", 512, 2056 - 8)
    assert relative[:11].tolist() == [0, 12, 24, 36, 48, 60, 72, 84, 96, 108, 0]
    assert not relative[11:].any()
    assert bela_test().variables[2].mode is TimestampMode.SPARSE
