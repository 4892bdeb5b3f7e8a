"""``Streamer``, on real sockets, of a program whose variables hold the frame."""

from __future__ import annotations

import asyncio
import json

import pytest

from belabridge import Streamer
from belabridge.errors import UnknownVariable, UsageError
from processes import wait_for

LENGTHS = {"myvar": 512, "myvar2": 1024, "myvar3": 512, "myvar4": 341}


def check(name, buffers, length):
    """Buffers hold what the program assigned, follow each other, and all but the last are full."""
    assert buffers, name
    assert [len(buffer["data"]) for buffer in buffers[:-1]] == [length] * (len(buffers) - 1)
    assert 0 < len(buffers[-1]["data"]) <= length
    values = [value for buffer in buffers for value in buffer["data"]]
    step = 1 if "rel_timestamps" not in buffers[0] else 12
    assert values == list(range(int(values[0]), int(values[-1]) + 1, step))
    for buffer in buffers:
        assert buffer["ref_timestamp"] == buffer["data"][0]
        if "rel_timestamps" in buffer:
            assert [buffer["ref_timestamp"] + after for after in buffer["rel_timestamps"]] == buffer["data"]


def test_start_and_stop(bela_board, connected):
    streamer = connected(Streamer, bela_board)
    assert streamer.start_streaming(list(LENGTHS)) is None
    assert streamer.is_streaming()
    wait_for(lambda: all(len(streamer.streaming_buffers_queue[name]) > 2 for name in LENGTHS))
    before = streamer.get_latest_timestamp()
    streamed = streamer.stop_streaming()
    assert not streamer.is_streaming()
    assert streamed == streamer.streaming_buffers_queue
    assert streamed.pop("myvar5") == []
    for name, buffers in streamed.items():
        check(name, buffers, LENGTHS[name])
        assert buffers[-1]["data"][-1] >= before - 12  # the last ones, that the board flushed, are there


def test_flat_values_and_the_last_buffer(bela_board, connected):
    streamer = connected(Streamer, bela_board)
    streamer.start_streaming(["myvar", "myvar3"])
    wait_for(lambda: streamer.last_streamed_buffer["myvar3"]["data"])
    streamer.stop_streaming()
    queue, data, last = (
        streamer.streaming_buffers_queue,
        streamer.streaming_buffers_data,
        streamer.last_streamed_buffer,
    )
    for name in ("myvar", "myvar3"):
        assert data[name] == [value for buffer in queue[name] for value in buffer["data"]]
        assert last[name] == {"data": queue[name][-1]["data"], "timestamps": last[name]["data"]}
    assert data["myvar5"] == []
    assert last["myvar5"] == {"data": [], "timestamps": []}


def test_one_name_is_enough_and_none_are_all(bela_board, connected):
    streamer = connected(Streamer, bela_board)
    streamed = streamer.stream_n_values("myvar", n_values=1)
    assert [name for name in streamed if streamed[name]] == ["myvar"]
    streamed = streamer.stream_n_values(n_values=1)
    assert all(streamed[name] for name in [*LENGTHS, "myvar5"])


@pytest.mark.parametrize(("n_values", "buffers"), [(40, 1), (512, 1), (513, 2), (2000, 4)])
def test_n_values(bela_board, connected, n_values, buffers):
    streamer = connected(Streamer, bela_board)
    streamed = streamer.stream_n_values(["myvar", "myvar2"], n_values=n_values)
    assert [len(buffer["data"]) for buffer in streamed["myvar"]] == [512] * buffers
    assert [len(buffer["data"]) for buffer in streamed["myvar2"]] == [1024] * buffers
    assert streamer.streaming_buffers_queue_length == 1000  # for the next session, as before
    assert not streamer.is_streaming()


def test_n_values_in_an_async_program(bela_board, connected):
    streamer = connected(Streamer, bela_board)

    async def program():
        task = asyncio.create_task(streamer.async_stream_n_values(["myvar"], n_values=600))
        ticks = 0
        while not task.done():
            await asyncio.sleep(0)
            ticks += 1
        return await task, ticks

    streamed, ticks = asyncio.run(program())
    assert len(streamed["myvar"]) == 2
    assert ticks > 1  # its loop went on


def test_an_async_stream_that_is_cancelled_has_ended(demo_board, connected):
    streamer = connected(Streamer, demo_board)

    async def program():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await streamer.async_stream_n_values(["gain"], n_values=600)

    asyncio.run(program())
    assert not streamer.is_streaming()


def test_within_a_running_loop_as_in_a_notebook(bela_board, connected):
    async def cell():
        streamer = connected(Streamer, bela_board)
        streamer.start_streaming("myvar")
        streamer.wait(0.2)
        return streamer.stop_streaming()

    check("myvar", asyncio.run(cell())["myvar"], 512)


def test_scheduled_to_the_frame(bela_board, connected):
    streamer = connected(Streamer, bela_board)
    start = streamer.get_latest_timestamp() + streamer.sample_rate
    streamed = streamer.schedule_streaming(
        ["myvar", "myvar2"], timestamps=[start, start + 1000], durations=[5000, 700]
    )
    assert streamer.streaming_buffers_data["myvar"] == list(range(start, start + 5000))
    assert streamer.streaming_buffers_data["myvar2"] == list(range(start + 1000, start + 1700))
    assert [len(buffer["data"]) for buffer in streamed["myvar2"]] == [700]
    assert not streamer.is_streaming()


def test_scheduled_without_an_end_is_not_waited_for(bela_board, connected):
    streamer = connected(Streamer, bela_board)
    streamer.schedule_streaming("myvar", timestamps=0)
    assert streamer.is_streaming()
    wait_for(lambda: streamer.streaming_buffers_queue["myvar"])
    streamer.stop_streaming()


def test_some_end_while_others_go_on(bela_board, connected):
    streamer = connected(Streamer, bela_board)
    streamer.start_streaming(["myvar", "myvar2"])
    wait_for(lambda: streamer.streaming_buffers_queue["myvar2"])
    streamer.stop_streaming("myvar2")
    assert streamer.is_streaming()
    ended = streamer.streaming_buffers_queue["myvar2"]
    check("myvar2", ended, 1024)
    before = len(streamer.streaming_buffers_queue["myvar"])
    wait_for(lambda: len(streamer.streaming_buffers_queue["myvar"]) > before + 3)
    assert streamer.streaming_buffers_queue["myvar2"] == ended
    check("myvar", streamer.stop_streaming()["myvar"], 512)
    assert not streamer.is_streaming()


def test_the_length_of_the_queue(bela_board, connected):
    streamer = connected(Streamer, bela_board)
    streamer.streaming_buffers_queue_length = 3
    start = streamer.get_latest_timestamp()
    streamer.start_streaming("myvar")
    wait_for(lambda: streamer.streaming_buffers_queue["myvar"][0:1] and _first(streamer) > start + 512 * 8)
    assert len(streamer.streaming_buffers_queue["myvar"]) == 3
    streamer.streaming_buffers_queue_length = 2
    assert len(streamer.streaming_buffers_queue["myvar"]) <= 2
    check("myvar", streamer.stop_streaming()["myvar"], 512)
    streamer.flush_queue()
    assert streamer.streaming_buffers_queue["myvar"] == []


def _first(streamer):
    return streamer.streaming_buffers_queue["myvar"][0]["ref_timestamp"]


def test_saved_files_are_what_came_and_are_never_overwritten(bela_board, connected, tmp_path):
    streamer = connected(Streamer, bela_board)
    for suffix in ("", "__1"):
        streamed = streamer.stream_n_values(
            ["myvar", "myvar3"], n_values=600, saving_enabled=True, saving_dir=str(tmp_path / "new")
        )
        for name in ("myvar", "myvar3"):
            path = tmp_path / "new" / f"{name}_var_stream{suffix}.txt"
            assert streamer.load_data_from_file(str(path)) == streamed[name]
            assert [json.loads(line) for line in path.read_text().splitlines()] == streamed[name]
    assert len(list((tmp_path / "new").iterdir())) == 4


def test_the_flushed_buffers_are_saved_too(bela_board, connected, tmp_path):
    streamer = connected(Streamer, bela_board)
    streamer.start_streaming(
        "myvar2", saving_enabled=True, saving_filename="take.txt", saving_dir=str(tmp_path)
    )
    wait_for(lambda: streamer.streaming_buffers_queue["myvar2"])
    streamed = streamer.stop_streaming()
    assert streamer.load_data_from_file(str(tmp_path / "myvar2_take.txt")) == streamed["myvar2"]


def test_a_block_size_of_ones_own(bela_board, connected):
    streamer = connected(Streamer, bela_board)
    streamer.buffer_length = 100
    streamed = streamer.stream_n_values("myvar", n_values=1000)
    check("myvar", streamed["myvar"], 100)
    assert len(streamed["myvar"]) == 10


def test_a_latency_of_ones_own(demo_board, connected):
    """``counter`` is assigned twice a second: a full buffer takes four minutes."""
    streamer = connected(Streamer, demo_board)
    if streamer.bela.bela.hub.is_exact:
        streamer.latency_s = 0.05
        streamer.start_streaming("counter")
        wait_for(lambda: streamer.streaming_buffers_queue["counter"])
    else:
        start = streamer.get_latest_timestamp()
        streamer.start_streaming("counter")
        wait_for(lambda: streamer.get_latest_timestamp() > start + 50_000)
    (first, *_) = streamer.stop_streaming()["counter"]
    assert first["ref_timestamp"] % 22_050 == 0
    assert 0 < len(first["data"]) < 10


def test_a_new_session_ends_the_one_before(bela_board, connected):
    streamer = connected(Streamer, bela_board)
    streamer.start_streaming("myvar")
    streamer.start_streaming("myvar2")
    wait_for(lambda: streamer.streaming_buffers_queue["myvar2"])
    assert streamer.stop_streaming()["myvar"] == []


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda s: s.start_streaming("myvar9"), "did you mean"),
        (lambda s: s.start_streaming(["myvar", "nothing"]), "nothing"),
        (lambda s: s.start_streaming([1]), "no name"),
        (lambda s: s.stream_n_values("myvar", n_values=0), "n_values=0"),
        (lambda s: s.schedule_streaming("myvar", [1, 2]), "2 for 1 variables"),
        (lambda s: s.schedule_streaming("myvar", [1.5], [1]), "no whole number"),
        (lambda s: s.schedule_streaming("myvar", [-1], [1]), "no frame"),
        (lambda s: s.start_streaming("myvar", on_buffer_callback=print, on_block_callback=print), "not both"),
        (lambda s: s.start_streaming("myvar", on_buffer_callback=3), "no function"),
        (lambda s: setattr(s, "streaming_buffers_queue_length", 0), "from 1 on"),
        (lambda s: s.wait(-1), "seconds"),
    ],
)
def test_misuse_is_a_value_error(bela_board, connected, call, words):
    streamer = connected(Streamer, bela_board)
    with pytest.raises(ValueError, match=words) as caught:
        call(streamer)
    assert isinstance(caught.value, UsageError | UnknownVariable)
    assert not streamer.is_streaming()


def test_a_restart_of_the_program_does_not_end_the_stream(bela_board, connected):
    streamer = connected(Streamer, bela_board)
    streamer.start_streaming("myvar2")
    wait_for(lambda: len(streamer.streaming_buffers_queue["myvar2"]) > 2)
    bela_board.act(bela_board.restart)
    before = len(streamer.streaming_buffers_queue["myvar2"])
    wait_for(lambda: len(streamer.streaming_buffers_queue["myvar2"]) > before + 10)
    for buffer in streamer.stop_streaming()["myvar2"]:
        assert buffer["data"] == list(
            range(buffer["ref_timestamp"], buffer["ref_timestamp"] + len(buffer["data"]))
        )
