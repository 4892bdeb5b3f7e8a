"""``belabridge log export``: a log file in the formats of other programs."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from belabridge.cli import group
from captures import FOLDER
from log_bytes import counting, exact, original


def export(*words):
    return CliRunner().invoke(group, ["log", "export", *map(str, words)], prog_name="belabridge")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("myvar.bin").write_bytes((FOLDER / "log.myvar.bin").read_bytes())


def test_a_recorded_log_as_csv():
    result = export("myvar.bin", "--for", "4410f", "--to", "csv")
    assert (result.exit_code, result.output) == (0, "myvar.csv\n")
    with Path("myvar.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["frame", "time_s", "myvar"]
    assert [int(row[0]) for row in rows[1:]] == list(range(30531, 34942))
    assert all(float(row[2]) == int(row[0]) for row in rows[1:])


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("to", ["npz", "wav", "parquet"])
def test_boards_of_both_byte_orders(to, order):
    values = np.sin(np.arange(5000)) / 2
    Path("mic.bin").write_bytes(exact("mic", "f", values, np.arange(5000), order=order, rate=48000.0).data)
    result = export("mic.bin", "--to", to, "--out", f"out.{to}")
    assert (result.exit_code, result.output) == (0, f"out.{to}\n")
    if to == "npz":
        got = np.load("out.npz")["mic"]
    elif to == "wav":
        data = Path("out.wav").read_bytes()
        at = data.index(b"data")
        assert int.from_bytes(data[24:28], "little") == 48000
        got = np.frombuffer(data[at + 8 : at + 8 + 4 * 5000], "<f4")
    else:
        parquet = pytest.importorskip("pyarrow.parquet")
        got = parquet.read_table("out.parquet")["mic"].to_numpy()
    assert np.array_equal(got, values.astype("f4"))


def test_programs_get_what_was_written():
    result = export("myvar.bin", "--end", 34941, "--to", "npz", "--json")
    assert json.loads(result.stdout) == {
        "path": "myvar.npz",
        "files": ["myvar.npz"],
        "leftOut": {},
        "notes": [],
    }
    assert len(np.load("myvar.npz")["myvar"]) == 4411


def test_doubts_are_told_beside():
    result = export("myvar.bin", "--to", "csv")
    assert result.stdout == "myvar.csv\n"
    assert result.stderr == "  end      the last 197 values are 0, or padding: --for or --end tells\n"
    torn = original("mic", "f", counting("f", 2000), np.arange(2000)).data[:-2000]
    Path("mic.bin").write_bytes(torn)
    assert "the file ends within a block" in export("mic.bin", "--to", "csv").stderr


def test_what_cannot_be_done_is_said_plainly():
    Path("slow.bin").write_bytes(exact("slow", "f", [1, 2, 3], [0, 12, 24], sparse=True).data)
    result = export("slow.bin", "--to", "wav")
    assert result.exit_code == 1
    assert result.output.startswith("belabridge: slow.bin: cannot be exported to wav: slow: ")
    assert not Path("slow.wav").exists()
    Path("myvar.csv").write_text("mine")
    result = export("myvar.bin", "--for", "4410f", "--to", "csv")
    assert result.output == (
        "belabridge: myvar.csv: exists already, and nothing is overwritten: choose another name\n"
    )
    assert Path("myvar.csv").read_text() == "mine"
