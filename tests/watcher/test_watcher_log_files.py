"""The library's own log files, of both protocols and both machines, read value for value."""

from __future__ import annotations

import json

import pytest
from led_board import LedBoard

from belabridge.recording.log_file import open_log
from host_program import ARM32, NATIVE, PROGRAMS, built
from log_bytes import check_bela_types

NAMES = [f"{t}_{m}" for t in "cijfd" for m in "ds"]
SPEED = 0.5  # as in test_watcher_second: an emulated processor is slow


@pytest.mark.parametrize("protocol", [1, 2])
@pytest.mark.parametrize(
    ("machine", "pointer_bytes", "char_signed"),
    [pytest.param(NATIVE, 8, True, id="native"), pytest.param(ARM32, 4, False, id="arm32")],
)
def test_a_log_of_every_type(machine, pointer_bytes, char_signed, protocol, tmp_path):
    command = {"cmd": "log", "watchers": NAMES, "timestamps": [1000] * 10, "durations": [9000] * 10}
    if protocol == 2:
        command["protocol"] = 2
    with LedBoard(
        built(PROGRAMS / "bela-types", machine), tmp_path, "--block", 16, "--speed", SPEED
    ) as board:
        board.open("us")
        board.reach(16)
        board.send("us", json.dumps({"watcher": [command]}))
        board.reach(12_000)
        assert board.process.end() == 0, str(board.process)
    for name in NAMES:
        log = open_log(tmp_path / f"{name}.bin", duration_frames=9000, char_signed=char_signed)
        assert log.file.header.protocol == protocol
        assert log.file.header.pointer_bytes == (pointer_bytes if protocol == 1 else None)
        log.file.scan()
        check_bela_types(log.file, protocol, char_signed=char_signed)
