"""How the API is used with ``async``: mypy holds that its types are as pleasant as they look."""

from __future__ import annotations

from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import belabridge
from belabridge import AlignedBlock, Block, Gap, Sample, frames, seconds
from belabridge.values import Variable


async def everything() -> None:
    async with belabridge.connect("bela.local", timeout_s=2) as bela:
        assert_type(bela.variables, dict[str, Variable])
        assert_type(bela.frame, int)

        async with bela.stream("pot1", "mic", start=bela.frame + 100, for_=seconds(1)) as blocks:
            async for block in blocks:
                assert_type(block, Block)
                assert_type(block.values, NDArray[Any])
                assert_type(block.frames, NDArray[np.uint64])
                assert_type(block.time_s, NDArray[np.float64])
                if isinstance(block, Gap):
                    assert_type(block.missing_frames, int)

        async with bela.stream("pot1", on_gap="error", on_full="drop", max_waiting=seconds(1)) as blocks:
            first = await blocks.get(timeout_s=1)
            assert_type(first, Block)
            blocks.stop(at=frames(100))
            assert_type(await blocks.collect(), dict[str, Block])

        async with bela.aligned("pot1", "mic") as rows:
            async for row in rows:
                assert_type(row, AlignedBlock)
                assert_type(row["mic"], NDArray[Any])

        async with bela.monitor(pot1=100, gate=seconds(0.1)) as samples:
            async for sample in samples:
                assert_type(sample, Sample)
                name, value, frame, time_s = sample
                assert_type(name, str)
                assert_type(value, float)
                assert_type(frame, int)
                assert_type(time_s, float)
        async with bela.monitor({"a name": 100}):
            pass

        peeked = await bela.peek("pot1", "pot2")
        assert_type(peeked["pot1"], float)
        assert_type(peeked.frame, int)

        async with bela.control("gain") as gain:
            await gain.set(0.5)
            await gain.set(np.float32(0.5).item(), confirm=True)
            assert_type(gain.value, float)
        async with bela.control("gain", "freq") as both:
            await both.set(gain=0.5, freq=440)
            await both.set({"gain": 0.5})
            assert_type(both.values, dict[str, float])

        await bela.send_buffer(0, np.zeros(16))
        await bela.send_buffer("table", [1, 2, 3], type="i")

    other = await belabridge.connect()
    await other.close()
