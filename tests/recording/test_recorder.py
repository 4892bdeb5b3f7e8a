"""A take: what was told to the recorder is what is loaded, and nothing leads out of its folder."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.client.blocks import Block
from belabridge.errors import AlreadyExists, CannotSave, UsageError
from belabridge.recording.load import load
from belabridge.recording.recorder import Recorder
from belabridge.recording.track import Gap
from belabridge.values import TimestampMode, VarType
from takes import RATE_HZ, dense, read_only, sparse


def record(folder, **more):
    return Recorder(folder, sample_rate_hz=RATE_HZ, **more)


def test_a_take_has_what_was_recorded(tmp_path):
    with record(tmp_path / "take1", project="synth") as take:
        take.block("mic", dense(100, [0.5, 1.5, 2.5]))
        take.block("gate", sparse(50, [1, 0], [0, 70], VarType.INT))
        take.block("mic", dense(103, [3.5, -0.0]))
        take.gap("mic", 5)
        take.block("mic", dense(110, [np.nan]))
        take.block("pot", dense(10, [0.25, 0.5], VarType.DOUBLE, step=10.0))
        take.gap("gate", 3)
    recording = load(tmp_path / "take1")
    assert list(recording) == ["mic", "gate", "pot"]
    assert (recording.project, recording.is_complete) == ("synth", True)
    mic, gate, pot = recording.values()
    np.testing.assert_array_equal(mic.values, np.array([0.5, 1.5, 2.5, 3.5, -0.0, np.nan], "<f4"))
    assert mic.frames.tolist() == [100, 101, 102, 103, 104, 110]
    assert mic.gaps == (Gap(5, 5),)
    assert (mic.name, mic.type, mic.mode) == ("mic", VarType.FLOAT, TimestampMode.DENSE)
    assert mic.sample_rate_hz == RATE_HZ
    assert gate.values.tolist() == [1, 0]
    assert gate.values.dtype == "<i4"
    assert gate.frames.tolist() == [50, 120]
    assert gate.mode is TimestampMode.SPARSE
    assert gate.gaps == (Gap(2, 3),), "behind the last value"
    assert pot.values.tolist() == [0.25, 0.5]
    assert pot.frames.tolist() == [10, 20]


blocks = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]),
        st.integers(0, 1 << 50),
        st.lists(st.floats(width=32), min_size=0, max_size=9),
        st.sampled_from(["dense", "sparse", "slow"]),
        st.integers(-1, 3),
    ),
    max_size=15,
)


@given(blocks)
def test_whatever_comes_is_loaded_again(tmp_path_factory, given_blocks):
    folder = tmp_path_factory.mktemp("any") / "take"
    kinds = {"a": None, "b": None}  # a variable keeps its kind
    told = {}
    with record(folder) as take:
        for name, frame, values, any_kind, gap in given_blocks:
            kind = kinds[name] = kinds[name] or any_kind
            if kind != "sparse":
                block = dense(frame, values, step=1.0 if kind == "dense" else 2.5)
            else:
                block = sparse(frame, values, range(len(values)))
            if gap >= 0:
                take.gap(name, gap)
            take.block(name, block)
            if len(block.values):
                told.setdefault(name, []).append(block)
    recording = load(folder)
    assert set(recording) == set(told)
    for name, list_ in told.items():
        track = recording[name]
        values = np.concatenate([block.values for block in list_])
        assert track.values.tobytes() == values.tobytes()
        assert track.frames.tolist() == np.concatenate([block.frames for block in list_]).tolist()


def test_a_take_that_goes_on_is_read_as_far_as_it_is(tmp_path):
    take = record(tmp_path / "a")
    take.block("mic", dense(0, [1, 2]))
    recording = load(tmp_path / "a")
    assert recording["mic"].values.tolist() == [1, 2]
    assert not recording.is_complete
    take.close()
    assert load(tmp_path / "a").is_complete


def test_nothing_is_overwritten(tmp_path):
    with record(tmp_path / "take1") as take:
        take.block("a", dense(0, [1]))
    before = sorted((tmp_path / "take1").iterdir())
    with pytest.raises(AlreadyExists, match=r"take1: exists already.*choose another name"):
        record(tmp_path / "take1")
    assert sorted((tmp_path / "take1").iterdir()) == before


def test_a_file_of_the_name_is_not_overwritten_either(tmp_path):
    (tmp_path / "take1").write_text("precious")
    with pytest.raises(AlreadyExists):
        record(tmp_path / "take1")
    assert (tmp_path / "take1").read_text() == "precious"


def test_an_empty_folder_may_be_there(tmp_path):
    (tmp_path / "take1").mkdir()
    record(tmp_path / "take1").close()
    assert not load(tmp_path / "take1")


def test_a_number_is_the_next_free_one(tmp_path):
    (tmp_path / "take2").mkdir()
    made = [record(tmp_path / "take{n}") for _ in range(3)]
    for take in made:
        take.close()
    assert [take.path.name for take in made] == ["take1", "take3", "take4"]


def test_folders_on_the_way_are_made(tmp_path):
    record(tmp_path / "monday" / "take1").close()
    assert load(tmp_path / "monday" / "take1").is_complete


def test_where_nothing_can_be_made_the_error_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotSave, match=r"file/take1: cannot be written \(.*(File exists|Not a directory)"):
        record(tmp_path / "file" / "take1")


NAMES = [
    "../../etc/passwd",
    "/abs",
    "..",
    ".",
    "",
    "Mic",
    "mic",
    "MIC",
    "a b",
    "a_b",
    "a.frames",
    "a",
    "take",
]
NAMES += ["runs", "x" * 1000, "\x1b[2J", "é", "日本", "nul\0", "-rf", "\ud800"]


def test_names_from_outside_lead_nowhere_and_do_not_meet(tmp_path):
    with record(tmp_path / "t") as take:
        for number, name in enumerate(NAMES):
            block = dense if number % 2 else lambda frame, values: sparse(frame, values, [0])
            take.block(name, block(number, [number]))
    assert list(tmp_path.iterdir()) == [tmp_path / "t"]
    files = [path.name for path in (tmp_path / "t").iterdir()]
    assert len({name.lower() for name in files}) == len(files)
    assert all(name.isascii() and name.isprintable() and len(name) < 100 for name in files)
    recording = load(tmp_path / "t")
    assert list(recording) == NAMES
    assert [track.values.tolist() for track in recording.values()] == [[n] for n in range(len(NAMES))]


def test_a_variable_of_another_type_goes_on_in_a_track_of_its_own(tmp_path):
    with record(tmp_path / "t") as take:
        take.block("a", dense(0, [1]))
        take.block("a", dense(0, [2], VarType.INT))
        take.block("a", sparse(9, [3], [0]))
        take.block("a", dense(1, [4]))
        for number in range(100):  # a board that does nothing else makes no more files
            take.block("a", dense(number, [5], VarType.INT))
            take.block("a", dense(2, []))
    recording = load(tmp_path / "t")
    assert list(recording) == ["a", "a+2", "a+3"]
    assert [track.type for track in recording.values()] == [VarType.FLOAT, VarType.INT, VarType.FLOAT]
    assert recording["a"].values.tolist() == [1, 4]
    assert len(recording["a+2"]) == 101
    assert recording["a+2"].name == "a+2"


def test_a_signed_char_stays_signed(tmp_path):
    with record(tmp_path / "t") as take:
        take.block("c", Block("c", read_only([-1], "<i1"), 0, RATE_HZ))
    assert load(tmp_path / "t")["c"].values.tolist() == [-1]


def test_after_the_end_nothing_is_taken(tmp_path):
    take = record(tmp_path / "t")
    take.block("a", dense(0, [1]))
    take.close()
    take.close()
    for name in ("a", "b"):
        with pytest.raises(UsageError, match="this take is closed"):
            take.block(name, dense(1, [2]))
    assert load(tmp_path / "t")["a"].values.tolist() == [1]


def test_numpy_alone_reads_a_take(tmp_path):
    with record(tmp_path / "t") as take:
        take.block("mic", dense(0, [1, 2]))
        take.block("gate", sparse(5, [1], [0]))
    assert np.load(tmp_path / "t" / "mic.npy").tolist() == [1, 2]
    assert np.load(tmp_path / "t" / "gate.frames.npy").tolist() == [5]
    lines = [json.loads(line) for line in (tmp_path / "t" / "take.jsonl").read_text().splitlines()]
    assert lines[0]["sample_rate_hz"] == RATE_HZ
    assert [line.get("values") for line in lines[1:]] == ["mic.npy", "gate.npy", None]


def test_a_regular_stream_is_one_run_and_its_values(tmp_path):
    with record(tmp_path / "t") as take:
        for number in range(100):
            take.block("mic", dense(number * 512, np.zeros(512)))
    assert len(np.load(tmp_path / "t" / "runs.npy")) == 1
    assert load(tmp_path / "t")["mic"].frames.tolist() == list(range(51200))
