"""How pybela's form is used: mypy holds that its types are as pleasant as they look."""

from __future__ import annotations

from typing import Any, assert_type

from belabridge import Controller, Logger, Monitor, Streamer, Watcher


def watching() -> None:
    watcher = Watcher(ip="bela.local")
    assert_type(watcher.connect(), int)
    assert_type(watcher.list(), dict[str, Any])
    assert_type(watcher.watcher_vars, list[dict[str, Any]])
    assert_type(watcher.sample_rate, float | None)
    watcher.wait(1)


def streaming() -> None:
    streamer = Streamer()
    streamer.start_streaming("pot1", on_buffer_callback=print)
    streamer.start_streaming(
        ["pot1", "mic"], saving_enabled=True, on_block_callback=block, callback_args=(1,)
    )
    assert_type(streamer.stop_streaming(), dict[str, Any])
    streamer.stream_n_values(["pot1"], n_values=1000)
    streamer.schedule_streaming(("pot1", "mic"), timestamps=[1, 2], durations=44_100)
    streamer.streaming_buffers_queue_length = 10
    streamer.latency_s = 0.05
    streamer.send_buffer(0, "f", 2, [0.5, 1])


async def block(buffers: list[dict[str, Any]], more: int) -> None:
    print(buffers, more)


def the_others() -> None:
    monitor, logger, controller = Monitor(), Logger(), Controller()
    assert_type(monitor.peek()["pot1"]["value"], Any)
    assert_type(monitor.monitor_n_values("pot1", 500, n_values=5), dict[str, Any])
    assert_type(logger.start_logging(["pot1"])["local_paths"], dict[str, str])
    controller.start_controlling("gain")
    controller.send_value(["gain", "freq"], [0.5, 440])
    controller.send_value("gain", 0.5)
    assert_type(controller.get_value("gain"), dict[str, float])
