"""pybela's form and a real program with our C++ library, on the laptop's host."""

from __future__ import annotations

import pytest

from belabridge import Controller, Logger, Monitor, Streamer
from host_program import PROGRAMS, built
from processes import Running, wait_for

STEPS = {"myvar": 1, "myvar2": 1, "myvar3": 12, "myvar4": 12}
MODES = {"myvar": "dense", "myvar2": "dense", "myvar3": "sparse", "myvar4": "sparse"}


@pytest.fixture
def real_board(tmp_path):
    """Makes connected objects of the program whose variables hold the frame."""
    program = Running(*built(PROGRAMS / "bela-test"), "--port", 0, "--folder", tmp_path)
    made = []

    def connected(kind):
        host, port = program.wait_out(r" on (\S+):(\d+);").groups()
        made.append(kind(host, int(port)))
        made[-1].connect()
        return made[-1]

    try:
        yield connected
        for one in made:
            one.cleanup()
        assert program.end() == 0, str(program)
    finally:
        program.kill()


def values_of(name, buffers):
    """All values, each of which is its frame."""
    values = [value for buffer in buffers for value in buffer["data"]]
    assert values == list(range(int(values[0]), int(values[-1]) + 1, STEPS[name]))
    assert [buffer["ref_timestamp"] for buffer in buffers] == [buffer["data"][0] for buffer in buffers]
    return values


def test_all_at_once(real_board):
    streamer, monitor, controller = map(real_board, (Streamer, Monitor, Controller))
    blocks = []
    streamer.start_streaming(list(STEPS), on_block_callback=blocks.append)
    monitor.start_monitoring(["myvar", "myvar5"], [500, 700])
    controller.start_controlling("myvar5")
    controller.send_value("myvar5", 2.5)
    assert controller.get_value("myvar5") == {"myvar5": 2.5}
    wait_for(lambda: all(len(streamer.streaming_buffers_queue[name]) > 1 for name in STEPS))
    wait_for(lambda: len(monitor.values["myvar"]["values"]) > 3)
    controller.stop_controlling()
    until = streamer.get_latest_timestamp()
    streamed = streamer.stop_streaming()
    for name in STEPS:
        assert values_of(name, streamed[name])[-1] >= until - 12
    assert all([each["name"] for each in block] == list(STEPS) for block in blocks)
    came = monitor.stop_monitoring()["myvar"]
    assert came["values"] == came["timestamps"]


def test_a_window_is_exact(real_board):
    streamer = real_board(Streamer)
    start = streamer.get_latest_timestamp() + 44_100
    streamed = streamer.schedule_streaming(["myvar", "myvar2"], start, 5000)
    for name in ("myvar", "myvar2"):
        assert values_of(name, streamed[name]) == list(range(start, start + 5000))


def test_its_log_files_are_read(real_board, tmp_path):
    logger = real_board(Logger)
    paths = logger.start_logging(list(MODES), transfer=False)
    logger.wait(0.3)
    logger.stop_logging()
    for name, mode in MODES.items():
        path = tmp_path / paths["remote_paths"][name].rpartition("/")[2]
        wait_for(lambda path=path: path.stat().st_size > 1000)
        log = logger.read_binary_file(str(path), mode)
        assert (log["var_name"], log["type"]) == (name, logger.get_prop_of_var(name, "type"))
        assert len(values_of(name, log["buffers"])) > 100
