"""A port that is not connected any more: whether another program cut it, or it is about to go."""

import itertools

from belabridge.midi.cables import CUT_FOR_S, FIRST_WAIT_S, Cables
from belabridge.midi.kept import Kept, Opened
from belabridge.rules import MidiPort

KEY = ("jack", "korg:out")


class OwnPort:
    def __init__(self):
        self.cables = Cables("korg:out", is_in=True)
        self.is_open = True

    def close(self):
        self.is_open = False


def kept():
    port = OwnPort()
    return Kept(MidiPort("korg"), "in", {KEY: Opened(1, "korg in", port)}), port, itertools.count(2).__next__


def test_a_port_that_is_about_to_go_is_not_taken_for_one_that_was_cut():
    wish, port, new_id = kept()
    port.cables.ended("korg:out")
    assert wish.follow_cables(10.0, new_id, ())
    assert wish.follow_cables(10.0 + CUT_FOR_S * 0.9, new_id, ())
    assert port.is_open
    assert not wish.cut


def test_one_that_stays_without_its_cable_is_closed_and_opened_later():
    wish, port, new_id = kept()
    port.cables.ended("korg:out")
    assert wish.follow_cables(10.0, new_id, ())
    assert not wish.follow_cables(10.0 + CUT_FOR_S, new_id, ())
    assert (port.is_open, wish.open) == (False, {})
    assert not wish.cut[KEY].is_over(10.0 + CUT_FOR_S + FIRST_WAIT_S * 0.9)
    assert wish.cut[KEY].is_over(10.0 + CUT_FOR_S + FIRST_WAIT_S)


def test_one_that_is_connected_again_at_once_is_another_port():
    wish, port, new_id = kept()
    port.cables.ended("korg:out")
    assert wish.follow_cables(10.0, new_id, ())
    port.cables.made("korg:out")
    assert not wish.follow_cables(10.1, new_id, ())
    assert (port.is_open, wish.open[KEY].id) == (True, 2)
    port.cables.ended("korg:out")
    assert wish.follow_cables(20.0, new_id, ())  # from now on, and not from then


def test_nothing_is_done_to_a_port_of_a_server_that_hangs():
    wish, port, new_id = kept()
    port.cables.ended("korg:out")
    assert not wish.follow_cables(10.0, new_id, {KEY})
    assert not wish.follow_cables(20.0, new_id, {KEY})
    assert port.is_open
