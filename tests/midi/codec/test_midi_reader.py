"""A port in its own time: messages come in cycles, and what was played at one moment is heard so."""

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.controls import Control, Kind
from belabridge.midi.codec.pairs import LONE_S
from belabridge.midi.codec.reader import MOST_LATE_S, USUALLY_LATE_S, Reader
from belabridge.midi.codec.routes import Routes
from belabridge.rules import InRule, MidiIn

RATE = 48000


def reader():
    rules = [
        InRule(var="a", midi=MidiIn(Control(Kind.CC14, 1))),
        InRule(var="b", midi=MidiIn(Control(Kind.NRPN, 5, bits=14))),
    ]
    return Reader(Routes(rules, "in"))


def cc(number, value):
    return bytes(mido.Message("control_change", control=number, value=value).bytes())


def through_cycles(port, played, frames):
    """All of it, as (frame, message); each is given at the end of its cycle, as JACK does it."""
    heard = []
    for frame, message in played:
        now = (frame // frames + 1) * frames / RATE
        heard += [one.raw for one in port.tick(now - 0.001) if one.bits == 14]
        heard += [one.raw for one in port.hear(message, frame / RATE, now) if one.bits == 14]
    return heard + [one.raw for one in port.tick(1e6) if one.bits == 14]


@pytest.mark.parametrize("frames", [64, 1024, 2048])
@pytest.mark.parametrize("controllers", [(1, 33), (6, 38)])
def test_a_pair_across_two_cycles_is_heard_once(frames, controllers):
    port, upper, lower = reader(), *controllers
    for number, value in ((99, 0), (98, 5)):
        port.hear(cc(number, value), 0.0, 0.0)
    played = [
        one
        for n in range(1, 9)
        for one in ((8 * n * frames - 1, cc(upper, 63)), (8 * n * frames, cc(lower, 120 + n % 8)))
    ]
    assert through_cycles(port, played, frames) == [63 << 7 | 120 + n % 8 for n in range(1, 9)]


@given(
    st.lists(st.tuples(st.integers(0, 16383), st.integers(1, 3000), st.integers(0, 40)), max_size=30),
    st.sampled_from([32, 256, 1024, 2048]),
)
def test_pairs_are_heard_once_however_they_fall_into_cycles(moves, frames):
    played, frame = [], 0
    for raw, pause, gap in moves:
        frame += pause
        played += [(frame, cc(1, raw >> 7)), (frame + gap, cc(33, raw & 127))]
        frame += gap
    assert through_cycles(reader(), played, frames) == [raw for raw, _, _ in moves]


def test_a_lone_upper_half_is_heard_after_a_wait():
    port = reader()
    port.hear(cc(1, 64), 1.0, 1.01)
    due = port.due()
    assert due == pytest.approx(1.0 + LONE_S + USUALLY_LATE_S)
    assert port.tick(due - 0.001) == []
    assert [one.raw for one in port.tick(due)] == [8192]
    assert port.due() is None


def test_a_port_that_was_later_is_waited_for_longer():
    port = reader()
    port.hear(cc(7, 1), 1.0, 1.12)
    port.hear(cc(1, 64), 2.0, 2.0)
    assert port.due() == pytest.approx(2.0 + LONE_S + 0.12)
    port.hear(cc(7, 1), 3.0, 13.0)  # the program was stopped meanwhile
    port.hear(cc(1, 65), 14.0, 14.0)
    assert port.due() == pytest.approx(14.0 + LONE_S + MOST_LATE_S)
