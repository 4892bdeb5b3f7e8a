"""Controls that say something, and a variable that is somewhere, for the tables of moves."""

from planning import plan_of, variable

from belabridge.controls import Control, Kind, MidiOrigin, Touch
from belabridge.mapping.intents import Refused, SendMidi, SendNote, SetValue
from belabridge.rules import InRule, MidiIn, MidiOut, OutRule, Shape, Take

FADER = MidiOrigin("nano", Kind.CC, 1, 7)
KEYS = MidiOrigin("keys", Kind.NOTE, 1, 0)
NO_SHAPE = Shape()
CC7 = Control(Kind.CC, 7, 1)


def cc_in(shape=NO_SHAPE, *, control=CC7, rate=None, **more):
    """A rule that sets ``gain`` by a control."""
    return InRule(midi=MidiIn(control, **more), var="gain", shape=shape, rate_hz=rate)


def cc_out(shape=NO_SHAPE, *, control=CC7, take=Take.VALUE, rate=50.0, **more):
    """A rule that tells a control ``pot``."""
    return OutRule("pot", take, rate, shape, midi=MidiOut(control, **more))


def steps(number):
    """An encoder, turned by so many steps."""
    return Touch(float(number), steps=True, channel=1)


def at(position):
    """A fader, moved to a position."""
    return Touch(float(position), channel=1)


def raw(number):
    """A 7-bit fader, moved to a number."""
    return at(number / 128 if number <= 64 else 0.5 + (number - 64) / 126)


def down(note, velocity=1.0, channel=1):
    """A key that goes down."""
    return Touch(velocity, note=note, on=True, channel=channel)


def up(note, channel=1):
    """A key that goes up."""
    return Touch(0.0, note=note, channel=channel)


class Bench:
    """A plan whose time goes on with each move, on a board that takes what is set at once."""

    def __init__(self, *rules):
        self.plan = plan_of(*rules)
        self.now = 0.0

    def told(self, value, name="gain", *, controlled=True, first=False):
        """The board tells that the variable has this value now."""
        self.now += 2.0
        return self.plan.read([variable(name, value, controlled=controlled)], self.now, first=first)

    def touch(self, touch, origin=FADER, index=0):
        """The value that is set by this touch; None when none is."""
        self.now += 0.01
        found = [i.value for i in self.plan.touch(index, touch, origin, self.now) if isinstance(i, SetValue)]
        assert len(found) < 2
        return found[0] if found else None

    def sets(self, touch, origin=KEYS, index=0):
        """All that is set by this touch: pairs of name and value."""
        self.now += 0.01
        return pairs(self.plan.touch(index, touch, origin, self.now))


def pairs(intents):
    assert not any(isinstance(intent, Refused) for intent in intents)
    return [(intent.var, intent.value) for intent in intents if isinstance(intent, SetValue)]


def midi(intents):
    """What goes out, short: a number for a control, ("on", note, velocity) or ("off", note) for a note."""
    found = []
    for intent in intents:
        if isinstance(intent, SendMidi):
            found.append(intent.value)
        elif isinstance(intent, SendNote):
            found.append(("on", intent.note, intent.velocity) if intent.on else ("off", intent.note))
    return found
