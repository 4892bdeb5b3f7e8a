"""The simulated board on the network, and what goes wrong with it on demand."""

from __future__ import annotations

import asyncio
import json

import numpy as np
import pytest
from clients import both, got, listed, opened, say, until
from websockets.exceptions import ConnectionClosed, ConnectionClosedError

from belabridge.errors import BelabridgeError, PortInUse, UsageError
from belabridge.sim.faults import DropBody, DropHeader, Garbage, Greet, Restart, Splice, Stall, Vanish
from belabridge.sim.machine import ARM32
from belabridge.sim.programs.captures import bela_test, bela_test_send, bela_types
from belabridge.sim.programs.many import expected, many_variables
from belabridge.sim.server import SimServer

WATCH = {"cmd": "watch", "watchers": ["v0"]}


@pytest.fixture
async def server():
    async with SimServer(many_variables(2), speed=8) as server:
        yield server


async def next_body(data) -> bytes:
    assert await got(data) == b"0/f"
    return await got(data)


async def test_every_buffer_arrives_with_its_values(server):
    async with both(server) as (control, data):
        await say(control, {"cmd": "watch", "watchers": ["v0", "v1"]})
        following: dict[bytes, int] = {}
        for _ in range(40):
            header, body = await got(data), await got(data)
            frame = int.from_bytes(body[:8], "little")
            assert following.setdefault(header, frame) == frame
            following[header] = frame + 1024
            frames = np.arange(frame, frame + 1024, dtype=np.uint64)
            np.testing.assert_array_equal(
                np.frombuffer(body, "<f4", offset=8), expected(int(header[:1]), frames)
            )
        assert set(following) == {b"0/f", b"1/f"}


async def test_time_passes_at_the_speed_that_was_asked_for():
    loop = asyncio.get_running_loop()
    async with SimServer(bela_test(), speed=4) as server:
        start_s, start = loop.time(), server.board.frame
        await until(lambda: loop.time() - start_s > 0.5)
        passed = (server.board.frame - start) / 44_100
        assert passed == pytest.approx(4 * (loop.time() - start_s), abs=4 * 0.2)  # a busy machine


async def test_every_client_gets_greetings_answers_and_buffers(server):
    async with both(server) as (first, first_data), opened(server, "/gui_control") as second:
        assert (
            json.loads(await got(first))
            == json.loads(await got(second))
            == {
                "event": "connection",
                "projectName": "many",
            }
        )
        async with opened(server, "/gui_data") as second_data:
            await say(second, {"cmd": "list"}, WATCH)
            assert await got(first) == await got(second)
            a, b = await got(first_data), await got(second_data)
            assert a == b == b"0/f"
            assert len(server.clients) == 4
    await until(lambda: not server.clients)


async def test_a_program_whose_clock_is_the_hosts_buffers():
    async with SimServer(bela_test_send()) as server, both(server) as (control, data):
        await say(control, {"cmd": "monitor", "watchers": ["myvar1"], "periods": [1]})
        await listed(control)  # the other socket may be read first
        await data.send(bytes(4) + b"f\0\0\0\1\0\0\0" + bytes(4) + np.float32(2.5).tobytes())
        assert (await got(data), await got(data)) == (
            b"0/f",
            (1).to_bytes(8, "little") + np.float32(2.5).tobytes(),
        )


async def test_it_ends_without_a_word(server):
    async with both(server) as (control, _):
        await server.stop()
        with pytest.raises(ConnectionClosedError) as closed:
            await got(control)
        assert closed.value.rcvd is None
    await server.stop()  # again: nothing


async def test_a_port_in_use():
    async with SimServer(bela_test()) as server:
        with pytest.raises(PortInUse, match=str(server.port)):
            await SimServer(bela_test(), port=server.port).start()


async def test_an_address_that_is_not_ours():
    with pytest.raises(BelabridgeError, match="choose another"):
        await SimServer(bela_test(), "203.0.113.1").start()


@pytest.mark.parametrize("speed", [0, -1, float("nan"), float("inf")])
def test_speeds_that_make_no_sense(speed):
    with pytest.raises(UsageError, match="speed"):
        SimServer(bela_test(), speed=speed)


async def test_another_machine():
    async with SimServer(bela_types(), machine=ARM32) as server, both(server) as (control, _):
        await say(control, {"cmd": "control", "watchers": ["c_d"]})
        await say(control, {"cmd": "set", "watchers": ["c_d"], "values": [200]})
        assert (await listed(control))["watchers"][0]["value"] == 200


async def test_lost_headers_and_bodies(server):
    async with both(server) as (control, data):
        server.inject(DropHeader())
        await say(control, WATCH)
        assert len(await got(data)) == 4104
        assert await got(data) == b"0/f"
        await got(data)
        server.inject(DropBody(2))
        lengths = [len(await got(data)) for _ in range(12)]
        assert "".join("h" if length == 3 else "b" for length in lengths).count("hhhb") == 1


async def test_it_vanishes_and_comes_back_with_its_program_running(server):
    async with both(server) as (control, data):
        await say(control, {"cmd": "control", "watchers": ["v1"]})
        await listed(control)
        port, board = server.port, server.board
        server.inject(Vanish(0.05))
        for socket in (control, data):
            with pytest.raises(ConnectionClosed):
                await got(socket)
        with pytest.raises(ConnectionRefusedError):
            await opened(server, "/gui_control")

    async def back() -> bool:
        try:
            async with opened(server, "/gui_control") as again:
                await got(again)
                return (await listed(again))["watchers"][1]["controlled"]
        except OSError:
            await asyncio.sleep(0.01)
            return False

    async with asyncio.timeout(5):
        while not await back():
            pass
    assert (server.port, server.board) == (port, board)


async def test_for_ever_without_a_time_and_stop_still_works(server):
    server.inject(Vanish())
    with pytest.raises(ConnectionRefusedError):
        await opened(server, "/gui_control")
    server.inject(Stall())


async def test_a_stall_holds_everything_and_loses_nothing(server):
    async with both(server) as (control, data):
        await say(control, WATCH)
        await got(data)
        server.inject(Stall(0.3))
        held = server.board.frame
        loop = asyncio.get_running_loop()
        start_s = loop.time()
        await say(control, {"cmd": "list"})
        answer = json.loads(await got(control))["watcher"]
        assert loop.time() - start_s > 0.25
        assert answer["timestamp"] > held + 0.25 * 8 * 44_100  # the program ran on
        frames = [int.from_bytes((await got(data))[:8], "little")]
        while frames[-1] < held + 0.3 * 8 * 44_100:
            frames.append(int.from_bytes((await next_body(data))[:8], "little"))
        assert set(np.diff(frames)) == {1024}


async def test_who_comes_during_a_stall_waits(server):
    server.inject(Stall(0.2))
    start_s = asyncio.get_running_loop().time()
    async with opened(server, "/gui_control") as control:
        await got(control)
    assert asyncio.get_running_loop().time() - start_s > 0.15


async def test_a_seam(server):
    async with both(server) as (control, data):
        await say(control, WATCH)
        await got(data)
        await got(data)
        server.inject(Splice(4096))
        before = np.frombuffer(await next_body(data), "<f4", offset=8)
        while before[-1] - before[0] == 1023:
            after = np.frombuffer(await next_body(data), "<f4", offset=8)
            if after[0] - before[-1] > 1:  # the seam may fall between two buffers
                before = np.append(before, after[0])
                break
            before = after
        assert np.diff(before).max() == 1 + 4096


async def test_another_program_starts(server):
    async with both(server) as (control, _):
        server.inject(Restart(bela_test()))
        with pytest.raises(ConnectionClosedError):
            await got(control)
    async with opened(server, "/gui_control") as control:
        assert json.loads(await got(control))["projectName"] == "bela-test"
        answer = await listed(control)
        assert answer["timestamp"] < 8 * 44_100
        assert len(answer["watchers"]) == 5
    server.restart()
    assert server.board.program.project == "bela-test"
    assert server.board.frame == 0


async def test_a_greeting_and_garbage(server):
    async with both(server) as (control, data):
        server.inject(Greet())
        assert json.loads(await got(control))["event"] == "connection"
        server.inject(Garbage("data", (b"", b"9" * 70_000)))
        assert [len(await got(data)) for _ in range(2)] == [0, 70_000]
        server.inject(Garbage("control", (b"{",)))
        assert await got(control) == "{"


async def test_faults_may_be_planned():
    planned = [(0.5, Garbage("control", (b"now",)))]
    async with SimServer(bela_test(), faults=planned) as server, opened(server, "/gui_control") as control:
        await got(control)
        assert await got(control) == "now"
