"""Networks that break: 200 times at random bytes, and silently."""

from __future__ import annotations

import asyncio
import random

import pytest

from belabridge.board.logs.filling import Check
from belabridge.board.logs.shell import LogShell
from belabridge.errors import SshRefused, TransferBroken
from log_board import PROJECT, Cutter

SIZE = 3_000_000
MOST_TRIES = 1000  # five times what it takes


async def cut(board, cuts, keys, takes):
    """Fetch a file again and again over connections that are cut, until so many were."""
    chance = random.Random(cuts)
    data = chance.randbytes(SIZE)
    (board.logs / "mic.bin").write_bytes(data)
    done = tries = 0
    while done < cuts:
        places = [somewhere(chance) for _ in range(cuts - done)]
        async with Cutter(board.port, places) as cutter:
            while True:
                tries += 1
                assert tries < MOST_TRIES
                try:
                    async with await LogShell.open(cutter.login, PROJECT, keys=keys) as shell:
                        got = await shell.fetch("mic.bin", takes)
                    break
                except (TransferBroken, SshRefused):
                    continue
        done += cutter.cuts
        assert got.path.read_bytes() == data
        assert got.check is Check.CHECKSUM
        assert [path.name for path in takes.iterdir()] == ["mic.bin"]
        got.path.unlink()


def somewhere(chance):
    """A byte of a connection: some are in its beginning, where keys and names are exchanged."""
    return chance.randrange(5000) if chance.random() < 0.2 else int(SIZE / 4 * chance.random())


async def test_fifty_cuts_of_a_real_sshd_change_nothing_of_the_file(sshd, keys, tmp_path):
    await cut(sshd, 50, keys, tmp_path / "takes")


async def test_a_hundred_and_fifty_cuts_of_a_standin_change_nothing_of_the_file(standin, keys, tmp_path):
    await cut(standin, 150, keys, tmp_path / "takes")


async def test_a_board_that_falls_silent_is_given_up(standin, keys, tmp_path, monkeypatch):
    """Nobody says that the connection has ended: the cable was pulled."""
    monkeypatch.setattr("belabridge.board.logs.shell.ALIVE_EVERY_S", 0.3)
    (standin.logs / "mic.bin").write_bytes(bytes(SIZE))
    async with Cutter(standin.port, [SIZE // 2], silently=True) as cutter:
        with pytest.raises(TransferBroken) as broken:
            async with asyncio.timeout(60), await LogShell.open(cutter.login, PROJECT, keys=keys) as shell:
                await shell.fetch("mic.bin", tmp_path / "takes")
    assert 0 < broken.value.done_bytes < SIZE
    assert broken.value.part == str(tmp_path / "takes" / "mic.bin.part")
    assert "fetch it again to go on" in str(broken.value)
