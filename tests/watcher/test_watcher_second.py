"""In protocol 2 the library says, byte for byte, what the simulated board says; 64- and 32-bit."""

from __future__ import annotations

import struct

import pytest
from led_board import LedBoard
from second_sessions import SESSIONS, said, simulated

import belabridge.sim.machine as machines
from belabridge.sim.programs.captures import bela_test, bela_types
from host_program import ARM32, NATIVE, PROGRAMS, built

MACHINES = [
    pytest.param(NATIVE, machines.X86_64, id="native"),
    pytest.param(ARM32, machines.ARM32, id="arm32"),
]
MAKE = {"bela-test": bela_test, "bela-types": bela_types}

# Faster, an emulated processor's socket thread is left behind, and the host's queue drops as a board's does.
SPEED = 0.5


@pytest.mark.parametrize(("machine", "simulated_machine"), MACHINES)
@pytest.mark.parametrize("session", SESSIONS)
def test_the_library_says_what_the_simulated_board_says(session, machine, simulated_machine, tmp_path):
    program, end, *steps = SESSIONS[session]
    sim, control, data = simulated(session, MAKE[program](), machine=simulated_machine)
    with LedBoard(built(PROGRAMS / program, machine), tmp_path, "--block", 16, "--speed", SPEED) as board:
        board.open("us")
        board.wait((1, 0))
        board.send("us", '{"event":"connection-reply"}')
        for frame, elements in steps:
            board.reach(frame)
            board.send("us", said(elements))
        board.reach(end)
        board.wait((len(control), len(data)))
        assert board.process.end() == 0, str(board.process)
    assert sorted(board.control) == sorted(control)
    assert outline(board.data) == outline(data)
    for name, content in sim.files.items():
        ours = (tmp_path / name).read_bytes()
        assert without_private(ours, simulated_machine) == without_private(bytes(content), simulated_machine)


def outline(data):
    """The messages by variable, each in its order: what several ones send at one time has no order."""
    by_header = {}
    for header, body in zip(data[::2], data[1::2], strict=True):
        by_header.setdefault(header.decode(), []).append((struct.unpack_from("<Q", body)[0], len(body), body))
    return by_header


def without_private(content, machine):
    """A log file without the pid and the pointer of the original's header."""
    if content[:8] != b"watcher\0":
        return content
    private = content.index(b"\0", content.index(b"\0", 8) + 1) + 1
    return content[:private] + content[private + 4 + machine.pointer_bytes :]
