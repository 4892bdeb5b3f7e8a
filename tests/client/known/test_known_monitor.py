"""``Monitor``, on real sockets."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from belabridge import Controller, Monitor
from processes import wait_for


def check(values, period):
    """Of a program whose variables hold the frame, at every frame."""
    frames = values["timestamps"]
    assert values["values"] == frames
    assert {b - a for a, b in pairwise(frames)} <= {period}


def test_start_and_stop(bela_board, connected):
    monitor = connected(Monitor, bela_board)
    monitor.start_monitoring(["myvar", "myvar2"], [400, 700])
    wait_for(lambda: min(len(monitor.values[name]["values"]) for name in ("myvar", "myvar2")) > 4)
    assert monitor.is_streaming()
    stopped = monitor.stop_monitoring()
    assert not monitor.is_streaming()
    assert set(stopped) == {"myvar", "myvar2"}
    check(stopped["myvar"], 400)
    check(stopped["myvar2"], 700)
    assert monitor.values == {
        **{name: {"timestamps": [], "values": []} for name in ("myvar3", "myvar4", "myvar5")},
        **stopped,
    }


@pytest.mark.parametrize(("periods", "period"), [(500, 500), ([], 1000), (None, 1000), ([600.0], 600)])
def test_periods(bela_board, connected, periods, period):
    monitor = connected(Monitor, bela_board)
    values = monitor.monitor_n_values("myvar", periods, n_values=5)
    assert len(values["myvar"]["values"]) == 5
    check(values["myvar"], period)


def test_in_an_async_program(bela_board, connected):
    monitor = connected(Monitor, bela_board)
    values = asyncio.run(monitor.async_monitor_n_values("myvar", 500, n_values=5))
    check(values["myvar"], 500)


def test_a_period_of_1_is_a_single_value(bela_board, connected):
    monitor = connected(Monitor, bela_board)
    monitor.start_monitoring(["myvar", "myvar2"], [1, 500])
    wait_for(lambda: len(monitor.values["myvar2"]["values"]) > 3)
    assert len(monitor.stop_monitoring()["myvar"]["values"]) == 1


def test_some_end_while_others_go_on(bela_board, connected):
    monitor = connected(Monitor, bela_board)
    monitor.start_monitoring(["myvar", "myvar2"], 500)
    wait_for(lambda: monitor.values["myvar"]["values"])
    monitor.stop_monitoring("myvar")
    many = len(monitor.values["myvar"]["values"])
    before = len(monitor.values["myvar2"]["values"])
    wait_for(lambda: len(monitor.values["myvar2"]["values"]) > before + 3)
    assert len(monitor.values["myvar"]["values"]) == many
    assert monitor.is_streaming()
    monitor.stop_monitoring()


def test_saved_values(bela_board, connected, tmp_path):
    monitor = connected(Monitor, bela_board)
    monitor.start_monitoring("myvar", 500, saving_enabled=True, saving_dir=str(tmp_path))
    wait_for(lambda: len(monitor.values["myvar"]["values"]) > 2)
    stopped = monitor.stop_monitoring()
    path = str(tmp_path / "myvar_monitor.txt")
    assert monitor.load_data_from_file(path) == stopped["myvar"]
    assert monitor.load_data_from_file(path, flatten=False) == [
        {"timestamp": frame, "value": value}
        for frame, value in zip(stopped["myvar"]["timestamps"], stopped["myvar"]["values"], strict=True)
    ]


def test_peek_gives_each_value_with_its_frame(bela_board, connected):
    monitor = connected(Monitor, bela_board)
    wait_for(lambda: monitor.get_latest_timestamp() > 100)
    peeked = monitor.peek()
    assert set(peeked) == {"myvar", "myvar2", "myvar3", "myvar4", "myvar5"}
    # on a machine that is too busy for a monitor's first value it is the list's, which has one frame for all
    assert all(one["timestamp"] - 32 <= one["value"] <= one["timestamp"] for one in peeked.values())
    assert all(one["timestamp"] > 0 for one in peeked.values())
    assert set(monitor.peek("myvar")) == {"myvar"}


def test_peek_at_what_the_program_only_reads(demo_board, connected):
    monitor, controller = connected(Monitor, demo_board), connected(Controller, demo_board)
    assert monitor.peek("gain")["gain"]["value"] == pytest.approx(0.8)
    controller.start_controlling("gain")
    controller.send_value("gain", 0.25)
    assert monitor.peek(["gain", "pot1"])["gain"]["value"] == 0.25


def test_the_streamer_s_names_for_it(bela_board, connected):
    monitor, got, rows = connected(Monitor, bela_board), [], []
    monitor.start_streaming("myvar", 500, on_buffer_callback=got.append)
    wait_for(lambda: len(got) > 2)
    monitor.stop_streaming()
    queue = monitor.streaming_buffers_queue["myvar"]
    assert [each["buffer"] for each in got] == queue
    assert monitor.streaming_buffers_data["myvar"] == [each["value"] for each in queue]
    assert monitor.last_streamed_buffer["myvar"] == queue[-1]
    assert monitor.streaming_buffers_queue_length == 2000
    monitor.start_streaming(["myvar2", "myvar"], 500, on_block_callback=rows.append)
    wait_for(lambda: len(rows) > 2)
    monitor.stop_streaming()
    assert [[each["name"] for each in row] for row in rows[:2]] == [["myvar2", "myvar"]] * 2
    with pytest.raises(ValueError, match="cannot be scheduled"):
        monitor.schedule_streaming("myvar", 1, 1)


def test_its_values_are_plotted(demo_board, connected, monkeypatch):
    monitor, opened = connected(Monitor, demo_board), []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monitor.start_monitoring(["pot1", "trigger"], [200, 400])
    with monitor.plot_data("pot1", ["pot1", "trigger"], rollover=500) as plot:
        assert plot.names == ("pot1", "trigger")
        assert opened == [plot.url]
        wait_for(
            lambda: {v["name"]: v["monitor"] for v in monitor.monitored_vars} == {"pot1": 200, "trigger": 400}
        )
        assert monitor.watched_vars == []
    monitor.stop_monitoring()


@pytest.mark.parametrize("periods", [0, -5, [500, 500], 1.5, 2**31])
def test_no_periods(bela_board, connected, periods):
    monitor = connected(Monitor, bela_board)
    with pytest.raises(ValueError, match="period"):
        monitor.start_monitoring("myvar", periods)
    assert not monitor.is_streaming()
