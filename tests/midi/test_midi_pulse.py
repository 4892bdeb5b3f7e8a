"""A backend that stands still is told from one that works, and from a machine that slept."""

import pytest

from belabridge.midi.pulse import SLEPT_S, STILL_S, Pulse

LOOK_S = 0.25


@pytest.mark.parametrize(
    ("looks", "still"),
    [
        ([(0.0, 1)], False),
        ([(at * LOOK_S, 1) for at in range(int(STILL_S / LOOK_S) + 1)], False),
        ([(at * LOOK_S, 1) for at in range(int(STILL_S / LOOK_S) + 2)], True),
        ([(at * LOOK_S, at // 4) for at in range(100)], False),
        ([(0.0, 1), (60.0, 1)], False),  # it was we who slept
        ([(0.0, 1), *[(60.0 + at * LOOK_S, 1) for at in range(int(STILL_S / LOOK_S) + 2)]], True),
        ([*[(at * LOOK_S, 1) for at in range(40)], (10.0, 2)], False),  # it goes on
        ([(at * SLEPT_S, 1) for at in range(4)], True),
    ],
)
def test_standing_still(looks, still):
    pulse = Pulse()
    *_, last = [pulse.is_still(cycles, now) for now, cycles in looks]
    assert last is still
