"""A real browser draws a real (simulated) board's variables."""

from __future__ import annotations

import asyncio
import os
import threading
from contextlib import contextmanager

import numpy as np
import pytest

import belabridge
from belabridge import frames, seconds
from belabridge.plot.picture import Look, Picture
from belabridge.plot.server import PlotServer
from belabridge.sim.programs.default import default_program
from belabridge.sim.programs.many import expected, many_variables
from belabridge.sim.server import SimServer
from browser import CHROMIUM, START_S, Browser
from processes import wait_for

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
PICTURES = os.environ.get("BELABRIDGE_PICTURES")  # a folder, for whoever wants to look


@contextmanager
def apart(server):
    """Something to be used with ``async with``, in a thread of its own."""
    started, ended = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve():
        async with server():
            started.set()
            await ended.wait()

    def run():
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert started.wait(START_S)
        yield
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()


def seen(browser, expression, why="the page never showed it"):
    return wait_for(lambda: browser.run(expression), within_s=START_S, why=lambda: f"{why}: {browser.said}")


def keep(browser, name):
    if PICTURES:
        browser.picture(f"{PICTURES}/{name}.png")


def test_eight_variables_at_audio_rate_are_drawn():
    sim = SimServer(many_variables(8))
    names = [f"v{i}" for i in range(8)]
    with (
        apart(lambda: sim),
        belabridge.connect(f"127.0.0.1:{sim.port}") as bela,
        bela.plot(*names, window=seconds(1), show=False) as plot,
        Browser() as browser,
    ):
        browser.open(plot.url)
        seen(browser, "charts.length == 8 && drawn > 0")
        # as many points as pixels, and the whole width is filled
        seen(browser, "lanes.every(lane => lane.index.length > .9 * columns())")
        assert browser.run("Math.max(...lanes.map(lane => lane.index.length)) <= 1.25 * columns()")
        first = browser.run("lanes[0].index[lanes[0].index.length - 1]")
        seen(browser, f"lanes[0].index[lanes[0].index.length - 1] > {first}", "it stands still")
        assert browser.run("document.title") == bela.project
        keep(browser, "eight")
        # paused, it stands still; drawn closer, every sample is there
        browser.run("hold(true)")
        seen(browser, "!fresh && !came && !asked")
        now = browser.run("shown[1]")
        end = browser.run("seconds(step) * Math.min(...lanes.map(lane => lane.since))")
        browser.run(f"look([{end} - .003, {end} - .001])")
        seen(browser, "!fresh && !came && !asked")
        assert browser.run("step") == 1
        at, low = browser.run("lanes[3].index"), browser.run("lanes[3].low")

        assert len(at) >= 80
        assert low == expected(3, np.array(at, np.uint64)).tolist()
        keep(browser, "closer")
        browser.run("hold(false)")
        seen(browser, f"shown[1] > {now} && live", "it does not go on")
        assert browser.said == []


def test_a_peak_of_one_sample_is_seen_in_the_pixels():
    picture = Picture(("calm", "peak"), Look(220_500, 220_500), 44_100.0, now_frame=lambda: 220_500)
    values = np.zeros(220_500, np.float32)
    picture.lanes["calm"].add(np.arange(220_500), values)
    values[100_000] = 1.0
    picture.lanes["peak"].add(np.arange(220_500), values)
    server = PlotServer(picture)
    with apart(lambda: server), Browser() as browser:
        browser.open(server.url)
        seen(browser, "charts.length == 2 && drawn > 1")
        # how many rows of pixels have the line's own colour, above the line of zeros
        count = """(i => {
            const c = charts[i].ctx.canvas;
            const d = c.getContext("2d").getImageData(64, 0, c.width - 64, c.height).data;
            const rows = new Set();
            const [r, g, b] = [1, 3, 5].map(k => parseInt(COLORS[i].slice(k, k + 2), 16));
            for (let p = 0; p < d.length; p += 4)
                if (d[p + 3] > 60 &&
                    Math.abs(d[p] - r) + Math.abs(d[p + 1] - g) + Math.abs(d[p + 2] - b) < 60)
                    rows.add(Math.floor(p / 4 / (c.width - 64)));
            return rows.size;
        })"""
        keep(browser, "peak")
        assert browser.run(f"{count}(0)") <= 4
        assert browser.run(f"{count}(1)") > 100
        assert browser.run("Math.max(...lanes[1].high)") == 1.0


def test_any_mix_of_streams_and_monitors():

    sim = SimServer(default_program())
    with (
        apart(lambda: sim),
        belabridge.connect(f"127.0.0.1:{sim.port}") as bela,
        bela.plot(
            "mic",
            "pot1",
            monitor={"trigger": frames(441)},
            y_range={"mic": (-1, 1)},
            window=seconds(2),
            show=False,
        ) as plot,
        Browser() as browser,
    ):
        browser.open(plot.url)
        seen(browser, "lanes.length == 3 && lanes.every(lane => lane.index.length > 10)")
        assert browser.run("hello.lanes.map(lane => lane.name)") == ["mic", "pot1", "trigger"]
        assert browser.run("[charts[0].scales.y.min, charts[0].scales.y.max]") == [-1, 1]
        keep(browser, "mix")
        plot.close()
        seen(browser, "state.textContent.includes('ended')")
        assert browser.said == []
