"""A board in a program without ``async``, on real sockets."""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest

import belabridge
from belabridge import frames
from belabridge.errors import BoardUnreachable, Closed
from belabridge.sim.programs.default import default_program
from belabridge.sim.programs.many import expected, many_variables


def at(sim):
    return f"{sim.host}:{sim.port}"


def test_streams_come_while_the_user_computes(board_apart):
    with board_apart(many_variables(2)) as sim, belabridge.connect(at(sim)) as bela:
        with bela.stream("v0", "v1", for_=frames(10_000)) as blocks:
            got = list(blocks)
        for name in ("v0", "v1"):
            values = np.concatenate([block.values for block in got if block.name == name])
            first = blocks.start_frame
            assert np.array_equal(
                values, expected(int(name[1]), np.arange(first, first + 10_000, dtype=np.uint64))
            )


def test_everything_at_once(board_apart):
    with board_apart(default_program()) as sim, belabridge.connect(at(sim)) as bela:
        with bela.monitor(pot1=100) as samples, bela.control("gain", "freq") as both:
            both.set(gain=0.25, freq=220, confirm=True)
            assert both.values == {"gain": 0.25, "freq": 220}
            assert bela.peek("gain", "freq") == {"gain": 0.25, "freq": 220}
            assert next(samples).name == "pot1"
        bela.send_buffer(next(iter(bela.buffers), 0), np.zeros(16, np.float32))


def test_what_a_board_is_can_be_asked_from_any_thread(board_apart):
    with board_apart(default_program()) as sim, belabridge.connect(at(sim)) as bela:
        before = bela.frame
        assert bela.project == "belabridge-demo"
        assert bela.sample_rate_hz == 44_100
        assert bela.is_connected
        assert str(bela.address) == at(sim)
        assert bela.counts == {}
        assert "mic" in bela.variables
        with bela.stream("mic", start=bela.frame + 2000) as blocks, bela.monitor(pot1=50) as samples:
            assert (blocks.names, blocks.dropped_blocks) == (("mic",), 0)
            assert (samples.periods_frames, samples.dropped_samples) == ({"pot1": 50}, 0)
            assert blocks.start_frame >= before + 2000
            assert blocks.get(20).first_frame >= blocks.start_frame
            assert samples.get(20) == samples.latest["pot1"] or samples.latest["pot1"].frame > before
            blocks.stop()
            blocks.collect()
        with bela.control("gain") as gain:
            gain.set(0.25)
            assert (gain.names, gain.value, gain.values) == (("gain",), 0.25, {"gain": 0.25})
        assert bela.run(asyncio.sleep(0, "from the loop")) == "from the loop"
        assert bela.frame > before


def test_several_threads_share_a_connection(board_apart):
    with board_apart(many_variables(4)) as sim, belabridge.connect(at(sim)) as bela:
        got = {}

        def collect(name):
            got[name] = bela.collect(name, for_=frames(4410))[name]

        threads = [threading.Thread(target=collect, args=(f"v{i}",)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {len(block) for block in got.values()} == {4410}


def test_within_a_running_loop(board_apart):
    async def cell():
        with belabridge.connect(at(sim)) as bela:
            return bela.collect("v0", for_=frames(100))

    with board_apart(many_variables(1)) as sim:
        assert len(asyncio.run(cell())["v0"]) == 100


def test_nobody_there_leaves_no_thread():
    before = threading.active_count()
    with pytest.raises(BoardUnreachable):
        belabridge.connect("127.0.0.1:1", timeout_s=0.2).open()
    assert threading.active_count() == before


def test_after_the_end(board_apart):
    with board_apart(many_variables(1)) as sim:
        bela = belabridge.connect(at(sim)).open()
        with bela.stream("v0") as blocks:
            next(blocks)
            bela.close()
            bela.close()
            list(blocks)
        with pytest.raises(Closed):
            bela.peek("v0")


def test_rows_of_several_variables(board_apart):
    with board_apart(many_variables(2)) as sim, belabridge.connect(at(sim)) as bela:
        with bela.aligned("v1", "v0", for_=frames(5000)) as blocks:
            got = list(blocks)
        rows = np.concatenate([block.values for block in got])
        assert rows.shape == (5000, 2)
        of_frames = np.arange(blocks.start_frame, blocks.start_frame + 5000, dtype=np.uint64)
        assert np.array_equal(rows, np.stack([expected(1, of_frames), expected(0, of_frames)], axis=1))


def test_several_boards_at_once(board_apart):
    with (
        board_apart(many_variables(1)) as one,
        board_apart(default_program()) as other,
        belabridge.connect(at(one)) as first,
        belabridge.connect([at(other)]) as second,
    ):
        assert (first.project, second.project) == ("many", "belabridge-demo")
        with first.stream("v0") as blocks, second.stream("mic") as more:
            assert (next(blocks).name, next(more).name) == ("v0", "mic")
            first.close()
            list(blocks)
            assert len(next(more)) > 0
