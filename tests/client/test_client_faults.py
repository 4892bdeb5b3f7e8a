"""What goes wrong on the way from a board to a user, and how it is told."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import numpy as np
import pytest

import belabridge
from belabridge import frames, seconds
from belabridge.errors import (
    BelabridgeError,
    BoardLost,
    BoardTimeout,
    BoardUnreachable,
    FellBehind,
    FramesMissing,
    UsageError,
)
from belabridge.sim.faults import DropBody, Stall, Vanish
from belabridge.sim.programs.default import default_program
from belabridge.sim.programs.many import expected, many_variables
from belabridge.sim.server import SimServer
from waiting import until


def at(sim):
    return f"{sim.host}:{sim.port}"


async def read_on(what, timeout_s=20):
    while True:
        await what.get(timeout_s)


@asynccontextmanager
async def demo():
    async with SimServer(default_program()) as sim, belabridge.connect(at(sim)) as bela:
        yield bela


async def test_a_lost_buffer_is_a_gap_of_its_frames(board):
    async with (
        board(many_variables(1)) as sim,
        belabridge.connect(at(sim)) as bela,
        bela.stream("v0") as blocks,
    ):
        await blocks.get(10)
        await blocks.get(10)
        sim.inject(DropBody(1))
        expects = None
        async for block in blocks:
            assert expects in (None, block.first_frame)
            expects = block.end_frame
            if block.is_gap:
                assert 500 < block.missing_frames <= 1024
                break
            assert np.array_equal(block.values, expected(0, block.frames))
    await until(lambda: bela.counts.get("board.lost_body") == 1)


async def test_missing_frames_can_be_an_error(board):
    async with board(many_variables(1)) as sim, belabridge.connect(at(sim)) as bela:
        async with bela.stream("v0", on_gap="error") as blocks:
            await blocks.get(10)
            await blocks.get(10)
            sim.inject(DropBody(1))
            with pytest.raises(FramesMissing, match="of 'v0' are missing") as raised:
                await read_on(blocks)
        assert 500 < raised.value.frames <= 1024
        assert not bela._hub.link.wishes.wanted, "a stream that failed wants nothing any more"


async def test_a_lost_board_can_be_an_error(board):
    async with (
        board(many_variables(2)) as sim,
        belabridge.connect(at(sim)) as bela,
        bela.stream("v0", on_gap="error") as failing,
        bela.stream("v1") as waiting,
    ):
        await failing.get(10)
        sim.inject(Vanish(for_s=0.2))
        with pytest.raises(BoardLost):
            await read_on(failing)
        async for block in waiting:
            if block.is_gap:
                break
        assert block.missing_frames > 0


async def test_a_slow_reader_loses_the_oldest_and_sees_it(board):
    async with (
        board(many_variables(1)) as sim,
        belabridge.connect(at(sim)) as bela,
        bela.stream("v0", max_waiting=2) as blocks,
    ):
        await blocks.get(10)
        await until(lambda: blocks.dropped_blocks > 3, 20)
        gap, after = await blocks.get(10), await blocks.get(10)
        assert gap.is_gap
        assert gap.end_frame == after.first_frame


async def test_a_slow_reader_can_be_an_error(board):
    async with (
        board(many_variables(1)) as sim,
        belabridge.connect(at(sim)) as bela,
        bela.stream("v0", max_waiting=seconds(0.1), on_full="error") as blocks,
    ):
        await until(lambda: blocks._backlog.is_closed, 20)
        with pytest.raises(FellBehind):
            await read_on(blocks)


async def test_a_stalled_board_does_not_hold_up_who_has_a_limit(board):
    async with (
        board(many_variables(1)) as sim,
        belabridge.connect(at(sim)) as bela,
        bela.stream("v0") as blocks,
        bela.monitor(v0=100) as samples,
    ):
        await blocks.get(10)
        sim.inject(Stall())
        with pytest.raises(BoardTimeout, match="no block of v0"):
            await read_on(blocks, 0.3)
        with pytest.raises(BoardTimeout, match="no value of v0"):
            await read_on(samples, 0.3)
        with pytest.raises(BoardTimeout):
            await bela.peek("v0", timeout_s=0.3)


async def test_what_is_asked_while_the_board_is_away_waits_for_it(board):
    async with board(many_variables(1)) as sim, belabridge.connect(at(sim)) as bela:
        sim.inject(Vanish(for_s=0.3))
        await until(lambda: not bela.is_connected)
        assert bela.address is None
        assert set(await bela.peek("v0", timeout_s=20)) == {"v0"}
        sim.inject(Vanish())
        await until(lambda: not bela.is_connected)
        with pytest.raises(BoardUnreachable):
            await bela.peek("v0", timeout_s=0.3)


async def test_control_and_values_outlive_a_restart(board):
    async with (
        board(default_program()) as sim,
        belabridge.connect(at(sim)) as bela,
        bela.control("gain", "freq") as both,
    ):
        await both.set(gain=0.25)
        sim.restart()
        async with asyncio.timeout(20):
            while not all(bela.variables[name].controlled for name in both.names) or (
                await bela.peek("gain")
            ) != {"gain": 0.25}:
                await bela.peek()


async def test_a_variable_stays_under_control_as_long_as_somebody_has_it(board):
    async with board(default_program()) as sim, belabridge.connect(at(sim)) as bela:
        async with bela.control("gain") as outer:
            async with bela.control("gain") as inner:
                await inner.set(0.25, confirm=True)
            await bela.peek("gain")
            assert bela.variables["gain"].controlled
            await outer.set(0.5, confirm=True)
        async with asyncio.timeout(20):
            while bela.variables["gain"].controlled:
                await bela.peek("gain")


@pytest.mark.parametrize(
    ("misuse", "says"),
    [
        (lambda bela: bela.stream(), "name at least one variable"),
        (lambda bela: bela.stream("mic", for_=10), r"seconds\(10\) or frames\(10\)"),
        (lambda bela: bela.stream("mic", max_waiting=0), "at least one block"),
        (lambda bela: bela.stream("mic", on_gap="no"), "'tell' or 'error'"),
        (lambda bela: bela.stream("mic", on_full="no"), "'drop' or 'error'"),
        (lambda bela: bela.monitor(mic=1), r"stream\('mic'\)"),
        (lambda bela: bela.monitor(mic=0.5), r"seconds\(0.5\)"),
        (lambda bela: bela.control("gain", "freq").value, "several variables"),
    ],
)
async def test_misuse_is_told_what_to_write(misuse, says):
    async with demo() as bela:
        with pytest.raises(UsageError, match=says):
            misuse(bela)


@pytest.mark.parametrize(
    "misuse",
    [
        lambda bela: bela.stream("mic").get(1),
        lambda bela: bela.stream("mic").collect(),
        lambda bela: bela.monitor(mic=100).get(1),
        lambda bela: bela.control("gain").set(0.5),
        lambda bela: bela.send_buffer("no such buffer", [1.0]),
        lambda bela: bela.send_buffer(0, [float("nan")]),
        lambda bela: bela.send_buffer(0, [1.0], type="x"),
    ],
)
async def test_misuse_of_what_waits(misuse):
    async with demo() as bela:
        with pytest.raises(UsageError):
            await misuse(bela)


async def test_values_that_cannot_be_set(board):
    async with (
        board(default_program()) as sim,
        belabridge.connect(at(sim)) as bela,
        bela.control("gain") as gain,
    ):
        for wrong in (float("nan"), 1e39):
            with pytest.raises(UsageError):
                await gain.set(wrong)
        with pytest.raises(UsageError, match="'freq' is not under this control"):
            await gain.set(freq=1.0)
        with pytest.raises(UsageError, match="set what"):
            await gain.set()


async def test_a_stream_is_used_once(board):
    async with board(many_variables(1)) as sim, belabridge.connect(at(sim)) as bela:
        stream = bela.stream("v0", for_=frames(10))
        async with stream:
            pass
        with pytest.raises(UsageError, match="used once"):
            async with stream:
                pass


def test_all_errors_are_of_one_family():
    for error in (FellBehind, FramesMissing, BoardLost, BoardTimeout, UsageError):
        assert issubclass(error, BelabridgeError)
