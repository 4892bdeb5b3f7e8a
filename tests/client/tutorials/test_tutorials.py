"""The tutorials tell the truth: their cells run in order as in a notebook, and show what they say."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import jupytext
import nbformat
import pytest

from belabridge.sim.programs.default import default_program
from belabridge.sim.server import SimServer
from log_board import CAN_BE_A_BOARD, Sshd

ROOT = Path(__file__).parents[3]
TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.py"))
CONTENTS = ROOT / "docs" / "tutorials" / "README.md"
RUN_CELLS = Path(__file__).with_name("run_cells.py")
WITHIN_S = 240.0  # for what takes 10

OURS, ORIGINAL = (partial(SimServer, original=original) for original in (False, True))
SEEN = {  # each pattern fits behind the one before
    "1_streaming": [
        r"pot1 FLOAT DENSE",
        r"22050 values of float32",
        r"mic: \d+ values from frame \d+ on",
        r"the loudest value of two seconds was 0\.(79|80)",
    ],
    "2_streaming_advanced": [
        r"mic has 4410 values; the first is 0 frames after",
        r"trigger has 4410 values; the first is 0 frames after",
        r"\(\d+, 2\) rows",
        r"a gap of [1-9]\d* frames",
        r"22050 frames in all",
        r"values in a block: \[\d+, ",
        r"'mic': 22050 values of float32, dense, 44100 Hz> without gaps",
        r"take1\.csv",
        r"loudest: 0\.\d+",
    ],
    "3_python_to_board": [
        r"a sine has .*: 1\.6",
        r"a square .*: 1\.[01]",
        r"10000 values: ",
        r"a sine again: 1\.6",
    ],
    "4_monitor": [
        r"\{'pot1': [\d.e-]+, 'gain': 0.8",
        r"s  pot1 = ",
        r"s  trigger = [01]\n",
        r"s  pot1 = ",
        r"\{'pot1': [\d.]+, 'pot2': [\d.]+\}\n",
        r"20 values, on average 100 frames apart",
    ],
    "5_logger": [
        r"mic.*\.bin",
        r"counter\.bin \d{2,4} bytes",
        r"mic\.bin \d{5,6} bytes",
        r"\d+ values of mic, 0 gaps",
        r"onsets \[ *\d+",
        r"mic: frame 0 after the beginning, 4411 values",
        r"pot1: frame 0 after the beginning, 4411 values",
    ],
    "6_controller": [
        r"'gain': 0\.8",
        r"reads 0\.25 and we set 0\.25\ncontrolled: True",
        r"'gain': 0\.5, 'freq': 220",
        r"gain 0\.50: mic up to 0\.(49|50)\n",
        r"gain 1\.00: mic up to (0\.99|1\.00)\n",
        r"UnknownVariable .*gain\?\nUsageError",
    ],
    "7_sparse_timestamps": [
        r"trigger DENSE\ncounter SPARSE",
        r"seconds between them \[0\.5 0\.5",
        r"0\.0\d before, 0\.[78]\d after",
        r"after onset \d+: rms 0\.2",
        r"counter \[ *\d+.*\] at ",
    ],
    "8_model": [
        r"264600 values between",
        r"\(571, 10\) \(571,\)",
        r"error of the forecast 0\.00\d+; of the guess that nothing changes 0\.0[1-9]",
        r"the program reads 0\.5\n",
        r"The model is better\.",
    ],
}
# an original board says nothing of where a stream ended; one that begins behind it at once shows zeros
EXPECTED = "zeros went out that are no values"
# what a board of the original library tells or does otherwise
INSTEAD = {"5_logger": {"4411 values": "5120 values"}}
CHANGED = {"3_python_to_board": ['"table"', "7"]}


def test_each_tutorial_has_what_is_seen_in_it():
    assert [path.stem for path in TUTORIALS] == list(SEEN)
    text = CONTENTS.read_text(encoding="utf-8")
    assert [path.name for path in TUTORIALS if f"({path.name})" not in text] == []


@pytest.mark.parametrize("board", [OURS, ORIGINAL], ids=["second", "original"])
@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_a_tutorial_shows_what_it_says(board, board_apart, path, tmp_path):
    seen, changes = SEEN[path.stem], []
    if board is ORIGINAL:
        changes = CHANGED.get(path.stem, [])
        for ours, theirs in INSTEAD.get(path.stem, {}).items():
            seen = [pattern.replace(ours, theirs) for pattern in seen]
    if path.stem != "5_logger":
        with board_apart(default_program()) as sim:
            said = shown(path, tmp_path, ["bela.local", f"{sim.host}:{sim.port}", *changes])
    else:
        if not CAN_BE_A_BOARD:
            pytest.skip("needs sshd, and root to let it see a shadow file of its own")
        with Sshd(tmp_path / "board") as ssh:
            folder = ssh.logs.with_name(default_program().project)
            with board_apart(default_program(), folder=folder) as sim:
                login = f"Login('127.0.0.1', {ssh.port}, agent=False)"
                way = f"from belabridge.board.logs.login import Login\nlogger.login = {login}"
                connect = "logger.connect()"
                where = ['"bela.local"', f'"{sim.host}", {sim.port}', connect, f"{connect}\n{way}"]
                said = shown(path, tmp_path, where)
            assert not list(folder.glob("*.bin"))
    place = 0
    for pattern in seen:
        found = re.compile(pattern).search(said, place)
        assert found, f"not seen behind place {place}: {pattern}\n{said}"
        place = found.end()


def shown(path, folder, changes):
    """What its cells print; they must run, and warn of nothing."""
    done = subprocess.run(
        [sys.executable, "-W", "error", RUN_CELLS, path, *changes],
        cwd=folder,
        env={"HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"), "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    complaints = [line for line in done.stderr.splitlines() if EXPECTED not in line]
    assert (done.returncode, complaints) == (0, []), f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_a_tutorial_becomes_a_notebook(path):
    notebook = nbformat.reads(jupytext.writes(jupytext.read(path), fmt="ipynb"), as_version=4)
    nbformat.validate(notebook)
    kinds = [cell.cell_type for cell in notebook.cells]
    assert kinds[0] == "markdown"
    assert kinds.count("code") >= 4
    assert notebook.cells[0].source.startswith(f"# {path.stem[0]}. ")


@pytest.mark.parametrize("path", [*TUTORIALS, CONTENTS], ids=lambda path: path.stem)
def test_links_of_a_tutorial_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target
