"""How long a link waits between its tries."""

from __future__ import annotations

import random
from itertools import islice

from belabridge.board.backoff import CAP_S, delays


def test_several_tries_within_the_first_second():
    waits = list(islice(delays(lambda _low, _high: 1.0), 3))
    assert sum(waits) < 1.0


def test_it_grows_to_the_cap_and_stays_there():
    waits = list(islice(delays(lambda _low, _high: 1.0), 40))
    assert waits == sorted(waits)
    assert waits[-1] == CAP_S == max(waits)


def test_jitter_spreads_hosts_and_never_passes_the_cap():
    one, other = (list(islice(delays(random.Random(seed).uniform), 40)) for seed in (1, 2))
    assert one != other
    assert max(one + other) <= CAP_S
