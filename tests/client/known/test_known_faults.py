"""The known faults of pybela, one by one: none has come back.

What is not here has its test where it belongs: flushed buffers and a latency of one's own in
``test_known_streamer``, logs by their names in ``test_known_logger``, other objects' streams in
``test_known_watcher``, callbacks in ``test_known_callbacks``, the speed in ``bench``.
"""

from __future__ import annotations

import contextlib
import gc
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from belabridge import Controller, Logger, Monitor, Streamer
from belabridge.client.blocks import Block
from belabridge.errors import BelabridgeError, CannotSave, NoRecording
from belabridge.sim.faults import Vanish
from belabridge.sim.machine import ARM32, X86_64
from belabridge.sim.programs.captures import bela_test, bela_types
from belabridge.sim.programs.many import expected, many_variables
from processes import wait_for

CAPTURES = Path(__file__).parents[2] / "data" / "captures"


def test_stream_monitor_and_control_at_once_over_one_connection(demo_board, connected):
    streamer, monitor = connected(Streamer, demo_board), connected(Monitor, demo_board)
    controller = connected(Controller, demo_board)
    streamer.start_streaming(["pot1", "mic"])
    monitor.start_monitoring(["pot1", "trigger"], 500)
    controller.start_controlling(["gain", "pot1"])
    controller.send_value("gain", 0.25)
    wait_for(lambda: len(streamer.streaming_buffers_queue["pot1"]) > 2)
    wait_for(lambda: len(monitor.values["pot1"]["values"]) > 2)
    assert controller.get_value("gain") == {"gain": 0.25}
    assert len(demo_board.clients) == 2
    assert monitor.stop_monitoring()["trigger"]["values"]
    assert streamer.stop_streaming()["mic"]


def test_memory_is_bounded(board_apart, connected):
    with board_apart(many_variables(2), speed=4) as sim:
        streamer = connected(Streamer, sim)
        streamer.streaming_buffers_queue_length = 20
        streamer.start_streaming()
        wait_for(lambda: streamer.streaming_buffers_queue["v1"][-1:])
        first = streamer.streaming_buffers_queue["v1"][-1]["ref_timestamp"]
        wait_for(lambda: streamer.streaming_buffers_queue["v1"][-1]["ref_timestamp"] > first + 200 * 1024)
        gc.collect()
        assert sum(isinstance(each, Block) for each in gc.get_objects()) < 2 * 20 + 200
        streamer.cleanup()


def test_data_comes_while_the_program_computes_and_nobody_waits(bela_board, connected):
    streamer = connected(Streamer, bela_board)
    streamer.start_streaming("myvar")
    until, seen = time.monotonic() + 20, set()
    while len(seen) < 5 and time.monotonic() < until:
        sum(range(10_000))
        seen.add(len(streamer.streaming_buffers_queue["myvar"]))
    assert len(seen) == 5


def test_nothing_of_a_notebook_is_needed():
    script = (
        "import sys\nfrom belabridge import Streamer, Logger, Monitor, Controller\n"
        "print(sorted({'nest_asyncio', 'bokeh', 'IPython', 'pandas', 'asyncssh'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_unsigned_values_are_not_signed(board_apart, connected):
    with board_apart(bela_types()) as sim:
        streamer = connected(Streamer, sim)
        for name in ("j_d", "j_s"):
            for buffer in streamer.stream_n_values(name, n_values=1)[name]:
                assert buffer["data"][0] == buffer["ref_timestamp"] | 0x8000_0000
        streamer.cleanup()


@pytest.mark.parametrize(("machine", "lowest"), [(X86_64, -128), (ARM32, 0)])
def test_a_char_is_a_byte(board_apart, connected, machine, lowest):
    with board_apart(bela_types(), machine=machine) as sim:
        streamer = connected(Streamer, sim)
        wait_for(lambda: streamer.get_latest_timestamp() > 5000)
        (buffer,) = streamer.stream_n_values("c_d", n_values=4096)["c_d"]
        assert len(buffer["data"]) == 4096
        assert {value & 0xFF for value in buffer["data"]} == set(range(256))
        assert buffer["data"][0] & 0xFF == buffer["ref_timestamp"] & 0xFF
        assert min(buffer["data"]) == lowest or lowest == -128  # until one is above 127, nobody can tell
        streamer.cleanup()


def test_ids_of_three_digits(board_apart, connected):
    with board_apart(many_variables(120)) as sim:
        streamer = connected(Streamer, sim)
        streamed = streamer.stream_n_values(["v9", "v99", "v100", "v119"], n_values=1)
        for name in ("v9", "v99", "v100", "v119"):
            (buffer,) = streamed[name]
            assert buffer["data"] == _expected(name, buffer)
        streamer.cleanup()


def _expected(name, buffer):
    import numpy as np

    first = buffer["ref_timestamp"]
    frames = np.arange(first, first + len(buffer["data"]), dtype=np.uint64)
    return expected(int(name[1:]), frames).tolist()


def test_many_objects_in_many_threads(board_apart, connected):
    got, faults = {}, []

    def work(name):
        try:
            streamer = Streamer(sim.host, sim.port)
            streamer.connect()
            got[name] = streamer.stream_n_values(name, n_values=3000)[name]
            streamer.cleanup()
        except BelabridgeError as error:
            faults.append(error)

    with board_apart(many_variables(6)) as sim:
        threads = [threading.Thread(target=work, args=(f"v{n}",)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not faults
    for name, buffers in got.items():
        assert [len(buffer["data"]) for buffer in buffers] == [1024] * 3
        for buffer in buffers:
            assert buffer["data"] == _expected(name, buffer)


@pytest.mark.parametrize("board", ["log", "log.arm32"], ids=["64-bit", "32-bit"])
def test_log_headers_of_32_and_64_bits(board):
    log = Logger().read_binary_file(str(CAPTURES / f"{board}.myvar.bin"), "dense")
    assert (log["var_name"], log["type"]) == ("myvar", "d")
    for buffer in log["buffers"][:-1]:
        first = buffer["ref_timestamp"]
        assert buffer["data"] == list(range(first, first + 512))
    sparse = Logger().read_binary_file(str(CAPTURES / f"{board}.myvar4.bin"), "sparse")
    for buffer in sparse["buffers"]:
        assert [buffer["ref_timestamp"] + after for after in buffer["rel_timestamps"]] == buffer["data"]


def test_a_connection_that_breaks_is_noticed_and_made_anew(bela_board, connected):
    streamer = connected(Streamer, bela_board)
    streamer.start_streaming("myvar")
    wait_for(lambda: streamer.streaming_buffers_queue["myvar"])
    bela_board.act(lambda: bela_board.inject(Vanish(1.0)))
    wait_for(lambda: not streamer.is_connected())
    before = len(streamer.streaming_buffers_queue["myvar"])
    wait_for(streamer.is_connected)
    wait_for(lambda: len(streamer.streaming_buffers_queue["myvar"]) > before + 3)
    for buffer in streamer.stop_streaming()["myvar"]:
        first = buffer["ref_timestamp"]
        assert buffer["data"] == list(range(first, first + len(buffer["data"])))


def test_a_board_that_is_gone_for_good_lets_one_stop(board_apart, connected):
    with board_apart(bela_test()) as sim:
        streamer = connected(Streamer, sim)
        streamer.start_streaming("myvar")
        wait_for(lambda: streamer.streaming_buffers_queue["myvar"])
        sim.act(lambda: sim.inject(Vanish(None)))
        wait_for(lambda: not streamer.is_connected())
        assert streamer.stop_streaming()["myvar"]
        assert not streamer.is_streaming()
        with pytest.raises(BelabridgeError):
            streamer.send_ctrl_msg({"watcher": [{"cmd": "list"}]})
        streamer.cleanup()


def test_what_cannot_be_read_says_so():
    with pytest.raises(NoRecording, match=r"nothing\.txt"):
        Streamer().load_data_from_file("nothing.txt")
    with pytest.raises(NoRecording, match=r"nothing\.bin"):
        Logger().read_binary_file("nothing.bin", "dense")


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="needs a device that is always full")
def test_a_full_disk_is_told_and_the_stream_goes_on(bela_board, connected, tmp_path, monkeypatch, caplog):
    streamer = connected(Streamer, bela_board)
    streamer.start_streaming("myvar", saving_enabled=True, saving_dir=str(tmp_path))
    wait_for(lambda: streamer.streaming_buffers_queue["myvar"])
    (path,) = tmp_path.iterdir()
    with Path("/dev/full").open("wb", buffering=0) as full:
        for link in Path("/proc/self/fd").iterdir():  # its writes find no room from now on
            with contextlib.suppress(FileNotFoundError):
                if link.readlink() == path:
                    os.dup2(full.fileno(), int(link.name))
        wait_for(lambda: "saving has ended" in caplog.text)
    before = len(streamer.streaming_buffers_queue["myvar"])
    wait_for(lambda: len(streamer.streaming_buffers_queue["myvar"]) > before + 3)
    with pytest.raises(CannotSave, match="No space left"):
        streamer.stop_streaming()
    assert not streamer.is_streaming()
    assert streamer.load_data_from_file(str(path))


def test_a_folder_that_cannot_be_made_is_told_before_anything_begins(bela_board, connected, tmp_path):
    (tmp_path / "file").write_text("")
    streamer = connected(Streamer, bela_board)
    with pytest.raises(CannotSave):
        streamer.start_streaming("myvar", saving_enabled=True, saving_dir=str(tmp_path / "file" / "in"))
    assert not streamer.is_streaming()


def test_a_buffer_cannot_make_the_board_read_beyond_it(demo_board, connected):
    streamer = connected(Streamer, demo_board)
    for arguments in ((7, "f", 4, [1.0]), (7, "f", 0, []), (7, "x", 1, [1.0]), (7, "f", 1, [float("nan")])):
        with pytest.raises(ValueError, match=r"buffer|type|NaN"):
            streamer.send_buffer(*arguments)
    streamer.send_buffer(7, "f", 2, [0.0, 1.0, 5.0])
    assert not demo_board.board.harm
