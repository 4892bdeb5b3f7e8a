"""Which outlet a port has: as ports come, go, come back, and are meant by two names."""

from belabridge.controls import Control, Kind, Zone
from belabridge.midi.out_ports import OutPorts
from belabridge.midi.ports import OpenPort
from belabridge.rules import MidiOut, MidiPort

KNOBS, PADS, OURS = MidiPort("/knob/", "knob"), MidiPort("pads"), MidiPort("bb", virtual=True)
VOLUME = MidiOut(Control(Kind.CC, 7, 1))


class Outs:
    """Ports that are open, by name, and what ``follow`` gives."""

    def __init__(self, *wishes):
        self.outs = OutPorts()
        self.outs.want(wishes)
        self.ids = 0
        self.open = {}

    def opens(self, *named, virtual=False):
        for wish, name in named:
            self.ids += 1
            self.open[self.ids] = OpenPort(self.ids, wish.name, name, virtual)
        return self.outs.follow(self.open)

    def closes(self, *names):
        self.open = {id_: port for id_, port in self.open.items() if port.name not in names}
        assert self.outs.follow(self.open) == []

    def told(self, now=0.0):
        return {out.name: [m.hex() for m in out.outlet.take(now)] for out in self.outs}


def test_a_wish_has_an_outlet_before_its_port_is_there():
    one = Outs(PADS)
    (out,) = one.outs.of("pads")
    assert out.open is None
    assert one.opens((PADS, "pads:in")) == [out]
    assert one.outs.follow(one.open) == [], "it is there already"


def test_each_port_has_its_own_outlet_which_knows_what_the_others_say():
    one = Outs(KNOBS)
    (a,) = one.opens((KNOBS, "knob a"))
    a.outlet.send(VOLUME, 0.5, 0.0)
    one.told()
    b, c = one.opens((KNOBS, "knob b"), (KNOBS, "knob c"))
    assert len({a, b, c}) == 3
    assert list(one.outs) == list(one.outs.of("/knob/")) == [a, b, c]
    for out in (b, c):
        out.outlet.opened(0.0)
    assert one.told() == {"knob a": [], "knob b": ["b00740"], "knob c": ["b00740"]}


def test_a_port_that_comes_back_has_the_outlet_that_it_had():
    one = Outs(KNOBS)
    a, b = one.opens((KNOBS, "knob a"), (KNOBS, "knob b"))
    one.closes("knob a", "knob b")
    assert one.opens((KNOBS, "knob b")) == [b]
    assert one.opens((KNOBS, "knob c")) == [a], "another name takes what is free"
    assert len(list(one.outs)) == 2


def test_a_port_with_another_number_is_there_anew():
    one = Outs(KNOBS)
    one.opens((KNOBS, "knob a"))
    one.open = {}
    (again,) = one.opens((KNOBS, "knob a"))
    assert again.open.id == 2


def test_a_port_that_two_names_mean_is_that_of_the_first():
    one = Outs(KNOBS, PADS)
    (knob,) = one.opens((KNOBS, "knob a"), (PADS, "knob a"))
    (away,) = (out for out in one.outs if out.wish == "pads")
    assert one.outs.of("pads") == [away, knob]
    one.outs.want([PADS])
    assert one.outs.of("pads") == [away]
    assert one.outs.follow(one.open) == [away], "and then it is the other's"


def test_two_ports_of_ours_with_one_name_are_two():
    one = Outs(OURS, PADS)
    assert len(one.opens((OURS, "bb"), (OURS, "bb"), (PADS, "bb"), virtual=True)) == 3


def test_other_wishes_keep_what_stays_and_know_what_was_told_to_the_others():
    one = Outs(KNOBS)
    (knob,) = one.opens((KNOBS, "knob a"))
    knob.outlet.send(VOLUME, 1.0, 0.0)
    one.told()
    one.outs.want([PADS, KNOBS])
    new, old = one.outs
    assert old is knob
    new.outlet.refresh(0.0)
    assert one.told() == {"": ["b0077f"], "knob a": []}


def test_an_adopted_clock_and_zone_go_on_in_step():
    one = Outs(KNOBS)
    (a,) = one.opens((KNOBS, "knob a"))
    a.outlet.configure(limit_bytes_s=None, feedback_after_s=0.3, clock_bpm=120.0, zones=[Zone.LOWER], now=0.0)
    a.outlet.send(MidiOut(Control(Kind.BEND, zone=Zone.LOWER)), 0.25, 0.0)
    one.told(0.01)
    (b,) = one.opens((KNOBS, "knob b"))
    assert b.outlet.due() == a.outlet.due()
    b.outlet.note(MidiOut(Control(Kind.NOTE, zone=Zone.LOWER)), True, 60, 100, 0.01)  # noqa: FBT003 - a note-on
    assert one.told(0.01)["knob b"][-2:] == ["e10020", "913c64"]
