"""A receiver that remembers, a link to a simulated board, and what another client sees of that board."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

from websockets.asyncio.client import connect

from belabridge.board.link import Link
from belabridge.tally import Tally
from belabridge.values import Address


class Told:
    """A receiver that remembers all it is told."""

    def __init__(self, wants=None):
        self.wants = wants or {}
        self.boards, self.blocks, self.reads, self.gaps, self.losses = [], [], [], [], []

    def connected(self, board, project):
        self.boards.append((project, [v.name for v in board.variables]))
        return self.wants

    def block(self, block, now):
        self.blocks.append((block, now))

    def read(self, board):
        self.reads.append({v.name: v for v in board.variables})

    def gap(self, id_, frames):
        self.gaps.append((id_, frames))

    def lost(self, reason):
        self.losses.append(reason)


@asynccontextmanager
async def linked(sim, told):
    tally = Tally()
    link = Link([Address(sim.host, sim.port)], told, tally)
    link.start()
    try:
        yield link
    finally:
        await link.stop()


async def seen_by_another(sim):
    """The board's variables by name, asked by a client of its own."""
    async with connect(f"ws://{sim.host}:{sim.port}/gui_control", compression=None, proxy=None) as socket:
        await socket.send('{"watcher":[{"cmd":"list","protocol":2,"id":2}]}')
        while True:
            message = json.loads(await socket.recv())
            answer = message.get("watcher") or message.get("watcher2", {})
            if "watchers" in answer and answer.get("id", 2) == 2:
                return {v["name"]: v for v in answer["watchers"]}


def states_of(board):
    return {name: (v["watched"], v["monitor"], v["controlled"]) for name, v in board.items()}


async def until_seen(sim, condition):
    async with asyncio.timeout(5):
        while not condition(await seen_by_another(sim)):
            pass
