"""MIDI clock: tempo and beats out of the ticks that come, and ticks at a tempo of ours."""

from __future__ import annotations

import math
from collections import deque

from belabridge.rules import FASTEST_BPM, SLOWEST_BPM

TICKS_A_BEAT = 24  # MIDI 1.0, "Timing Clock"
TICKS_A_SIXTEENTH = 6  # what a song position pointer counts

_LEAST_TICKS = TICKS_A_BEAT + 1  # a tempo is known after one beat
_MOST_TICKS = (
    4 * TICKS_A_BEAT + 1
)  # four beats: over them 21 ms of jitter (a JACK period) are 0.1 % of the tempo
_LONGEST_TICK_S = 60.0 / (TICKS_A_BEAT * SLOWEST_BPM)  # a longer one is a pause
_OTHER_TEMPO = 0.04  # the last beat differs so much from the last four: five times what that jitter makes


class ClockIn:
    """Follows a clock.

    Attributes:
        bpm: beats a minute, the slope of a line through the last ticks; None until a beat was heard.
        beats: since start, of the last tick, in steps of 1/24; None until a tick has come after a start.
    """

    def __init__(self) -> None:
        self.bpm: float | None = None
        self.beats: float | None = None
        self._times: deque[float] = deque(maxlen=_MOST_TICKS)
        self._running = False
        self._next = 0

    def tick(self, now: float) -> bool:
        """A tick came; whether ``beats`` counts it."""
        if self._times and not 0.0 <= now - self._times[-1] <= _LONGEST_TICK_S:
            self._times.clear()
        self._times.append(now)
        self._measure()
        if self._running:
            self.beats = self._next / TICKS_A_BEAT
            self._next += 1
        return self._running

    def start(self) -> None:
        """The next tick is beat 0."""
        self._next, self._running = 0, True

    def go_on(self) -> None:
        """The next tick follows the last one before the stop."""
        self._running = True

    def stop(self) -> None:
        """Ticks are no beats any more; the tempo goes on."""
        self._running = False

    def position(self, sixteenths: int) -> None:
        """The next tick is this far from the start."""
        self._next = sixteenths * TICKS_A_SIXTEENTH

    def _measure(self) -> None:
        times = self._times
        if len(times) < _LEAST_TICKS:
            return
        tick_s = _slope(list(times))
        recent_s = _slope(list(times)[-_LEAST_TICKS:])
        if abs(recent_s - tick_s) > _OTHER_TEMPO * tick_s:
            for _ in range(len(times) - _LEAST_TICKS):
                times.popleft()
            tick_s = recent_s
        if tick_s > 0.0:
            bpm = 60.0 / (TICKS_A_BEAT * tick_s)
            self.bpm = min(max(bpm, SLOWEST_BPM), FASTEST_BPM)


def _slope(times: list[float]) -> float:
    """Seconds a tick: the least squares line through the times."""
    middle = (len(times) - 1) / 2
    above = sum((i - middle) * (t - times[0]) for i, t in enumerate(times))
    return above / sum((i - middle) ** 2 for i in range(len(times)))


class ClockOut:
    """Says when a tick is due.

    Ticks are due on a grid that does not drift. After a pause of the program the missed ones come at once, so
    that a receiver stays in step; of a pause longer than a sixteenth they are left out.
    """

    def __init__(self) -> None:
        self.bpm: float | None = None
        self._next = math.inf

    def tempo(self, bpm: float | None, now: float) -> None:
        """Tick at ``bpm`` beats a minute from now on; None, 0 and less end it.

        What is no number changes nothing. The way to the next tick is walked on at the new tempo.
        """
        if bpm is not None:
            if math.isnan(bpm):
                return
            bpm = min(max(bpm, SLOWEST_BPM), FASTEST_BPM) if bpm > 0.0 else None
        if bpm == self.bpm:
            return
        if bpm is None:
            self._next = math.inf
        elif self.bpm is None:
            self._next = now
        else:
            self._next = now + max(0.0, self._next - now) * self.bpm / bpm
        self.bpm = bpm

    def due(self) -> float | None:
        """When the next tick is due; None without a tempo."""
        return None if self.bpm is None else self._next

    def take(self, now: float) -> int:
        """How many ticks go now."""
        if self.bpm is None or now < self._next:
            return 0
        tick_s = 60.0 / (TICKS_A_BEAT * self.bpm)
        count = 1 + int((now - self._next) / tick_s)
        if count > TICKS_A_SIXTEENTH:
            count = 1
            self._next = now
        self._next += count * tick_s
        return count
