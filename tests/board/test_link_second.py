"""A link to a board of protocol 2, beside original clients, and between boards of the two kinds."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

import numpy as np
import pytest
from linking import Told, linked, seen_by_another, states_of, until_seen
from websockets.asyncio.client import connect

from belabridge.board.link import Link
from belabridge.board.speech import Want
from belabridge.sim.program import Program, ProgramVariable
from belabridge.sim.programs.many import expected, many_variables
from belabridge.sim.server import SimServer
from belabridge.tally import Tally
from belabridge.values import Address, TimestampMode, VarType
from waiting import until


@asynccontextmanager
async def client(sim):
    """Another client: gives a function that says commands."""
    async with connect(f"ws://{sim.host}:{sim.port}/gui_control", compression=None, proxy=None) as socket:
        await socket.send('{"event":"connection-reply"}')

        async def say(**element):
            await socket.send(json.dumps({"watcher": [element]}))

        yield say


def counts(link):
    return link._tally.counts


SLOW = Program(
    "slow",
    (
        ProgramVariable("block", values=lambda frames: frames % 1000, every_frames=16),
        ProgramVariable("event", VarType.INT, TimestampMode.SPARSE, lambda frames: frames // 100, 5000),
        ProgramVariable("gain", initial=0.5),
    ),
)


async def test_slow_variables_come_in_time():
    told = Told(
        {"block": Want(watch=True, latency_frames=1102), "event": Want(watch=True, latency_frames=441)}
    )
    async with SimServer(SLOW) as sim, linked(sim, told):
        await until(lambda: {block.id for block, _ in told.blocks} == {0, 1})
        await until(lambda: len(told.blocks) > 20)
    dense = [block for block, _ in told.blocks if block.id == 0]
    assert {len(block.values) for block in dense[:-1]} == {1102 // 16 + 1}
    assert all(block.values.tolist() == (block.frames(16) % 1000).tolist() for block in dense)
    assert all(len(block.values) == 1 for block, _ in told.blocks if block.id == 1)
    assert told.gaps == []


async def test_what_the_program_reads_is_told_without_a_look(monkeypatch):
    monkeypatch.setattr("belabridge.board.looks.LOOK_EVERY_S", 60.0)
    told = Told({"gain": Want(monitor_period_frames=441)})
    async with SimServer(SLOW) as sim, linked(sim, told) as link:
        await until(lambda: told.boards)
        link.set_value("gain", 0.25)
        await until(lambda: any(block.reads for block, _ in told.blocks))
        looks = len(told.reads)
        link.set_value("gain", 0.75)
        await until(lambda: told.blocks[-1][0].values[0] == 0.75)
        assert told.blocks[-1][0].reads
        await asyncio.wait_for(seen_by_another(sim), 5)
        assert len(told.reads) == looks
    assert counts(link)["board.refused"] == 0


async def test_the_name_of_who_controls_is_ours():
    told = Told()
    async with SimServer(SLOW) as sim, linked(sim, told) as link:
        await until(lambda: told.boards)
        link.set_value("gain", 0.25)
        await until_seen(sim, lambda board: board["gain"]["controller"] == "belabridge")


async def test_an_error_of_the_board_is_a_complaint_and_the_rest_is_set():
    told = Told()
    async with SimServer(many_variables(3)) as sim, linked(sim, told) as link, client(sim) as say:
        await until(lambda: told.boards)
        for name in ("v0", "v1"):
            link.set_value(name, 0.25)
        await until_seen(sim, lambda board: board["v0"]["controlled"] and board["v1"]["controlled"])
        await until(lambda: told.reads and told.reads[-1]["v1"].controlled)
        await say(cmd="uncontrol", watchers=["v0"])
        await until(lambda: not sim.board.watchers[0].controlled)
        link.set_value("v0", 0.5)
        link.set_value("v1", 0.75)
        await until_seen(sim, lambda board: board["v1"]["value"] == 0.75)
        assert counts(link)["board.refused"] > 0
        assert any("nobody controls it" in complaint.text for complaint in link._tally.recent)
        await until_seen(sim, lambda board: board["v0"]["controlled"] and board["v0"]["value"] == 0.5)


async def test_losses_on_the_board_are_counted():
    told = Told({"v0": Want(watch=True)})
    async with SimServer(many_variables(1)) as sim:
        sim.board.watchers[0].lost_watched = 100  # before us
        async with linked(sim, told) as link:
            await until(lambda: told.blocks)
            sim.board.watchers[0].lost_watched += 7
            link.look_soon()
            await until(lambda: told.reads)
            assert counts(link)["board.lost_watched"] == 7
            assert counts(link)["board.lost_logged"] == 0


async def test_an_original_client_beside_us_changes_no_value():
    told = Told({"v0": Want(watch=True, latency_frames=441)})
    async with SimServer(many_variables(1), speed=4) as sim, linked(sim, told):
        await until(lambda: len(told.blocks) > 5)
        async with client(sim) as say:
            for _ in range(5):
                await say(cmd="watch", watchers=["v0"])
                await until(lambda: len(told.blocks[-1][0].values) == 1024)
                seen = len(told.blocks)
                await until(lambda seen=seen: len(told.blocks) > seen + 2)
                await say(cmd="unwatch", watchers=["v0"])
                await until(lambda: len(told.blocks[-1][0].values) <= 1022)
    frames = np.concatenate([block.frames() for block, _ in told.blocks])
    values = np.concatenate([block.values for block, _ in told.blocks])
    assert np.array_equal(values, expected(0, frames))
    assert told.gaps == []
    assert set(np.diff(frames.astype(np.int64)).tolist()) == {1}


async def test_another_client_of_protocol_2_keeps_its_limits():
    told = Told({"v0": Want(watch=True, latency_frames=1000)})
    async with SimServer(many_variables(1)) as sim, client(sim) as say:
        await say(cmd="watch", protocol=2, watchers=["v0"], blocks=[64], latencies=[2000], reads=[False])
        await until_seen(sim, lambda board: board["v0"]["block"] == 64)
        before = await seen_by_another(sim)
        async with linked(sim, told):
            await until_seen(sim, lambda board: board["v0"]["latency"] == 1000)
            assert (await seen_by_another(sim))["v0"]["block"] == 64
        await until_seen(sim, lambda board: board["v0"]["latency"] == 2000)
        after = await seen_by_another(sim)
        assert states_of(after) == states_of(before)


async def test_from_a_board_of_one_kind_to_one_of_the_other_and_back():
    told = Told({"v0": Want(watch=True, latency_frames=441), "v1": Want(monitor_period_frames=300)})
    async with SimServer(many_variables(3), original=True) as sim:
        address = Address(sim.host, sim.port)
        link = Link([address], told, Tally())
        link.start()
        await until(lambda: {block.id for block, _ in told.blocks} == {0, 1})
        link.set_value("v2", 0.25)
        await until_seen(sim, lambda board: board["v2"]["value"] == 0.25)
    for n, original in enumerate((False, True, False), 2):
        # frames that go on: only the kind of the board tells that it is another one
        async with SimServer(many_variables(3), port=address.port, original=original, speed=30) as sim:
            await until(lambda n=n: len(told.boards) == n)
            told.blocks.clear()
            await until(lambda: {block.id for block, _ in told.blocks} == {0, 1})
            await until_seen(sim, lambda board: board["v2"]["controlled"] and board["v2"]["value"] == 0.25)
            state = (await seen_by_another(sim))["v0"]
            assert state["watched"]
            assert ("block" in state) is not original
            if n == 4:
                await link.stop()
                assert not (await seen_by_another(sim))["v0"]["watched"]
    for block, _ in told.blocks:
        if not block.monitored:
            assert np.array_equal(block.values, expected(block.id, block.frames()))


@pytest.mark.parametrize("late_s", [0.0, 0.3])
async def test_a_board_that_shows_its_kind_late_is_spoken_to_in_its_own_way(late_s):
    told = Told({"v0": Want(watch=True)})
    async with SimServer(many_variables(1)) as sim:
        hear = sim.board.control_received
        questions = []

        def hear_another_first(client, message):
            if not questions and b"list" in message:  # answered after one of an original client
                questions.append(message)
                hear("another", '{"watcher":[{"cmd":"list"}]}')
                asyncio.get_running_loop().call_later(late_s, hear, client, message)
            else:
                hear(client, message)

        sim.board.control_received = hear_another_first
        async with linked(sim, told):
            await until(lambda: sim.board.watchers[0].outlet.exact_watch.running)
            await until(lambda: not sim.board.watchers[0].outlet.watch.running)
            seen = len(told.blocks)
            await until(lambda: len(told.blocks) > seen + 3)
            assert len(told.blocks[-1][0].values) <= 1022
    assert told.gaps == []


async def test_a_list_from_before_a_set_is_not_believed():
    """A list is answered at once, and a set of protocol 2 acts with the next block of audio."""
    told = Told()
    async with SimServer(many_variables(1)) as sim, linked(sim, told) as link:
        await until(lambda: told.boards)
        link.set_value("v0", 0.25)
        await until(lambda: told.reads and told.reads[-1]["v0"].value == 0.25)
        go_on = sim.board.advance
        sim.board.advance = lambda _frames: go_on(0)  # clients are heard, and no audio goes on
        link.set_value("v0", 0.75)
        await until(lambda: sim.board.pending)
        seen = len(told.reads)
        link.look_soon()
        await until(lambda: len(told.reads) > seen)
        assert sim.board.watchers[0].value == 0.25
        assert told.reads[-1]["v0"].value == 0.75
        sim.board.advance = go_on
