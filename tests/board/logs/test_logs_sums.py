"""Checksums of a board: which programs make them, and what becomes of names and shells that are odd."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from pathlib import PurePosixPath

import pytest

from belabridge.board.logs.filling import Check
from belabridge.board.logs.shell import LogShell
from belabridge.board.logs.sums import Sums
from log_board import PROJECT, log_bytes


@pytest.fixture
def programs(tmp_path, standin):
    """Says which programs the board has besides its shell."""

    def have(*names):
        folder = tmp_path / "bin"
        folder.mkdir()
        for name in names:
            (folder / name).symlink_to(shutil.which(name))
        standin.environ["PATH"] = str(folder)

    return have


@pytest.mark.parametrize(
    ("names", "check"),
    [
        (("tail", "head", "sha256sum"), Check.CHECKSUM),
        (("tail", "head", "openssl"), Check.CHECKSUM),
        (("dd", "sha256sum"), Check.CHECKSUM),
        (("tail", "head"), Check.SIZE),
        ((), Check.SIZE),
    ],
)
async def test_what_a_board_has_makes_its_checksums(standin, keys, tmp_path, programs, names, check):
    programs(*names)
    (standin.logs / "mic.bin").write_bytes(log_bytes(100))
    async with await LogShell.open(standin.login, PROJECT, keys=keys) as shell:
        got = await shell.fetch("mic.bin", tmp_path / "takes")
    assert got.check is check
    assert got.path.read_bytes() == log_bytes(100)


@pytest.mark.parametrize(
    "name", ["a b .bin ", "it's", '"', "$(exit)", "a\\tb", "-c", "a|", "größe", "*", "\udcff"]
)
async def test_names_of_any_kind_are_said_to_the_shell_as_they_are(standin, keys, name):
    data = os.urandom(5000)
    (standin.logs / name).write_bytes(data)
    async with await LogShell.open(standin.login, PROJECT, keys=keys) as shell:
        path = PurePosixPath("/root/Bela/projects") / PROJECT / name
        digests = await asyncio.gather(
            *(
                shell.sums.digest(path, start, end)
                for start, end in ((0, 5000), (0, 1), (4999, 5000), (100, 200))
            )
        )
    assert digests == [
        hashlib.sha256(data[start:end]).hexdigest()
        for start, end in ((0, 5000), (0, 1), (4999, 5000), (100, 200))
    ]


async def test_a_name_with_a_line_end_cannot_be_said(standin, keys):
    (standin.logs / "a\nb").write_bytes(b"x")
    async with await LogShell.open(standin.login, PROJECT, keys=keys) as shell:
        assert await shell.sums.digest(PurePosixPath("/root/Bela/projects/synth/a\nb"), 0, 1) is None
    assert standin.asked == []


async def test_one_who_is_gone_does_not_get_the_next_ones_answer(standin, keys):
    for name in "ab":
        (standin.logs / name).write_bytes(name.encode() * 1000)
    folder = PurePosixPath("/root/Bela/projects") / PROJECT
    async with await LogShell.open(standin.login, PROJECT, keys=keys) as shell:
        assert isinstance(shell.sums, Sums)
        gone = asyncio.create_task(shell.sums.digest(folder / "a", 0, 1000))
        await asyncio.sleep(0)
        gone.cancel()
        assert await shell.sums.digest(folder / "b", 0, 1000) == hashlib.sha256(b"b" * 1000).hexdigest()
