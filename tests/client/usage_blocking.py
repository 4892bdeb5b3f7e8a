"""How the API is used without ``async``: mypy holds that its types are as pleasant as they look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_type

import numpy as np
from numpy.typing import NDArray

import belabridge
from belabridge import AlignedBlock, Block, Sample, seconds

if TYPE_CHECKING:
    from belabridge.client.bela import Bela


def everything() -> None:
    with belabridge.connect(["bela.local", belabridge.Address("192.168.7.2")]) as bela:
        with bela.stream("pot1", "mic", for_=seconds(1)) as blocks:
            for block in blocks:
                assert_type(block, Block)
                assert_type(block.values, NDArray[Any])

        with bela.stream("pot1") as blocks, bela.monitor(gate=100) as samples:
            assert_type(next(blocks), Block)
            assert_type(next(samples), Sample)
            assert_type(samples.latest, dict[str, Sample])
            blocks.stop()
            assert_type(blocks.collect(), dict[str, Block])

        with bela.aligned("pot1", "mic") as rows:
            for row in rows:
                assert_type(row, AlignedBlock)

        data = bela.collect("pot1", for_=seconds(1))
        assert_type(data["pot1"], Block)
        assert_type(bela.peek("pot1")["pot1"], float)

        with bela.control("gain") as gain:
            gain.set(0.5, confirm=True)
            assert_type(gain.value, float)
        bela.send_buffer(0, np.zeros(16, np.float32))

        async def more(board: Bela) -> float:
            return (await board.peek("pot1"))["pot1"]

        assert_type(bela.run(more(bela.bela)), float)

    notebook = belabridge.connect().open()
    notebook.close()
