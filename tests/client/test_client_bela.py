"""A board in an ``async`` program, on real sockets."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

import belabridge
from belabridge import Gap, frames, seconds
from belabridge.errors import BoardUnreachable, Closed, UnknownVariable
from belabridge.sim.faults import Vanish
from belabridge.sim.program import Program, ProgramVariable
from belabridge.sim.programs.default import default_program
from belabridge.sim.programs.many import expected, many_variables
from belabridge.sim.server import SimServer
from belabridge.values import TimestampMode, VarType
from waiting import until


def frame_of(frames):
    return frames


def at(sim):
    return f"{sim.host}:{sim.port}"


async def test_every_sample_comes_with_its_frame(board):
    async with board(many_variables(2)) as sim, belabridge.connect(at(sim)) as bela:
        got = {"v0": [], "v1": []}
        async with bela.stream("v0", "v1") as blocks:
            async for block in blocks:
                assert not isinstance(block, Gap)
                assert block.values.dtype == np.float32
                assert np.array_equal(block.values, expected(int(block.name[1]), block.frames))
                assert np.array_equal(block.time_s, block.frames / 44_100)
                got[block.name].append(block.frames)
                if min(map(len, got.values())) > 5:
                    break
        for of_one in got.values():
            assert set(np.diff(np.concatenate(of_one))) == {1}


async def test_a_window_is_exact_to_the_frame(board):
    async with board(many_variables(2)) as sim, belabridge.connect(at(sim)) as bela:
        start = bela.frame + 30_000
        data = await bela.collect("v0", "v1", start=start, for_=frames(3001))
    for name, block in data.items():
        assert block.frames.tolist() == list(range(start, start + 3001)), name
        assert np.array_equal(block.values, expected(int(name[1]), block.frames))


async def test_everything_at_once_over_one_connection(board):
    async with board(default_program()) as sim, belabridge.connect(at(sim)) as bela:
        assert bela.project == "belabridge-demo"
        assert bela.sample_rate_hz == 44_100
        assert set(bela.variables) >= {"pot1", "mic", "gain"}
        async with (
            bela.stream("mic") as blocks,
            bela.monitor(pot1=100, trigger=seconds(0.01)) as samples,
            bela.control("gain") as gain,
        ):
            await gain.set(0.25, confirm=True)
            assert (await bela.peek("gain")) == {"gain": 0.25}
            assert gain.value == 0.25
            assert len(await blocks.get(5)) > 0
            seen = [await samples.get(5) for _ in range(20)]
            assert {sample.name for sample in seen} == {"pot1", "trigger"}
            assert all(isinstance(sample.value, int) for sample in seen if sample.name == "trigger")
            assert len(sim.clients) == 2
        async with asyncio.timeout(10):
            while (await bela.peek("gain"))["gain"] == 0.25:
                pass
        assert not bela.variables["gain"].controlled


async def test_an_unknown_name_says_what_is_near(board):
    async with board(default_program()) as sim, belabridge.connect(at(sim)) as bela:
        for ask in (bela.stream, bela.control, lambda name: bela.monitor({name: 100})):
            with pytest.raises(UnknownVariable, match="did you mean pot1"):
                ask("Pot1")


async def test_nobody_there():
    with pytest.raises(BoardUnreachable):
        await belabridge.connect("127.0.0.1:1", timeout_s=0.5)


async def test_leaving_ends_only_ones_own(board):
    async with board(many_variables(1)) as sim, belabridge.connect(at(sim)) as bela:
        async with bela.stream("v0") as outer:
            async with bela.stream("v0") as inner:
                await inner.get(5)
            await outer.get(5)
            before = outer._windows["v0"].known_until
            while outer._windows["v0"].known_until < before + 10_000:
                assert not isinstance(await outer.get(5), Gap)
        await until(lambda: not bela._hub.link.wishes.wanted)


async def test_a_restart_of_the_program_is_a_gap(board):
    async with (
        board(many_variables(1)) as sim,
        belabridge.connect(at(sim)) as bela,
        bela.stream("v0") as blocks,
    ):
        await until(lambda: sim.board.frame > 30_000, 20)
        sim.restart()
        async for block in blocks:
            if isinstance(block, Gap):
                break
        assert block.missing_frames == 0
        after = await blocks.get(10)
        assert np.array_equal(after.values, expected(0, after.frames))
        assert after.last_frame < sim.board.frame


async def test_what_is_closed_says_so(board):
    async with board(many_variables(1)) as sim:
        bela = await belabridge.connect(at(sim))
        async with bela.stream("v0") as blocks:
            await blocks.get(5)
            await bela.close()
            async for block in blocks:
                assert len(block)
        with pytest.raises(Closed):
            await bela.peek("v0")


async def test_rows_of_different_types_and_rates(board):
    async with board(default_program()) as sim, belabridge.connect(at(sim)) as bela:
        start = bela.frame + 30_000
        async with bela.aligned("mic", "trigger", "pot1", start=start, for_=frames(30_000)) as blocks:
            got = [block async for block in blocks]
        assert not any(block.is_gap for block in got)
        assert np.concatenate([block.frames for block in got]).tolist() == list(range(start, start + 30_000))
        rows = np.concatenate([block.values for block in got])
        assert rows.dtype.names == ("mic", "trigger", "pot1")
        frame = np.arange(start, start + 30_000)
        assert np.array_equal(rows["trigger"], frame % 22_050 < 2_205)


async def test_rows_of_a_variable_that_is_assigned_seldom():
    async with SimServer(default_program()) as sim, belabridge.connect(at(sim)) as bela:
        async with bela.aligned("trigger", "counter", for_=frames(60_000)) as blocks:
            got = [block async for block in blocks]
        assert not any(block.is_gap for block in got)
        of_frames = np.concatenate([block.frames for block in got])
        assert len(of_frames) == 60_000
        assert np.array_equal(np.concatenate([block["counter"] for block in got]), of_frames // 22_050 + 1)


async def test_rows_of_one_type_are_an_array_with_gaps_where_the_board_was_away(board):
    async with (
        board(many_variables(3)) as sim,
        belabridge.connect(at(sim)) as bela,
        bela.aligned("v0", "v1", "v2") as blocks,
    ):
        await blocks.get(5)
        sim.inject(Vanish(for_s=0.3))
        expects, gaps = None, 0
        async for block in blocks:
            if block.is_gap:
                gaps += 1
                assert block.first_frame == expects
                assert block.missing_frames > 1000
                expects = block.end_frame
                continue
            assert expects in (None, block.first_frame)
            assert block.values.dtype == np.float32
            for place in range(3):
                assert np.array_equal(block.values[:, place], expected(place, block.frames))
            expects = block.end_frame
            if gaps and block.first_frame > 30_000:
                break
        assert gaps  # a board of protocol 2 may have lost some more, while it noticed


async def test_the_last_values_of_slow_variables_come_when_a_stream_ends(board):
    kinds = {
        "slow": ProgramVariable("slow", values=frame_of, every_frames=500),
        "rare": ProgramVariable("rare", VarType.DOUBLE, TimestampMode.SPARSE, frame_of, 4000),
        "never": ProgramVariable("never"),
    }
    async with (
        board(Program("slow ones", tuple(kinds.values()))) as sim,
        belabridge.connect(at(sim)) as bela,
    ):
        start = bela.frame + 30_000
        data = await bela.collect(*kinds, start=start, for_=frames(20_000))
    assert len(data["never"]) == 0
    rare = data["rare"]
    assert rare.frames.tolist() == [f for f in range(start, start + 20_000) if f % 4000 == 0]
    assert np.array_equal(rare.values, rare.frames)
    slow = [f for f in range(start, start + 20_000) if f % 500 == 0]
    got = data["slow"].values.tolist()
    if got != slow:  # one block shows no step, and its frames are reckoned
        assert got == list(range(int(got[0]), int(got[-1]) + 1, 500))
        assert set(got) >= set(slow[3:-3])


async def test_what_a_stream_has_when_it_is_stopped_is_whole(board):
    async with board(many_variables(1)) as sim, belabridge.connect(at(sim)) as bela:
        async with bela.stream("v0") as blocks:
            first = await blocks.get(5)
            before = bela.frame
            blocks.stop()
            rest = [block async for block in blocks]
        of_frames = np.concatenate([block.frames for block in [first, *rest]])
        assert set(np.diff(of_frames)) == {1}
        assert of_frames[-1] >= before - 1
        async with asyncio.timeout(10):
            while bela.variables["v0"].watched:
                await bela.peek()
