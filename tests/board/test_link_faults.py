"""A link and a board that does what it should not: losses, stalls, strangers."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace

import numpy as np
import pytest
from linking import Told, linked, seen_by_another, until_seen
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

from belabridge.board.link import Link
from belabridge.board.wishes import Want
from belabridge.sim.faults import DropHeader, Greet, Stall
from belabridge.sim.program import Program
from belabridge.sim.programs.many import expected, many_variables
from belabridge.sim.server import SimServer
from belabridge.tally import Tally
from belabridge.values import Address
from waiting import until


async def test_a_spliced_buffer_is_cut_and_counted(board):
    told = Told({"v0": Want(watch=True)})
    async with board(many_variables(1)) as sim:
        async with connect(f"ws://{sim.host}:{sim.port}/gui_control", compression=None, proxy=None) as other:
            await other.send('{"event":"connection-reply"}')
            await other.send('{"watcher":[{"cmd":"watch","watchers":["v0"]}]}')
            await until_seen(sim, lambda board: board["v0"]["watched"])
        # nobody is active now: the buffer that is half full stays so until the link comes
        frame = sim.board.frame
        await until(lambda: sim.board.frame > frame + 2048)
        async with linked(sim, told) as link:
            await until(lambda: len(told.blocks) >= 3)
            for block, _ in told.blocks:
                assert np.array_equal(block.values, expected(0, block.frames()))
            link.look_soon()
            await until(lambda: told.reads)
            assert link._tally.counts["board.cut_blocks"] == 1
        assert (await seen_by_another(sim))["v0"]["watched"], "another client's watch is left alone"


async def test_lost_headers_are_gaps_in_frames(board):
    told = Told({"v0": Want(watch=True)})
    async with board(many_variables(1)) as sim, linked(sim, told):
        await until(lambda: len(told.blocks) >= 3)
        sim.inject(DropHeader(2))
        await until(lambda: told.gaps)
    assert told.gaps == [(0, 2 * len(told.blocks[0][0].values))]


async def test_greetings_of_other_clients_are_no_restart(board):
    told = Told({"v0": Want(watch=True)})
    async with board(many_variables(1)) as sim, linked(sim, told):
        await until(lambda: told.blocks)
        for _ in range(20):
            sim.inject(Greet())
        seen = len(told.blocks)
        await until(lambda: len(told.blocks) > seen + 3)
    assert (len(told.boards), told.gaps, told.losses) == (1, [], [])


async def test_a_stall_is_survived_without_a_new_connection(board):
    told = Told({"v0": Want(watch=True)})
    async with board(many_variables(1)) as sim, linked(sim, told):
        await until(lambda: told.blocks)
        sim.inject(Stall(for_s=0.5))
        seen = len(told.blocks)
        await until(lambda: len(told.blocks) > seen + 30)
    assert (len(told.boards), told.gaps) == (1, [])


async def test_a_board_that_stops_answering_is_not_taken_for_one_that_never_could(board, monkeypatch, caplog):
    monkeypatch.setattr("belabridge.board.looks.LOOK_EVERY_S", 0.05)
    monkeypatch.setattr("belabridge.board.link.ANSWER_WITHIN_S", 0.2)
    told = Told({"v0": Want(watch=True)})
    async with board(many_variables(1)) as sim, linked(sim, told):
        await until(lambda: told.reads)
        sim.inject(Stall(for_s=0.5))
        await until(lambda: told.losses)
        await until(lambda: len(told.boards) == 2)
    (reason,) = told.losses
    assert "answered before" in reason
    assert "watcher library" not in reason
    assert any(reason in record.getMessage() for record in caplog.records)


async def test_a_receiver_that_is_too_slow_loses_the_oldest_and_only_those(board, monkeypatch):
    monkeypatch.setattr("belabridge.board.connection.INBOX_BLOCKS", 40)  # more than a tick of the board sends
    told = Told({f"v{i}": Want(watch=True) for i in range(8)})

    def block(block, now):
        if 50 < len(told.blocks) < 250:  # once each variable has come, or there is no gap to see
            time.sleep(0.002)  # 500 blocks a second, of the 690 or more that come
        Told.block(told, block, now)

    told.block = block
    async with board(many_variables(8), speed=2.0) as sim, linked(sim, told) as link:
        await until(lambda: len(told.blocks) > 400)
        reads = len(told.reads)
        link.look_soon()
        await until(lambda: len(told.reads) > reads)
        missing = sum(frames for _, frames in told.gaps)
        dropped = link._tally.counts["board.dropped_blocks"]
        assert dropped > 0
        assert missing == len(told.blocks[0][0].values) * dropped


@pytest.mark.parametrize("kind", ["silent", "http", "echo"])
async def test_what_is_not_a_bela_is_said_and_left(kind, caplog, monkeypatch):
    monkeypatch.setattr("belabridge.board.connection.OPEN_TIMEOUT_S", 0.2)

    async def silent(reader, writer):
        await reader.read(10_000)
        writer.close()

    async def http(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
        await writer.drain()
        writer.close()

    async def echo(socket):
        async for message in socket:
            await socket.send(message)

    if kind == "echo":
        server = await serve(echo, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
    else:
        server = await asyncio.start_server({"silent": silent, "http": http}[kind], "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
    told = Told()
    link = Link([Address("127.0.0.1", port)], told, Tally())
    caplog.set_level(logging.WARNING, logger="belabridge.board")
    link.start()
    await until(lambda: any("trying again" in record.message for record in caplog.records))
    await link.stop()
    server.close()
    assert told.boards == []


async def test_a_variable_that_cannot_be_named_does_not_take_the_others_away(board, caplog):
    program = replace(
        many_variables(2),
        variables=[
            replace(v, name=n) for v, n in zip(many_variables(2).variables, ["a\x1b[2J", "v1"], strict=True)
        ],
    )
    told = Told({"v1": Want(watch=True)})
    async with board(program) as sim, linked(sim, told) as link:
        await until(lambda: told.blocks)
        assert told.boards == [(program.project, ["v1"])]
        assert {block.id for block, _ in told.blocks} == {1}
        assert link.status.connections == 1
    (line,) = [record.getMessage() for record in caplog.records if "nobody can use" in record.getMessage()]
    assert line.endswith(r"a\x1b[2J")


async def test_a_program_without_variables_is_a_board_all_the_same(board):
    told = Told()
    async with board(Program("empty", ())) as sim, linked(sim, told):
        await until(lambda: told.boards)
    assert told.boards == [("empty", [])]


@pytest.mark.parametrize("turns", range(12))
async def test_a_board_that_vanishes_while_we_stop_does_not_keep_us(turns, monkeypatch):
    monkeypatch.setattr("belabridge.board.goodbye.GOODBYE_S", 0.0)
    told = Told()
    async with SimServer(many_variables(1)) as sim:
        link = Link([Address(sim.host, sim.port)], told, Tally())
        link.start()
        await until(lambda: told.boards)
        sim.inject(Stall(for_s=5.0))
        link.look_soon()
        await until(lambda: link._connection._waiting)
        link._connection._data.abort()
        for _ in range(turns):
            await asyncio.sleep(0)
        async with asyncio.timeout(3):
            await link.stop()
        assert not link.is_running
