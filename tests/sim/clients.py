"""Clients for tests of the simulated board: a proper one, and one that writes its own bytes."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from websockets.asyncio.client import ClientConnection, connect

if TYPE_CHECKING:
    from belabridge.sim.server import SimServer

DEADLINE_S = 10.0


def opened(server: SimServer, path: str) -> connect:
    return connect(f"ws://127.0.0.1:{server.port}{path}", compression=None, proxy=None, max_size=None)


@asynccontextmanager
async def both(server: SimServer):
    """An active client: its control socket, greeted, and its data socket."""
    async with opened(server, "/gui_control") as control, opened(server, "/gui_data") as data:
        await got(control)
        await control.send('{"event":"connection-reply"}')
        yield control, data


async def got(socket: ClientConnection) -> str | bytes:
    async with asyncio.timeout(DEADLINE_S):
        return await socket.recv()


async def say(socket: ClientConnection, *elements: dict) -> None:
    await socket.send(json.dumps({"watcher": elements}))


async def listed(socket: ClientConnection) -> dict:
    await say(socket, {"cmd": "list"})
    return json.loads(await got(socket))["watcher"]


async def until(condition) -> None:
    """Wait until something is so; the turns of the loop between the looks are short."""
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.001)


@asynccontextmanager
async def raw(server: SimServer, path: str = "/gui_data", *, limit: int = 2**16):
    """A WebSocket in bytes, after its handshake: (response, reader, writer)."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=limit)
    key = base64.b64encode(bytes(16)).decode()
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: bela\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Extensions: permessage-deflate\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    try:
        async with asyncio.timeout(DEADLINE_S):
            yield await reader.readuntil(b"\r\n\r\n"), reader, writer
    finally:
        writer.close()


def client_frame(first: int, payload: bytes) -> bytes:
    """A masked frame (with a mask of zeros)."""
    size = len(payload)
    if size < 126:
        head = bytes((first, 0x80 | size))
    elif size < 65_536:
        head = bytes((first, 0xFE)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, 0xFF)) + size.to_bytes(8, "big")
    return head + bytes(4) + payload
