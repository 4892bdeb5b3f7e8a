"""Takes that end badly: the program is killed, or the disk is full. What was written is there."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import recording_program
from belabridge.errors import CannotSave
from belabridge.recording.load import load
from belabridge.recording.recorder import Recorder
from takes import RATE_HZ, dense

KILLS = 15
VALUES = recording_program.VALUES


def started(*arguments):
    command = [sys.executable, recording_program.__file__, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def check(folder, rounds):
    """All of the finished rounds are there, and what is there is right; gives the values of each track."""
    recording = load(folder)
    assert not recording.is_complete
    for name in ("dense", "sparse") if rounds else recording:
        track = recording[name]
        count = len(track)
        assert count >= rounds * VALUES
        place = np.arange(count, dtype=np.uint64)
        assert track.values.tolist() == place.tolist()
        number, within = place // VALUES, place % VALUES
        frames = place if name == "dense" else 5 * number * VALUES + 2 * within
        np.testing.assert_array_equal(track.frames, frames)
        expected = [n * VALUES for n in range(3, count // VALUES, 7)]
        assert [gap.index for gap in track.gaps][: len(expected)] == expected
    return [len(track) for track in recording.values()]


@pytest.mark.parametrize("seed", range(KILLS))
def test_what_was_written_survives_a_kill_at_any_moment(tmp_path, seed):
    enough = random.Random(seed).randrange(1, 400)
    with started(tmp_path / "take") as program:
        try:
            for _ in range(enough):  # moments that do not depend on how fast the machine is
                assert program.stdout.readline()
        finally:
            program.send_signal(signal.SIGKILL)
        said = program.stdout.read().split(b"\n")
    rounds = max([enough, *(int(line) for line in said[:-1])])
    check(tmp_path / "take", rounds)


def test_a_full_disk_ends_a_take_with_a_clear_error_and_keeps_it(tmp_path):
    limit = 100_000
    with started(tmp_path / "take", limit) as program:
        lines = program.stdout.read().decode().splitlines()
    assert lines[-1] == (
        f"{tmp_path / 'take'}: cannot be written (File too large): "
        "choose a folder that can be written and has room"
    )
    *_, most = check(tmp_path / "take", len(lines) - 1)
    assert most >= (limit - 256) // 8 - VALUES, "as far as it goes"


FULL = """
import resource, sys
from belabridge.errors import CannotSave
from belabridge.recording.recorder import Recorder
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    Recorder(sys.argv[1], sample_rate_hz=1.0)
except CannotSave as error:
    print(error)
"""


def test_where_there_is_no_room_at_all_nothing_is_left(tmp_path):
    command = [sys.executable, "-W", "error", "-c", FULL, str(tmp_path / "take")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "take: cannot be written (File too large)" in done.stdout
    assert not done.stderr
    assert list(tmp_path.iterdir()) == []


MANY = """
import resource, sys
import numpy as np
from belabridge.client.blocks import Block
from belabridge.errors import CannotSave
from belabridge.recording.recorder import Recorder
resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
with Recorder(sys.argv[1], sample_rate_hz=1.0) as take:
    try:
        for number in range(40):
            take.block(f"v{number}", Block(f"v{number}", np.ones(1, "<f4"), 0, 1.0))
    except CannotSave as error:
        print(error)
"""


def test_more_files_than_the_system_allows_are_told_so(tmp_path):
    command = [sys.executable, "-W", "error", "-c", MANY, str(tmp_path / "take")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "Too many open files: record fewer variables at once, or allow more by `ulimit -n`" in done.stdout
    assert not done.stderr
    tracks = load(tmp_path / "take")
    assert len(tracks) > 5
    assert all(track.values.tolist() == [1] for track in tracks.values())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_recorder_that_failed_fails_again_and_keeps_all_else(tmp_path):
    take = Recorder(tmp_path / "take", sample_rate_hz=RATE_HZ)
    take.block("a", dense(0, [1, 2]))
    take.block("b", dense(0, [3, 4]))
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, take._current["a"]._values._file.fileno())
    os.close(full)
    for block in (dense(2, [5]), dense(2, [5, 6])):
        with pytest.raises(CannotSave, match="No space left on device"):
            take.block("a", block)
    with pytest.raises(CannotSave, match="No space left on device"):
        take.block("b", dense(2, [7]))
    take.gap("b", 3)
    take.close()
    recording = load(tmp_path / "take")
    assert not recording.is_complete
    assert [track.values.tolist() for track in recording.values()] == [[1, 2], [3, 4]]
