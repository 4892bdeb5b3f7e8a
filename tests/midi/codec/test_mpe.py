import pytest
from hypothesis import given
from hypothesis import strategies as st
from mido import Message

from belabridge.controls import Kind, Zone
from belabridge.midi.codec.decoder import Decoder
from belabridge.midi.codec.heard import Heard, Needs
from belabridge.midi.codec.levels import position14
from belabridge.midi.codec.mpe import Allocation, Group, members, usual_members

LOWER = frozenset({Zone.LOWER})


def note(channel, number, velocity=100):
    return Heard(Kind.NOTE, channel, number, velocity, on=velocity > 0)


def bend(channel, raw):
    return Heard(Kind.BEND, channel, 0, raw, 14)


def pressure(channel, raw):
    return Heard(Kind.PRESSURE, channel, 0, raw)


def timbre(channel, raw):
    return Heard(Kind.CC, channel, 74, raw)


def rpn(channel, number, raw):
    return Heard(Kind.RPN, channel, number, raw)


def run(*script, zones=LOWER, zone=Zone.LOWER):
    group = Group(zone, zones)
    return [(one.kind, one.channel, one.number, one.raw) for event in script for one in group.hear(event)]


def brief(*heard):
    return [(one.kind, one.channel, one.number, one.raw) for one in heard]


@pytest.mark.parametrize(
    ("zone", "count", "channels"),
    [(Zone.LOWER, 3, (2, 3, 4)), (Zone.UPPER, 3, (15, 14, 13)), (Zone.LOWER, 0, ())],
)
def test_members_stand_beside_their_master(zone, count, channels):
    assert members(zone, count) == channels


def test_two_zones_share_the_channels():
    assert usual_members(Zone.LOWER, LOWER) == tuple(range(2, 17))
    assert usual_members(Zone.UPPER, {Zone.UPPER}) == tuple(range(15, 0, -1))
    both = [usual_members(zone, set(Zone)) for zone in (Zone.LOWER, Zone.UPPER)]
    assert both == [tuple(range(2, 9)), tuple(range(15, 8, -1))]


@pytest.mark.parametrize(
    ("script", "heard"),
    [
        # one note and what it says
        ([note(2, 60), bend(2, 9000), pressure(2, 5), timbre(2, 6)],
         [note(2, 60), bend(2, 9000), pressure(2, 5), timbre(2, 6)]),
        # the newest note is followed, the older one is not
        ([note(2, 60), note(3, 64), bend(2, 9000), pressure(2, 5), bend(3, 1)],
         [note(2, 60), note(3, 64), bend(3, 1)]),
        # what a note was given before it began is said with it
        ([note(2, 60), bend(3, 9000), timbre(3, 7), note(3, 64)],
         [note(2, 60), bend(3, 9000), timbre(3, 7), note(3, 64)]),
        # when it ends, the one before is followed again, as it is now
        ([note(2, 60), note(3, 64), bend(2, 9000), note(3, 64, 0)],
         [note(2, 60), note(3, 64), bend(2, 9000), note(3, 64, 0)]),
        ([note(2, 60), note(3, 64), bend(2, 9000), note(2, 60, 0), bend(3, 5)],
         [note(2, 60), note(3, 64), note(2, 60, 0), bend(3, 5)]),
        # while nothing sounds, everybody is heard
        ([bend(5, 9000), note(2, 60), note(2, 60, 0), pressure(7, 3)],
         [bend(5, 9000), note(2, 60), note(2, 60, 0), pressure(7, 3)]),
        # the master speaks for all notes
        ([note(2, 60), Heard(Kind.CC, 1, 64, 127), pressure(1, 9)],
         [note(2, 60), Heard(Kind.CC, 1, 64, 127), pressure(1, 9)]),
        # the same note twice
        ([note(2, 60), note(2, 60), note(2, 60, 0), bend(3, 5)],
         [note(2, 60), note(2, 60), note(2, 60, 0), bend(3, 5)]),
        # RPN 6 makes the zone smaller, and ends it
        ([rpn(1, 6, 2), note(3, 60), note(4, 60)], [rpn(1, 6, 2), note(3, 60)]),
        ([rpn(1, 6, 0), note(2, 60), note(1, 60)], [rpn(1, 6, 0), note(1, 60)]),
        # notes outside of the new size are forgotten, the others are followed
        ([note(5, 60), rpn(1, 6, 2), bend(2, 9000)], [note(5, 60), rpn(1, 6, 2), bend(2, 9000)]),
        ([note(1, 60), rpn(1, 6, 2), bend(2, 9000)], [note(1, 60), rpn(1, 6, 2)]),
        # the upper zone takes its channels from the lower one
        ([rpn(16, 6, 3), note(13, 60), note(12, 60)], [note(12, 60)]),
        ([rpn(1, 6, 99), note(16, 60)], [rpn(1, 6, 99), note(16, 60)]),  # no size: nothing changes
        ([rpn(2, 6, 3), note(9, 60)], [rpn(2, 6, 3), note(9, 60)]),  # not on a master
    ],
)  # fmt: skip
def test_a_group_follows_the_newest_note(script, heard):
    assert run(*script) == brief(*heard)


def test_what_a_group_says_bears_its_zone():
    assert {one.zone for one in Group(Zone.LOWER, LOWER).hear(note(2, 60))} == {Zone.LOWER}


def semitones(raw, reach=48):
    return (2 * position14(raw) - 1) * reach


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ([note(2, 60), bend(2, 16383)], 48),
        ([note(2, 60), bend(1, 16383)], 2),
        ([note(2, 60), bend(2, 12288), bend(1, 0)], 22),
        ([bend(1, 0), note(2, 60), bend(2, 12288)], 22),
        ([bend(1, 16383), note(2, 60), bend(2, 16383)], 48),  # no further than a member reaches
        ([rpn(1, 0, 12), note(2, 60), bend(1, 16383)], 12),
        ([note(2, 60), bend(2, 12288), note(3, 61), bend(1, 16383)], 2),  # the newest has no bend of its own
    ],
)
def test_the_bends_of_member_and_master_add_up(script, expected):
    group = Group(Zone.LOWER, LOWER)
    bends = [one for event in script for one in group.hear(event) if one.kind is Kind.BEND]
    assert semitones(bends[-1].raw) == pytest.approx(expected, abs=0.02)


def test_the_reach_of_a_member_is_what_rpn_0_says():
    group = Group(Zone.LOWER, LOWER)
    group.hear(rpn(2, 0, 24))
    group.hear(note(2, 60))
    (both,) = group.hear(bend(1, 16383))
    assert semitones(both.raw, 24) == pytest.approx(2, abs=0.02)
    group.hear(rpn(1, 6, 15))  # a new zone has the usual reach again
    (both,) = group.hear(bend(1, 16383))
    assert semitones(both.raw) == pytest.approx(2, abs=0.02)


def test_a_reach_of_nothing_divides_by_nothing():
    group = Group(Zone.LOWER, LOWER)
    group.hear(rpn(2, 0, 0))
    assert group.hear(bend(1, 16383))[0].raw == 16383


def test_a_port_with_two_zones():
    decoder = Decoder(Needs(zones=frozenset(Zone)))
    heard = decoder.feed(Message("note_on", channel=14, note=60, velocity=1), 0.0)
    assert [one.zone for one in heard] == [None, Zone.UPPER]
    heard = decoder.feed(Message("note_on", channel=1, note=60, velocity=1), 0.0)
    assert [one.zone for one in heard] == [None, Zone.LOWER]


def test_notes_get_free_channels_in_turn():
    allocation = Allocation(Zone.LOWER, (2, 3, 4))
    assert [allocation.begin(n) for n in (60, 61)] == [2, 3]
    assert allocation.end(60) == 2
    # channel 2 rests the longest: what its note left to ring keeps its bend
    assert [allocation.begin(n) for n in (62, 63)] == [4, 2]
    assert allocation.newest == 2


def test_more_notes_than_channels_share():
    allocation = Allocation(Zone.LOWER, (2, 3))
    assert [allocation.begin(n) for n in (60, 61, 62, 63, 64)] == [2, 3, 2, 3, 2]
    assert allocation.end(60) == 2
    assert allocation.begin(65) == 3  # both play two: the one whose note is the oldest
    assert allocation.end(99) is None
    allocation.clear()
    assert allocation.newest is None
    assert allocation.begin(1) == 2


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), max_size=80))
def test_every_note_ends_on_the_channel_that_it_began_on(events):
    allocation = Allocation(Zone.UPPER, (15, 14, 13))
    sounding = []
    for on, number in events:
        if on:
            channel = allocation.begin(number)
            shared = [c for n, c in sounding]
            assert channel not in shared or set(shared) == {15, 14, 13}
            sounding.append((number, channel))
        else:
            mine = next(((n, c) for n, c in sounding if n == number), None)
            assert allocation.end(number) == (mine[1] if mine else None)
            if mine:
                sounding.remove(mine)
        assert allocation.newest == (sounding[-1][1] if sounding else None)
