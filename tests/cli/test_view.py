"""What flows is shown beside the bridge, and never in its way."""

from __future__ import annotations

import asyncio
import io
import threading

import pytest
from rich.console import Console

from belabridge.cli.view import draw
from waiting import until

STATUS = {"out": [{"var": "pot1", "address": "/bela/pot1", "value": 0.5, "per_s": 50.0}]}


class Hanging(io.StringIO):
    """A terminal that stops taking anything (Ctrl-S) with the picture of ``word``, until it is let go."""

    def __init__(self, word):
        super().__init__()
        self.word, self.hangs, self.goes_on = word, threading.Event(), threading.Event()

    def write(self, text):
        if self.word in text:
            self.hangs.set()
            assert self.goes_on.wait(10), "drawing is done where the bridge works"
        return super().write(text)


async def test_a_terminal_that_hangs_holds_up_nothing():
    terminal = Hanging("pot1")
    drawing = asyncio.create_task(draw(lambda: STATUS, Console(file=terminal, force_terminal=True, width=80)))
    await until(terminal.hangs.is_set)
    turns = 0
    for _ in range(100):
        await asyncio.sleep(0)
        turns += 1
    assert turns == 100
    terminal.goes_on.set()
    await until(lambda: terminal.getvalue().count("/bela/pot1") >= 2)
    drawing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await drawing


async def test_a_fault_of_drawing_comes_out():
    class Gone(io.StringIO):
        def write(self, text):
            if "pot1" in text:
                raise OSError("gone")
            return super().write(text)

    with pytest.raises(OSError, match="gone"):
        await asyncio.wait_for(draw(lambda: STATUS, Console(file=Gone(), force_terminal=True, width=80)), 10)
