"""NPZ: numpy reads what was written."""

from __future__ import annotations

import io
import zipfile

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from belabridge.recording.export.npz_file import write_npz
from tracks import RATE_HZ, track

DTYPES = ["<u1", "<i1", "<i4", "<u4", "<f4", "<f8"]


def written(*tracks, told=lambda _values: None):
    out = io.BytesIO()
    write_npz(tracks, out, told)
    out.seek(0)
    return out


@given(st.data(), st.sampled_from(DTYPES), st.integers(0, 3000))
def test_values_and_frames_come_back(data, dtype, count):
    values = data.draw(arrays.arrays(dtype, count, fill=st.just(1)))
    one = track(values, range(7, 7 + 3 * count, 3), name="a", dtype=dtype)
    done = []
    with np.load(written(one, told=done.append)) as found:
        assert found["a"].tobytes() == values.tobytes()
        assert found["a"].dtype == dtype
        assert found["a.frames"].tolist() == one.frames.tolist()
        assert found["sample_rate_hz"].tolist() == [RATE_HZ]
        assert "a.gaps" not in found
    assert sum(done) == count


def test_gaps_are_kept():
    with np.load(written(track([1, 2], [3, 9], [(1, 5), (2, 0)]))) as found:
        assert found["mic.gaps"].tolist() == [(1, 5), (2, 0)]


def test_names_differ_and_lead_nowhere():
    names = ["../a", "a", "A", "a.frames", "a.gaps", "sample_rate_hz"]
    out = written(*(track([number], name=name) for number, name in enumerate(names)))
    members = zipfile.ZipFile(out).namelist()
    assert len({member.lower() for member in members}) == len(members) == 2 * len(names) + 1
    assert not any("/" in member or ".." in member[:2] for member in members)


def test_many_pieces_are_one_array():
    values = np.arange(200_000)
    done = []
    with np.load(written(track(values, dtype="<i4"), told=done.append)) as found:
        np.testing.assert_array_equal(found["mic"], values)
    assert len(done) > 2, "it is told on the way"
    assert zipfile.ZipFile(written(track(values))).testzip() is None
