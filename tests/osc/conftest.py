import asyncio
import socket

import pytest

from belabridge.osc.codec.reader import read_packet
from belabridge.osc.server import OscServer
from belabridge.tally import Tally

DEADLINE_S = 5.0


class Peer:
    """A UDP socket that stands for another program."""

    def __init__(self, host="127.0.0.1", port=0):
        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)  # noqa: FBT003  # the socket module's own signature
        self.socket.bind((host, port))
        self.address = self.socket.getsockname()[:2]
        self.port = self.address[1]

    async def get(self):
        async with asyncio.timeout(DEADLINE_S):
            return await asyncio.get_running_loop().sock_recv(self.socket, 65536)

    async def packet(self):
        return read_packet(await self.get())

    def send(self, data, port, host="127.0.0.1"):
        self.socket.sendto(data, (host, port))


class Inbox:
    """What a handler was called with; waits for it with a deadline."""

    def __init__(self):
        self.calls = asyncio.Queue()

    def __call__(self, *call):
        self.calls.put_nowait(call)

    async def get(self):
        async with asyncio.timeout(DEADLINE_S):
            return await self.calls.get()


@pytest.fixture
def make_peer():
    peers = []

    def make(*args):
        peers.append(Peer(*args))
        return peers[-1]

    yield make
    for peer in peers:
        peer.socket.close()


@pytest.fixture
def peer(make_peer):
    return make_peer()


@pytest.fixture
def tally():
    return Tally()


@pytest.fixture
def inbox():
    return Inbox()


@pytest.fixture
async def server(tally):
    made = OscServer("127.0.0.1", 0, tally)
    made.open()
    yield made
    made.close()
