"""The first of several addresses that answers is kept, and nothing is left of the others."""

from __future__ import annotations

import pytest

from belabridge.board.candidates import open_first
from belabridge.errors import BoardUnreachable
from belabridge.sim.programs.many import many_variables
from belabridge.sim.server import SimServer
from belabridge.values import Address
from waiting import until


def ignore(*_):
    """What the board says is nobody's business here."""


async def test_a_board_that_answers_at_two_addresses_has_one_client():
    async with SimServer(many_variables(1)) as sim:
        address = Address(sim.host, sim.port)
        connection = await open_first([address, address, address], on_block=ignore, on_event=ignore)
        await until(lambda: [c.endpoint for c in sim.clients] in (["control", "data"], ["data", "control"]))
        await connection.close()
        await until(lambda: not sim.clients)


async def test_one_that_is_there_is_found_behind_one_that_is_not():
    async with SimServer(many_variables(1)) as gone:
        pass
    async with SimServer(many_variables(1)) as sim:
        addresses = [Address(gone.host, gone.port), Address(sim.host, sim.port)]
        connection = await open_first(addresses, on_block=ignore, on_event=ignore)
        assert connection.address == addresses[1]
        await connection.close()


async def test_nobody_is_an_error_that_names_all_that_were_tried():
    async with SimServer(many_variables(1)) as gone:
        address = Address(gone.host, gone.port)
    with pytest.raises(BoardUnreachable) as caught:
        await open_first([address, Address("127.0.0.1", 1)], on_block=ignore, on_event=ignore)
    assert caught.value.tried == (str(address), "127.0.0.1:1")
