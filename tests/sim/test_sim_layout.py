"""Buffers have the layout that the recorded sessions show."""

from __future__ import annotations

import pytest

from belabridge.sim.layout import BODY_BYTES, layout
from belabridge.values import TimestampMode, VarType


@pytest.mark.parametrize(
    ("type_", "dense", "sparse", "relative_at", "unused"),
    [
        ("c", 4096, 816, 824, 16),
        ("i", 1024, 512, 2056, 0),
        ("j", 1024, 512, 2056, 0),
        ("f", 1024, 512, 2056, 0),
        ("d", 512, 341, 2736, 4),
    ],
)
def test_layouts(type_, dense, sparse, relative_at, unused):
    assert layout(VarType(type_), TimestampMode.DENSE).capacity == dense
    assert layout(VarType(type_), TimestampMode.DENSE).relative_at is None
    ours = layout(VarType(type_), TimestampMode.SPARSE)
    assert (ours.capacity, ours.relative_at) == (sparse, relative_at)
    assert BODY_BYTES - relative_at - 4 * sparse == unused
