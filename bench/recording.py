"""Saving: processor time that a take of 12 dense floats at 44.1 kHz adds, and how long it holds the loop.

The whole is our client at a board; saving alone is what such a stream brings in so many seconds, as the
client hands it over. The floor is a bare ``websockets`` loop that receives the same from a board, and throws
it away. Medians of the rounds.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from belabridge.client.blocks import Block
from belabridge.recording.export.npz_file import write_npz
from belabridge.recording.json_lines import JsonLines
from belabridge.recording.load import load
from belabridge.recording.recorder import Recorder
from bench.figure import Figure
from bench.processes import BareLoop, Board, Program
from bench.whole_path import load_of

VARIABLES = 12
RATE_HZ = 44_100.0
VALUES = 1024  # of a dense block of floats
SHORT_VALUES = 512  # of a board of protocol 2
SPEED = 16
MOST_WHOLE = 1.6  # with receiving
MOST_RATIO = 0.35  # saving alone
LONGEST_MS = 20.0  # two periods of a picture: what a loop may be held up without anybody seeing it


def blocks(stream_s, values=VALUES):
    """What comes in so many seconds; a mix of values, as numbers of many digits take longest."""
    wave = np.sin(np.arange(values) / 7).astype("<f4")
    for number in range(int(stream_s * RATE_HZ / values)):
        for variable in range(VARIABLES):
            yield Block(f"v{variable}", wave, number * values, RATE_HZ)


class PlainLines:
    """JSON lines by the standard library, as a plain client writes them."""

    def __init__(self, folder):
        folder.mkdir()
        self._folder, self._files = folder, {}

    def block(self, name, block):
        """Write a line."""
        if name not in self._files:
            self._files[name] = (self._folder / f"{name}.txt").open("a", encoding="ascii")
        line = json.dumps({"ref_timestamp": block.first_frame, "data": block.values.tolist()})
        self._files[name].write(line + "\n")

    def close(self):
        """End the files."""
        for file in self._files.values():
            file.close()


def cost(sink_of, stream_s, rounds, values=VALUES):
    """Load of a core while it is saved at the pace of the stream, and the longest call in ms."""
    some = list(blocks(stream_s, values))
    loads, longest = [], []
    for _ in range(rounds):
        folder = Path(tempfile.mkdtemp())
        try:
            held = 0.0
            before = time.process_time()
            sink = sink_of(folder / "take")
            for block in some:
                start = time.perf_counter()
                sink.block(block.name, block)
                held = max(held, time.perf_counter() - start)
            sink.close()
            loads.append((time.process_time() - before) / stream_s)
            longest.append(held * 1e3)
        finally:
            shutil.rmtree(folder)
    return median(loads), median(longest)


def recorder(folder):
    return Recorder(folder, sample_rate_hz=RATE_HZ)


def lines(folder):
    return JsonLines(folder, "stream.txt")


class SavingClient(Program):
    """Our client, which streams and reads; with a folder it also records."""

    def __init__(self, board, *take):
        command = sys.executable, "-m", "bench.programs.saving_client", board.port, board.count, *take
        super().__init__(*command)
        self.line()


def whole(for_s, rounds):
    """Loads of a core: the bare loop, our client, and the same while it records; medians."""
    folder = Path(tempfile.mkdtemp())
    try:
        with Board(VARIABLES) as board:
            loads = [
                [
                    load_of(BareLoop(board), for_s),
                    load_of(SavingClient(board), for_s),
                    load_of(SavingClient(board, folder / f"take{number}"), for_s),
                ]
                for number in range(rounds)
            ]
    finally:
        shutil.rmtree(folder)
    return [median(load) for load in zip(*loads, strict=True)]


def lost(for_s):
    """Frames that are missing in a take that was recorded at many times real time."""
    folder = Path(tempfile.mkdtemp())
    try:
        with Board(VARIABLES, SPEED) as board:
            load_of(SavingClient(board, folder / "take"), for_s)
        take = load(folder / "take")
        if len(take) < VARIABLES or not take.is_complete:
            raise SystemExit("the take is not whole: the bench measures nothing")
        return sum(gap.frames for track in take.values() for gap in track.gaps)
    finally:
        shutil.rmtree(folder)


def export_speed(stream_s):
    """MB of values a second of an export to NPZ, and of a plain copy of the same file."""
    folder = Path(tempfile.mkdtemp())
    try:
        with recorder(folder / "take") as take:
            for block in blocks(stream_s):
                take.block(block.name, block)
        start = time.perf_counter()
        with (folder / "take.npz").open("xb") as out:
            write_npz(list(load(folder / "take").values()), out)
        ours = time.perf_counter() - start
        start = time.perf_counter()
        shutil.copyfile(folder / "take.npz", folder / "copy.npz")
        size = (folder / "copy.npz").stat().st_size / 1e6
        return size / ours, size / (time.perf_counter() - start)
    finally:
        shutil.rmtree(folder)


def measure(*, quick=False):
    for_s, stream_s, rounds = (0.5, 0.2, 1) if quick else (4.0, 10.0, 5)
    bare, streaming, recording = whole(for_s, rounds)

    def figure(name, sink_of, most=None, rounds=rounds, **more):
        load, held = cost(sink_of, stream_s, rounds, **more)
        ratio = load / bare
        return held, Figure(
            name,
            f"{load:.2%} of a core",
            f"{bare:.2%}",
            f"{ratio:.2f}",
            f"at most {most}" if most else "",
            ratio <= most if most else None,
        )

    missing = lost(0.5 if quick else 15.0)
    held, take = figure("  saving alone", recorder, MOST_RATIO)
    _, short = figure("    in blocks of protocol 2", recorder, values=SHORT_VALUES)
    _, text = figure("    as pybela's lines", lines)
    _, plain = figure("    as lines by json", PlainLines, rounds=1)
    ours, copied = export_speed(1.0 if quick else 20.0)
    return [
        Figure(
            f"streaming {VARIABLES} floats and saving them",
            f"{recording:.2%} of a core",
            f"{bare:.2%}",
            f"{recording / bare:.2f}",
            f"at most {MOST_WHOLE}",
            recording / bare <= MOST_WHOLE,
        ),
        Figure("  without saving", f"{streaming:.2%} of a core", f"{bare:.2%}", f"{streaming / bare:.2f}"),
        Figure(
            f"  at {SPEED} x real time",
            f"{missing} frames lost",
            target="none lost",
            met=not missing,
        ),
        take,
        Figure(
            "    the longest that a block holds the loop",
            f"{held:.2f} ms",
            target=f"at most {LONGEST_MS:g} ms",
            met=held <= LONGEST_MS,
        ),
        short,
        text,
        plain,
        Figure("export to npz", f"{ours:.0f} MB/s", f"{copied:.0f} MB/s", f"{copied / ours:.2f}"),
    ]
