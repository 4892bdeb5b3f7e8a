"""Reading ahead: in order, whatever pieces a server gives, and never more than was allowed."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.board.logs import reading
from belabridge.board.logs.reading import Budget, read_all, read_range


class Server:
    """Gives at most so many bytes at once, in turns of the loop that change."""

    def __init__(self, data, most, turns):
        self.data, self._most, self._turns = data, most, turns
        self.largest = 0
        self.budget = Budget(7)

    async def read(self, count, at):
        self.largest = max(self.largest, self.budget.asked)
        for _ in range(self._turns[at % len(self._turns)]):
            await asyncio.sleep(0)
        return self.data[at : at + min(count, self._most)]


@given(
    st.binary(max_size=300),
    st.integers(1, 9),
    st.lists(st.integers(0, 5), min_size=1),
    st.integers(0, 320),
    st.integers(0, 320),
)
def test_a_range_comes_in_order_and_ends_with_the_file(data, most, turns, start, end):
    async def go():
        server = Server(data, most, turns)
        assert await read_all(server, start, end, server.budget) == data[start:end]
        assert server.budget.asked == 0

    asyncio.run(go())


@pytest.mark.parametrize("transfers", [1, 20])
async def test_no_more_is_asked_for_than_is_allowed(transfers, monkeypatch):
    monkeypatch.setattr(reading, "AHEAD_BYTES", 70)
    monkeypatch.setattr(reading, "TOGETHER_BYTES", 280)
    server = Server(bytes(2000), 7, [3])
    reads = [read_all(server, 0, 2000, server.budget) for _ in range(transfers)]
    assert await asyncio.gather(*reads) == [bytes(2000)] * transfers
    # a transfer that has nothing on its way may always ask for one block, or it would never end
    assert server.largest == (70 if transfers == 1 else pytest.approx(280, abs=7 * transfers))
    assert server.budget.asked == 0


async def test_one_that_leaves_early_asks_for_nothing_any_more():
    server = Server(bytes(2000), 7, [0, 4])
    async with aclosing(read_range(server, 0, 2000, server.budget)) as pieces:
        async for _ in pieces:
            break
    assert server.budget.asked == 0
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.parametrize(
    ("told", "block"), [(0, 32_768), (16_384, 32_768), (261_120, 261_120), (4 << 20, 261_120)]
)
def test_a_block_is_what_a_server_gives_at_once(told, block):
    assert Budget.of(told).block_bytes == block
