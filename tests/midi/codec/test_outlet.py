"""One out port, as tables of what is told to it and what goes out; times in seconds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mido import Message

from belabridge.controls import Control, Kind, MidiOrigin, Relative, Zone
from belabridge.midi.codec.decoder import Decoder
from belabridge.midi.codec.limit import BURST_S
from belabridge.midi.codec.outlet import Outlet
from belabridge.midi.codec.routes import Routes
from belabridge.rules import InRule, MidiIn, MidiOut

VOLUME = MidiOut(Control(Kind.CC, 7, 1))
PAN = MidiOut(Control(Kind.CC, 10, 1))
FINE = MidiOut(Control(Kind.CC14, 1, 1))
DEPTH = MidiOut(Control(Kind.NRPN, 1024, 1))
DRUM = MidiOut(Control(Kind.NOTE, None, 10))
LIGHT = MidiOut(Control(Kind.NOTE, 5, 1))
PIECE = MidiOut(Control(Kind.SYSEX, template=(0xF0, 0x7D, -1, 0xF7)))
TURN = MidiOut(Control(Kind.CC, 16, 1), step=0.01, relative=Relative.TWOS)
STEP = MidiOut(Control(Kind.NRPN, 5, 1), step=0.01)
FADER = MidiOrigin("desk", Kind.CC, 1, 7)
DIN = 3125.0


class Desk:
    """An outlet whose messages are collected as (time, text)."""

    def __init__(self, **settings):
        self.outlet = Outlet("desk", **settings)
        self.went = []
        self.bytes = []

    def at(self, now, name, *args, **more):
        self.until(now)
        getattr(self.outlet, name)(*args, now, **more)
        self.take(now)

    def send(self, now, midi, value, **more):
        self.at(now, "send", midi, value, **more)

    def note(self, now, midi, on, note=36, velocity=100, **more):
        self.at(now, "note", midi, on, note, velocity, **more)

    def until(self, now):
        """Wakes up whenever something is due, as a loop does."""
        for _ in range(100_000):
            due = self.outlet.due()
            if due is None or due > now:
                return
            self.take(due)
        raise AssertionError("it is due for ever")

    def take(self, now):
        for message in self.outlet.take(now):
            self.went.append((round(now, 6), message.hex(" ").upper()))
            self.bytes.append((now, len(message)))

    def texts(self):
        texts, self.went = [text for _, text in self.went], []
        return texts


@pytest.fixture
def desk():
    return Desk()


def test_a_control_is_told_what_it_was_not_told(desk):
    for value in (0.5, 0.5, 0.5001, 1.0, 0.5):
        desk.send(0.0, VOLUME, value)
    assert desk.texts() == ["B0 07 40", "B0 07 7F", "B0 07 40"]


def test_a_rule_may_ask_for_repetition(desk):
    desk.send(0.0, VOLUME, 0.5, repeat=True)
    desk.send(0.0, VOLUME, 0.5, repeat=True)
    assert desk.texts() == ["B0 07 40", "B0 07 40"]


def test_a_control_without_a_channel_is_on_the_first(desk):
    desk.send(0.0, MidiOut(Control(Kind.CC, 7)), 1.0)
    desk.note(0.0, MidiOut(Control(Kind.NOTE)), on=True)
    assert desk.texts() == ["B0 07 7F", "90 24 64"]


def test_pairs_selectors_and_programs(desk):
    desk.send(0.0, FINE, 1.0)
    desk.send(0.0, DEPTH, 0.0)
    desk.send(0.0, DEPTH, 1.0)
    desk.send(0.0, MidiOut(Control(Kind.PROGRAM, None, 2)), 5.0)
    assert desk.texts() == [
        *("B0 01 7F", "B0 21 7F"),
        *("B0 63 08", "B0 62 00", "B0 06 00"),
        "B0 06 7F",
        "C1 05",
    ]
    desk.until(10.0)  # and the selection is closed
    assert desk.texts() == ["B0 63 7F", "B0 62 7F"]


def test_pulses_go_each_time(desk):
    for kind in (Kind.START, Kind.START, Kind.CLOCK, Kind.STOP, Kind.CONTINUE):
        desk.send(0.0, MidiOut(Control(kind)), 1.0)
        desk.send(0.0, MidiOut(Control(kind)), 0.0)  # no pulse
    assert desk.texts() == ["FA", "FA", "F8", "FC", "FB"]


def test_sysex_with_a_value_and_without(desk):
    fixed = MidiOut(Control(Kind.SYSEX, template=(0xF0, 0x7E, 0xF7)))
    other = MidiOut(Control(Kind.SYSEX, template=(0xF0, 0x7C, -1, 0xF7)))
    for value in (0.5, 0.5, 1.0):
        desk.send(0.0, PIECE, value)
        desk.send(0.0, other, value)
    for value in (1.0, 0.0, 1.0):
        desk.send(0.0, fixed, value)
    assert desk.texts() == [
        "F0 7D 40 F7",
        "F0 7C 40 F7",
        "F0 7D 7F F7",
        "F0 7C 7F F7",
        "F0 7E F7",
        "F0 7E F7",
    ]


# steps


@pytest.mark.parametrize(
    ("relative", "texts"),
    [
        (Relative.TWOS, ["B0 10 01", "B0 10 7D", "B0 10 3F", "B0 10 25"]),
        (Relative.OFFSET, ["B0 10 41", "B0 10 3D", "B0 10 7F", "B0 10 65"]),
        (Relative.SIGN, ["B0 10 01", "B0 10 43", "B0 10 3F", "B0 10 25"]),
    ],
)
def test_steps_of_an_encoder(desk, relative, texts):
    for steps in (1.0, -3.0, 100.0):
        desk.send(0.0, MidiOut(TURN.control, step=0.01, relative=relative), steps)
    assert desk.texts() == texts


def test_steps_of_a_parameter_are_increments(desk):
    desk.send(0.0, STEP, 2.0)
    desk.send(0.0, STEP, -1.0)
    desk.send(0.0, MidiOut(Control(Kind.RPN, 2, 1), step=0.01), 1.0)
    assert desk.texts() == [
        *("B0 63 00", "B0 62 05", "B0 60 01", "B0 60 01"),
        "B0 61 01",
        *("B0 65 00", "B0 64 02", "B0 60 01"),
    ]
    desk.until(10.0)
    assert desk.texts() == ["B0 65 7F", "B0 64 7F"]


def test_steps_that_wait_add_up():
    desk = Desk(limit_bytes_s=DIN)
    for n in range(1000):
        desk.send(n * 0.0001, TURN, 1.0 if n % 10 else -1.0)
        desk.send(n * 0.0001, VOLUME, (n % 2) / 2)
    desk.until(10.0)
    said = [int(text[-2:], 16) for text in desk.texts() if text.startswith("B0 10")]
    assert sum(raw if raw < 64 else raw - 128 for raw in said) == 800
    assert 10 < len(said) < 300


def test_steps_there_and_back_are_none():
    desk = Desk(limit_bytes_s=DIN)
    for n in range(200):
        desk.send(0.0, TURN, 1.0 if n % 2 else -1.0)
    desk.texts()
    desk.send(0.0, TURN, 5.0)
    desk.send(0.0, TURN, -5.0)
    desk.until(1.0)
    assert len(desk.texts()) < 2


def test_many_steps_leave_room_for_others():
    desk = Desk(limit_bytes_s=DIN)
    desk.send(0.0, STEP, 500.0)
    desk.send(0.0, VOLUME, 1.0)
    desk.until(0.02)
    assert "B0 07 7F" in desk.texts()


def test_steps_do_not_go_back_to_the_encoder_they_came_from(desk):
    desk.send(0.0, TURN, 3.0, skip=MidiOrigin("desk", Kind.CC, 1, 16, relative=True))
    assert desk.texts() == []
    desk.send(0.0, TURN, 1.0, skip=MidiOrigin("other", Kind.CC, 1, 16, relative=True))
    assert desk.texts() == ["B0 10 01"]


def test_nothing_of_steps_is_told_again(desk):
    desk.send(0.0, TURN, 3.0)
    desk.texts()
    desk.at(1.0, "refresh")
    desk.at(2.0, "opened")
    assert desk.texts() == []


def test_steps_of_a_rule_that_is_gone_do_not_go():
    desk = Desk(limit_bytes_s=DIN)
    desk.send(0.0, STEP, 500.0)
    desk.at(0.0, "keep", [VOLUME])
    desk.texts()
    desk.until(5.0)
    assert desk.texts() == ["B0 63 7F", "B0 62 7F"]


@given(
    st.lists(st.integers(-300, 300).filter(bool), max_size=20),
    st.sampled_from([*(MidiOut(TURN.control, step=1.0, relative=one) for one in Relative), STEP]),
)
def test_what_is_turned_is_heard_whole(turns, midi):
    desk = Desk(limit_bytes_s=DIN)
    rule = InRule(var="a", midi=MidiIn(midi.control, midi.relative))
    routes = Routes([rule], "desk")
    decoder = Decoder(routes.needs)
    for n, steps in enumerate(turns):
        desk.send(n * 0.001, midi, float(steps))
    desk.until(60.0)
    heard = [h for text in desk.texts() for h in decoder.feed(Message.from_hex(text), 0.0)]
    touches = [touch for one in heard for _, touch, _ in routes.touches(one)]
    assert all(touch.steps for touch in touches)
    assert sum(touch.value for touch in touches) == sum(turns)


# notes and the ledger


def test_notes_go_as_they_come_and_are_ended_once(desk):
    desk.note(0.0, DRUM, on=True)
    desk.note(0.0, DRUM, on=False)
    desk.note(0.0, DRUM, on=False)
    assert desk.texts() == ["99 24 64", "89 24 40"]


@pytest.mark.parametrize(
    ("note", "velocity", "text"),
    [(-5, 100, "99 00 64"), (200, 100, "99 7F 64"), (36, 0, "99 24 01"), (36, 300, "99 24 7F")],
)
def test_a_note_beyond_the_ends_is_the_end(desk, note, velocity, text):
    desk.note(0.0, DRUM, on=True, note=note, velocity=velocity)
    desk.note(0.0, DRUM, on=False, note=note)
    assert desk.texts() == [text, f"89 {text[3:5]} 40"]


def test_a_note_that_two_gates_hold_sounds_until_both_have_closed(desk):
    desk.note(0.0, DRUM, on=True)
    desk.note(0.1, DRUM, on=True)
    desk.note(0.2, DRUM, on=False)
    assert desk.texts() == ["99 24 64", "99 24 64"]
    desk.note(0.3, DRUM, on=False)
    assert desk.texts() == ["89 24 40", "89 24 40"]  # each note-on has its note-off
    desk.note(0.4, DRUM, on=True)
    desk.note(0.5, DRUM, on=False)
    assert desk.texts() == ["99 24 64", "89 24 40"]


def test_silence_sends_the_note_offs_that_were_held_back(desk):
    desk.note(0.0, DRUM, on=True)
    desk.note(0.0, DRUM, on=True)
    desk.note(0.0, DRUM, on=False)
    desk.at(0.0, "silence")
    desk.note(0.1, DRUM, on=False)
    assert desk.texts() == ["99 24 64", "99 24 64", "89 24 40", "89 24 40", "B9 7B 00"]


def test_silence_ends_what_sounds_and_then_the_channels_that_were_played(desk):
    desk.note(0.0, DRUM, on=True)
    desk.note(0.0, MidiOut(Control(Kind.NOTE, None, 2)), on=True, note=60)
    desk.note(0.0, MidiOut(Control(Kind.NOTE, None, 2)), on=False, note=60)
    desk.texts()
    desk.at(1.0, "silence")
    assert desk.texts() == ["89 24 40", "B1 7B 00", "B9 7B 00"]
    desk.note(1.0, DRUM, on=False)  # its gate closes later: it has been ended
    desk.at(2.0, "silence")
    assert desk.texts() == []


def test_panic_ends_everything_everywhere(desk):
    desk.note(0.0, DRUM, on=True)
    desk.texts()
    desk.at(0.0, "panic")
    first, *rest = desk.texts()
    assert first == "89 24 40"
    assert rest == [f"B{c:X} {n:02X} 00" for c in range(16) for n in (64, 120, 123)]


def test_lights_and_motors_show_the_same_after_a_panic(desk):
    pedal = MidiOut(Control(Kind.CC, 64, 1))
    desk.send(0.0, pedal, 1.0, feedback=True)
    desk.send(0.0, VOLUME, 1.0, feedback=True)
    desk.send(0.0, PAN, 1.0)
    desk.note(0.0, LIGHT, on=True, note=5, feedback=True)
    desk.note(0.0, LIGHT, on=False, note=6, feedback=True)
    desk.texts()
    desk.at(0.1, "panic")
    texts = desk.texts()
    assert set(texts[-3:]) == {"B0 40 7F", "90 05 64", "80 06 40"}
    assert texts[0] == "80 05 40"
    assert len(texts) == 1 + 3 * 16 + 3


def test_a_panic_leaves_a_motor_to_the_hand_on_it():
    desk = Desk(feedback_after_s=0.3)
    pedal = MidiOut(Control(Kind.CC, 64, 1))
    desk.send(0.0, pedal, 1.0, feedback=True)
    desk.at(1.0, "touched", MidiOrigin("desk", Kind.CC, 1, 64))
    desk.at(1.1, "panic")
    desk.until(9.0)
    assert [at for at, text in desk.went if text == "B0 40 7F"] == [0.0, 1.3]


def test_a_pedal_that_a_panic_lifted_is_pressed_again(desk):
    pedal = MidiOut(Control(Kind.CC, 64, 1))
    desk.send(0.0, pedal, 1.0)
    desk.at(0.0, "panic")
    desk.texts()
    desk.send(0.1, pedal, 1.0)
    assert desk.texts() == ["B0 40 7F"]


notes = st.lists(
    st.tuples(
        st.booleans(),
        st.integers(58, 62),
        st.sampled_from([DRUM, MidiOut(Control(Kind.NOTE, zone=Zone.LOWER))]),
    ),
    max_size=60,
)


@given(notes, st.sampled_from(["silence", "panic", "opened"]))
def test_nothing_sounds_after_silence(events, ending):
    desk = Desk(limit_bytes_s=DIN)
    for i, (on, note, midi) in enumerate(events):
        desk.note(i * 0.001, midi, on=on, note=note)
    desk.at(1.0, ending)
    sounding = []
    for text in desk.texts():
        status, *data = bytes.fromhex(text)
        if status >> 4 == 9:
            sounding.append((status & 15, data[0]))
        elif status >> 4 == 8:
            if ending == "opened" and (status & 15, data[0]) not in sounding:
                continue  # its end may not have come
            sounding.remove((status & 15, data[0]))  # no note-off without its note-on
    assert sounding == []


# the hand and its feedback


@pytest.mark.parametrize(
    ("script", "went"),
    [
        # without feedback: not back to the control that it came from, and to everybody else
        ([("send", 0.0, 0.5, FADER, False)], []),
        ([("send", 0.0, 0.5, MidiOrigin("other", Kind.CC, 1, 7), False)], [(0.0, "B0 07 40")]),
        ([("send", 0.0, 0.5, MidiOrigin("desk", Kind.CC, 2, 7), False)], [(0.0, "B0 07 40")]),
        ([("send", 0.0, 0.5, "osc", False)], [(0.0, "B0 07 40")]),
        # the hand moved it away: what it was told before is told again
        ([("send", 0.0, 0.5, None, False), ("touch", 1.0), ("send", 1.0, 1.0, FADER, False),
          ("send", 2.0, 0.5, None, False)],
         [(0.0, "B0 07 40"), (2.0, "B0 07 40")]),
        ([("send", 0.0, 0.5, None, False), ("touch", 1.0), ("send", 2.0, 0.5, None, False)],
         [(0.0, "B0 07 40"), (2.0, "B0 07 40")]),
        # with feedback: held while touched, then the true value once
        ([("touch", 1.0), ("send", 1.0, 0.5, FADER, True), ("touch", 1.1),
          ("send", 1.1, 0.6, FADER, True), ("wait", 9.0)],
         [(1.4, "B0 07 4D")]),
        # also the value of somebody else
        ([("touch", 1.0), ("send", 1.1, 0.25, "osc", True), ("wait", 9.0)], [(1.3, "B0 07 20")]),
        # a hand that has to pick the value up changes nothing: the motor goes back
        ([("send", 0.0, 0.5, None, True), ("touch", 1.0), ("wait", 9.0)],
         [(0.0, "B0 07 40"), (1.3, "B0 07 40")]),
        # a value that arrives after the hand is off, through a smoother
        ([("touch", 1.0), ("send", 1.0, 0.5, FADER, True), ("send", 2.0, 0.6, FADER, True)],
         [(1.3, "B0 07 40"), (2.0, "B0 07 4D")]),
        # without a value there is nothing to tell
        ([("touch", 1.0), ("wait", 9.0)], []),
        # a refresh does not fight the hand
        ([("send", 0.0, 0.5, None, True), ("touch", 1.0), ("refresh", 1.1), ("wait", 9.0)],
         [(0.0, "B0 07 40"), (1.3, "B0 07 40")]),
        # an encoder that says steps has no position: its ring follows at once
        ([("turn", 1.0), ("send", 1.0, 0.5, "turn", True), ("turn", 1.1),
          ("send", 1.1, 1.0, "turn", True), ("wait", 9.0)],
         [(1.0, "B0 07 40"), (1.1, "B0 07 7F")]),
        ([("turn", 1.0), ("send", 1.0, 0.5, "turn", False)], [(1.0, "B0 07 40")]),
        # another device's hand is no hand here
        ([("far", 1.0), ("send", 1.0, 0.5, None, True)], [(1.0, "B0 07 40")]),
    ],
)  # fmt: skip
def test_hands_and_feedback(script, went):
    desk = Desk(feedback_after_s=0.3)
    turn = MidiOrigin("desk", Kind.CC, 1, 7, relative=True)
    hands = {"touch": FADER, "turn": turn, "far": MidiOrigin("far", Kind.CC, 1, 7)}
    for word, now, *rest in script:
        if word in hands:
            desk.at(now, "touched", hands[word])
        elif word == "send":
            value, skip, feedback = rest
            desk.send(now, VOLUME, value, skip=turn if skip == "turn" else skip, feedback=feedback)
        elif word == "refresh":
            desk.at(now, "refresh")
        else:
            desk.until(now)
    assert desk.went == went


def test_a_light_follows_after_the_finger_and_is_put_out_at_the_end():
    desk = Desk(feedback_after_s=0.3)
    pad = MidiOrigin("desk", Kind.NOTE, 1, 5)
    desk.note(0.0, LIGHT, on=False, note=5, feedback=True)
    desk.at(1.0, "touched", pad)
    desk.note(1.0, LIGHT, on=True, note=5, velocity=127, skip=pad, feedback=True)
    desk.at(1.1, "touched", pad)
    desk.until(2.0)
    assert desk.went == [(0.0, "80 05 40"), (1.4, "90 05 7F")]
    desk.texts()
    desk.at(3.0, "refresh")
    desk.at(4.0, "silence")
    assert desk.texts() == ["90 05 7F", "80 05 40", "B0 7B 00"]
    desk.at(5.0, "refresh")  # what it should show is still known
    assert desk.texts() == ["90 05 7F"]


def test_a_note_does_not_go_back_to_the_key_that_played_it(desk):
    key = MidiOrigin("desk", Kind.NOTE, 10, 36)
    desk.note(0.0, DRUM, on=True, skip=key)
    desk.note(0.1, DRUM, on=False, skip=key)
    desk.note(0.2, DRUM, on=True, note=38, skip=key)
    desk.note(0.3, DRUM, on=True)
    desk.note(0.4, DRUM, on=False, skip=key)  # what sounds is ended, whoever says so
    assert desk.texts() == ["99 26 64", "99 24 64", "89 24 40"]


# refresh, reopening, reload


def test_refresh_tells_everything_again_with_selectors(desk):
    desk.send(0.0, VOLUME, 0.5)
    desk.send(0.0, DEPTH, 0.5)
    desk.send(0.0, PIECE, 0.5)
    desk.texts()
    desk.at(0.5, "refresh")
    assert desk.texts() == ["B0 07 40", "B0 63 08", "B0 62 00", "B0 06 40", "F0 7D 40 F7"]


def test_a_port_that_comes_back_is_silenced_and_told_everything(desk):
    desk.send(0.0, VOLUME, 0.5)
    desk.note(0.0, DRUM, on=True)
    desk.texts()
    desk.send(1.0, VOLUME, 1.0)  # the port is away: these bytes went nowhere
    desk.texts()
    desk.at(2.0, "opened")
    assert desk.texts() == ["89 24 40", "B0 07 7F"]


def test_a_reload_forgets_what_no_rule_sends(desk):
    desk.send(0.0, VOLUME, 0.5)
    desk.send(0.0, PAN, 0.5)
    desk.note(0.0, LIGHT, on=True, note=5, feedback=True)
    desk.texts()
    desk.at(1.0, "keep", [PAN])
    assert desk.texts() == ["80 05 40"]
    desk.at(1.0, "refresh")
    assert desk.texts() == ["B0 0A 40"]


# the limit


def test_the_latest_value_wins_and_notes_pass():
    desk = Desk(limit_bytes_s=300.0)  # 10 ms a message
    for i in range(100):
        desk.send(i * 0.001, VOLUME, i / 100)
        desk.send(i * 0.001, PAN, i / 100)
    desk.note(0.0995, DRUM, on=True)
    desk.send(0.0995, MidiOut(Control(Kind.START)), 1.0)
    desk.send(0.0995, PIECE, 1.0)
    times = {text: at for at, text in desk.went}
    assert times["99 24 64"] == times["FA"] == times["F0 7D 7F F7"] == 0.0995
    desk.until(10.0)
    texts = desk.texts()
    assert [t for t in texts if t.startswith("B0 07")][-1] == "B0 07 7E"
    assert [t for t in texts if t.startswith("B0 0A")][-1] == "B0 0A 7E"
    volumes, pans = (sum(t.startswith(head) for t in texts) for head in ("B0 07", "B0 0A"))
    assert abs(volumes - pans) <= 1  # in turn
    assert 8 <= volumes + pans <= 14
    assert desk.outlet.superseded == 200 - volumes - pans


def test_a_value_that_goes_back_before_it_went_needs_nothing():
    desk = Desk(limit_bytes_s=300.0)
    desk.send(0.0, VOLUME, 0.5)
    desk.send(0.0, PAN, 0.5)
    desk.send(0.0, VOLUME, 1.0)
    desk.send(0.0, VOLUME, 0.5)
    desk.until(1.0)
    assert desk.texts() == ["B0 07 40", "B0 0A 40"]


def test_a_hand_takes_what_waits_for_its_motor():
    desk = Desk(limit_bytes_s=30.0, feedback_after_s=0.3)
    desk.send(0.0, PAN, 0.5)
    desk.send(0.0, VOLUME, 0.5, feedback=True)
    desk.at(0.01, "touched", FADER)
    desk.until(0.29)
    assert desk.texts() == ["B0 0A 40"]
    desk.until(1.0)
    assert desk.texts() == ["B0 07 40"]


def test_a_hand_holds_nothing_back_where_there_is_no_motor():
    desk = Desk(limit_bytes_s=30.0)
    desk.send(0.0, PAN, 0.5)
    desk.send(0.0, VOLUME, 0.5)
    desk.at(0.01, "touched", FADER)
    desk.until(0.15)
    assert desk.texts() == ["B0 0A 40", "B0 07 40"]


def test_what_waits_for_a_control_that_no_rule_sends_any_more_does_not_go():
    desk = Desk(limit_bytes_s=30.0)
    desk.send(0.0, PAN, 0.5)
    desk.send(0.0, VOLUME, 0.5)
    desk.at(0.01, "keep", [PAN])
    desk.until(1.0)
    assert desk.texts() == ["B0 0A 40"]


streams = st.lists(
    st.tuples(st.floats(0, 0.004), st.sampled_from([VOLUME, PAN, FINE, DEPTH]), st.floats(0, 1)), max_size=150
)


@given(streams, st.sampled_from([100.0, DIN, 31250.0]))
def test_never_more_values_than_the_cable_takes_and_the_last_of_each_arrives(stream, limit):
    desk = Desk(limit_bytes_s=limit)
    now, last = 0.0, {}
    for gap, midi, value in stream:
        now += gap
        desk.send(now, midi, value)
        last[midi] = value
    desk.until(now + 30.0)
    for i, (start, _) in enumerate(desk.bytes):
        count = 0
        for end, size in desk.bytes[i:]:
            count += size
            assert count <= (end - start + BURST_S) * limit + 2 * 12 + 1e-6  # a message of ours has up to 12
    free = Desk()
    for midi, value in last.items():
        free.send(0.0, midi, value)
    wanted = {text for _, text in free.went}
    assert {text for text in wanted if not text.startswith(("B0 63", "B0 62"))} <= {t for _, t in desk.went}


@given(streams)
def test_a_port_without_a_limit_has_everything_at_once(stream):
    desk = Desk()
    now = 0.0
    for gap, midi, value in stream:
        now += gap
        desk.send(now, midi, value)
        assert desk.outlet._told._waiting == {}
    assert desk.outlet.superseded == 0


outs = st.sampled_from(
    [
        VOLUME,
        FINE,
        DEPTH,
        PIECE,
        *(
            MidiOut(Control(kind))
            for kind in (Kind.BEND, Kind.PRESSURE, Kind.PROGRAM, Kind.TEMPO, Kind.START)
        ),
        MidiOut(Control(Kind.POLY_PRESSURE, 60, 16)),
        MidiOut(Control(Kind.BEND, zone=Zone.LOWER)),
        MidiOut(Control(Kind.CC, 74, zone=Zone.UPPER)),
        MidiOut(Control(Kind.RPN, 5, 3, bits=14)),
    ]
)
events = st.one_of(
    st.tuples(st.just("send"), outs, st.floats(), st.booleans()),
    st.tuples(st.just("note"), st.booleans(), st.integers(-9, 200), st.integers(-9, 200), st.booleans()),
    st.tuples(st.just("touched"), st.sampled_from([FADER, MidiOrigin("desk", Kind.NOTE, 10, 36)])),
    st.tuples(st.sampled_from(["refresh", "opened", "silence", "panic"])),
    st.tuples(st.just("keep"), st.lists(outs, max_size=3)),
)


@given(st.lists(st.tuples(st.floats(0, 0.5), events), max_size=60), st.sampled_from([None, 50.0, DIN]))
def test_whatever_happens_only_whole_messages_go_and_no_wait_is_for_ever(script, limit):
    desk = Desk(limit_bytes_s=limit)
    now = 0.0
    for gap, (name, *args) in script:
        now += gap
        if name == "send":
            midi, value, feedback = args
            desk.send(now, midi, value, feedback=feedback)
        elif name == "note":
            on, note, velocity, feedback = args
            desk.note(now, DRUM, on, note, velocity, feedback=feedback)
        else:
            desk.at(now, name, *args)
    desk.at(now, "keep", [])  # no clock of a variable goes on
    desk.until(now + 200.0)
    assert desk.outlet.due() is None
    for text in desk.texts():
        data = bytes.fromhex(text)
        assert Message.from_bytes(data).bytes() == list(data)


# the clock


def test_a_fixed_tempo_ticks_and_the_tick_goes_first():
    desk = Desk(clock_bpm=120.0)
    desk.until(0.5)
    assert desk.texts() == ["F8"] * 25
    due = desk.outlet.due()
    desk.outlet.send(VOLUME, 1.0, due)
    desk.take(due)
    assert desk.texts() == ["F8", "B0 07 7F"]


def test_a_variable_sets_the_tempo_and_stops_it():
    desk = Desk()
    tempo = MidiOut(Control(Kind.TEMPO))
    desk.send(0.0, tempo, 60.0)
    desk.until(1.0)
    assert len(desk.texts()) == 25
    desk.send(1.0, tempo, 0.0)
    assert desk.outlet.due() is None


def test_a_reload_leaves_the_tempo_that_a_variable_set_as_long_as_a_rule_sets_it():
    tempo = MidiOut(Control(Kind.TEMPO))
    settings = {"limit_bytes_s": None, "feedback_after_s": 0.3, "clock_bpm": 120.0, "zones": ()}
    desk = Desk(clock_bpm=120.0)
    desk.send(0.0, tempo, 60.0)
    desk.texts()
    desk.outlet.configure(**settings, now=0.0)
    desk.at(0.0, "keep", [tempo])
    desk.until(1.0)
    assert len(desk.texts()) == 24
    desk.outlet.configure(**settings, now=1.0)
    desk.at(1.0, "keep", [])
    desk.until(2.0)
    assert len(desk.texts()) == 48


def test_other_settings_are_taken_as_they_stand():
    desk = Desk(clock_bpm=120.0)
    settings = {"limit_bytes_s": DIN, "feedback_after_s": 1.0, "clock_bpm": 120.0, "zones": ()}
    desk.until(0.1)
    due = desk.outlet.due()
    desk.outlet.configure(**settings, now=0.101)
    assert desk.outlet.due() == due  # the same clock goes on
    desk.outlet.configure(**{**settings, "clock_bpm": None}, now=0.102)
    assert desk.outlet.due() is None


# MPE

MPE_NOTE = MidiOut(Control(Kind.NOTE, zone=Zone.LOWER))
MPE_BEND = MidiOut(Control(Kind.BEND, zone=Zone.LOWER))
MPE_TIMBRE = MidiOut(Control(Kind.CC, 74, zone=Zone.LOWER))
MPE_PEDAL = MidiOut(Control(Kind.CC, 64, zone=Zone.LOWER))
SIZE = ["B0 65 00", "B0 64 06", "B0 06 0F"]


def test_a_zone_is_announced_and_each_note_has_its_channel():
    desk = Desk(zones=[Zone.LOWER])
    desk.note(0.0, MPE_NOTE, on=True, note=60)
    desk.note(0.1, MPE_NOTE, on=True, note=64)
    desk.send(0.2, MPE_BEND, 1.0)
    desk.note(0.3, MPE_NOTE, on=False, note=64)
    desk.send(0.4, MPE_BEND, 0.0)
    desk.send(0.5, MPE_PEDAL, 1.0)
    desk.note(0.6, MPE_NOTE, on=False, note=60)
    assert desk.texts() == [
        *SIZE,
        "91 3C 64",
        "92 40 64",
        "E2 7F 7F",
        "82 40 40",
        "E1 00 00",
        "B0 40 7F",
        "81 3C 40",
    ]


def test_what_a_note_begins_with_is_told_before_it():
    desk = Desk(zones=[Zone.LOWER])
    desk.send(0.0, MPE_BEND, 0.25)
    desk.send(0.0, MPE_TIMBRE, 1.0)
    assert desk.texts() == SIZE
    desk.note(0.1, MPE_NOTE, on=True, note=60)
    assert desk.texts() == ["E1 00 20", "B1 4A 7F", "91 3C 64"]
    desk.note(0.2, MPE_NOTE, on=True, note=61)
    assert desk.texts() == ["E2 00 20", "B2 4A 7F", "92 3D 64"]


def test_two_zones_have_seven_members_each():
    desk = Desk(zones=[Zone.LOWER, Zone.UPPER])
    desk.note(0.0, MPE_NOTE, on=True, note=60)
    desk.note(0.0, MidiOut(Control(Kind.NOTE, zone=Zone.UPPER)), on=True, note=60)
    assert desk.texts() == [
        *("B0 65 00", "B0 64 06", "B0 06 07", "91 3C 64"),
        *("BF 65 00", "BF 64 06", "BF 06 07", "9E 3C 64"),
    ]


def test_a_zone_is_announced_again_where_it_harms_nothing():
    desk = Desk(zones=[Zone.LOWER])
    desk.note(0.0, MPE_NOTE, on=True, note=60)
    desk.texts()
    desk.at(0.1, "refresh")
    assert desk.texts() == []  # the note would be ended
    desk.at(0.2, "opened")
    assert desk.texts() == ["81 3C 40", *SIZE]


def test_a_zone_that_nobody_told_of_works():
    desk = Desk()
    desk.note(0.0, MPE_NOTE, on=True, note=60)
    assert desk.texts() == [*SIZE, "91 3C 64"]


def test_other_zones_end_the_notes_of_the_old_ones():
    desk = Desk(zones=[Zone.LOWER])
    desk.note(0.0, MPE_NOTE, on=True, note=60)
    desk.texts()
    desk.outlet.configure(limit_bytes_s=None, feedback_after_s=0.3, clock_bpm=None, zones=set(Zone), now=0.5)
    desk.take(0.5)
    assert desk.texts() == ["81 3C 40"]
