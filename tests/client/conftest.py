"""Boards of both kinds, and a board in a thread of its own for what blocks."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from functools import partial

import pytest

from belabridge.sim.server import SimServer


@pytest.fixture(params=[False, True], ids=["second", "original"])
def board(request):
    """Makes a simulated board: of protocol 2, or an original one."""
    return partial(SimServer, original=request.param)


@pytest.fixture
def board_apart(board):
    """The same, running in a thread of its own: the test may block."""

    @contextmanager
    def running(*args, **kwargs):
        started = threading.Event()
        loop = asyncio.new_event_loop()
        ended = asyncio.Event()
        sim = None

        async def serve():
            nonlocal sim
            async with board(*args, **kwargs) as sim:
                started.set()
                await ended.wait()

        def run():
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                runner.run(serve())

        thread = threading.Thread(target=run)
        thread.start()
        assert started.wait(20)
        sim.act = loop.call_soon_threadsafe
        try:
            yield sim
        finally:
            loop.call_soon_threadsafe(ended.set)
            thread.join()

    return running
