"""Given the host's side of each recorded session, our library says what the original one said.

The programs of the sessions run on the laptop's host, compiled for this machine and for a 32-bit ARM one.
Each message is given to them at the frame at which the real board took it, over real WebSockets. Compared is
every message that comes back, byte for byte and in the order of each endpoint, with what the simulated board
says; that this is the recorded session, but for lists that the real board tore, ``test_sim_replay`` holds.
The log files are compared with the recorded ones, without the pid and the pointer in their headers.

One session differs on purpose: the original drops what it had of a block when a watch or a log begins on a
variable that is being watched. Ours loses nothing.
"""

from __future__ import annotations

import json
import zlib

import numpy as np
import pytest
from led_board import LedBoard

from alignment import BLOCK, BODY_BYTES, log_file, pairs
from captures import records, sessions
from host_program import ARM32, NATIVE, PROGRAMS, built
from replay import Replay

NAMES = {"all-types": "bela-types", "buffer-to-board": "bela-test-send"}
LOSSLESS = "watch-twice-and-log-while-watched"
ALL = sessions()


def machine(session):
    return ARM32 if session.endswith(".arm32") else NATIVE


def command(session):
    program = NAMES.get(session.removesuffix(".arm32"), "bela-test")
    return built(PROGRAMS / program, machine(session))


def led(session, folder):
    """What the real program said when it was led through the session, and what it had to say."""
    replay = Replay(session)
    # one recorded list was taken between two blocks
    block = 1 if any(step.frame % BLOCK for step in replay.steps) else BLOCK
    with LedBoard(command(session), folder, "--block", block, "--speed", 8) as board:
        for step, (before, after) in zip(replay.steps, replay.counts, strict=True):
            if not replay.program.clocked_by_buffers:
                board.reach(step.frame)
            board.wait(before)
            if step.kind == "open":
                board.open(step.client)
            elif step.kind == "close":
                board.close(step.client)
            else:
                board.send(step.client, step.payload.decode() if step.kind == "control" else step.payload)
            board.wait(after)
        assert board.process.end() == 0, str(board.process)
    return board, replay


@pytest.mark.parametrize("session", ALL)
def test_every_message_and_file_is_the_recorded_one(session, tmp_path):
    board, replay = led(session, tmp_path)
    assert board.control == replay.control
    if session == LOSSLESS:
        assert_nothing_lost(board, replay, tmp_path)
        return
    recorded = [part for pair in pairs(session) for part in (pair.header, pair.body)]
    assert outline(board.data) == outline(recorded)
    assert board.data == replay.data == recorded
    if session.startswith("log"):
        assert_logged(session, tmp_path)


def assert_nothing_lost(board, replay, folder):
    """Every frame from the first watch to the unwatch, once; and from the log to the unlog in the file."""
    frames = {}
    for step in replay.steps:
        frames.setdefault(
            json.loads(step.payload)["watcher"][0]["cmd"] if b"cmd" in step.payload else "", step.frame
        )
    assert {*board.data[::2]} == {b"0/d"}
    assert_frames(board.data[1::2], frames["watch"], frames["unwatch"])
    logged = (folder / "myvar.bin").read_bytes()
    whole = len(logged) // BODY_BYTES * BODY_BYTES
    bodies = [logged[n : n + BODY_BYTES] for n in range(len(logged) - whole, len(logged), BODY_BYTES)]
    assert_frames(bodies, frames["log"], frames["unlog"])


def assert_frames(bodies, first, last):
    """``myvar`` is the frame: the values of all blocks are first…last, and nothing but padding follows."""
    values = np.concatenate([np.frombuffer(body, "<f8", 512, 8) for body in bodies])
    count = last - first + 1
    assert np.array_equal(values[:count], np.arange(first, last + 1))
    assert not values[count:].any()
    assert [int.from_bytes(body[:8], "little") for body in bodies] == [*range(first, last + 1, 512)]


def outline(data):
    """Messages in few words, for a difference that one can read."""
    return [
        (header.decode(), len(body), int.from_bytes(body[:8], "little"), zlib.crc32(body))
        for header, body in zip(data[::2], data[1::2], strict=True)
    ]


def assert_logged(session, folder):
    for variable in ("myvar", "myvar2", "myvar4"):
        recorded, ours = log_file(session, variable), (folder / f"{variable}.bin").read_bytes()
        private = len(f"watcher\0{variable}\0d\0")  # where the pid and the pointer of that run stand
        after = private + 4 + (4 if machine(session) is ARM32 else 8)
        assert ours[:private] == recorded[:private]
        assert ours[after:] == recorded[after:]
    notes = [r.note.split() for r in records(session) if r.kind == "note" and r.note.endswith("bytes")]
    assert notes
    for file_name, size, _ in notes:
        assert (folder / file_name).stat().st_size == int(size)
