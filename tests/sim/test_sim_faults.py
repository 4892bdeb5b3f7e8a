"""What is lost of pairs."""

from __future__ import annotations

import pytest

from belabridge.errors import UsageError
from belabridge.sim.core import Message
from belabridge.sim.faults import DropBody, DropHeader, Losses

PAIRS = [Message("data", payload) for payload in (b"0/f", b"A", b"1/f", b"B", b"2/f", b"C")]


@pytest.mark.parametrize(
    ("faults", "left"),
    [
        ([], b"0/fA1/fB2/fC"),
        ([DropHeader()], b"A1/fB2/fC"),
        ([DropBody()], b"0/f1/fB2/fC"),
        ([DropHeader(2)], b"AB2/fC"),
        ([DropHeader(), DropBody()], b"1/fB2/fC"),
        ([DropBody(9)], b"0/f1/f2/f"),
        ([DropHeader(0)], b"0/fA1/fB2/fC"),
    ],
)
def test_what_is_left(faults, left):
    losses = Losses()
    for fault in faults:
        losses.add(fault)
    assert b"".join(m.payload for m in losses.left(PAIRS)) == left


def test_texts_pass_and_losses_end():
    losses = Losses()
    losses.add(DropHeader())
    text = Message("control", b"{}")
    assert losses.left([text, *PAIRS[:2]]) == [text, PAIRS[1]]
    assert losses.left(PAIRS) == PAIRS
    with pytest.raises(UsageError):
        losses.add(DropBody(-1))
