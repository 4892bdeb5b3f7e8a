"""A simulated board whose log files lie behind a real sshd, and a session with it."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from belabridge.board.link import Link
from belabridge.board.logs.host_keys import HostKeys
from belabridge.logs.session import LogSession
from belabridge.rules import FetchWhen, LogFiles, Ssh
from belabridge.sim.programs.default import default_program
from belabridge.sim.server import SimServer
from belabridge.tally import Tally
from belabridge.values import Address
from log_board import PROJECT, Standin
from waiting import until


class Nobody:
    """Takes what a link tells."""

    def connected(self, _board, _project):
        return {}

    def block(self, _block, _now):
        pass

    def read(self, _board):
        pass

    def gap(self, _id, _frames):
        pass

    def lost(self, _reason):
        pass


class Stage:
    """A board with ssh, and what a session with it tells.

    Attributes:
        board: the ssh side.
        sim: the program's side.
        link: to it.
        to: the folder for files here.
        told: everything that was told, in this order.
    """

    def __init__(self, board, sim, link, to):
        self.board, self.sim, self.link, self.to = board, sim, link, to
        self.told = []
        self.files = LogFiles(to=str(to), ssh=Ssh(port=board.port))
        self.session = LogSession(lambda: self.link, self.files, keys=HostKeys(to.parent / "known_boards"))

    def tell(self, what):
        self.told.append(what)

    def of(self, kind):
        return [told for told in self.told if isinstance(told, kind)]


@pytest_asyncio.fixture(params=["second", "original"])
async def stage(request, tmp_path):
    async with AsyncExitStack() as stack:
        board = await stack.enter_async_context(Standin(tmp_path / "board"))
        program = default_program()
        object.__setattr__(program, "project", PROJECT)
        sim = await stack.enter_async_context(
            SimServer(program, folder=board.logs, original=request.param == "original")
        )
        link = Link([Address("127.0.0.1", sim.port)], Nobody(), Tally())
        link.start()
        stack.push_async_callback(link.stop)
        await until(lambda: link.status.address is not None, 20)
        one = Stage(board, sim, link, tmp_path / "takes")
        stack.push_async_callback(one.session.close)
        yield one


@pytest.fixture
def never():
    return FetchWhen.NEVER
