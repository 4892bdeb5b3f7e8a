"""Boards of both kinds, and objects of the known form that are cleaned up."""

from __future__ import annotations

import pytest

from belabridge.sim.programs.captures import bela_test
from belabridge.sim.programs.default import default_program


@pytest.fixture
def bela_board(board_apart):
    """A board whose variables hold the frame at which they were assigned."""
    with board_apart(bela_test()) as sim:
        yield sim


@pytest.fixture
def demo_board(board_apart):
    """The board of the demo."""
    with board_apart(default_program()) as sim:
        yield sim


@pytest.fixture
def connected():
    """Makes a connected object of a class: ``connected(Streamer, sim)``."""
    made = []

    def make(kind, sim):
        one = kind(sim.host, sim.port)
        made.append(one)
        assert one.connect() == 1
        return one

    yield make
    for one in made:
        one.cleanup()
