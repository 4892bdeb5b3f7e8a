"""Several tracks together: at the frames that all have, and as a table of pandas."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.errors import MissingPackage
from belabridge.recording.column import ColumnSamples
from belabridge.recording.recording import Recording
from belabridge.recording.track import Track
from belabridge.values import TimestampMode, VarType


def track(name, frames, dtype="<f4"):
    """Values are 1, 2 and so on."""
    samples = ColumnSamples(np.arange(1, len(frames) + 1).astype(dtype), np.array(frames, np.uint64), [])
    return Track(name, VarType.FLOAT, TimestampMode.SPARSE, 44_100.0, samples)


def recording(**frames):
    return Recording(Path("take1"), {name: track(name, some) for name, some in frames.items()})


def test_it_is_a_mapping_with_a_face():
    one = recording(b=[1], a=[1, 2])
    assert list(one) == ["b", "a"]
    assert len(one) == 2
    assert repr(one) == "<Recording 'take1': b (1), a (2)>"
    with pytest.raises(KeyError):
        one["c"]


def test_aligned_has_the_frames_that_all_have():
    table = recording(a=[1, 2, 3, 5, 8], b=[0, 2, 5, 6, 8], c=[8, 2]).aligned()
    assert table.dtype.names == ("frame", "a", "b", "c")
    assert table.tolist() == [(2, 2, 2, 2), (8, 5, 5, 1)]


def test_aligned_keeps_types_and_takes_those_that_are_named():
    one = Recording(
        Path("x"), {"a": track("a", [1, 2], "<i4"), "b": track("b", [2], "<f8"), "c": track("c", [])}
    )
    table = one.aligned("b", "a")
    assert table.dtype == np.dtype([("frame", "u8"), ("b", "f8"), ("a", "i4")])
    assert table.tolist() == [(2, 1.0, 2)]
    assert len(one.aligned()) == 0
    assert recording().aligned().tolist() == []
    with pytest.raises(KeyError):
        one.aligned("d")


some_frames = st.lists(st.integers(0, 12), max_size=12)


@given(some_frames, some_frames)
def test_aligned_is_the_last_value_of_each_common_frame(a, b):
    table = recording(a=a, b=b).aligned("a", "b")
    last = [{frame: value for value, frame in enumerate(frames, 1)} for frames in (a, b)]
    assert table.tolist() == [(f, last[0][f], last[1][f]) for f in sorted(set(a) & set(b))]


@given(some_frames, some_frames)
def test_a_table_of_pandas_has_all_frames(a, b):
    table = recording(a=a, b=b).to_pandas()
    assert table.index.tolist() == sorted({*a, *b})
    assert table.index.name == "frame"
    last = [{frame: value for value, frame in enumerate(frames, 1)} for frames in (a, b)]
    for name, values in zip("ab", last, strict=True):
        assert table[name].dropna().to_dict() == values


def test_a_recording_of_nothing_is_an_empty_table():
    assert recording().to_pandas().empty


def test_without_pandas_it_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingPackage):
        recording(a=[1]).to_pandas()
