"""A link against a simulated board on real sockets: what it replays, and leaves alone."""

from __future__ import annotations

import asyncio
import json
import logging

import numpy as np
from linking import Told, linked, seen_by_another, states_of, until_seen
from websockets.asyncio.client import connect

from belabridge.board.link import Link
from belabridge.board.looks import LOOK_EVERY_S
from belabridge.board.status import LinkState
from belabridge.board.wishes import Want
from belabridge.sim.faults import Stall, Vanish
from belabridge.sim.programs.default import default_program
from belabridge.sim.programs.many import expected, many_variables
from belabridge.sim.server import SimServer
from belabridge.tally import Tally
from belabridge.values import Address
from waiting import until


async def test_streams_come_value_for_value(board):
    told = Told({"v0": Want(watch=True), "v2": Want(watch=True)})
    async with board(many_variables(3)) as sim, linked(sim, told):
        await until(lambda: len(told.blocks) >= 12)
    for block, _ in told.blocks:
        assert np.array_equal(block.values, expected(block.id, block.frames()))
    assert {block.id for block, _ in told.blocks} == {0, 2}
    assert told.gaps == []


async def test_the_board_is_left_as_it_was_found(board):
    told = Told({"v0": Want(watch=True), "v1": Want(monitor_period_frames=100)})
    async with board(many_variables(3)) as sim:
        before = await seen_by_another(sim)
        async with linked(sim, told) as link:
            await until(lambda: told.blocks)
            link.set_value("v2", 0.5)
            await until_seen(sim, lambda board: board["v2"]["controlled"] and board["v2"]["value"] == 0.5)
            during = await seen_by_another(sim)
            assert (during["v0"]["watched"], during["v1"]["monitor"]) == (True, 100)
        await until_seen(sim, lambda after: states_of(after) == states_of(before))


async def test_a_restarted_program_gets_everything_again(board):
    told = Told({"v0": Want(watch=True)})
    async with board(many_variables(2)) as sim, linked(sim, told) as link:
        await until(lambda: told.blocks)
        link.set_value("v1", 0.25)
        await until_seen(sim, lambda board: board["v1"]["value"] == 0.25)
        sim.restart()
        await until(lambda: len(told.boards) == 2)
        told.blocks.clear()
        await until(lambda: told.blocks)
        await until_seen(sim, lambda board: board["v1"]["controlled"] and board["v1"]["value"] == 0.25)
        assert len(told.losses) == 1
        assert link.status.connections == 2


async def test_a_value_set_while_the_board_is_away_reaches_it(board):
    told = Told()
    async with board(many_variables(2)) as sim, linked(sim, told) as link:
        await until(lambda: told.boards)
        link.set_value("v0", 0.25)
        await until_seen(sim, lambda board: board["v0"]["value"] == 0.25)
        sim.inject(Vanish(for_s=0.3))
        await until(lambda: told.losses)
        link.set_value("v0", 0.75)
        await until(lambda: len(told.boards) == 2)
        await until_seen(sim, lambda board: board["v0"]["value"] == 0.75)


async def test_other_variables_are_told_and_wanted_anew(board):
    told = Told({"v0": Want(watch=True), "pot1": Want(monitor_period_frames=400)})
    async with board(many_variables(2)) as sim, linked(sim, told):
        await until(lambda: told.blocks)
        sim.restart(default_program())
        await until(lambda: len(told.boards) == 2)
        assert told.boards[1][0] == "belabridge-demo"
        told.blocks.clear()
        await until(lambda: told.blocks)
        assert all(block.monitored for block, _ in told.blocks)


async def keep_moving(link):
    """A hand on a fader: values as fast as a controller sends them, for ever."""
    loop = asyncio.get_running_loop()
    while True:
        link.set_value("v0", loop.time() % 1)
        await asyncio.sleep(0.0007)


async def test_a_hand_on_the_fader_does_not_keep_the_board_after_the_end(board):
    async with board(many_variables(1)) as sim:
        for _ in range(5):
            told = Told()
            async with linked(sim, told) as link:
                await until(lambda told=told: told.boards)
                hand = asyncio.create_task(keep_moving(link))
                await until(lambda told=told: told.reads and told.reads[-1]["v0"].controlled)
            await until_seen(sim, lambda board: not board["v0"]["controlled"])
            hand.cancel()
            assert not (await seen_by_another(sim))["v0"]["controlled"]


async def test_what_is_let_go_while_the_board_is_away_is_given_back_when_it_is_here(board):
    told = Told()
    async with board(many_variables(1)) as sim, linked(sim, told) as link:
        await until(lambda: told.boards)
        link.set_value("v0", 0.25)
        await until_seen(sim, lambda board: board["v0"]["controlled"])
        sim.inject(Vanish(for_s=0.2))
        await until(lambda: told.losses)
        link.let_go(["v0"])
        await until(lambda: len(told.boards) == 2)
        await until_seen(sim, lambda board: not board["v0"]["controlled"])


async def test_a_change_by_others_is_read_as_often_as_is_wanted():
    told = Told()
    async with SimServer(default_program(), original=True) as sim, linked(sim, told) as link:
        link.look_every_s = 0.05
        await until(lambda: told.boards)
        link.look_soon()  # from then on it counts
        async with connect(f"ws://{sim.host}:{sim.port}/gui_control", compression=None, proxy=None) as other:
            await other.send('{"watcher":[{"cmd":"control","watchers":["gain"]}]}')
            await other.send('{"watcher":[{"cmd":"set","watchers":["gain"],"values":[0.25]}]}')
            asked_at = asyncio.get_running_loop().time()
            await until(lambda: told.reads and told.reads[-1]["gain"].value == 0.25)
        assert asyncio.get_running_loop().time() - asked_at < LOOK_EVERY_S / 2


async def test_what_changes_what_is_read_is_looked_at_soon(board):
    told = Told()
    async with board(many_variables(2)) as sim, linked(sim, told) as link:
        await until(lambda: told.boards)
        link.set_value("v0", 0.25)
        await until(lambda: told.reads and told.reads[-1]["v0"].value == 0.25, deadline_s=2)
        sim.restart()
        await until(lambda: len(told.boards) == 2)
        told.reads.clear()
        await until(lambda: told.reads and told.reads[-1]["v0"].value == 0.25, deadline_s=2)
        link.let_go(["v0"])
        await until(lambda: not told.reads[-1]["v0"].controlled, deadline_s=2)


async def test_a_value_that_the_board_cannot_hold_never_reaches_it(board):
    told = Told()
    async with board(many_variables(1)) as sim:
        link = Link([Address(sim.host, sim.port)], told, Tally())
        link.set_value("v0", 1e39)  # no board yet, so nobody knows its type
        link.start()
        await until(lambda: told.boards)
        link.look_soon()
        await until(lambda: told.reads)
        assert not (await seen_by_another(sim))["v0"]["controlled"]
        assert link._tally.counts["board.unfit"] == 1
        await link.stop()


async def test_a_receiver_with_a_fault_is_told_of_once_and_the_link_goes_on(board, caplog):
    told = Told({"v0": Want(watch=True)})
    faults = []

    def block(block, now):
        faults.append(block)
        if len(faults) == 1:
            raise ZeroDivisionError("a fault of ours")
        Told.block(told, block, now)

    told.block = block
    async with board(many_variables(1)) as sim, linked(sim, told):
        await until(lambda: told.blocks)
    assert [r.exc_info[0] for r in caplog.records if r.exc_info] == [ExceptionGroup]
    assert len(told.boards) == 2


async def test_a_stalled_board_does_not_hold_up_the_end(board):
    told = Told({"v0": Want(watch=True)})
    async with board(many_variables(1)) as sim, linked(sim, told) as link:
        await until(lambda: told.blocks)
        sim.inject(Stall())
        async with asyncio.timeout(1.2):  # the daemon gives it 1.5 s
            await link.stop()


async def test_one_warning_an_outage(board, caplog):
    caplog.set_level(logging.DEBUG, logger="belabridge.board")
    told = Told()
    async with board(many_variables(1)) as sim, linked(sim, told):
        await until(lambda: told.boards)
        sim.inject(Vanish(for_s=1.0))
        await until(lambda: len(told.boards) == 2)
    tries = [record for record in caplog.records if "trying again" in record.message]
    assert tries[0].levelname == "WARNING"
    assert len(tries) > 1, "it tries several times within the first second"
    assert {record.levelname for record in tries[1:]} == {"DEBUG"}
    assert max(record.levelno for record in caplog.records) == logging.WARNING, "a lost board is no fault"


async def test_a_board_that_comes_later_is_found(board):
    told = Told()
    async with board(many_variables(1)) as sim:
        address = Address(sim.host, sim.port)
    link = Link([address], told, Tally())
    link.start()
    assert link.status.state is LinkState.SEARCHING
    async with board(many_variables(1), port=address.port):
        await until(lambda: told.boards)
        assert link.status.state is LinkState.CONNECTED
        await link.stop()


async def test_a_watch_that_another_client_ended_is_begun_again(board, monkeypatch):
    monkeypatch.setattr("belabridge.board.looks.LOOK_EVERY_S", 0.05)
    told = Told({"v0": Want(watch=True)})
    async with board(many_variables(1)) as sim, linked(sim, told):
        await until(lambda: told.blocks)
        async with connect(f"ws://{sim.host}:{sim.port}/gui_control", compression=None, proxy=None) as other:
            for protocol in (1, 2):
                unwatch = {"cmd": "unwatch", "watchers": ["v0"], "protocol": protocol}
                await other.send(json.dumps({"watcher": [unwatch]}))
            await until_seen(sim, lambda board: not board["v0"]["watched"])
        await until_seen(sim, lambda board: board["v0"]["watched"])
