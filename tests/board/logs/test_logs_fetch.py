"""Fetching: verified, resumed, never a mixture, never over another file."""

from __future__ import annotations

import asyncio
import os
from pathlib import PurePosixPath

import pytest

from belabridge.board.logs.filling import Check
from belabridge.board.logs.shell import LogShell
from belabridge.errors import LogError, NoSuchLog, NotVerified, TransferBroken, TransferBusy, UnsafeName
from log_board import DEADLINE_S, PROJECT, Cutter, Standin, log_bytes
from waiting import until


@pytest.fixture
def takes(tmp_path):
    return tmp_path / "takes"


async def opened(board, keys):
    return await LogShell.open(board.login, PROJECT, keys=keys)


async def test_a_log_comes_whole_and_confirmed(standin, keys, takes):
    data = log_bytes(300)
    (standin.logs / "mic.bin").write_bytes(data)
    os.utime(standin.logs / "mic.bin", (1_700_000_000, 1_700_000_000))
    told = []
    async with await opened(standin, keys) as shell:
        got = await shell.fetch("mic.bin", takes, progress=lambda done, total: told.append((done, total)))
    assert (takes / "mic.bin").read_bytes() == data
    assert got.path == takes / "mic.bin"
    assert (got.bytes, got.fetched_bytes, got.check, got.structure) == (
        len(data),
        len(data),
        Check.CHECKSUM,
        "",
    )
    assert got.remote == PurePosixPath("/root/Bela/projects/synth/mic.bin")
    assert told == sorted(told)
    assert told[-1] == (len(data), len(data))
    assert (takes / "mic.bin").stat().st_mtime == 1_700_000_000
    assert [path.name for path in takes.iterdir()] == ["mic.bin"]


@pytest.mark.parametrize("shell_there", [True, False])
async def test_what_is_here_already_is_not_fetched_again(tmp_path, keys, takes, shell_there):
    async with Standin(tmp_path / "board", shell=shell_there) as board:
        (board.logs / "mic.bin").write_bytes(log_bytes(3))
        async with await opened(board, keys) as shell:
            first = await shell.fetch("mic.bin", takes)
            again = await shell.fetch("mic.bin", takes)
    assert first.fetched_bytes == first.bytes
    assert again.fetched_bytes == 0
    assert again.path == first.path
    assert again.check is first.check is (Check.CHECKSUM if shell_there else Check.SIZE)


async def test_another_file_of_the_name_stays_and_the_next_name_is_taken(standin, keys, takes):
    takes.mkdir()
    (takes / "mic.bin").write_bytes(log_bytes(3, seed=1))
    (takes / "mic-2.bin").symlink_to(takes / "nowhere")
    (standin.logs / "mic.bin").write_bytes(log_bytes(3, seed=2))
    async with await opened(standin, keys) as shell:
        got = await shell.fetch("mic.bin", takes)
        again = await shell.fetch("mic.bin", takes)
    assert got.path == again.path == takes / "mic-3.bin"
    assert got.path.read_bytes() == log_bytes(3, seed=2)
    assert (takes / "mic.bin").read_bytes() == log_bytes(3, seed=1)
    assert not (takes / "nowhere").exists()


async def test_a_part_is_gone_on_with(standin, keys, takes):
    data = log_bytes(1000)
    (standin.logs / "mic.bin").write_bytes(data)
    takes.mkdir()
    (takes / "mic.bin.part").write_bytes(data[:3_000_001])
    async with await opened(standin, keys) as shell:
        got = await shell.fetch("mic.bin", takes)
    assert got.fetched_bytes == len(data) - 3_000_001
    assert got.path.read_bytes() == data
    assert not (takes / "mic.bin.part").exists()


@pytest.mark.parametrize("shell_there", [True, False])
@pytest.mark.parametrize(
    "left",
    [log_bytes(900, seed=9), log_bytes(1200), log_bytes(900)[:-1] + b"\xff", b"\0" * 5000],
    ids=["another log", "longer", "one byte", "zeros"],
)
async def test_a_part_of_another_file_is_begun_anew(tmp_path, keys, takes, left, shell_there):
    data = log_bytes(1000)
    takes.mkdir()
    (takes / "mic.bin.part").write_bytes(left)
    async with Standin(tmp_path / "board", shell=shell_there) as board:
        (board.logs / "mic.bin").write_bytes(data)
        async with await opened(board, keys) as shell:
            got = await shell.fetch("mic.bin", takes)
    assert got.path.read_bytes() == data
    assert got.fetched_bytes == len(data)


async def test_without_a_shell_a_broken_transfer_goes_on_by_the_time_of_the_file(tmp_path, keys, takes):
    data = log_bytes(2000)
    async with Standin(tmp_path / "board", shell=False) as board:
        (board.logs / "mic.bin").write_bytes(data)
        async with Cutter(board.port, [3_000_000]) as cutter:
            with pytest.raises(TransferBroken) as broken:
                async with await opened(cutter, keys) as shell:
                    await shell.fetch("mic.bin", takes)
            assert 0 < broken.value.done_bytes < broken.value.total_bytes == len(data)
            assert (takes / "mic.bin.part").stat().st_size == broken.value.done_bytes
            async with await opened(cutter, keys) as shell:
                got = await shell.fetch("mic.bin", takes)
    assert got.fetched_bytes == len(data) - broken.value.done_bytes
    assert got.path.read_bytes() == data


async def test_what_the_board_has_confirmed_is_not_asked_again(standin, keys, takes, monkeypatch):
    monkeypatch.setattr("belabridge.board.logs.transfers.CHECK_BYTES", 300_000)
    data = log_bytes(700)
    (standin.logs / "mic.bin").write_bytes(data)
    async with await opened(standin, keys) as shell:
        following = asyncio.create_task(shell.follow("mic.bin", takes, stopped=asyncio.Event()))
        await until(lambda: len(standin.asked) > 3, DEADLINE_S)  # so three ranges are confirmed
        following.cancel()
        with pytest.raises(asyncio.CancelledError):
            await following
        before = len(standin.asked)
        got = await shell.fetch("mic.bin", takes)
    first = standin.asked[before]
    assert first > 3 * 300_000
    assert got.check is Check.CHECKSUM
    assert got.path.read_bytes() == data


@pytest.mark.parametrize("shell_there", [True, False])
async def test_another_file_of_the_same_time_and_size_is_no_mixture(
    tmp_path, keys, takes, monkeypatch, shell_there
):
    monkeypatch.setattr("belabridge.board.logs.transfers.CHECK_BYTES", 300_000)
    old, new = log_bytes(2000, seed=1), log_bytes(2000, seed=2)
    async with Standin(tmp_path / "board", shell=shell_there) as board:
        path = board.logs / "mic.bin"
        path.write_bytes(old)
        time = path.stat().st_mtime_ns
        async with Cutter(board.port, [len(old) // 2]) as cutter:
            with pytest.raises(TransferBroken):
                async with await opened(cutter, keys) as shell:
                    await shell.fetch("mic.bin", takes)
            path.write_bytes(new)
            os.utime(path, ns=(time, time))
            async with await opened(cutter, keys) as shell:
                got = await shell.fetch("mic.bin", takes)
    assert got.path.read_bytes() == new
    assert got.fetched_bytes == len(new)


async def test_a_file_that_is_written_anew_while_it_comes_is_never_a_mixture(standin, keys, takes):
    old, new = log_bytes(3000, seed=1), log_bytes(3000, seed=2)
    path = standin.logs / "mic.bin"
    path.write_bytes(old)

    def replace(done, _total):
        if done > len(old) // 2 and path.read_bytes() == old:
            path.write_bytes(new)

    async with await opened(standin, keys) as shell:
        got = await shell.fetch("mic.bin", takes, progress=replace)
    assert got.path.read_bytes() == new
    assert got.check is Check.CHECKSUM


@pytest.mark.parametrize("shell_there", [True, False])
async def test_a_file_that_becomes_shorter_while_it_comes_is_begun_anew(tmp_path, keys, takes, shell_there):
    old, new = log_bytes(3000, seed=1), log_bytes(500, seed=2)
    async with Standin(tmp_path / "board", shell=shell_there) as board:
        path = board.logs / "mic.bin"
        path.write_bytes(old)
        done_once = []

        def replace(done, _total):
            if not done_once and done > 100:
                done_once.append(True)
                path.write_bytes(new)

        async with await opened(board, keys) as shell:
            got = await shell.fetch("mic.bin", takes, progress=replace)
    assert got.path.read_bytes() == new


async def test_a_second_transfer_to_the_same_file_is_refused(standin, keys, takes):
    (standin.logs / "mic.bin").write_bytes(log_bytes(3000))
    async with await opened(standin, keys) as shell:
        results = await asyncio.gather(
            shell.fetch("mic.bin", takes), shell.fetch("mic.bin", takes), return_exceptions=True
        )
    busy = [result for result in results if isinstance(result, TransferBusy)]
    assert len(busy) == 1
    assert "mic.bin.part" in str(busy[0])
    assert (takes / "mic.bin").read_bytes() == log_bytes(3000)


async def test_twenty_files_come_at_once(standin, keys, takes):
    names = [f"v{number}.bin" for number in range(20)]
    for number, name in enumerate(names):
        (standin.logs / name).write_bytes(log_bytes(200 + number, seed=number))
    async with await opened(standin, keys) as shell:
        got = await asyncio.gather(*(shell.fetch(name, takes) for name in names))
    for number, one in enumerate(got):
        assert one.path.read_bytes() == log_bytes(200 + number, seed=number)
        assert one.check is Check.CHECKSUM


@pytest.mark.parametrize("size", [0, 1, 5000])
async def test_a_file_that_is_no_whole_log_comes_too_and_is_said_to_be_odd(standin, keys, takes, size):
    data = log_bytes(3)[:size]
    (standin.logs / "mic.bin").write_bytes(data)
    async with await opened(standin, keys) as shell:
        got = await shell.fetch("mic.bin", takes)
    assert got.path.read_bytes() == data
    assert got.structure


async def test_a_name_of_the_users_own_and_a_path_of_the_users_own(standin, keys, takes):
    (standin.logs / "mic.bin").write_bytes(log_bytes(3))
    (standin.logs.parent / "other").mkdir()
    (standin.logs.parent / "other" / "x.bin").write_bytes(log_bytes(4))
    async with await opened(standin, keys) as shell:
        mine = await shell.fetch("mic.bin", takes, name="synth-mic.bin")
        other = await shell.fetch(PurePosixPath("/root/Bela/projects/other/x.bin"), takes)
    assert mine.path == takes / "synth-mic.bin"
    assert other.path.read_bytes() == log_bytes(4)


async def test_what_is_not_there_or_no_file_says_so(standin, keys, takes):
    (standin.logs / "folder.bin").mkdir()
    (standin.logs / "link.bin").symlink_to("/etc/passwd")
    async with await opened(standin, keys) as shell:
        with pytest.raises(NoSuchLog, match="belabridge log list"):
            await shell.fetch("nothing.bin", takes)
        for name in ("folder.bin", "link.bin"):
            with pytest.raises(LogError, match="is no file"):
                await shell.fetch(name, takes)
    assert not takes.exists() or not list(takes.iterdir())


async def test_names_that_lead_elsewhere_reach_neither_the_board_nor_a_file(standin, keys, takes):
    async with await opened(standin, keys) as shell:
        for name in ("../mic.bin", "/etc/shadow", "..", "", "a\0b", "x/../../y"):
            with pytest.raises(UnsafeName):
                await shell.fetch(name, takes)
            with pytest.raises(UnsafeName):
                await shell.remove(name)
        with pytest.raises(UnsafeName):
            await LogShell.open(standin.login, "../../etc", keys=keys)
    assert not takes.exists()


async def test_a_part_that_is_a_link_is_not_followed(standin, keys, takes, tmp_path):
    (standin.logs / "mic.bin").write_bytes(log_bytes(3))
    takes.mkdir()
    (takes / "mic.bin.part").symlink_to(tmp_path / "precious")
    async with await opened(standin, keys) as shell:
        with pytest.raises(LogError, match="choose another folder"):
            await shell.fetch("mic.bin", takes)
    assert not (tmp_path / "precious").exists()


async def test_only_what_is_confirmed_and_unchanged_is_removed(standin, keys, takes):
    path = standin.logs / "mic.bin"
    path.write_bytes(log_bytes(3))
    async with await opened(standin, keys) as shell:
        got = await shell.fetch("mic.bin", takes)
        with path.open("ab") as file:
            file.write(b"more")
        with pytest.raises(NotVerified, match="has changed"):
            await shell.remove_fetched(got)
        assert path.exists()
        got = await shell.fetch("mic.bin", takes)
        await shell.remove_fetched(got)
        assert not path.exists()
        with pytest.raises(NoSuchLog):
            await shell.remove("mic.bin")


async def test_without_a_checksum_nothing_is_removed_but_on_demand(tmp_path, keys, takes):
    async with Standin(tmp_path / "board", shell=False) as board:
        (board.logs / "mic.bin").write_bytes(log_bytes(3))
        async with await opened(board, keys) as shell:
            got = await shell.fetch("mic.bin", takes)
            assert got.check is Check.SIZE
            with pytest.raises(NotVerified, match="sha256sum"):
                await shell.remove_fetched(got)
            await shell.remove("mic.bin")
        assert not (board.logs / "mic.bin").exists()
