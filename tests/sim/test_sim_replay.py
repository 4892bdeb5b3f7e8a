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

from alignment import BLOCK, control, log_file, pairs
from belabridge.sim import answers
from captures import records, sessions
from replay import Replay

TORN = {  # the 32-bit machine was an emulated one: slow
    "all-types.arm32": 1,
    "connect-list.arm32": 1,
    "control-set": 1,
    "log.arm32": 5,
    "scheduled-watch": 3,
    "watch-unwatch.arm32": 1,
}
ALL = sessions()


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
