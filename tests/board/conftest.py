"""Boards of both kinds: what is held of a link is held on each of them."""

from __future__ import annotations

from functools import partial

import pytest

from belabridge.sim.server import SimServer


@pytest.fixture(params=[False, True], ids=["second", "original"])
def board(request):
    """Makes a simulated board: of protocol 2, or an original one."""
    return partial(SimServer, original=request.param)
