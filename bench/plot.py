"""Live pictures: how often a browser draws 8 variables at audio rate, beside an empty page.

Chromium draws without a graphics processor here, on the same cores as everything else; a desktop's does
not. On a busy machine the processor time a picture tells more than the pictures a second.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

import numpy as np

from belabridge.plot.codec.lane import Lane
from bench.figure import Figure
from bench.processes import Board, Program

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

VARIABLES = 8
RATE_HZ = 44_100
WINDOW_S = 5.0
PIXELS = 1120
SCREEN_HZ = 60.0
SETTLE_S = 2.0

# pictures a second, and the part of the time in which the page computes
DRAWN = """new Promise(done => {
    const draws = draw, start = performance.now();
    let pictures = 0, busy_ms = 0;
    draw = (...all) => {
        const t = performance.now();
        draws(...all);
        pictures++;
        queueMicrotask(() => { busy_ms += performance.now() - t; });  // behind what uPlot puts off until then
    };
    setTimeout(() => {
        draw = draws;
        done([pictures / (performance.now() - start) * 1e3, busy_ms / pictures]);
    }, FOR_MS);
})"""
EMPTY = """new Promise(done => {
    const start = performance.now();
    let frames = 0;
    const next = () => { frames++; requestAnimationFrame(next); };
    requestAnimationFrame(next);
    setTimeout(() => done(frames / (performance.now() - start) * 1e3), FOR_MS);
})"""


class Plotting(Program):
    """The command, with its page."""

    def __init__(self, board: Board) -> None:
        names = [f"v{i}" for i in range(VARIABLES)]
        command = [sys.executable, "-m", "belabridge", "plot", *names, "--no-browser"]
        super().__init__(*command, "--board", f"127.0.0.1:{board.port}", "--window", f"{WINDOW_S:g}s")
        self.url = self.line()


def in_browser(for_s):
    """Frames a second of an empty page; pictures a second, ms a picture, and the program's processor time."""
    from browser import Browser

    for_ms = str(for_s * 1e3)
    with Board(VARIABLES, original=False) as board, Plotting(board) as plotting, Browser() as browser:
        browser.open("about:blank")
        empty = browser.run(EMPTY.replace("FOR_MS", for_ms))
        alone = plotting.load(for_s)
        browser.open(plotting.url)
        time.sleep(WINDOW_S + SETTLE_S)
        before_s, all_s, start = plotting.cpu_s(), tree_s(browser.process.pid), time.perf_counter()
        pictures, ms = browser.run(DRAWN.replace("FOR_MS", for_ms))
        took_s = time.perf_counter() - start
        load = (plotting.cpu_s() - before_s) / took_s
        picture_s = (tree_s(browser.process.pid) - all_s) / (pictures * took_s)
    return empty, pictures, ms, picture_s, alone, load


def tree_s(pid):
    """Processor time of a process and of all that it started."""
    children, times = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended this moment
        own = int(path.parent.name)
        children.setdefault(int(fields[1]), []).append(own)
        times[own] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    tree = [pid]
    for one in tree:
        tree += children.get(one, [])
    return sum(times.get(one, 0.0) for one in tree)


def decimated(rounds):
    """Processor time of all columns of a window of one variable, and of what is new in a sixtieth second."""
    lane, frames = Lane(round(WINDOW_S * RATE_HZ)), round(WINDOW_S * RATE_HZ)
    lane.add(np.arange(frames), np.random.default_rng(1).normal(size=frames).astype(np.float32))
    step = frames // PIXELS
    found = []
    for first in (0, (frames - round(RATE_HZ / SCREEN_HZ)) // step):
        start = time.process_time()
        for _ in range(rounds):
            lane.columns(first, 2 * PIXELS, step)
        found.append((time.process_time() - start) / rounds)
    start = time.process_time()
    for _ in range(rounds):
        lane.values.min()
        lane.values.max()
    return *found, (time.process_time() - start) / rounds


def measure(*, quick=False):
    figures = []
    if shutil.which("chromium"):
        empty, pictures, ms, picture_s, alone, load = in_browser(2.0 if quick else 10.0)
        figures += [
            Figure(
                f"pictures of {VARIABLES} variables at audio rate, 5 s",
                f"{pictures:.1f}/s",
                f"{empty:.1f}/s",
                f"{pictures / empty:.2f}",
                f"{SCREEN_HZ:g}/s",
                pictures >= 0.95 * SCREEN_HZ,
            ),
            Figure("  the page's script, a picture", f"{ms:.2f} ms", target="below 16.7 ms", met=ms < 16.7),
            Figure(
                "  all of the browser, a picture",
                f"{picture_s * 1e3:.1f} ms of processor",
                f"{1e3 / SCREEN_HZ:.1f} ms",
                f"{picture_s * SCREEN_HZ:.2f}",
            ),
            Figure(
                "  the program, over one at which nobody looks",
                f"{load:.2%}",
                f"{alone:.2%}",
                f"{load / alone:.2f}",
            ),
        ]
    whole, new, floor = decimated(20 if quick else 300)
    return [
        *figures,
        Figure(
            "columns of 5 s of audio, over numpy's min and max",
            f"{whole * 1e3:.2f} ms",
            f"{floor * 1e3:.2f} ms",
            f"{whole / floor:.1f}",
        ),
        Figure("  of what is new in 1/60 s", f"{new * 1e6:.0f} µs"),
    ]
