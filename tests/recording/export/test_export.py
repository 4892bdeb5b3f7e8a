"""Exports: which files there are, what is refused, and that nothing is lost or left."""

from __future__ import annotations

import os
import resource
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from belabridge.errors import AlreadyExists, CannotExport, MissingPackage, UsageError
from belabridge.recording.export.export import Format, export
from belabridge.recording.export.target import new_file, new_folder
from belabridge.recording.load import load
from belabridge.recording.recorder import Recorder
from belabridge.values import VarType
from takes import RATE_HZ, dense, sparse


@pytest.fixture
def take(tmp_path):
    """Two sounds, one with a gap; a counter and a slow variable."""
    with Recorder(tmp_path / "take1", sample_rate_hz=RATE_HZ) as recorder:
        recorder.block("left", dense(0, [0.5, 2.0]))
        recorder.block("left", dense(2, [0.25]))
        recorder.block("right", dense(0, [0.1, 0.2], VarType.DOUBLE))
        recorder.gap("right", 3)
        recorder.block("right", dense(5, [0.3], VarType.DOUBLE))
        recorder.block("count", dense(0, [1, 2, 3], VarType.UINT))
        recorder.block("slow", dense(0, [1, 2, 3], step=16.0))
        recorder.block("gate", sparse(9, [1, 0], [0, 7]))
    return load(tmp_path / "take1")


def test_npz_is_one_file_beside_the_take(take, tmp_path):
    done = export(take, "npz")
    assert done.path == tmp_path / "take1.npz"
    assert done.files == (done.path,)
    with np.load(done.path) as found:
        assert found["gate.frames"].tolist() == [9, 16]
        assert found["right.gaps"].tolist() == [(2, 3)]


@pytest.mark.parametrize("to", ["csv", "parquet"])
def test_tables_have_a_file_for_each_variable(take, tmp_path, to):
    done = export(take, to)
    assert done.path == tmp_path / f"take1_{to}"
    assert [file.name for file in done.files] == [f"{name}.{to}" for name in take]
    assert sorted(done.path.iterdir()) == sorted(done.files)


def test_wav_has_what_is_sound_and_says_why_not_the_rest(take, tmp_path):
    told = []
    done = export(take, Format.WAV, bits=16, told=told.append)
    assert [file.name for file in done.files] == ["left.wav", "right.wav"]
    assert done.left_out == {
        "count": "its type is uint32: sound is float or double",
        "slow": "its values are not in each frame, but 16 frames apart: use csv or npz",
        "gate": "its values are not in each frame, but 7 frames apart: use csv or npz",
    }
    assert done.notes == (
        "left: 1 values do not fit into -1..1, and were clipped",
        "right: 3 frames are missing; there is silence instead",
    )
    assert len(soundfile.read(done.files[1])[0]) == 6
    assert sum(told) == 6


def test_one_variable_is_one_file_and_may_be_called_as_one_likes(take, tmp_path):
    assert take.export("wav", variables=["left"], bits=24).path == tmp_path / "take1.wav"
    assert soundfile.info(tmp_path / "take1.wav").subtype == "PCM_24"
    named = export(take, "csv", tmp_path / "new" / "gate.txt", variables=["gate", "gate"])
    assert named.files == (tmp_path / "new" / "gate.txt",)
    assert named.path.read_text() == "frame,time_s,gate\n9,0.000204082,1.0\n16,0.000362812,0.0\n"


def test_a_file_of_pybela_is_exported_beside_itself(tmp_path):
    (tmp_path / "mic_var_stream.txt").write_text('{"ref_timestamp": 8, "data": [1.5, 2.0]}\n')
    assert export(load(tmp_path / "mic_var_stream.txt"), "csv").path == tmp_path / "mic_var_stream.csv"


REFUSED = {
    "a format": ({"to": "mp3"}, UsageError, "no export to 'mp3': write one of csv, npz, wav, parquet"),
    "bits": ({"to": "wav", "bits": 8}, UsageError, "write 16, 24 or 32"),
    "an unknown variable": (
        {"to": "csv", "variables": ["lft"]},
        CannotExport,
        "no variable 'lft': it has left",
    ),
    "no sound, by name": (
        {"to": "wav", "variables": ["left", "count"]},
        CannotExport,
        "cannot be exported to wav: count: its type is uint32",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_is_refused_before_there_is_anything(take, tmp_path, what):
    arguments, error, words = REFUSED[what]
    with pytest.raises(error, match=words):
        export(take, **arguments)
    assert list(tmp_path.iterdir()) == [tmp_path / "take1"]


def test_a_take_without_sound_or_without_anything_is_refused(tmp_path):
    with Recorder(tmp_path / "a", sample_rate_hz=RATE_HZ) as recorder:
        recorder.block("count", dense(0, [1], VarType.UINT))
    with pytest.raises(CannotExport, match="count: its type is uint32"):
        export(load(tmp_path / "a"), "wav")
    Recorder(tmp_path / "b", sample_rate_hz=RATE_HZ).close()
    for to in Format:
        with pytest.raises(CannotExport, match="has no variables"):
            export(load(tmp_path / "b"), to)


@pytest.mark.parametrize("to", Format)
def test_nothing_is_overwritten(take, tmp_path, to):
    path = export(take, to).path
    before = {file: file.stat() for file in path.rglob("*")}
    with pytest.raises(AlreadyExists, match=path.name):
        export(take, to)
    assert {file: file.stat() for file in path.rglob("*")} == before
    assert not [file for file in tmp_path.iterdir() if "part" in file.name]


def test_without_pyarrow_nothing_is_begun(take, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingPackage):
        export(take, "parquet")
    assert list(tmp_path.iterdir()) == [tmp_path / "take1"]


FULL = """
import resource, sys
from belabridge.errors import CannotSave
from belabridge.recording.export.export import export
from belabridge.recording.load import load
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    export(load(sys.argv[1]), sys.argv[2])
except CannotSave as error:
    print(error)
"""


@pytest.mark.parametrize("to", Format)
def test_a_full_disk_leaves_nothing_but_a_clear_error(tmp_path, to):
    with Recorder(tmp_path / "long", sample_rate_hz=RATE_HZ) as recorder:
        for name in "ab":
            recorder.block(name, dense(0, np.random.default_rng(1).random(20_000)))
    command = [sys.executable, "-W", "error", "-c", FULL, tmp_path / "long", to]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "cannot be written (File too large)" in done.stdout, done.stderr
    assert not done.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "long"]


def test_a_huge_take_needs_little_memory(tmp_path):
    """Its columns are holes of 1 GB: reading them as a whole would show."""
    with Recorder(tmp_path / "huge", sample_rate_hz=RATE_HZ) as recorder:
        recorder.block("a", dense(0, np.zeros(1000)))
    os.truncate(tmp_path / "huge" / "a.npy", 1 << 30)
    recording = load(tmp_path / "huge")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(recording["a"]) > 250_000_000
    assert recording["a"][-5:].frames.tolist() == list(range(len(recording["a"]) - 5, len(recording["a"])))
    done = []

    class EnoughError(Exception):
        pass

    def told(values):
        done.append(values)
        if sum(done) > 10_000_000:  # 40 MB of values
            raise EnoughError

    with pytest.raises(EnoughError):
        export(recording, "npz", told=told)
    assert (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000
    )  # KiB; mapped pages count too
    assert list(tmp_path.iterdir()) == [tmp_path / "huge"], "an error of anybody leaves nothing"


def write_late(target, early):
    """Somebody else makes the target while it is written."""
    with new_file(target) as file:
        file.write(b"late")
        early()


def write_folder_late(target, early):
    with new_folder(target) as folder:
        (folder / "a").write_text("late")
        early()


def test_of_two_that_write_the_same_file_the_first_wins(tmp_path):
    target = tmp_path / "a.bin"
    with pytest.raises(AlreadyExists, match=r"a\.bin"):
        write_late(target, lambda: target.write_bytes(b"early"))
    assert target.read_bytes() == b"early"
    assert list(tmp_path.iterdir()) == [target]


def test_of_two_that_write_the_same_folder_the_first_wins(tmp_path):
    target = tmp_path / "f"

    def early():
        target.mkdir()
        (target / "a").write_text("early")

    with pytest.raises(AlreadyExists, match="f: exists already"):
        write_folder_late(target, early)
    assert (target / "a").read_text() == "early"
    assert list(tmp_path.iterdir()) == [target]
