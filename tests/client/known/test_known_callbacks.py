"""Callbacks: functions and coroutines, in their order, whatever they raise and however slow they are."""

from __future__ import annotations

import asyncio
import threading
from functools import partial

import pytest

from belabridge import Streamer
from belabridge.client.known.callbacks import MOST_WAITING, Callbacks
from processes import wait_for


def feed(callbacks, items):
    for item in items:
        callbacks.put(partial(lambda item: item, item))


def test_a_function_is_called_in_order_in_a_thread_of_its_own():
    got = []
    callbacks = Callbacks(lambda item: got.append((item, threading.current_thread())))
    feed(callbacks, range(100))
    callbacks.end()
    assert [item for item, _ in got] == list(range(100))
    assert {thread for _, thread in got} != {threading.current_thread()}


def test_a_coroutine_function_too():
    got = []

    async def callback(item, more):
        await asyncio.sleep(0)
        got.append((item, more))

    callbacks = Callbacks(callback, "x")
    feed(callbacks, range(3))
    callbacks.end()
    assert got == [(0, "x"), (1, "x"), (2, "x")]


@pytest.mark.parametrize(
    ("args", "got"), [((), (1,)), ((2, 3), (1, 2, 3)), ([2], (1, [2])), ("ab", (1, "ab"))]
)
def test_further_arguments(args, got):
    calls = []
    callbacks = Callbacks(lambda *given: calls.append(given), args)
    feed(callbacks, [1])
    callbacks.end()
    assert calls == [got]


@pytest.mark.parametrize("kind", ["function", "coroutine", "cancelled"])
def test_one_that_raises_is_told_of_and_called_again(caplog, kind):
    got = []

    def function(item):
        got.append(item)
        raise RuntimeError("of the user")

    async def coroutine(item):
        function(item)

    async def cancelled(item):
        got.append(item)
        raise asyncio.CancelledError("of the user")

    callbacks = Callbacks({"function": function, "coroutine": coroutine, "cancelled": cancelled}[kind])
    feed(callbacks, range(2))
    callbacks.end()
    assert got == [0, 1]
    faults = [record for record in caplog.records if record.exc_info]
    assert len(faults) == 2
    assert kind in faults[0].message
    assert "of the user" in faults[0].exc_text


def test_one_that_is_too_slow_misses_the_oldest(caplog):
    go, got = threading.Event(), []

    def callback(item):
        assert go.wait(30)
        got.append(item)

    callbacks = Callbacks(callback)
    feed(callbacks, range(MOST_WAITING + 100))
    go.set()
    callbacks.end()
    assert 98 <= callbacks.dropped <= 100
    assert got[-1] == MOST_WAITING + 99
    assert sum("slower than its data" in record.message for record in caplog.records) == 1


def test_it_may_end_itself():
    ended = threading.Event()

    def callback(_item):
        callbacks.end()
        ended.set()

    callbacks = Callbacks(callback)
    feed(callbacks, [1])
    assert ended.wait(20)
    callbacks.end()


def test_buffers(bela_board, connected):
    streamer, got = connected(Streamer, bela_board), []
    streamer.start_streaming(["myvar", "myvar3"], on_buffer_callback=got.append)
    wait_for(lambda: {each["name"] for each in got} == {"myvar", "myvar3"})
    streamed = streamer.stop_streaming()
    for name in ("myvar", "myvar3"):
        assert [each["buffer"] for each in got if each["name"] == name] == streamed[name]


def test_blocks_of_several_variables_of_the_same_frames(bela_board, connected):
    """``myvar`` and ``myvar5`` are doubles, ``myvar2`` is an unsigned int, whose buffers are longer."""
    streamer, got = connected(Streamer, bela_board), []
    names = ["myvar5", "myvar2", "myvar"]

    async def callback(block, more):
        assert more == "more"
        got.append(block)

    streamer.start_streaming(names, on_block_callback=callback, callback_args=("more",))
    wait_for(lambda: len(got) > 5)
    streamer.stop_streaming()
    for block in got:
        assert [each["name"] for each in block] == names
    whole = got[:-1]  # the last one is as long as each was
    assert all(each["buffer"] == block[0]["buffer"] for block in whole for each in block)
    assert {len(each["buffer"]["data"]) for block in whole for each in block} == {512}
    firsts = [block[0]["buffer"]["ref_timestamp"] for block in got]
    assert firsts == list(range(firsts[0], firsts[0] + 512 * len(got), 512))


def test_a_callback_may_stop_its_stream_and_send_buffers(demo_board, connected):
    streamer, got = connected(Streamer, demo_board), []
    stopped = threading.Event()

    def callback(named):
        got.append(named)
        if len(got) == 3:
            streamer.send_buffer(len(streamer.watcher_vars), "f", 4, [0.0, 0.5, 1.0, 0.5])
            streamer.stop_streaming()
            stopped.set()

    streamer.start_streaming("pot1", on_buffer_callback=callback)
    assert stopped.wait(20)
    assert not streamer.is_streaming()


def test_a_callback_that_raises_does_not_stop_the_stream(bela_board, connected, caplog):
    streamer, got = connected(Streamer, bela_board), []

    def callback(named):
        got.append(named)
        raise ZeroDivisionError("of the user")

    streamer.start_streaming("myvar", on_buffer_callback=callback)
    wait_for(lambda: len(got) > 3)
    streamer.stop_streaming()
    assert "of the user" in caplog.text
    assert "Traceback" in caplog.text
