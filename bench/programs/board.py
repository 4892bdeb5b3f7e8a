"""What the programs to compare with have in common: a board's two sockets, and a watch on its variables."""

from __future__ import annotations

import asyncio
import contextlib
import json

from websockets.asyncio.client import connect

OPTIONS = {"compression": None, "proxy": None, "max_queue": 1024, "max_size": 1 << 20, "close_timeout": 1}


@contextlib.asynccontextmanager
async def watching(port, count):
    """The data socket of a board that streams ``v0`` to ``v<count - 1>``, and the index of each by its id."""
    at = f"ws://127.0.0.1:{port}"
    async with (
        connect(f"{at}/gui_control", **OPTIONS) as control,
        connect(f"{at}/gui_data", **OPTIONS) as data,
    ):
        names = [f"v{i}" for i in range(count)]
        await control.send('{"event":"connection-reply"}')
        await control.send('{"watcher":[{"cmd":"list"}]}')
        listed = {}
        while "watcher" not in listed:
            listed = json.loads(await control.recv())
        ids = {id_: v["name"] for id_, v in enumerate(listed["watcher"]["watchers"])}
        await control.send(json.dumps({"watcher": [{"cmd": "watch", "watchers": names}]}))
        reading = asyncio.create_task(forget(control))
        yield data, {id_: names.index(name) for id_, name in ids.items() if name in names}
        reading.cancel()


async def forget(socket):
    while True:
        await socket.recv(decode=False)
