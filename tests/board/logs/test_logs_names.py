"""Names from a board, which is not trusted."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.board.logs.names import free_names, remote_path, safe_name
from belabridge.errors import UnsafeName

GOOD = [
    "mic.bin",
    "mic+0.bin",
    "a b.bin",
    "freq (Hz).bin",
    "größe.bin",
    "x",
    "lpt10.bin",
    "null.bin",
    "m" * 240,
]
HOSTILE = [
    "",
    " ",
    ".",
    "..",
    "../mic.bin",
    "/etc/passwd",
    "a/b.bin",
    "a/../../b",
    "a\\..\\b",
    ".bashrc",
    "-rf",
    "~root",
    "a\0.bin",
    "a\nb.bin",
    "a\x1b[2J.bin",
    "a\u202enib.bin",
    "a\u200bb.bin",
    "a\udc80b.bin",
    "con",
    "CON.bin",
    "nul.tar.bin",
    "Lpt1 .bin",
    "a:b.bin",
    "a*.bin",
    'a".bin',
    "a.bin ",
    "a.bin.",
    "mic.bin.part",
    "mic.PART",
    "m" * 241,
    "é" * 121,
]


@pytest.mark.parametrize("name", GOOD)
def test_names_that_boards_give_pass(name):
    assert safe_name(name) == name


@pytest.mark.parametrize("name", HOSTILE)
def test_names_that_could_harm_are_refused_with_a_reason(name):
    with pytest.raises(UnsafeName) as refused:
        safe_name(name)
    assert refused.value.reason
    assert str(refused.value).isprintable()


@given(st.text() | st.text(alphabet="./\\a\0~-", max_size=8))
def test_what_passes_stays_in_the_folder(name):
    try:
        safe = safe_name(name)
    except UnsafeName:
        return
    folder = Path("/takes/of/mine")
    for target in islice(free_names(folder, safe), 3):
        assert Path(os.path.normpath(target)).parent == folder
        assert len(os.fsencode(target.name + ".part")) <= 255


@given(st.text() | st.text(alphabet="./a\0", max_size=8), st.sampled_from(["synth", "a b"]))
def test_a_name_from_the_board_stays_in_its_project(name, project):
    try:
        path = remote_path(PurePosixPath("/root/Bela/projects"), project, name)
    except UnsafeName:
        return
    assert os.path.normpath(path).startswith(f"/root/Bela/projects/{project}/")
    assert path.name == name


def test_the_next_free_names_are_none_that_a_board_gives():
    names = [path.name for path in islice(free_names(Path("t"), "mic.bin"), 3)]
    assert names == ["mic.bin", "mic-2.bin", "mic-3.bin"]
    assert [path.name for path in islice(free_names(Path("t"), "mic"), 2)] == ["mic", "mic-2"]


def test_a_path_of_the_users_own_is_taken_as_it_is():
    projects = PurePosixPath("/root/Bela/projects")
    anywhere, below = PurePosixPath("/media/stick/x.bin"), PurePosixPath("logs/x.bin")
    assert remote_path(projects, "synth", anywhere) == anywhere
    assert remote_path(projects, "synth", below) == projects / "synth/logs/x.bin"
