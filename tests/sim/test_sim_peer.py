"""The board's side of a WebSocket, to its silence."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

import pytest
from clients import client_frame, got, listed, opened, raw, until
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import InvalidStatus

from belabridge.sim.peer import MAX_MESSAGE_BYTES, QUEUE_BYTES, prefix
from belabridge.sim.programs.captures import bela_test
from belabridge.sim.programs.default import default_program
from belabridge.sim.programs.many import many_variables
from belabridge.sim.server import SimServer


@pytest.fixture
async def server():
    async with SimServer(bela_test()) as server:
        yield server


@given(st.integers(0, 70_000), st.booleans())
def test_what_stands_before_a_payload(size, text):
    head = prefix(size, text=text)
    assert head[0] == (0x81 if text else 0x82)
    assert not head[1] & 0x80
    length = head[1] if head[1] < 126 else int.from_bytes(head[2:], "big")
    assert length == size
    assert len(head) == (2 if size < 126 else 4 if size < 65_536 else 10)


@pytest.mark.parametrize("path", ["/", "/gui", "/gui_data/", "/gui_control?x", "/.."])
async def test_other_paths_are_not_found(server, path):
    with pytest.raises(InvalidStatus) as refused:
        await opened(server, path)
    assert refused.value.response.status_code == 404


async def test_no_compression_and_no_subprotocol(server):
    async with raw(server) as (response, *_):
        assert response.startswith(b"HTTP/1.1 101")
        assert b"sec-websocket-extensions" not in response.lower()
        assert b"sec-websocket-protocol" not in response.lower()


async def test_pings_are_answered(server):
    async with raw(server) as (_, reader, writer):
        writer.write(client_frame(0x89, b"hello"))
        assert await reader.readexactly(7) == b"\x8a\x05hello"


@pytest.mark.parametrize(
    "frames",
    [
        client_frame(0x88, b"\x03\xe8"),  # a close: the board ends without one
        client_frame(0x01, b"{"),  # a fragment
        client_frame(0x81, b" " * (MAX_MESSAGE_BYTES + 1)),
        client_frame(0x81, b" " * 70_000),
        client_frame(0xC1, b"{}"),  # compressed
        b"\x81\x02{}",  # not masked
        client_frame(0x83, b"{}"),  # an opcode that there is not
        b"\xff" * 100,
    ],
)
async def test_what_ends_a_connection_ends_it_silently(server, frames):
    async with raw(server) as (_, reader, writer):
        writer.write(frames)
        with suppress(ConnectionResetError):  # it did not read all of what was sent: TCP's word for the same
            assert await reader.read() == b""
    assert not server.board.dead
    async with opened(server, "/gui_control") as control:
        await got(control)


async def test_what_is_not_http_at_all(server):
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"\0\1\2\3\r\n\r\n")
    async with asyncio.timeout(5):
        await reader.read()
    writer.close()
    await until(lambda: not server.clients)


async def test_the_largest_message_passes_and_texts_may_come_as_binary(server):
    async with opened(server, "/gui_control") as control:
        await got(control)
        await control.send(b'{"watcher":[{"cmd":"list"}]}'.ljust(MAX_MESSAGE_BYTES))
        assert '"watchers"' in await got(control)


@pytest.mark.parametrize("path", ["/gui_control", "/gui_data"])
async def test_an_empty_binary_frame_ends_the_program(server, path):
    async with opened(server, "/gui_control") as witness, raw(server, path) as (_, _, writer):
        writer.write(client_frame(0x82, b""))
        await witness.wait_closed()
        assert witness.protocol.close_rcvd is None
        assert server.board.dead
        with pytest.raises(ConnectionRefusedError):
            await opened(server, "/gui_control")


async def test_a_reader_that_is_too_slow_is_dropped_and_the_others_are_not():
    names = [f"v{n}" for n in range(46)]
    watch = {"watcher": [{"cmd": "watch", "watchers": names}]}
    async with (
        SimServer(many_variables(46), speed=16) as server,
        raw(server, limit=1024),
        opened(server, "/gui_control") as control,
    ):
        slow = next(peer for peer in server.clients if peer.endpoint == "data")
        await got(control)
        await control.send('{"event":"connection-reply"}')
        await control.send(json.dumps(watch))
        await until(lambda: slow not in server.clients)
        assert server.board.frame * 46 * 4 > QUEUE_BYTES  # not before
        assert (await listed(control))["watchers"][0]["watched"]


async def test_the_default_program_takes_a_buffer():
    async with SimServer(default_program()) as server, opened(server, "/gui_data") as data:
        await data.send(bytes(4) + b"f\0\0\0" + (2).to_bytes(4, "little") + bytes(4) + bytes(8))
        pong = await data.ping()
        await pong
        assert not server.board.harm
