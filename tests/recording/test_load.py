"""Opening takes: damaged, torn and hostile ones give what there is, or one clear error."""

from __future__ import annotations

import json
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import belabridge
from belabridge.errors import NoRecording
from belabridge.recording.load import load
from belabridge.recording.recorder import Recorder
from takes import RATE_HZ, dense, sparse


def make(folder):
    with Recorder(folder, sample_rate_hz=RATE_HZ, project="p") as take:
        take.block("mic", dense(0, [1, 2, 3]))
        take.block("gate", sparse(5, [4, 5], [0, 2]))
    return folder


def test_it_is_public():
    assert belabridge.load is load


def test_a_path_may_be_text(tmp_path):
    assert list(load(str(make(tmp_path / "a")))) == ["mic", "gate"]


def test_values_are_mapped_and_cannot_be_written(tmp_path):
    for track in load(make(tmp_path / "a")).values():
        assert not track.values.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            track.values[0] = 9


@pytest.mark.parametrize("torn", range(1, 24))
def test_files_that_end_anywhere_are_read_as_far_as_all_of_them_go(tmp_path, torn):
    take = make(tmp_path / "a")
    for name in ("gate.npy", "gate.frames.npy"):
        whole = (take / name).read_bytes()
        (take / name).write_bytes(whole[: max(128, len(whole) - torn)])
        count = min(
            (len((take / n).read_bytes()) - 128) // s for n, s in (("gate.npy", 4), ("gate.frames.npy", 8))
        )
        gate = load(take)["gate"]
        assert gate.values.tolist() == [4, 5][:count]
        assert gate.frames.tolist() == [5, 7][:count]
        (take / name).write_bytes(whole)


def test_a_head_that_ends_anywhere_gives_the_tracks_that_it_names(tmp_path):
    take = make(tmp_path / "a")
    whole = (take / "take.jsonl").read_bytes()
    ends = [place for place in range(len(whole)) if whole[place : place + 1] == b"\n"]
    for cut in range(len(whole)):
        (take / "take.jsonl").write_bytes(whole[:cut])
        if cut < ends[0]:
            with pytest.raises(NoRecording, match=r"take\.jsonl"):
                load(take)
            continue
        named = [name for name, end in zip(["mic", "gate"], ends[1:], strict=False) if cut >= end]
        recording = load(take)
        assert list(recording) == named
        assert recording.is_complete is (cut >= ends[-1])


def test_a_take_without_its_runs_still_has_its_values(tmp_path):
    take = make(tmp_path / "a")
    (take / "runs.npy").write_bytes((take / "runs.npy").read_bytes()[:-20])
    mic = load(take)["mic"]
    assert mic.values.tolist() == [1, 2, 3]
    assert mic.frames.tolist() == [0, 1, 2]


HEADS = {
    "nothing": "",
    "text": "hello\n",
    "a number": "1\n",
    "another version": '{"belabridge_take": 2, "sample_rate_hz": 1, "project": "", "created": ""}\n',
    "no rate": '{"belabridge_take": 1, "project": "", "created": ""}\n',
    "a rate that is none": '{"belabridge_take": 1, "sample_rate_hz": "x", "project": "", "created": ""}\n',
    "a rate of nothing": '{"belabridge_take": 1, "sample_rate_hz": null, "project": "", "created": ""}\n',
}
TRACKS = {
    "a way out": {"values": "../secret.npy"},
    "another way out": {"values": "/etc/passwd"},
    "a way out of frames": {"frames": "../secret.npy"},
    "a number for a file": {"values": 7},
    "a folder": {"values": ".."},
    "nothing for a file": {"values": ""},
    "no file": {"values": None},
    "a NUL": {"values": "a\0b"},
    "an unknown type": {"type": "x"},
    "a list for a type": {"type": ["f"]},
    "an unknown mode": {"mode": "thick"},
    "a list for a mode": {"mode": []},
    "a file that is not there": {"values": "gone.npy"},
    "a file that is no column": {"values": "take.jsonl"},
    "columns of another type": {"frames": "mic.npy", "values": "gate.npy"},
}
HEAD = {"belabridge_take": 1, "sample_rate_hz": 1.0, "project": "", "created": ""}
TRACK = {"track": "mic", "type": "f", "mode": "dense", "values": "mic.npy", "frames": None}


@pytest.mark.parametrize("what", HEADS)
def test_heads_of_something_else_are_refused(tmp_path, what):
    (make(tmp_path / "a") / "take.jsonl").write_text(HEADS[what])
    with pytest.raises(NoRecording, match=r"take\.jsonl: is not of a take"):
        load(tmp_path / "a")


@pytest.mark.parametrize("what", TRACKS)
def test_tracks_that_lead_elsewhere_are_refused(tmp_path, what):
    np.save(tmp_path / "secret.npy", np.zeros(3))
    lines = [json.dumps(HEAD), json.dumps(TRACK | TRACKS[what])]
    (make(tmp_path / "a") / "take.jsonl").write_text("\n".join(lines) + "\n")
    with pytest.raises(NoRecording):
        load(tmp_path / "a")


def test_a_line_of_a_track_that_lacks_a_word_is_refused(tmp_path):
    take = make(tmp_path / "a")
    for word in TRACK.keys() - {"track"}:
        line = {key: value for key, value in TRACK.items() if key != word}
        (take / "take.jsonl").write_text(f"{json.dumps(HEAD)}\n{json.dumps(line)}\n")
        with pytest.raises(NoRecording, match=word):
            load(take)


values = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just([]) | st.just({})
)
tracks = st.fixed_dictionaries({}, optional={word: values | st.just(TRACK[word]) for word in TRACK})


@given(st.lists(tracks | st.binary(max_size=20), max_size=3))
def test_no_head_raises_anything_else(tmp_path_factory, lines):
    take = make(tmp_path_factory.mktemp("any") / "a")
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in (HEAD, *lines)]
    (take / "take.jsonl").write_bytes(b"\n".join(raw) + b"\n")
    with suppress(NoRecording):
        for track in load(take).values():
            assert len(track.values) == len(track.frames)


@pytest.mark.parametrize(
    ("name", "words"),
    [("gone", "gone: cannot be read"), ("folder", "folder: is no take: it has no take.jsonl")],
)
def test_what_is_not_there_is_named(tmp_path, name, words):
    (tmp_path / "folder").mkdir()
    with pytest.raises(NoRecording, match=words):
        load(tmp_path / name)
