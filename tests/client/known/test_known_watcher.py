"""``Watcher``: what all share; one connection to a board, however many objects there are."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading

import pytest

import belabridge
from belabridge import Controller, Monitor, Streamer, Watcher
from belabridge.errors import BelabridgeError, BoardError, NotConnected
from belabridge.sim.programs.captures import bela_test, bela_types
from processes import Running, wait_for


def test_what_the_board_says(bela_board, connected):
    watcher = connected(Watcher, bela_board)
    assert watcher.is_connected()
    assert (watcher.project_name, watcher.sample_rate) == ("bela-test", 44_100)
    assert type(watcher.sample_rate) is int
    assert watcher.watcher_vars[:3] == [
        {"name": "myvar", "type": "d", "timestamp_mode": "dense", "data_length": 512, "monitor": 0},
        {"name": "myvar2", "type": "j", "timestamp_mode": "dense", "data_length": 1024, "monitor": 0},
        {"name": "myvar3", "type": "j", "timestamp_mode": "sparse", "data_length": 512, "monitor": 0},
    ]
    listed = watcher.list()
    assert set(listed) == {"sampleRate", "timestamp", "watchers"}
    assert set(listed["watchers"][0]) == {
        *("controlled", "logFileName", "logged", "monitor", "name"),
        *("timestampMode", "type", "value", "valueInput", "watched"),
    }
    assert len(listed["watchers"]) == len(watcher.watcher_vars)
    assert watcher.get_latest_timestamp() >= listed["timestamp"]
    assert watcher.get_prop_of_var("myvar4", "timestamp_mode") == "sparse"


def test_who_is_watched(bela_board, connected):
    watcher, streamer = connected(Watcher, bela_board), connected(Streamer, bela_board)
    streamer.start_streaming(["myvar", "myvar3"])
    wait_for(lambda: [each["name"] for each in watcher.watched_vars] == ["myvar", "myvar3"])
    assert [each["name"] for each in watcher.unwatched_vars] == ["myvar2", "myvar4", "myvar5"]
    streamer.stop_streaming()
    wait_for(lambda: watcher.watched_vars == [])
    monitor = connected(Monitor, bela_board)
    monitor.start_monitoring("myvar2", 777)
    wait_for(
        lambda: [(each["name"], each["monitor"]) for each in streamer.monitored_vars] == [("myvar2", 777)]
    )
    monitor.stop_monitoring()


@pytest.mark.parametrize(
    ("type_", "dense", "sparse", "size"),
    [("c", 4096, 816, 1), ("i", 1024, 512, 4), ("j", 1024, 512, 4), ("f", 1024, 512, 4), ("d", 512, 341, 8)],
)
def test_sizes(type_, dense, sparse, size):
    watcher = Watcher()
    assert watcher.get_data_length(type_, "dense") == dense
    assert watcher.get_data_length(type_, "sparse") == sparse
    assert watcher.get_buffer_size(type_, "dense") == watcher.get_buffer_size(type_, "sparse") == 4104
    assert watcher.get_data_byte_size(type_) == size
    for call in (
        lambda: watcher.get_data_length("x", "dense"),
        lambda: watcher.get_data_length(type_, "thick"),
        lambda: watcher.get_data_byte_size("x"),
        lambda: watcher.get_buffer_size(type_, "thick"),
    ):
        with pytest.raises(ValueError, match="write"):
            call()


def test_the_lengths_are_those_of_the_buffers_that_come(board_apart, connected):
    with board_apart(bela_types()) as sim:
        streamer = connected(Streamer, sim)
        streamed = streamer.stream_n_values(n_values=1)
        lengths = {each["name"]: each["data_length"] for each in streamer.watcher_vars}
        assert {name: len(buffers[0]["data"]) for name, buffers in streamed.items()} == lengths
        streamer.cleanup()


def test_before_it_is_connected():
    watcher = Streamer("127.0.0.1", 1)
    assert not watcher.is_connected()
    assert not watcher.is_streaming()
    assert watcher.sample_rate is None
    assert watcher.project_name is None
    for call in (watcher.list, watcher.start_streaming, watcher.get_latest_timestamp, watcher.connect_ssh):
        with pytest.raises(ConnectionError, match=r"call its connect\(\)"):
            call()
    watcher.disconnect()
    watcher.cleanup()


def test_nobody_there_is_a_connection_error(monkeypatch):
    monkeypatch.setattr("belabridge.client.known.watcher.TIMEOUT_S", 0.3)
    before = threading.active_count()
    with pytest.raises(ConnectionError, match=r"no Bela at 127\.0\.0\.1:1") as caught:
        Watcher("127.0.0.1", 1).connect()
    assert isinstance(caught.value, NotConnected | BoardError | BelabridgeError)
    assert threading.active_count() == before


def test_other_endpoints_are_none():
    with pytest.raises(ValueError, match="gui_data"):
        Watcher(data_add="data")
    assert Watcher(data_add="/gui_data").data_add == "/gui_data"


def test_objects_of_a_board_share_a_connection(bela_board):
    many = [kind(bela_board.host, bela_board.port) for kind in (Watcher, Streamer, Monitor, Controller)]
    threads = [threading.Thread(target=one.connect) for one in many]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(bela_board.clients) == 2  # its two sockets
    assert many[0].connect() == 1
    for one in many[:-1]:
        one.disconnect()
        one.disconnect()
    assert many[-1].is_connected()
    assert many[-1].list()
    many[-1].disconnect()
    assert not many[-1].is_connected()
    wait_for(lambda: not bela_board.clients)
    assert many[0].connect() == 1
    assert many[0].list()
    many[0].cleanup()


def test_an_object_that_is_forgotten_ends_what_it_began(bela_board, connected):
    watcher = connected(Watcher, bela_board)
    streamer = Streamer(bela_board.host, bela_board.port)
    streamer.connect()
    streamer.start_streaming("myvar")
    wait_for(lambda: watcher.watched_vars)
    del streamer
    gc.collect()
    wait_for(lambda: not watcher.watched_vars)


def test_two_boards_at_once(board_apart, connected):
    with board_apart(bela_test()) as one, board_apart(bela_types()) as other:
        streamers = connected(Streamer, one), connected(Streamer, other)
        assert [each.project_name for each in streamers] == ["bela-test", "bela-types"]
        streamers[0].start_streaming("myvar")
        streamers[1].start_streaming("i_d")
        wait_for(lambda: all(any(each.streaming_buffers_queue.values()) for each in streamers))
        for streamer, name, sign in zip(streamers, ("myvar", "i_d"), (1, -1), strict=True):
            for buffer in streamer.stop_streaming()[name]:
                assert buffer["data"][0] == sign * buffer["ref_timestamp"]
            streamer.cleanup()


def test_one_s_end_is_not_another_s(bela_board, connected):
    """On an original board, ``unwatch`` ends a stream for everybody."""
    one, other = connected(Streamer, bela_board), connected(Streamer, bela_board)
    one.start_streaming("myvar")
    other.start_streaming(["myvar", "myvar2"])
    wait_for(lambda: one.streaming_buffers_queue["myvar"] and other.streaming_buffers_queue["myvar"])
    other.stop_streaming()
    other.cleanup()
    before = len(one.streaming_buffers_queue["myvar"])
    wait_for(lambda: len(one.streaming_buffers_queue["myvar"]) > before + 3)
    values = [value for buffer in one.stop_streaming()["myvar"] for value in buffer["data"]]
    assert values == list(range(int(values[0]), int(values[-1]) + 1))


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("list", "is a dict"),
        ({"watcher": [{"cmd": "x", "value": float("nan")}]}, "JSON"),
        ({"watcher": [{"cmd": "x", "value": "x" * 20_000}]}, "16000"),
        ({"watcher": [{"cmd": "setMask", "watchers": ["myvar"], "values": [1], "masks": []}]}, "masks"),
        ({"watcher": [{"cmd": "setMask", "watchers": ["myvar"], "values": [1]}]}, "masks"),
    ],
)
def test_messages_that_harm_a_board_are_not_sent(bela_board, connected, message, words):
    watcher = connected(Watcher, bela_board)
    with pytest.raises(ValueError, match=words):
        watcher.send_ctrl_msg(message)
    watcher.send_ctrl_msg({"watcher": [{"cmd": "monitor", "watchers": ["myvar"], "periods": [5000]}]})
    wait_for(lambda: watcher.list()["watchers"][0]["monitor"] == 5000)
    assert not bela_board.board.harm


def test_wait_is_as_long_as_it_is_told(bela_board):
    watcher = Watcher()
    watcher.wait(0.01)
    for seconds in (-1, float("nan")):
        with pytest.raises(ValueError, match="seconds"):
            watcher.wait(seconds)


SCRIPT = """
import sys
from belabridge import Streamer
streamer = Streamer("127.0.0.1", int(sys.argv[1]))
streamer.connect()
streamer.start_streaming("myvar", on_buffer_callback=lambda buffer: print(buffer["name"], flush=True))
try:
    streamer.wait(0)
except KeyboardInterrupt:
    print("interrupted", len(streamer.stop_streaming()["myvar"]) > 0, flush=True)
"""


@pytest.mark.parametrize("ends_itself", [True, False])
def test_a_plain_script_waits_for_ever_until_ctrl_c(bela_board, ends_itself):
    """Also one that forgets to say goodbye ends, and the board has it no more."""
    script = Running(
        sys.executable, "-c", SCRIPT + ("streamer.cleanup()" if ends_itself else ""), bela_board.port
    )
    try:
        script.wait_out("myvar")
        os.kill(script.pid, signal.SIGINT)
        script.wait_out("interrupted True")
        assert script.code() == 0
    finally:
        script.kill()
    wait_for(lambda: not bela_board.clients)
    wait_for(lambda: not any(w.outlet.watch.running for w in bela_board.board.watchers))


async def test_a_stream_that_ended_just_before_the_goodbye_has_ended(board):
    """A board acts on that only while a client is there."""
    async with board(bela_test()) as sim:
        for _ in range(5):
            async with (
                belabridge.connect(f"{sim.host}:{sim.port}") as bela,
                bela.stream("myvar") as blocks,
            ):
                await blocks.get(20)
            outlets = [watcher.outlet for watcher in sim.board.watchers]
            assert not any(outlet.watch.running or outlet.exact_watch.running for outlet in outlets)


def test_as_a_context(bela_board):
    with Streamer(bela_board.host, bela_board.port) as streamer:
        assert streamer.is_connected()
        assert streamer.bela.peek("myvar")["myvar"] >= 0  # the modern form, over the same connection
    assert not streamer.is_connected()
