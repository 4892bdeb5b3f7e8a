"""A blocking call beside the loop."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from belabridge.service.aside import aside


async def test_it_gives_what_the_call_gives_from_another_thread():
    assert await aside(threading.get_ident, "x") != threading.get_ident()
    assert await aside(lambda: None, "x") is None


async def test_it_raises_what_the_call_raises():
    with pytest.raises(ZeroDivisionError):
        await aside(lambda: 1 / 0, "x")


async def test_the_loop_turns_meanwhile():
    go = threading.Event()
    job = asyncio.create_task(aside(lambda: go.wait(20), "x"))
    await asyncio.sleep(0)
    go.set()  # only a loop that turns comes here
    assert await job is True


async def test_cancelled_it_lets_go_at_once():
    go = threading.Event()
    job = asyncio.create_task(aside(lambda: go.wait(20), "x"))
    await asyncio.sleep(0)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    go.set()


def test_a_program_ends_without_waiting_for_it():
    program = (
        "import asyncio, time; from belabridge.service.aside import aside\n"
        "async def main():\n"
        "    task = asyncio.create_task(aside(lambda: time.sleep(600), 'x'))\n"
        "    await asyncio.sleep(0)\n"
        "asyncio.run(main())"
    )
    done = subprocess.run([sys.executable, "-c", program], timeout=20, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
