"""Names of files for variables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.recording.stems import Stems

NAMES = {
    "mic": "mic",
    "left.in-2+3_b": "left.in-2+3_b",
    "../../etc/passwd": "_./../etc/passwd".replace("/", "_"),
    "/abs": "_abs",
    ".": "_",
    "..": "_.",
    "": "_",
    "-rf": "_rf",
    "C:\\x": "C__x",
    "\x1b[2J\0": "__2J_",
    "é日": "__",
    "x" * 200: "x" * 80,
}


@pytest.mark.parametrize("name", NAMES)
def test_a_stem_is_safe(name):
    assert Stems().new(name) == NAMES[name]


@pytest.mark.parametrize(
    ("names", "stems"),
    [
        (["a", "a", "a"], ["a", "a+2", "a+3"]),
        (["Mic", "mic"], ["Mic", "mic+2"]),
        (["a.frames", "a"], ["a.frames", "a+2"]),
        (["a", "a.frames"], ["a", "a.frames+2"]),
        (["take"], ["take+2"]),
        (["a+2", "a", "a"], ["a+2", "a", "a+3"]),
    ],
)
def test_stems_differ(names, stems):
    made = Stems([".frames"], ["take"])
    assert [made.new(name) for name in names] == stems


@given(st.lists(st.text(max_size=4) | st.sampled_from(["a", "A", "a.frames", "a.frames.frames"]), max_size=9))
def test_no_two_files_meet(names):
    stems = Stems([".frames"])
    files = [stem + ending for stem in map(stems.new, names) for ending in ("", ".frames")]
    assert len({file.lower() for file in files}) == len(files)
    assert all(file.isascii() and "/" not in file and file[0] not in ".-" for file in files)
