"""Following a log while the board writes it."""

from __future__ import annotations

import asyncio

import pytest

from belabridge.board.logs.filling import Check
from belabridge.board.logs.shell import LogShell
from belabridge.errors import NoSuchLog, TransferBroken
from log_board import DEADLINE_S, PROJECT, Cutter, log_bytes
from waiting import until

STEP = 16_384  # bytes that a board writes at a time
DATA = log_bytes(400)


class Writer:
    """A board that writes a log: 16 KiB at a time, and the rest some time after the log was stopped."""

    def __init__(self, path, data=DATA):
        self.path, self.data, self.at = path, data, 0
        self.path.write_bytes(b"")

    def write(self, count=STEP):
        with self.path.open("ab") as file:
            file.write(self.data[self.at : self.at + count])
        self.at = min(len(self.data), self.at + count)

    def flush(self):
        self.write(len(self.data))


class Following:
    """A task that follows, and what it has told."""

    def __init__(self, shell, takes, name="mic.bin"):
        self.stopped = asyncio.Event()
        self.done = 0
        self.task = asyncio.create_task(shell.follow(name, takes, stopped=self.stopped, progress=self._told))

    def _told(self, done, _total):
        self.done = done

    async def reached(self, done):
        await until(lambda: self.done >= done or self.task.done(), DEADLINE_S)
        assert self.done >= done or self.task.result()


async def opened(board, keys):
    return await LogShell.open(board.login, PROJECT, keys=keys)


async def test_a_growing_log_is_complete_soon_after_the_stop(standin, keys, tmp_path):
    await follow_one(standin, keys, tmp_path / "takes")


async def test_a_growing_log_comes_from_a_real_sshd(sshd, keys, tmp_path):
    await follow_one(sshd, keys, tmp_path / "takes")


async def follow_one(board, keys, takes):
    writer = Writer(board.logs / "mic.bin")
    async with await opened(board, keys) as shell:
        following = Following(shell, takes)
        while writer.at < 20 * STEP:
            writer.write()
            await following.reached(writer.at)
        assert (takes / "mic.bin.part").read_bytes() == DATA[: writer.at]
        assert not (takes / "mic.bin").exists()
        following.stopped.set()
        await asyncio.sleep(0)
        writer.flush()
        async with asyncio.timeout(DEADLINE_S):
            got = await following.task
    assert got.path.read_bytes() == DATA
    assert (got.check, got.structure, got.bytes) == (Check.CHECKSUM, "", len(DATA))
    assert [path.name for path in takes.iterdir()] == ["mic.bin"]


async def test_a_log_of_many_pieces_is_confirmed_on_the_way(standin, keys, tmp_path, monkeypatch):
    monkeypatch.setattr("belabridge.board.logs.transfers.CHECK_BYTES", 100_000)
    await follow_one(standin, keys, tmp_path / "takes")
    assert len(standin.asked) > 3
    assert standin.asked == sorted(set(standin.asked))


async def test_what_the_board_writes_late_is_waited_for_while_its_last_block_is_torn(standin, keys, tmp_path):
    writer = Writer(standin.logs / "mic.bin")
    writer.write(10 * STEP)
    async with await opened(standin, keys) as shell:
        following = Following(shell, tmp_path)
        await following.reached(writer.at)
        following.stopped.set()
        looks = []
        loop = asyncio.get_running_loop()
        loop.call_later(0.6, lambda: (writer.flush(), looks.append(following.task.done())))
        async with asyncio.timeout(DEADLINE_S):
            got = await following.task
    assert looks == [False]
    assert got.path.read_bytes() == DATA


async def test_a_broken_connection_leaves_what_came_and_following_again_goes_on(standin, keys, tmp_path):
    takes = tmp_path / "takes"
    writer = Writer(standin.logs / "mic.bin")
    writer.write(40 * STEP)
    async with Cutter(standin.port, [30 * STEP]) as cutter:
        async with await opened(cutter, keys) as shell:
            following = Following(shell, takes)
            with pytest.raises(TransferBroken):
                await following.task
        kept = (takes / "mic.bin.part").stat().st_size
        assert 0 < kept <= 30 * STEP
        writer.write(40 * STEP)
        async with await opened(cutter, keys) as shell:
            following = Following(shell, takes)
            await following.reached(writer.at)
            writer.flush()
            following.stopped.set()
            async with asyncio.timeout(DEADLINE_S):
                got = await following.task
    assert got.path.read_bytes() == DATA
    assert got.fetched_bytes == len(DATA) - kept


async def test_a_log_that_is_not_there_yet_is_waited_for(standin, keys, tmp_path):
    async with await opened(standin, keys) as shell:
        following = Following(shell, tmp_path)
        await shell.list()  # a turn of the board: it has looked for the file by now
        writer = Writer(standin.logs / "mic.bin")
        writer.flush()
        await following.reached(len(DATA))
        following.stopped.set()
        async with asyncio.timeout(DEADLINE_S):
            assert (await following.task).path.read_bytes() == DATA


async def test_a_log_that_never_came_to_be_says_so(standin, keys, tmp_path):
    async with await opened(standin, keys) as shell:
        following = Following(shell, tmp_path)
        following.stopped.set()
        with pytest.raises(NoSuchLog):
            await following.task
    assert not [path for path in tmp_path.iterdir() if "mic" in path.name]


async def test_an_older_log_of_the_name_stays(standin, keys, tmp_path):
    (tmp_path / "mic.bin").write_bytes(log_bytes(2, seed=5))
    writer = Writer(standin.logs / "mic.bin")
    writer.write()
    async with await opened(standin, keys) as shell:
        following = Following(shell, tmp_path)
        await following.reached(writer.at)
        writer.flush()
        following.stopped.set()
        async with asyncio.timeout(DEADLINE_S):
            got = await following.task
    assert got.path == tmp_path / "mic-2.bin"
    assert got.path.read_bytes() == DATA
    assert (tmp_path / "mic.bin").read_bytes() == log_bytes(2, seed=5)


async def test_a_log_that_the_board_begins_anew_is_no_mixture(standin, keys, tmp_path):
    """The program was restarted, and its folder cleared."""
    writer = Writer(standin.logs / "mic.bin", log_bytes(100, seed=1))
    writer.flush()
    async with await opened(standin, keys) as shell:
        following = Following(shell, tmp_path)
        await following.reached(writer.at)
        (standin.logs / "mic.bin").unlink()
        Writer(standin.logs / "mic.bin").flush()
        following.stopped.set()
        async with asyncio.timeout(DEADLINE_S):
            got = await following.task
    assert got.path.read_bytes() == DATA


async def test_a_follower_that_is_cancelled_leaves_a_part_to_go_on_with(standin, keys, tmp_path):
    writer = Writer(standin.logs / "mic.bin")
    writer.write(20 * STEP)
    async with await opened(standin, keys) as shell:
        following = Following(shell, tmp_path)
        await following.reached(writer.at)
        following.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await following.task
        writer.flush()
        got = await shell.fetch("mic.bin", tmp_path)
    assert got.fetched_bytes == len(DATA) - 20 * STEP
    assert got.path.read_bytes() == DATA
