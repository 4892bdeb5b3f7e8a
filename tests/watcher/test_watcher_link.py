"""A link at our library as at a simulated board: samples in time, read values, and a board left as it was."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

import numpy as np
import pytest
from websockets.asyncio.client import connect

from belabridge.board.link import Link
from belabridge.board.speech import Want
from belabridge.sim.programs.captures import bela_test
from belabridge.sim.server import SimServer
from belabridge.tally import Tally
from belabridge.values import Address
from host_program import PROGRAMS, built
from processes import Running
from waiting import until

SLOWER = {"myvar": 1, "myvar2": 1, "myvar3": 12, "myvar4": 12}  # frames between two assignments


@asynccontextmanager
async def simulated(_folder):
    async with SimServer(bela_test()) as sim:
        yield Address(sim.host, sim.port)


@asynccontextmanager
async def real(folder):
    command = await asyncio.to_thread(built, PROGRAMS / "bela-test")
    program = Running(*command, "--port", 0, "--folder", folder)
    try:
        host, port = program.wait_out(r" on (\S+):(\d+);").groups()
        yield Address(host, int(port))
        assert await asyncio.to_thread(program.end) == 0, str(program)
    finally:
        program.kill()


@pytest.fixture(params=[simulated, real], ids=["simulated", "library"])
def board(request, tmp_path):
    return request.param(tmp_path)


class Told:
    def __init__(self, wants):
        self.wants, self.boards, self.blocks, self.gaps = wants, [], [], []

    def connected(self, board, _project):
        self.boards.append({v.id: v.name for v in board.variables})
        return self.wants

    def block(self, block, _now):
        self.blocks.append(block)

    def read(self, board):
        pass

    def gap(self, id_, frames):
        self.gaps.append((id_, frames))

    def lost(self, reason):
        pass


@asynccontextmanager
async def linked(address, told):
    link = Link([address], told, Tally())
    link.start()
    try:
        yield link
    finally:
        await link.stop()


async def listed(address):
    """The board's variables, asked by another client."""
    async with connect(f"ws://{address}/gui_control", compression=None, proxy=None) as socket:
        await socket.send('{"watcher":[{"cmd":"list","protocol":2,"id":1}]}')
        while True:
            answer = json.loads(await socket.recv()).get("watcher2", {})
            if answer.get("id") == 1:
                return {v["name"]: v for v in answer["watchers"]}


async def test_every_sample_comes_once_in_time_and_means_its_frame(board):
    told = Told({name: Want(watch=True, latency_frames=400) for name in SLOWER})
    async with board as address:
        before = await listed(address)
        async with linked(address, told) as link:
            await until(lambda: len(told.blocks) > 400)
        after = await listed(address)
        assert not any(v["watched"] for v in after.values())
        assert [v["lostWatched"] for v in after.values()] == [v["lostWatched"] for v in before.values()]
    (names,) = told.boards
    for id_, name in names.items():
        mine = [block for block in told.blocks if block.id == id_]
        if name not in SLOWER:
            assert mine == []
            continue
        frames = np.concatenate([block.frames(SLOWER[name]) for block in mine])
        assert np.array_equal(np.concatenate([block.values for block in mine]).astype(np.uint64), frames)
        assert set(np.diff(frames.astype(np.int64)).tolist()) == {SLOWER[name]}
        spans = {int(block.frames(SLOWER[name])[-1]) - block.frame for block in mine}
        assert max(spans) <= 400, "no value is later than the latency"
    assert told.gaps == []
    assert not link._tally.counts


async def test_a_value_that_is_set_comes_back_by_the_monitor(board):
    told = Told({"myvar": Want(monitor_period_frames=441)})
    async with board as address, linked(address, told) as link:
        await until(lambda: told.blocks)
        assert not told.blocks[0].reads
        link.set_value("myvar", 0.25)
        await until(lambda: told.blocks[-1].reads and told.blocks[-1].values[0] == 0.25)
        link.set_value("myvar", 0.75)
        await until(lambda: told.blocks[-1].values[0] == 0.75)
        assert (await listed(address))["myvar"]["controller"] == "belabridge"
        for block in told.blocks:  # own values until the frame of the answer, and read ones from it on
            assert block.reads or block.values[0] == block.frame
        link.let_go(["myvar"])
        await until(lambda: not told.blocks[-1].reads and told.blocks[-1].values[0] == told.blocks[-1].frame)
        assert link._tally.counts["board.refused"] == 0
