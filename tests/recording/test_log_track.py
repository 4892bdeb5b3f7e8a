"""Log files as tracks: mapped, opened at once whatever their size, and told apart from other files."""

from __future__ import annotations

import os
import resource
import struct
import subprocess
import sys

import numpy as np
import pytest

from belabridge.errors import LogDamaged, NoRecording
from belabridge.recording.load import load
from belabridge.recording.log_file import is_log, open_log
from belabridge.recording.track import Gap
from belabridge.values import TimestampMode, VarType
from captures import FOLDER
from log_bytes import counting, exact, exact_head, original, original_head

GIB = 1 << 30
READ_BLOCK = 500_000


@pytest.fixture
def saved(tmp_path):
    def save(content, name="x.bin"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.data)
        return path

    return save


def test_a_recorded_log_as_a_track():
    track = open_log(FOLDER / "log.myvar.bin", duration_frames=4410).track
    assert (track.name, track.type, track.mode) == ("myvar", VarType.DOUBLE, TimestampMode.DENSE)
    assert (len(track), track.sample_rate_hz, track.gaps) == (4411, 44_100.0, ())
    assert (track.values == track.frames).all()
    assert track.time_s[0] == 30531 / 44100
    assert (track[4000:].values == np.arange(34531, 34942)).all()


def test_a_log_of_protocol_2_says_all_by_itself(saved):
    frames = 100 + np.arange(3000)
    frames[2048:] += 6
    written = exact("lfo", "i", counting("i", 3000), frames, rate=48_000.0, order=">", lost={2048: 6})
    log = open_log(saved(written), sample_rate_hz=22_050.0)
    assert (log.track.sample_rate_hz, log.track.gaps) == (48_000.0, (Gap(2048, 6),))
    assert (log.track.values == written.values).all()
    assert (log.track.frames == frames).all()
    assert [piece.start for piece in log.track.pieces(1000)] == [0, 1000, 2000]


def test_a_log_loads_as_any_recording(saved):
    recording = load(saved(original("mic", "f", counting("f", 2000), np.arange(2000))))
    assert list(recording) == ["mic"]
    assert (recording["mic"].values[:2000] == counting("f", 2000)).all()


def test_the_rate_of_an_original_log_is_the_callers_word(saved):
    path = saved(original("mic", "f", counting("f", 2000), np.arange(2000)))
    assert open_log(path).track.sample_rate_hz == 44_100.0
    assert open_log(path, sample_rate_hz=48_000.0).track.sample_rate_hz == 48_000.0


@pytest.mark.parametrize("content", [b"", b"no log", exact_head("a", "d")[:20]])
def test_what_is_no_log_says_which_file(saved, content):
    path = saved(content)
    with pytest.raises(NoRecording, match=r"x\.bin: this is no log file that can be read: "):
        open_log(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(NoRecording, match=r"none\.bin: cannot be read \(No such file"):
        open_log(tmp_path / "none.bin")
    with pytest.raises(NoRecording, match="cannot be read"):
        open_log(tmp_path)
    assert not is_log(tmp_path / "none.bin")
    assert not is_log(tmp_path)


def test_a_log_without_a_value_yet(saved):
    for head in (original_head("a", "d", 8), exact_head("a", "d")):
        track = open_log(saved(head)).track
        assert (len(track), len(track.values), len(track.frames), track.gaps) == (0, 0, 0, ())


def huge(path, head, block, count):
    """Write a dense log of 4 GB that is nearly all holes: only blocks that a reader looks at have a frame."""
    blocks = 4 * GIB // block + 1
    with path.open("wb") as file:
        file.write(head)
        probes = {*np.linspace(0, blocks - 2, 64).astype(np.int64).tolist(), READ_BLOCK, blocks - 1}
        for place in sorted(probes):
            file.seek(len(head) + place * block)
            file.write(struct.pack("<QII", 1000 + place * count, count if block > 4104 else 7, 0))
        file.truncate(len(head) + blocks * block)
    return blocks


@pytest.mark.parametrize(
    ("head", "block"),
    [
        pytest.param(original_head("mic", "f", 8), 4104, id="original"),
        pytest.param(exact_head("mic", "f"), 4112, id="exact"),
    ],
)
def test_4_gigabytes_open_at_once(tmp_path, head, block):
    path = tmp_path / "huge.bin"
    blocks = huge(path, head, block, 1024)
    assert path.stat().st_size > 4 * GIB
    before = memory_bytes()
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    log = open_log(path, mode=TimestampMode.DENSE)
    track = log.track
    assert len(track) == blocks * 1024
    assert track.gaps == ()
    end = track[(blocks - 1) * 1024 :]
    assert end.frames[0] == 1000 + (blocks - 1) * 1024
    part = track[READ_BLOCK * 1024 + 7 :][:100]
    assert (len(part.values), part.frames[0]) == (100, 1000 + READ_BLOCK * 1024 + 7)
    # what was touched: some pages at 64 places, however large the file is
    assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults < 5000
    assert memory_bytes() - before < 64 << 20
    assert log.file.index.first_frame == 1000  # not every block was looked at


def test_damage_in_a_huge_log_is_seen_when_it_is_read(tmp_path):
    path = tmp_path / "huge.bin"
    head = original_head("mic", "f", 8)
    blocks = 20_000
    body = np.zeros(blocks, [("frame", "<u8"), ("values", "<f4", 1024)])
    body["frame"] = np.arange(blocks) * 1024
    body["values"] = 1
    body[10_001] = 0  # a page that the disk lost
    path.write_bytes(head + body.tobytes())
    log = open_log(path)
    assert len(log.track) == blocks * 1024
    assert log.track[10_000 * 1024 : 10_001 * 1024].values.all()
    with pytest.raises(LogDamaged, match=r"belabridge log info.*are left out"):
        _ = log.track.values
    with pytest.raises(LogDamaged) as error:
        _ = log.track[10_001 * 1024 + 5 :].frames
    assert error.value.at == len(head) + 10_001 * 4104
    log.file.scan()
    assert len(log.track) == (blocks - 1) * 1024
    assert log.track.values.all()
    assert log.track.gaps == (Gap(10_001 * 1024, 1024),)


def memory_bytes():
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - no file of ours
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_reading_a_log_imports_no_program():
    code = "import sys, belabridge.recording.log_file as _; print([m for m in sys.modules if m in %r])"
    names = {"asyncio", "click", "pandas", "websockets", "rich", "asyncssh"}
    done = subprocess.run([sys.executable, "-c", code % names], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
