"""What a board of protocol 2 says that it has lost: only what is new counts."""

from __future__ import annotations

import pytest

from belabridge.board.losses import Losses
from belabridge.values import Exact, TimestampMode, Variable, VarType
from belabridge.wire.listing import VariableList


def board(*lost, refused=0):
    """A list whose variables have lost so many streamed values each; None = it tells nothing."""
    return VariableList(
        44_100.0,
        0,
        tuple(
            Variable(
                f"v{place}",
                place,
                VarType.FLOAT,
                TimestampMode.DENSE,
                0.0,
                0.0,
                exact=None if n is None else Exact(lost_watched=n),
            )
            for place, n in enumerate(lost)
        ),
        protocol=2,
        refused=refused,
    )


@pytest.mark.parametrize(
    ("lists", "counted"),
    [
        ([board(5, 0, refused=4)], []),  # before us
        ([board(5, 0), board(5, 0)], []),
        ([board(5, 0), board(7, 1)], [("board.lost_watched", 3)]),
        ([board(5), board(2)], []),  # another variable of that name
        ([board(5), board(5, 9)], []),  # a new one: before us
        ([board(0, refused=4), board(0, refused=6)], [("board.refused_buffers", 2)]),
        (
            [board(0, refused=4), board(1, refused=5)],
            [("board.refused_buffers", 1), ("board.lost_watched", 1)],
        ),
        ([board(None), board(None)], []),
    ],
)
def test_it_counts(lists, counted):
    losses = Losses()
    *before, last = lists
    for one in before:
        list(losses.seen(one))
    told = list(losses.seen(last))
    assert [(counter, n) for counter, n, _ in told] == counted
    assert all(str(n) in words for _, n, words in told)
