"""A program on the board whose variables are there to be set by MIDI, and to be played by it."""

from __future__ import annotations

import numpy as np

from belabridge.sim.program import SAMPLE_RATE_HZ, Program, ProgramVariable

SETTABLE = ("cutoff", "depth", "note", "amp", "gate", "freq", "hold", "gain", "tone")
RAMP_S = 24.0  # all of 14 bits: more than 500 steps a second


def _ramp(frames):
    return np.minimum(frames.astype(np.float64) / (SAMPLE_RATE_HZ * RAMP_S), 1.0)


def midi_program():
    """``ramp`` rises from 0 to 1 within ``RAMP_S`` and stays there; all others keep what they are set to."""
    return Program(
        "midi-test",
        (ProgramVariable("ramp", values=_ramp), *(ProgramVariable(name) for name in SETTABLE)),
    )
