"""Tracks in memory, to be exported."""

from __future__ import annotations

import numpy as np

from belabridge.recording.column import ColumnSamples
from belabridge.recording.take import type_of
from belabridge.recording.track import Gap, Track
from belabridge.values import TimestampMode

RATE_HZ = 44_100.0


def track(values, frames=None, gaps=(), name="mic", dtype="<f4"):
    """A track with a value in each frame from 100 on, unless frames are given."""
    array = np.array(values, dtype)
    where = np.arange(100, 100 + len(array)) if frames is None else frames
    samples = ColumnSamples(array, np.array(where, np.uint64), [Gap(*gap) for gap in gaps])
    return Track(name, type_of(np.dtype(dtype)), TimestampMode.DENSE, RATE_HZ, samples)
