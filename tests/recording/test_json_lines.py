"""pybela's files: what is written is what pybela would read, and what is read again is equal."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.errors import CannotSave, NoRecording
from belabridge.recording.json_lines import JsonLines, free_name
from belabridge.recording.json_lines_read import USUAL_RATE_HZ, objects
from belabridge.recording.load import load
from belabridge.values import TimestampMode, VarType
from takes import dense, sparse


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_each_variable_has_a_file_with_a_line_for_each_block(tmp_path):
    with JsonLines(tmp_path / "new", "var_stream.txt") as lines:
        lines.block("mic", dense(10, [0.1, -2.0, np.nan]))
        lines.gap("mic", 7)
        lines.block("mic", dense(20, [1.5, np.inf]))
        lines.block("gate", sparse(30, [1, 0], [0, 5], VarType.UINT))
        lines.sample("pot", 5, 0.25)
        lines.sample("pot", 105, 7)
    paths = {name: path.name for name, path in lines.paths.items()}
    assert paths == {name: f"{name}_var_stream.txt" for name in ("mic", "gate", "pot")}
    first, second = lines_of(lines.paths["mic"])
    assert first["ref_timestamp"] == 10
    np.testing.assert_array_equal(first["data"], np.array([0.1, -2.0, np.nan], "<f4").tolist())
    assert second == {"ref_timestamp": 20, "data": [1.5, float("inf")]}
    assert lines_of(lines.paths["gate"]) == [{"ref_timestamp": 30, "data": [1, 0], "rel_timestamps": [0, 5]}]
    assert lines_of(lines.paths["pot"]) == [{"timestamp": 5, "value": 0.25}, {"timestamp": 105, "value": 7}]


kinds = st.sampled_from(VarType)


@given(st.data(), kinds, st.booleans())
def test_what_is_read_again_is_equal(tmp_path_factory, data, kind, is_sparse):
    values = {
        VarType.CHAR: st.integers(0, 255),
        VarType.INT: st.integers(-(2**31), 2**31 - 1),
        VarType.UINT: st.integers(0, 2**32 - 1),
        VarType.FLOAT: st.floats(width=32),
        VarType.DOUBLE: st.floats(),
    }[kind]
    parts = data.draw(st.lists(st.lists(values, min_size=1, max_size=8), min_size=1, max_size=5))
    frame, blocks = data.draw(st.integers(0, 1 << 50)), []
    for part in parts:
        blocks.append(sparse(frame, part, range(len(part)), kind) if is_sparse else dense(frame, part, kind))
        frame += len(part)
    with JsonLines(tmp_path_factory.mktemp("lines"), "a.txt") as lines:
        for block in blocks:
            lines.block("my_var", block)
    told = [
        {"ref_timestamp": block.first_frame, "data": block.values.tolist()}
        | ({"rel_timestamps": list(range(len(block)))} if is_sparse else {})
        for block in blocks
    ]
    assert repr(list(objects(lines.paths["my_var"]))) == repr(told), "NaN differs from itself"
    track = load(lines.paths["my_var"])["my_var_a"]
    np.testing.assert_array_equal(track.values, np.concatenate([block.values for block in blocks]))
    assert track.frames.tolist() == np.concatenate([block.frames for block in blocks]).tolist()
    assert track.mode is (TimestampMode.SPARSE if is_sparse else TimestampMode.DENSE)


# what stands in a file, by its name: the variable, its type, its values and frames
FILES = {
    "mic_var_stream.txt": (
        '{"ref_timestamp": 8, "data": [1.5, 2]}\n{"ref_timestamp": 12, "data": [3, NaN]}\n',
        ("mic", VarType.DOUBLE, [1.5, 2, 3, np.nan], [8, 10, 12, 14]),
    ),
    "my_var_var_stream__2.txt": (
        '{"ref_timestamp": 5, "data": [1, 2], "rel_timestamps": [0, 4]}\n',
        ("my_var", VarType.INT, [1, 2], [5, 9]),
    ),
    "pot_monitor.txt": (
        '{"timestamp": 1000, "value": 0.5}\n{"timestamp": 2000, "value": 1}\n',
        ("pot", VarType.DOUBLE, [0.5, 1], [1000, 2000]),
    ),
    "big.txt": ('{"ref_timestamp": 0, "data": [4294967295]}', ("big", VarType.UINT, [2**32 - 1], [0])),
    "wide.txt": ('{"ref_timestamp": 0, "data": [-1, 4294967295]}', ("wide", VarType.DOUBLE, None, [0, 1])),
    "torn.txt": ('{"ref_timestamp": 3, "data": [7]}\n{"ref_ti', ("torn", VarType.INT, [7], [3])),
    "empty.txt": ("", ("empty", VarType.DOUBLE, [], [])),
}


@pytest.mark.parametrize("file", FILES)
def test_files_of_pybela_are_opened(tmp_path, file):
    text, (name, type_, values, frames) = FILES[file]
    (tmp_path / file).write_text(text)
    recording = load(tmp_path / file)
    assert list(recording) == [name]
    track = recording[name]
    assert (track.name, track.type, track.sample_rate_hz) == (name, type_, USUAL_RATE_HZ)
    np.testing.assert_array_equal(track.values, [-1, 2**32 - 1] if values is None else values)
    assert track.frames.tolist() == frames


NOT_LINES = {
    "text": "hello\nyou\n",
    "a list": "[1, 2]\n",
    "no data": '{"ref_timestamp": 3}\n',
    "no time": '{"data": [3]}\n',
    "words": '{"ref_timestamp": 3, "data": ["a"]}\n',
    "lists": '{"ref_timestamp": 3, "data": [[1], [2]]}\n',
    "a negative time": '{"timestamp": -3, "value": 1}\n',
    "a time that is no number": '{"ref_timestamp": "now", "data": [1]}\n{"ref_timestamp": 5, "data": [1]}\n',
    "an absurd time": '{"ref_timestamp": 1e300, "data": [1]}\n',
    "both kinds": '{"ref_timestamp": 3, "data": [1]}\n{"timestamp": 3, "value": 1}\n',
}


@pytest.mark.parametrize("what", NOT_LINES)
def test_other_files_are_refused(tmp_path, what):
    (tmp_path / "a.txt").write_text(NOT_LINES[what])
    with pytest.raises(NoRecording, match=r"a\.txt"):
        load(tmp_path / "a.txt")


@given(st.binary(max_size=60) | st.text('{}[]":,0123456789e-. \nreftimsapdvlu_', max_size=60).map(str.encode))
def test_no_bytes_raise_anything_else(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "a.txt"
    path.write_bytes(content)
    with suppress(NoRecording):
        load(path)


def test_nothing_is_overwritten(tmp_path):
    for number, name in zip(range(3), ("s.txt", "s__1.txt", "s__2.txt"), strict=True):
        assert free_name(tmp_path, "s.txt") == name
        with JsonLines(tmp_path, "s.txt") as lines:
            lines.block(("a", "b", "a")[number], dense(0, [number]))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a_s.txt", "a_s__2.txt", "b_s__1.txt"]


def test_two_that_begin_at_once_do_not_meet(tmp_path):
    one, other = JsonLines(tmp_path, "s.txt"), JsonLines(tmp_path, "s.txt")
    one.block("a", dense(0, [1]))
    other.block("a", dense(0, [2]))
    one.close()
    other.close()
    assert lines_of(tmp_path / "a_s.txt") == [{"ref_timestamp": 0, "data": [1]}]
    assert lines_of(tmp_path / "a_s__1.txt") == [{"ref_timestamp": 0, "data": [2]}]


def test_names_from_outside_lead_nowhere(tmp_path):
    with JsonLines(tmp_path / "in", "s.txt") as lines:
        for name in ("../../x", "/y", "Mic", "mic"):
            lines.block(name, dense(0, [1]))
    assert list(tmp_path.iterdir()) == [tmp_path / "in"]
    assert len(list((tmp_path / "in").iterdir())) == 4


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_told(tmp_path):
    with JsonLines(tmp_path, "s.txt") as lines:
        lines.block("a", dense(0, [1]))
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, lines._files["a"].fileno())
        os.close(full)
        with pytest.raises(CannotSave, match=r"a_s\.txt: cannot be written \(No space left on device\)"):
            lines.block("a", dense(1, [2]))
    assert lines_of(tmp_path / "a_s.txt") == [{"ref_timestamp": 0, "data": [1]}]
