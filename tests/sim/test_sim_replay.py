"""Given the host's side of each recorded session, the simulated board says what the real one said.

Compared is every message of every session, byte for byte: on ``/gui_data`` all headers and bodies
(timestamps, values, relative times, padding, the unused tail), on ``/gui_control`` all texts, in the order of
each endpoint; and the log files without the pid and the pointer in their headers.

One thing cannot be equal: the real board writes its answer to ``list`` while the program runs on, so that
the first variables may be a few blocks older than the timestamp at its end. In such a torn list each field
must be one that the simulated board would have given shortly before; how many lists are torn stands below.
"""

from __future__ import annotations

import json

import pytest
from alignment import BLOCK, control, log_file, pairs, steps

from belabridge.sim import answers
from belabridge.sim.core import SimBoard
from belabridge.sim.machine import ARM32, X86_64
from belabridge.sim.programs.captures import bela_test, bela_test_send, bela_types
from captures import records, sessions

PROGRAMS = {"all-types": bela_types, "buffer-to-board": bela_test_send}
TORN = {  # the 32-bit machine was an emulated one: slow
    "all-types.arm32": 1,
    "connect-list.arm32": 1,
    "control-set": 1,
    "log.arm32": 5,
    "scheduled-watch": 3,
    "watch-unwatch.arm32": 1,
}
TEAR_FRAMES = 8 * BLOCK  # the slowest list of these recordings took 5 blocks
ALL = sessions()


class Replay:
    """A board that was led through a session."""

    def __init__(self, name: str, chunk: int | None = None) -> None:
        arch = ARM32 if name.endswith(".arm32") else X86_64
        self.program = PROGRAMS.get(name.removesuffix(".arm32"), bela_test)()
        self.board = SimBoard(self.program, machine=arch)
        self.chunk = chunk
        self.control: list[str] = []
        self.data: list[bytes] = []
        self.recent: dict[int, list[dict]] = {}  # by answer: what the board would have said shortly before
        for step in steps(name):
            if b'"list"' in step.payload:
                self.to(step.frame - TEAR_FRAMES)
                probes = self.probe_to(step.frame)
            self.to(step.frame)
            if step.kind == "open":
                self.board.connect_control(step.client)
            elif step.kind == "close":
                self.board.disconnect_control(step.client)
            elif step.kind == "control":
                self.board.control_received(step.client, step.payload)
            else:
                self.board.data_received(step.client, step.payload)
            self.take(self.board.advance(0))
            if b'"list"' in step.payload:
                self.recent.setdefault(len(self.control) - 1, [*probes, json.loads(self.control[-1])])

    def to(self, frame: int) -> None:
        if self.program.clocked_by_buffers:
            return
        while self.board.frame < frame:
            left = frame - self.board.frame
            self.take(self.board.advance(min(left, self.chunk or left)))

    def probe_to(self, frame: int) -> list[dict]:
        """Ask for the list at each frame on the way; a question leaves no trace in the board."""
        probes = []
        while not self.program.clocked_by_buffers and self.board.frame < frame:
            self.to(self.board.frame + 1)
            self.board.control_received("probe", '{"watcher":[{"cmd":"list"}]}')
            *others, answer = self.board.advance(0)
            self.take(others)
            probes.append(json.loads(answer.payload))
        return probes

    def take(self, messages) -> None:
        for message in messages:
            if message.endpoint == "control":
                self.control.append(message.payload.decode("ascii"))
            else:
                self.data.append(message.payload)


@pytest.mark.parametrize("name", ALL)
def test_every_data_message_is_the_recorded_one(name):
    recorded = [message for pair in pairs(name) for message in (pair.header, pair.body)]
    assert Replay(name).data == recorded


@pytest.mark.parametrize("chunk", [BLOCK, 7 * BLOCK, 100_000 // BLOCK * BLOCK])
def test_how_time_is_cut_into_pieces_does_not_show(chunk):
    name = "all-types"
    assert Replay(name, chunk).data == Replay(name).data


@pytest.mark.parametrize("name", ALL)
def test_every_control_message_is_the_recorded_one(name):
    replay, recorded = Replay(name), control(name)
    assert len(replay.control) == len(recorded)
    torn = [
        n for n, (ours, theirs) in enumerate(zip(replay.control, recorded, strict=True)) if ours != theirs
    ]
    for n in torn:
        assert_torn(json.loads(recorded[n]), replay.recent[n])
    assert len(torn) == TORN.get(name, 0)


def assert_torn(recorded: dict, recent: list[dict]) -> None:
    """Every field is one of the last frames, and the whole is of the last one."""
    assert [*recorded["watcher"]] == [*recent[-1]["watcher"]]
    assert recorded["watcher"]["timestamp"] == recent[-1]["watcher"]["timestamp"]
    assert recorded["watcher"]["sampleRate"] == recent[-1]["watcher"]["sampleRate"]
    for place, entry in enumerate(recorded["watcher"]["watchers"]):
        ours = [probe["watcher"]["watchers"][place] for probe in recent]
        assert [*entry] == [*ours[-1]]
        for field, value in entry.items():
            assert value in [one[field] for one in ours], (place, field)


@pytest.mark.parametrize("name", ALL)
def test_texts_are_written_as_the_board_writes_them(name):
    for text in control(name):
        assert answers.text(json.loads(text)) == text


@pytest.mark.parametrize(("name", "pointer_bytes"), [("log", 8), ("log.arm32", 4)])
def test_log_files_are_the_recorded_ones(name, pointer_bytes):
    files = Replay(name).board.files
    for variable in ("myvar", "myvar2", "myvar4"):
        recorded = log_file(name, variable)
        private = len(f"watcher\0{variable}\0d\0")  # where the pid and the pointer of that run stand
        after = private + 4 + pointer_bytes
        ours = bytes(files[f"{variable}.bin"])
        assert ours[:private] == recorded[:private]
        assert ours[after:] == recorded[after:]
    notes = [r.note.split() for r in records(name) if r.kind == "note" and r.note.endswith("bytes")]
    assert notes
    for file_name, size, _ in notes:
        assert len(files[file_name]) == int(size)
