"""A column on disk: numpy reads it alone, and half a value at its end is cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from belabridge.errors import NoRecording
from belabridge.recording.column import HEADER_EVERY_BYTES, Column, header, mapped
from belabridge.recording.runs import RUN

DTYPES = ["<u1", "<i1", "<i4", "<u4", "<f4", "<f8", "<u8"]


@given(st.data(), st.sampled_from(DTYPES))
def test_what_is_appended_is_read_by_us_and_by_numpy(tmp_path_factory, data, dtype):
    path = tmp_path_factory.mktemp("column") / "a.npy"
    parts = data.draw(st.lists(arrays.arrays(dtype, st.integers(0, 30)), max_size=5))
    whole = np.concatenate([np.empty(0, dtype), *parts])
    with Column(path, np.dtype(dtype)) as column:
        for part in parts:
            column.append(part)
        assert mapped(path).tobytes() == whole.tobytes(), "while it is open"
    assert mapped(path).tobytes() == np.load(path).tobytes() == whole.tobytes()
    assert mapped(path).dtype == dtype


def test_a_column_is_mapped_and_cannot_be_written(tmp_path):
    with Column(tmp_path / "a.npy", np.dtype("<f4")) as column:
        column.append(np.arange(3, dtype="<f4"))
    values = mapped(tmp_path / "a.npy")
    assert isinstance(values.base, np.memmap) or isinstance(values.base.base, np.memmap)
    assert not values.flags.writeable


def test_a_strided_view_is_written_too(tmp_path):
    with Column(tmp_path / "a.npy", np.dtype("<f4")) as column:
        column.append(np.arange(6, dtype="<f4")[::2])
    assert mapped(tmp_path / "a.npy").tolist() == [0, 2, 4]


def test_numpy_alone_reads_most_of_a_column_that_nobody_closed(tmp_path):
    path = tmp_path / "a.npy"
    column = Column(path, np.dtype("<f4"))
    part = np.zeros(1024, "<f4")
    for _ in range(3 * HEADER_EVERY_BYTES // part.nbytes - 1):
        column.append(part)
    count = len(mapped(path))
    assert count - len(np.load(path, mmap_mode="r")) <= HEADER_EVERY_BYTES // 4
    column.close()
    assert len(np.load(path)) == count


@pytest.mark.parametrize("torn", range(8))
def test_half_a_value_at_the_end_is_cut(tmp_path, torn):
    path = tmp_path / "a.npy"
    path.write_bytes(header(np.dtype("<f8"), 0) + np.arange(5.0).tobytes() + bytes(torn))
    assert mapped(path).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("dtype", [*DTYPES, RUN])
def test_a_header_has_one_length_whatever_the_count(dtype):
    lengths = {len(header(np.dtype(dtype), count)) for count in (0, 1, 10**9, 2**63)}
    assert len(lengths) == 1
    assert lengths.pop() % 64 == 0


def test_nothing_is_overwritten(tmp_path):
    path = tmp_path / "a.npy"
    path.write_bytes(b"precious")
    with pytest.raises(FileExistsError):
        Column(path, np.dtype("<f4"))
    assert path.read_bytes() == b"precious"


NOT_COLUMNS = {
    "empty": b"",
    "text": b"hello, this is some text\n" * 9,
    "half a header": header(np.dtype("<f4"), 3)[:60],
    "a table": b"",
    "objects": b"",
}


@pytest.mark.parametrize("what", NOT_COLUMNS)
def test_what_is_no_column_is_refused(tmp_path, what):
    path = tmp_path / "a.npy"
    if what in {"a table", "objects"}:
        np.save(path, np.zeros((2, 2)) if what == "a table" else np.array([None]), allow_pickle=True)
    else:
        path.write_bytes(NOT_COLUMNS[what])
    with pytest.raises(NoRecording, match=r"a\.npy: is no column of a take"):
        mapped(path)


def test_a_column_that_is_not_there_is_named(tmp_path):
    with pytest.raises(NoRecording, match=r"gone\.npy: cannot be read"):
        mapped(tmp_path / "gone.npy")
