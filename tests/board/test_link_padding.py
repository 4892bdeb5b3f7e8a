"""A link to an original board, and another client that logs or ends what the link streams."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import replace

import numpy as np
import pytest
from linking import Told, linked, until_seen
from websockets.asyncio.client import connect

from belabridge.board.wishes import Want
from belabridge.sim.programs.many import expected, many_variables
from belabridge.sim.server import SimServer
from waiting import until


@asynccontextmanager
async def another(sim):
    """Another client: gives a function that says commands about v0."""
    async with connect(f"ws://{sim.host}:{sim.port}/gui_control", compression=None, proxy=None) as socket:
        await socket.send('{"event":"connection-reply"}')

        async def say(cmd, **more):
            await socket.send(json.dumps({"watcher": [{"cmd": cmd, "watchers": ["v0"], **more}]}))

        yield say


def false_values(told, step):
    """How many values of the blocks are of no frame."""
    return sum(np.count_nonzero(block.values != expected(0, block.frames(step))) for block, _ in told.blocks)


def program(step):
    (v0,) = many_variables(1).variables
    return replace(many_variables(1), variables=(replace(v0, every_frames=step),))


def blocks_are(told, n):
    return lambda: len(told.blocks) >= n


@pytest.mark.parametrize("step", [1, 16])
async def test_a_timed_log_of_another_client_pads_nothing(step):
    told = Told({"v0": Want(watch=True)})
    async with SimServer(program(step), original=True, speed=step) as sim, linked(sim, told) as link:
        await until(blocks_are(told, 4))
        async with another(sim) as say:
            start = sim.board.frame + 3000 * step
            end = start + 5000 * step + 7
            await say("log", timestamps=[start], durations=[end - start])
            await until(lambda: told.blocks[-1][0].frame > end + 2048 * step)
        last = next(block for block, _ in told.blocks if block.frame <= end < block.frame + 1024 * step)
        assert len(last.values) < 1024
        assert false_values(told, step) == 0
        (gap,) = told.gaps  # where the log began, what was in the board's buffer is dropped
        assert sum(len(block.values) for block, _ in told.blocks) * step + gap[1] == (
            told.blocks[-1][0].frame + 1024 * step - told.blocks[0][0].frame
        )
    assert link._tally.counts["board.padded"] == 0


async def test_a_log_that_another_client_ends_pads_nothing():
    told = Told({"v0": Want(watch=True)})
    async with SimServer(many_variables(1), original=True) as sim, linked(sim, told) as link:
        await until(blocks_are(told, 4))
        async with another(sim) as say:
            for _ in range(3):
                await say("log")
                await until_seen(sim, lambda board: board["v0"]["logged"])
                await until(blocks_are(told, len(told.blocks) + 3))
                await say("unlog")
                await until_seen(sim, lambda board: not board["v0"]["logged"])
                await until(blocks_are(told, len(told.blocks) + 3))
        assert any(len(block.values) < 1024 for block, _ in told.blocks)
        assert false_values(told, 1) == 0
    assert link._tally.counts["board.padded"] == 0


async def test_padding_that_nobody_announced_is_counted_and_said(caplog):
    told = Told({"v0": Want(watch=True)})
    async with SimServer(many_variables(1), original=True) as sim, linked(sim, told) as link:
        await until(blocks_are(told, 4))
        link._streams.logged = lambda *_: None  # as if the answer came behind the blocks, on its other socket
        async with another(sim) as say:
            await say("log", durations=[1500])
            await until(lambda: false_values(told, 1))
            seen = len(told.blocks)
            await until(blocks_are(told, seen + 2))
        link.look_soon()
        await until(lambda: link._tally.counts["board.padded"])
        assert link._tally.counts["board.padded"] == false_values(told, 1)
    assert len([record for record in caplog.records if "are no values" in record.getMessage()]) == 1


async def test_a_stream_that_another_client_ended_may_be_padded_and_is_counted():
    told = Told({"v0": Want(watch=True)})
    async with SimServer(many_variables(1), original=True) as sim, linked(sim, told) as link:
        await until(blocks_are(told, 4))
        async with another(sim) as say:
            await say("unwatch")
            await until(lambda: false_values(told, 1))
        link.look_soon()
        await until_seen(sim, lambda board: board["v0"]["watched"])
        await until(blocks_are(told, len(told.blocks) + 2))
        link.look_soon()
        await until(lambda: link._tally.counts["board.padded"])
        assert link._tally.counts["board.padded"] == false_values(told, 1)


async def test_what_is_wanted_again_after_a_while_has_no_gap(board):
    told = Told({"v0": Want(watch=True), "v1": Want(watch=True)})
    async with board(many_variables(2)) as sim, linked(sim, told) as link:
        await until(blocks_are(told, 8))
        link.want({"v1": Want(watch=True)})
        await until(lambda: {block.id for block, _ in told.blocks[-4:]} == {1})
        link.want({"v0": Want(watch=True), "v1": Want(watch=True)})
        seen = len(told.blocks)
        await until(lambda: 0 in {block.id for block, _ in told.blocks[seen:]})
    assert told.gaps == []
