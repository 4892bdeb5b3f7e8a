"""``belabridge set`` waits for the board's answer to it, and takes nobody else's for that."""

from __future__ import annotations

import json

import pytest
from websockets.asyncio.server import serve

from belabridge.cli.set_ import apply
from belabridge.values import Address


def listing(frame, value, kind="f"):
    entry = {"name": "gain", "type": kind, "timestampMode": 0, "value": value, "valueInput": 0}
    entry |= {"controlled": True, "watched": False, "logged": False, "monitor": 0, "logFileName": ""}
    return json.dumps({"watcher": {"sampleRate": 44100, "timestamp": frame, "watchers": [entry]}})


@pytest.mark.parametrize(
    ("kind", "before", "value", "told"),
    [("f", 0.25, 0.1, 0.100000001490116), ("d", 0.25, 1 / 3, 0.333333333333333), ("c", -7, -5, -5)],
)
async def test_an_old_value_of_a_controlled_variable_is_no_answer(kind, before, value, told):
    """A board whose first answer after the set is one that another client had asked for, before it."""

    async def board(socket):
        if socket.request.path.endswith("gui_data"):
            await socket.wait_closed()
            return
        await socket.send('{"event":"connection","projectName":"p"}')
        lists = 0
        async for message in socket:
            for command in json.loads(message).get("watcher", ()):
                if command["cmd"] == "list":
                    lists += 1
                    await socket.send(listing(lists, before, kind))
                    if lists > 1:
                        await socket.send(listing(lists + 1, told, kind))

    async with serve(board, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        table = await apply([Address("127.0.0.1", port)], {"gain": value}, [])
    assert table["gain"].value == told
