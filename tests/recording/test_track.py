"""A track reads only what is asked of it."""

from __future__ import annotations

import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.errors import BelabridgeError, MissingPackage
from belabridge.recording.track import Gap, Track
from belabridge.values import TimestampMode, VarType


class Memory:
    """Values and frames in memory, that note what was asked for."""

    dtype = np.dtype("<f4")

    def __init__(self, count, gaps=()):
        self._values = np.arange(count, dtype="<f4") / 8
        self._frames = np.arange(count, dtype=np.uint64) * 3 + 1000
        self._gaps = gaps
        self.most = 0

    def __len__(self):
        return len(self._values)

    def values(self, start, stop):
        self.most = max(self.most, stop - start)
        return self._values[start:stop]

    def frames(self, start, stop):
        return self._frames[start:stop]

    def gaps(self):
        return self._gaps


def track_of(samples):
    return Track("mic", VarType.FLOAT, TimestampMode.DENSE, 44_100.0, samples)


def test_a_track_gives_values_frames_and_seconds():
    track = track_of(Memory(4, [Gap(2, 5)]))
    assert track.values.tolist() == [0, 0.125, 0.25, 0.375]
    assert track.frames.tolist() == [1000, 1003, 1006, 1009]
    assert track.frames.dtype == np.uint64
    np.testing.assert_array_equal(track.time_s, np.array([1000, 1003, 1006, 1009]) / 44_100)
    assert track.gaps == (Gap(2, 5),)
    assert repr(track) == "<Track 'mic': 4 values of float32, dense, 44100 Hz>"


@given(st.integers(0, 40), st.integers(1, 50))
def test_pieces_are_the_whole_and_no_larger_than_asked(count, most):
    samples = Memory(count)
    pieces = list(track_of(samples).pieces(most))
    assert samples.most <= most
    assert [piece.start for piece in pieces] == list(range(0, count, most))
    for name in ("values", "frames"):
        joined = np.concatenate([getattr(piece, name) for piece in pieces] or [[]])
        assert joined.tolist() == getattr(track_of(Memory(count)), name).tolist()


ends = st.none() | st.integers(-15, 15)


@given(st.integers(0, 12), ends, ends, ends, ends)
def test_parts_of_parts_are_as_slices_of_slices(count, a, b, c, d):
    track = track_of(Memory(count))
    part = track[a:b][c:d]
    assert part.values.tolist() == track.values[a:b][c:d].tolist()
    assert part.frames.tolist() == track.frames[a:b][c:d].tolist()
    assert len(part) == len(part.values)


def test_a_part_has_the_gaps_between_its_values():
    track = track_of(Memory(10, [Gap(0, 1), Gap(3, 7), Gap(6, 9), Gap(10, 2)]))
    assert track[2:6].gaps == (Gap(1, 7),)
    assert track[3:7].gaps == (Gap(3, 9),)
    assert track[:].gaps == (Gap(3, 7), Gap(6, 9))


@pytest.mark.parametrize(("part", "error"), [(3, TypeError), (slice(None, None, 2), ValueError)])
def test_what_is_no_part_is_refused(part, error):
    with pytest.raises(error):
        track_of(Memory(10))[part]


def test_a_series_of_pandas_has_the_frames_as_its_index():
    series = track_of(Memory(3)).to_pandas()
    assert series.name == "mic"
    assert series.index.name == "frame"
    assert dict(series) == {1000: 0, 1003: 0.125, 1006: 0.25}
    assert all(later > earlier for earlier, later in pairwise(series.index))


def test_without_pandas_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingPackage, match="pip install 'pandas'") as caught:
        track_of(Memory(3)).to_pandas()
    assert isinstance(caught.value, (BelabridgeError, ImportError))
