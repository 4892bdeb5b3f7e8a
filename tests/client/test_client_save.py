"""Streams that are recorded: what is in the take is what came, also when nobody reads or the disk is full."""

from __future__ import annotations

import errno
import os
from collections import deque

import numpy as np
import pytest

import belabridge
from belabridge.errors import AlreadyExists, CannotSave, UsageError
from belabridge.recording.json_lines import JsonLines
from belabridge.recording.json_lines_read import objects
from belabridge.sim.faults import Vanish
from belabridge.sim.programs.default import default_program
from belabridge.sim.programs.many import expected, many_variables


def at(board):
    return f"{board.host}:{board.port}"


async def read_all(stream, into):
    async for block in stream:
        into.append(block)


async def enter(stream):
    async with stream:
        pytest.fail("it began")


async def record_unread(bela, sink):
    async with bela.stream("mic", save=sink):
        while not sink.closed:
            await bela.peek("mic")


async def test_a_take_has_what_the_reader_has(board, tmp_path):
    async with board(default_program()) as sim, belabridge.connect(at(sim)) as bela:
        names = "pot1", "mic", "trigger"
        async with bela.stream(*names, for_=belabridge.frames(9_000), save=tmp_path / "take1") as stream:
            read = await stream.collect()
    take = belabridge.load(tmp_path / "take1")
    assert take.is_complete
    assert take.project == "belabridge-demo"
    assert set(take) == {name for name, block in read.items() if len(block)}
    for name, track in take.items():
        assert track.values.tobytes() == read[name].values.tobytes()
        assert track.frames.tolist() == read[name].frames.tolist()
        assert not track.gaps


async def test_what_nobody_reads_is_recorded_up_to_the_end_of_the_block(board, tmp_path):
    async with (
        board(many_variables(1)) as sim,
        belabridge.connect(at(sim)) as bela,
        bela.stream("v0", max_waiting=1, save=str(tmp_path / "take{n}")) as stream,
    ):
        assert stream.saved_to == tmp_path / "take1"
        while stream.dropped_blocks < 3:
            await bela.peek("v0")
        left = bela.frame
    track = belabridge.load(tmp_path / "take1")["v0"]
    first = int(track.frames[0])
    assert first >= stream.start_frame
    assert np.array_equal(track.frames, np.arange(first, first + len(track)))
    assert np.array_equal(track.values, expected(0, track.frames))
    assert int(track.frames[-1]) >= left - 1


async def test_an_existing_take_is_refused_before_anything_begins(board, tmp_path):
    (tmp_path / "take1").mkdir()
    (tmp_path / "take1" / "mic.npy").write_text("precious")
    async with board(default_program()) as sim, belabridge.connect(at(sim)) as bela:
        with pytest.raises(AlreadyExists, match="take1"):
            await enter(bela.stream("mic", save=tmp_path / "take1"))
        stream = bela.stream("mic", for_=belabridge.frames(100), save=tmp_path / "take2")
        async with stream:
            await stream.collect()
        with pytest.raises(UsageError, match="used once"):
            stream.begin()
    assert (tmp_path / "take1" / "mic.npy").read_text() == "precious"
    assert belabridge.load(tmp_path / "take2").is_complete


class FullSink:
    """A sink that takes three blocks, and then says that the disk is full."""

    def __init__(self):
        self.blocks, self.closed = 0, 0

    def block(self, _name, _block):
        self.blocks += 1
        if self.blocks > 3:
            raise CannotSave("take1", os.strerror(errno.ENOSPC))

    def gap(self, name, frames):
        pass

    def close(self):
        self.closed += 1


async def test_a_full_disk_is_told_to_the_reader_behind_what_came(board):
    sink, read = FullSink(), []
    async with board(default_program()) as sim, belabridge.connect(at(sim)) as bela:
        async with bela.stream("mic", save=sink) as stream:
            with pytest.raises(CannotSave, match="No space left"):
                await read_all(stream, read)
        # it is told once: the end of the block is silent
        assert len(read) == sink.blocks == 4, "what could not be saved can still be read"
        assert sink.closed == 1
        assert (await bela.peek("mic")).keys() == {"mic"}, "the connection goes on"


async def test_a_full_disk_is_told_at_the_end_when_nobody_reads(board):
    sink = FullSink()
    async with board(default_program()) as sim, belabridge.connect(at(sim)) as bela:
        with pytest.raises(CannotSave, match="No space left"):
            await record_unread(bela, sink)
    assert sink.closed == 1


def test_without_async_it_is_the_same(board_apart, tmp_path):
    with board_apart(default_program()) as sim, belabridge.connect(at(sim)) as bela:
        with bela.stream("mic", for_=belabridge.frames(5_000), save=tmp_path / "take1") as stream:
            read = stream.collect()["mic"]
            assert stream.saved_to == tmp_path / "take1"
        with pytest.raises(AlreadyExists), bela.stream("mic", save=tmp_path / "take1"):
            pytest.fail("it began")
        with bela.stream("mic", save=FullSink()) as stream, pytest.raises(CannotSave):
            deque(stream, maxlen=0)
    assert belabridge.load(tmp_path / "take1")["mic"].values.tobytes() == read.values.tobytes()


async def test_pybelas_lines_are_a_sink_as_well(board, tmp_path):
    async with board(default_program()) as sim, belabridge.connect(at(sim)) as bela:
        lines = JsonLines(tmp_path, "var_stream.txt")
        async with bela.stream("mic", for_=belabridge.frames(3_000), save=lines) as stream:
            read = (await stream.collect())["mic"]
    values = [value for line in objects(tmp_path / "mic_var_stream.txt") for value in line["data"]]
    assert values == read.values.tolist()


async def test_a_board_that_comes_back_leaves_a_gap_in_the_take(board, tmp_path):
    async with (
        board(many_variables(1)) as sim,
        belabridge.connect(at(sim)) as bela,
        bela.stream("v0", save=tmp_path / "take1") as stream,
    ):
        await stream.get(20)
        sim.inject(Vanish(for_s=0.3))
        while not (block := await stream.get(20)).is_gap:
            pass
        await stream.get(20)
    track = belabridge.load(tmp_path / "take1")["v0"]
    (gap,) = track.gaps
    assert gap.frames == block.missing_frames
    steps = np.diff(track.frames)
    assert np.flatnonzero(steps != 1).tolist() == [gap.index - 1]
    assert steps[gap.index - 1] == gap.frames + 1
    assert np.array_equal(track.values, expected(0, track.frames))
