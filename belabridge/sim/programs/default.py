"""What a demo shows: two knobs, a fading tone, a trigger, a counter, and two values to play with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from belabridge.sim.program import SAMPLE_RATE_HZ, Program, ProgramArray, ProgramVariable
from belabridge.values import TimestampMode, VarType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

BEAT_FRAMES = 22_050  # two triggers a second: one sees each
PULSE_FRAMES = 2_205  # 50 ms: seen at 50 messages a second
DECAY_FRAMES = 6_000.0  # the tone has almost gone when the next beat comes
POT1_PERIOD_S, POT2_PERIOD_S = 7.0, 11.0  # slow as hands, and they never meet
GAIN, FREQ_HZ = 0.8, 440.0
TABLE_ID, TABLE_VALUES = 7, 1024  # its number is behind those of the variables, as our library gives them


class _Tone:
    """A tone whose phase goes on smoothly when its frequency changes.

    ``phase`` counts turns at ``anchor``, the frame of the last change; from there it is a straight line, so
    that any piece of time can be asked for.
    """

    def __init__(self) -> None:
        self.table: NDArray[np.float64] | None
        self.started()

    def started(self) -> None:
        self.gain, self.freq_hz, self.phase, self.anchor = GAIN, FREQ_HZ, 0.0, 0
        self.table = None

    def heard(self, name: str, value: float, frame: int) -> None:
        if name == "gain":
            self.gain = value
        elif name == "freq":
            self.phase = (self.phase + (frame - self.anchor) * self.freq_hz / SAMPLE_RATE_HZ) % 1.0
            self.anchor, self.freq_hz = frame, value

    def taken(self, buffer: int, values: NDArray[Any]) -> Sequence[tuple[str, NDArray[Any]]]:
        """``table`` becomes one turn of the tone; an empty one brings the sine back."""
        if buffer == TABLE_ID:
            self.table = np.append(values, values[0]).astype(np.float64) if len(values) else None
        return ()

    def mic(self, frames: NDArray[np.uint64]) -> NDArray[Any]:
        turns = self.phase + (frames.astype(np.int64) - self.anchor) * (self.freq_hz / SAMPLE_RATE_HZ)
        if self.table is None:
            wave = np.sin(2 * np.pi * turns)
        else:
            wave = np.interp(turns % 1.0, np.linspace(0.0, 1.0, len(self.table)), self.table)
        envelope = np.exp((frames % np.uint64(BEAT_FRAMES)).astype(np.float64) / -DECAY_FRAMES)
        tone: NDArray[Any] = self.gain * envelope * wave
        return tone


def _knob(period_s: float, shift: float) -> Any:
    def values(frames: NDArray[np.uint64]) -> NDArray[Any]:
        turns = frames.astype(np.float64) / (SAMPLE_RATE_HZ * period_s) + shift
        return 0.5 - 0.5 * np.cos(2 * np.pi * turns)

    return values


def _trigger(frames: NDArray[np.uint64]) -> NDArray[Any]:
    return (frames % np.uint64(BEAT_FRAMES) < PULSE_FRAMES).astype(np.int64)


def _counter(frames: NDArray[np.uint64]) -> NDArray[Any]:
    return frames // np.uint64(BEAT_FRAMES) + np.uint64(1)


def default_program(project: str = "belabridge-demo") -> Program:
    """The program of `belabridge sim` and of the demo.

    ``pot1`` and ``pot2`` move slowly between 0 and 1; ``mic`` is a tone that fades after each beat;
    ``trigger`` is 1 for 50 ms at a beat; ``counter`` counts the beats. Two beats a second.
    ``gain`` and ``freq`` are only read: control them and hear them in ``mic``. Fill the buffer ``table``, and
    it is one turn of the tone.
    """
    tone = _Tone()
    return Program(
        project,
        (
            ProgramVariable("pot1", values=_knob(POT1_PERIOD_S, 0.0)),
            ProgramVariable("pot2", values=_knob(POT2_PERIOD_S, 0.25)),
            ProgramVariable("mic", values=tone.mic),
            ProgramVariable("trigger", VarType.INT, values=_trigger),
            ProgramVariable("counter", VarType.INT, TimestampMode.SPARSE, _counter, BEAT_FRAMES),
            ProgramVariable("gain", initial=GAIN),
            ProgramVariable("freq", initial=FREQ_HZ),
        ),
        started=tone.started,
        heard=tone.heard,
        hears=frozenset({"gain", "freq"}),
        taken=tone.taken,
        arrays=(ProgramArray("table", VarType.FLOAT, TABLE_VALUES),),
    )
