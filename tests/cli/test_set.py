"""``belabridge set`` waits for the board's answer to it, and takes nobody else's for that."""

from __future__ import annotations

import json

import pytest
from websockets.asyncio.server import serve

from belabridge.cli.set_ import _held, apply
from belabridge.errors import UsageError
from belabridge.values import Address, VarType


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
        board, project = await apply([Address("127.0.0.1", port)], {"gain": value}, [])
    assert [variable.value for variable in board.variables] == [told]
    assert project == "p"


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (VarType.INT, 1e20, "gain=1e+20 does not fit: int holds -2147483648 to 2147483647"),
        (VarType.INT, 2147483648, "gain=2.14748e+09 does not fit: int holds -2147483648 to 2147483647"),
        (VarType.UINT, -1, "gain=-1 does not fit: unsigned int holds 0 to 4294967295"),
        (VarType.CHAR, 256, "gain=256 does not fit: char holds 0 to 255"),
        (VarType.FLOAT, 1e39, "gain=1e+39 does not fit: float holds -3.4028235e+38 to 3.4028235e+38"),
    ],
)
def test_what_a_variable_cannot_hold_is_refused_with_its_range(kind, value, said):
    with pytest.raises(UsageError) as caught:
        _held("gain", kind, value, char_signed=False)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("kind", "value", "held"),
    [
        (VarType.INT, 2.4, 2),
        (VarType.INT, 2.5, 2),
        (VarType.INT, -(2.0**31), -(2**31)),
        (VarType.UINT, 2.0**32 - 1, 2**32 - 1),
        (VarType.FLOAT, 0.1, 0.10000000149011612),
        (VarType.DOUBLE, 1e300, 1e300),
    ],
)
def test_what_it_can_hold_is_set_as_near_as_it_can(kind, value, held):
    assert _held("gain", kind, value, char_signed=False) == held
