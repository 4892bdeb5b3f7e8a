"""CSV: every reader gets the same numbers again."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from belabridge.recording.export.csv_file import write_csv
from tracks import RATE_HZ, track

DTYPES = ["<u1", "<i1", "<i4", "<u4", "<f4", "<f8"]


def written(one, told=lambda _values: None):
    out = io.BytesIO()
    write_csv(one, out, told)
    return out.getvalue().decode()


def test_a_table_to_look_at():
    text = written(track([0.1, -2, np.nan, np.inf, -np.inf, 1e-7], [0, 1, 44100, 44101, 88200, 1 << 53]))
    assert text.splitlines() == [
        "frame,time_s,mic",
        "0,0.0,0.1",
        "1,0.000022676,-2.0",
        "44100,1.0,nan",
        "44101,1.000022676,inf",
        "88200,2.0,-inf",
        "9007199254740992,204244881059.88644,1e-7",
    ]


@given(st.data(), st.sampled_from(DTYPES), st.integers(0, 300))
def test_numbers_come_back(data, dtype, count):
    values = data.draw(
        arrays.arrays(dtype, count, elements={"allow_subnormal": True} if "f" in dtype else None)
    )
    frames = np.sort(data.draw(arrays.arrays(np.uint64, count, elements=st.integers(0, 1 << 53))))
    rows = list(csv.reader(io.StringIO(written(track(values, frames, dtype=dtype)))))
    assert rows[0] == ["frame", "time_s", "mic"]
    assert [int(frame) for frame, _, _ in rows[1:]] == frames.tolist()
    kind = float if dtype[1] == "f" else int
    np.testing.assert_array_equal(np.array([kind(v) for _, _, v in rows[1:]], dtype), values)
    times = np.array([float(t) for _, t, _ in rows[1:]])
    np.testing.assert_allclose(times, frames / RATE_HZ, rtol=1e-15, atol=5e-10)


def test_pandas_reads_it():
    table = pd.read_csv(io.StringIO(written(track([0.5, 1.5]))))
    assert table.mic.tolist() == [0.5, 1.5]
    assert table.frame.tolist() == [100, 101]


@pytest.mark.parametrize("name", ["a,b", 'say "a"', "two\nlines", "\ud800"])
def test_any_name_is_one_field(name):
    (first, *rest) = csv.reader(io.StringIO(written(track([1], name=name)), newline=""))
    assert len(first) == 3
    assert [len(row) for row in rest] == [3]


def test_it_is_told_on_the_way():
    done = []
    assert written(track(np.zeros(200_000)), done.append).count("\n") == 200_001
    assert sum(done) == 200_000
    assert len(done) > 2
