"""Parquet: pyarrow and pandas read what was written; without pyarrow it is said what to install."""

from __future__ import annotations

import io
import sys

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from belabridge.errors import MissingPackage
from belabridge.recording.export.parquet_file import write_parquet
from tracks import RATE_HZ, track

DTYPES = ["<u1", "<i1", "<i4", "<u4", "<f4", "<f8"]


def written(one, told=lambda _values: None):
    out = io.BytesIO()
    write_parquet(one, out, told)
    return io.BytesIO(out.getvalue())


@given(st.data(), st.sampled_from(DTYPES), st.integers(0, 300))
def test_numbers_come_back(data, dtype, count):
    values = data.draw(arrays.arrays(dtype, count))
    one = track(values, range(5, 5 + 7 * count, 7), dtype=dtype)
    table = pq.read_table(written(one))
    assert table.column_names == ["frame", "time_s", "mic"]
    assert table["mic"].to_numpy().tobytes() == values.tobytes()
    assert table["mic"].to_numpy().dtype == dtype
    assert table["frame"].to_numpy().tolist() == one.frames.tolist()
    np.testing.assert_array_equal(table["time_s"].to_numpy(), one.time_s)


def test_rate_and_gaps_stand_in_the_metadata():
    says = pq.read_schema(written(track([1, 2], [3, 9], [(1, 5), (2, 0)]))).metadata
    assert float(says[b"sample_rate_hz"]) == RATE_HZ
    assert says[b"gaps"] == b"1:5 2:0"


@pytest.mark.parametrize(
    ("name", "column"), [("frame", "value"), ("time_s", "value"), ("é,/", "é,/"), ("\ud800", r"\ud800")]
)
def test_any_name_is_a_column_of_its_own(name, column):
    table = pd.read_parquet(written(track([1.5], name=name)))
    assert list(table.columns) == ["frame", "time_s", column]
    assert table[column].tolist() == [1.5]


def test_frames_take_next_to_no_room():
    columns = pq.read_metadata(written(track(np.zeros(100_000)))).row_group(0)
    assert columns.column(0).total_compressed_size < 10_000


def test_without_pyarrow_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingPackage, match=r"pip install 'belabridge\[parquet\]'"):
        written(track([1]))
