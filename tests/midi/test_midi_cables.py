"""What others do to the connections of our ports: which make it another port, when a cut one is tied."""

import pytest

from belabridge.midi.cables import FIRST_WAIT_S, LONGEST_WAIT_S, Cables, Patience


@pytest.mark.parametrize(
    ("to", "is_in", "events", "are_new", "is_cut"),
    [
        (None, False, ["+synth"], True, False),
        (None, False, ["-synth"], False, False),
        (None, True, ["+keys"], False, False),
        (None, True, ["-keys"], True, False),
        ("korg", False, ["+korg"], False, False),  # our own doing
        ("korg", True, ["+korg"], False, False),
        ("korg", False, ["-korg"], True, True),
        ("korg", True, ["-korg"], True, True),
        ("korg", False, ["-korg", "+korg"], True, False),  # before anybody looked
        ("korg", True, ["-korg", "+korg"], True, False),
        ("korg", False, ["+monitor"], False, False),
        ("korg", False, ["-other"], False, False),
        ("korg", True, ["-other"], True, False),
    ],
)
def test_what_makes_it_another_port(to, is_in, events, are_new, is_cut):
    cables = Cables(to, is_in=is_in)
    for event in events:
        (cables.made if event[0] == "+" else cables.ended)(event[1:])
    assert cables.is_cut is is_cut
    assert [cables.are_new(), cables.are_new()] == [are_new, False]


def test_a_cable_that_is_cut_again_and_again_is_connected_less_and_less_often():
    patience, now, waits = Patience(), 1000.0, []
    assert patience.is_over(now)
    for _ in range(9):
        patience.cut(now)
        began = now
        while not patience.is_over(now):
            now += 0.25
        waits.append(now - began)
    assert waits[:3] == [FIRST_WAIT_S, 2 * FIRST_WAIT_S, 4 * FIRST_WAIT_S]
    assert waits[-2:] == [LONGEST_WAIT_S] * 2
    now += 2 * LONGEST_WAIT_S + 1  # it has lasted: whoever cut it does not mean it
    patience.cut(now)
    assert patience.is_over(now + FIRST_WAIT_S)
