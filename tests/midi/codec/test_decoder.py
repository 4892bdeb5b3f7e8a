import pytest
from hypothesis import given
from hypothesis import strategies as st
from mido import Message

from belabridge.controls import Control, Kind, Relative, Zone
from belabridge.midi.codec.decoder import Decoder
from belabridge.midi.codec.heard import Heard, Needs
from belabridge.midi.codec.pairs import LONE_S
from belabridge.midi.codec.parser import Parser
from belabridge.midi.codec.routes import Routes
from belabridge.rules import InRule, MidiIn

ALL = Needs(
    pairs=frozenset({(1, 1), (1, 7), (2, 1)}),
    parameters=True,
    fine=frozenset({(Kind.NRPN, 1, 1024), (Kind.RPN, 1, 0)}),
    zones=frozenset(),
    tempo=True,
)
EVERYTHING = Needs(
    pairs=frozenset((channel, n) for channel in range(1, 17) for n in range(32)),
    parameters=True,
    fine=frozenset(
        (kind, channel, n) for kind in (Kind.RPN, Kind.NRPN) for channel in (1, 2) for n in range(9)
    ),
    zones=frozenset(Zone),
    tempo=True,
)
ROUTES = Routes(
    [
        InRule(var="x", midi=MidiIn(Control(kind, zone=zone, template=(0xF0, -1, 0xF7)), relative))
        for kind in Kind
        for zone in (None, *Zone)
        for relative in (None, *Relative)
    ],
    "p",
)


def cc(number, value, channel=1):
    return Message("control_change", channel=channel - 1, control=number, value=value)


def hear(decoder, *script):
    """Feeds (now, message) or now alone (a tick); what was heard, without the plain controllers."""
    heard = []
    for step in script:
        now, message = step if isinstance(step, tuple) else (step, None)
        heard += decoder.tick(now) if message is None else decoder.feed(message, now)
    return [one for one in heard if one.kind is not Kind.CC]


def cc14(raw, number=1, channel=1):
    return Heard(Kind.CC14, channel, number, raw, 14)


def nrpn(raw, bits=14, number=1024):
    return Heard(Kind.NRPN, 1, number, raw, bits)


@pytest.mark.parametrize(
    ("message", "heard"),
    [
        (cc(20, 5, 3), Heard(Kind.CC, 3, 20, 5)),
        (Message("note_on", channel=9, note=36, velocity=1), Heard(Kind.NOTE, 10, 36, 1, on=True)),
        (Message("note_on", channel=9, note=36, velocity=0), Heard(Kind.NOTE, 10, 36, 0)),
        (Message("note_off", channel=9, note=36, velocity=64), Heard(Kind.NOTE, 10, 36, 0)),
        (Message("pitchwheel", pitch=-8192), Heard(Kind.BEND, 1, 0, 0, 14)),
        (Message("pitchwheel", pitch=0), Heard(Kind.BEND, 1, 0, 8192, 14)),
        (Message("pitchwheel", pitch=8191), Heard(Kind.BEND, 1, 0, 16383, 14)),
        (Message("aftertouch", channel=15, value=3), Heard(Kind.PRESSURE, 16, 0, 3)),
        (Message("polytouch", note=60, value=3), Heard(Kind.POLY_PRESSURE, 1, 60, 3)),
        (Message("program_change", program=12), Heard(Kind.PROGRAM, 1, 0, 12, 0)),
        (Message("sysex", data=(1, 2)), Heard(Kind.SYSEX, data=(1, 2))),
        (Message("clock"), Heard(Kind.CLOCK, raw=1, bits=0)),
    ],
)
def test_a_message_of_its_own(message, heard):
    assert Decoder(ALL).feed(message, 0.0) == [heard]


@pytest.mark.parametrize("kind", ["active_sensing", "reset", "tune_request", "songpos", "quarter_frame"])
def test_what_no_rule_can_ask_for_says_nothing(kind):
    assert Decoder(EVERYTHING).feed(Message(kind), 0.0) == []


@pytest.mark.parametrize(
    ("script", "heard"),
    [
        # the pair, once, when it is whole
        ([(0, cc(1, 64)), (0, cc(33, 0))], [cc14(8192)]),
        ([(0, cc(1, 127)), (0.001, cc(33, 127)), 1.0], [cc14(16383)]),
        # the lower half alone, to the last upper half
        ([(0, cc(1, 64)), (0, cc(33, 5)), (1, cc(33, 6))], [cc14(8197), cc14(8198)]),
        # an upper half sets the lower one to 0, after a wait
        ([(0, cc(1, 3)), (0, cc(33, 5)), (1, cc(1, 4)), 1 + LONE_S / 2], [cc14(389)]),
        ([(0, cc(1, 3)), (0, cc(33, 5)), (1, cc(1, 4)), 1 + LONE_S], [cc14(389), cc14(512)]),
        # a sender without lower halves is late by one message, and not silent while it moves
        ([(0, cc(1, 3)), (0.001, cc(1, 4)), (0.002, cc(1, 5)), 1.0], [cc14(384), cc14(512), cc14(640)]),
        # a late lower half corrects
        ([(0, cc(1, 3)), 1.0, (1.1, cc(33, 9))], [cc14(384), cc14(393)]),
        # without an upper half nobody knows the value
        ([(0, cc(33, 9)), 1.0], []),
        # channels and controllers are apart
        (
            [
                (0, cc(1, 1)),
                (0, cc(1, 2, 2)),
                (0, cc(7, 3)),
                (0, cc(33, 4)),
                (0, cc(33, 5, 2)),
                (0, cc(39, 6)),
            ],
            [cc14(132), cc14(261, channel=2), cc14(390, 7)],
        ),
        # only what a rule asks for
        ([(0, cc(2, 1)), (0, cc(34, 1)), (0, cc(1, 1, 5)), (0, cc(33, 1, 5)), 1.0], []),
    ],
)
def test_pairs(script, heard):
    assert hear(Decoder(ALL), *script) == heard


def low_first(now, raw, gap=0.0):
    return [(now, cc(33, raw & 127)), (now + gap, cc(1, raw >> 7))]


def high_first(now, raw, gap=0.0):
    return [(now, cc(1, raw >> 7)), (now + gap, cc(33, raw & 127))]


@pytest.mark.parametrize(
    ("script", "heard"),
    [
        # its end shows a sender that sends the lower half first
        ([*low_first(0, 389), 1.0], [cc14(389)]),
        # the next is right at once
        ([*low_first(0, 389), 1.0, *low_first(2, 8192, 0.001)], [cc14(389), cc14(8192)]),
        # a fast move: what is heard in between is right from the second series on
        ([*low_first(0, 1), 1.0, *low_first(2, 127), *low_first(2.001, 128), *low_first(2.002, 16383), 3.0],
         [cc14(1), cc14(127), cc14(128), cc14(16383)]),
        # it may send the lower half alone
        ([*low_first(0, 389), 1.0, (2, cc(33, 6)), 3.0], [cc14(389), cc14(390)]),
        ([*low_first(0, 389), 1.0, (2, cc(33, 6)), (2.001, cc(33, 7)), 3.0],
         [cc14(389), cc14(390), cc14(391)]),
        # and the upper one
        ([*low_first(0, 389), 1.0, (2, cc(1, 4)), 3.0], [cc14(389), cc14(512)]),
        # a sender of the usual order is none of that, however it begins
        ([(0, cc(33, 5)), *high_first(0.001, 389), 1.0], [cc14(389)]),
        ([*high_first(0, 389), 1.0, (2, cc(33, 127)), *high_first(2.001, 512), 3.0],
         [cc14(389), cc14(511), cc14(512)]),
        ([*high_first(0, 389), (0.001, cc(1, 4)), 1.0], [cc14(389), cc14(512)]),
        # one takes the other's place
        ([*low_first(0, 389), 1.0, *high_first(2, 390, 0.001), *high_first(3, 128), 4.0],
         [cc14(389), cc14(390), cc14(128)]),
    ],
)  # fmt: skip
def test_pairs_the_other_way_round(script, heard):
    assert hear(Decoder(ALL), *script) == heard


moves = st.lists(
    st.lists(st.tuples(st.integers(0, 16383), st.floats(0, 0.009)), min_size=1, max_size=8), min_size=1
)


@given(moves, st.sampled_from([0.0, 0.001]))
def test_a_wrong_value_of_the_other_order_does_not_stay(moves, gap):
    decoder, now = Decoder(ALL), 0.0
    for number, move in enumerate(moves):
        heard = []
        for raw, pause in move:
            now += pause
            heard += hear(decoder, *low_first(now, raw, gap))
            now += gap
        now += 1.0
        heard += hear(decoder, now)
        assert heard[-1] == cc14(move[-1][0])
        if number:
            assert heard == [cc14(raw) for raw, _ in move]


@given(moves, st.sampled_from([0.0, 0.001]))
def test_the_usual_order_is_heard_at_any_pace(moves, gap):
    decoder, now, heard = Decoder(ALL), 0.0, []
    for move in moves:
        for raw, pause in move:
            now += pause
            heard += hear(decoder, *high_first(now, raw, gap))
            now += gap
        now += 1.0
    assert [*heard, *decoder.tick(now)] == [cc14(raw) for move in moves for raw, _ in move]


def test_data_the_other_way_round():
    decoder = Decoder(ALL)
    for n in range(3):
        data = [(n, cc(38, 5 + n)), (n, cc(6, 3))]
        heard = hear(decoder, *([] if n else SELECT), *data, n + 0.5)
        assert sorted(heard, key=lambda one: one.bits) == [nrpn(3, 7), nrpn(389 + n)]
    other = [(n + 9, message) for n in range(3) for _, message in (*SELECT, (0, cc(38, n)), (0, cc(6, 1)))]
    assert [one for one in hear(decoder, *other, 20.0) if one.bits == 14] == [nrpn(128 + n) for n in range(3)]


SELECT = [(0, cc(99, 8)), (0, cc(98, 0))]  # NRPN 1024


@pytest.mark.parametrize(
    ("script", "heard"),
    [
        ([*SELECT, (0, cc(6, 64)), (0, cc(38, 0))], [nrpn(64, 7), nrpn(8192)]),
        # more data without selectors
        ([*SELECT, (0, cc(6, 1)), (0, cc(38, 2)), (1, cc(6, 3)), (1, cc(38, 4))],
         [nrpn(1, 7), nrpn(130), nrpn(3, 7), nrpn(388)]),
        # a lone upper half after the wait
        ([*SELECT, (0, cc(6, 64)), LONE_S / 2], [nrpn(64, 7)]),
        ([*SELECT, (0, cc(6, 64)), LONE_S], [nrpn(64, 7), nrpn(8192)]),
        ([*SELECT, (0, cc(6, 64)), (0, cc(6, 65)), LONE_S],
         [nrpn(64, 7), nrpn(8192), nrpn(65, 7), nrpn(8320)]),
        # what waited is said before the selection changes
        ([*SELECT, (0, cc(6, 64)), (0, cc(101, 0)), LONE_S], [nrpn(64, 7), nrpn(8192)]),
        # the selectors in the other order
        ([(0, cc(98, 0)), (0, cc(99, 8)), (0, cc(6, 9))], [nrpn(9, 7)]),
        # a parameter of 7 bits: its lower half is nothing
        ([(0, cc(99, 0)), (0, cc(98, 5)), (0, cc(6, 9)), (0, cc(38, 9)), 1.0], [nrpn(9, 7, 5)]),
        # increment and decrement
        ([*SELECT, (0, cc(96, 0)), (0, cc(97, 127))], [nrpn(1, 0), nrpn(-1, 0)]),
        ([*SELECT, (0, cc(6, 1)), (0, cc(96, 0))], [nrpn(1, 7), nrpn(128), nrpn(1, 0)]),
        # the null selection
        ([*SELECT, (0, cc(99, 127)), (0, cc(98, 127)), (0, cc(6, 1)), (0, cc(38, 1)), (0, cc(96, 0)), 1.0],
         []),
        ([*SELECT, (0, cc(101, 127)), (0, cc(100, 127)), (0, cc(6, 1)), (0, cc(97, 0)), 1.0], []),
        ([*SELECT, (0, cc(121, 0)), (0, cc(6, 1)), 1.0], []),
        # and back from it
        ([*SELECT, (0, cc(101, 127)), (0, cc(100, 127)), *SELECT, (0, cc(6, 1))], [nrpn(1, 7)]),
        # half a selection is none
        ([(0, cc(99, 8)), (0, cc(6, 1)), (0, cc(38, 1)), 1.0], []),
        ([(0, cc(6, 1)), (0, cc(38, 1)), 1.0], []),
        # RPN and NRPN have the same data
        ([*SELECT, (0, cc(101, 0)), (0, cc(100, 0)), (0, cc(6, 2)), (0, cc(38, 3))],
         [Heard(Kind.RPN, 1, 0, 2), Heard(Kind.RPN, 1, 0, 259, 14)]),
        # a lower half does not belong to what was selected before
        ([*SELECT, (0, cc(6, 1)), (0, cc(38, 2)), (0, cc(98, 1)), (0, cc(98, 0)), (0, cc(38, 3))],
         [nrpn(1, 7), nrpn(130)]),
        # channels are apart
        ([*SELECT, (0, cc(6, 1, 2)), (0, cc(38, 1, 2)), (0, cc(6, 3))], [nrpn(3, 7)]),
    ],
)  # fmt: skip
def test_parameters(script, heard):
    assert hear(Decoder(ALL), *script) == heard


def test_plain_controllers_are_heard_beside_what_they_are_part_of():
    decoder = Decoder(ALL)
    assert decoder.feed(cc(1, 5), 0.0) == [Heard(Kind.CC, 1, 1, 5)]
    assert decoder.feed(cc(33, 5), 0.0) == [Heard(Kind.CC, 1, 33, 5), cc14(645)]
    assert decoder.feed(cc(99, 8), 0.0) == [Heard(Kind.CC, 1, 99, 8)]


def test_due_says_when_a_lone_half_is_whole():
    decoder = Decoder(ALL)
    assert decoder.due() is None
    for now, message in (
        (1.0, cc(7, 1)),
        (1.002, cc(1, 1)),
        (1.003, cc(99, 8)),
        (1.003, cc(98, 0)),
        (1.004, cc(6, 1)),
    ):
        decoder.feed(message, now)
    dues = []
    while (due := decoder.due()) is not None:
        dues.append(due)
        assert decoder.tick(due - 1e-6) == []
        assert len(decoder.tick(due)) == 1
    assert dues == pytest.approx([1.0 + LONE_S, 1.002 + LONE_S, 1.004 + LONE_S])


TRANSPORT = {
    "start": [(Kind.STOP, 0), (Kind.CONTINUE, 0), (Kind.START, 1)],
    "stop": [(Kind.START, 0), (Kind.CONTINUE, 0), (Kind.STOP, 1)],
    "continue": [(Kind.START, 0), (Kind.STOP, 0), (Kind.CONTINUE, 1)],
}


@pytest.mark.parametrize("word", TRANSPORT)
def test_transport_says_which_of_the_three_was_last(word):
    heard = Decoder(ALL).feed(Message(word), 0.0)
    assert [(one.kind, one.raw) for one in heard] == TRANSPORT[word]
    assert {one.bits for one in heard} == {0}


def test_beats_and_tempo_of_a_clock():
    decoder = Decoder(ALL)
    decoder.feed(Message("start"), 0.0)
    tick_s = 60 / 120 / 24
    heard = [one for i in range(49) for one in decoder.feed(Message("clock"), i * tick_s)]
    assert [one.raw for one in heard if one.kind is Kind.BEAT] == [i / 24 for i in range(49)]
    tempos = [one.raw for one in heard if one.kind is Kind.TEMPO]
    assert tempos == pytest.approx([120.0])  # said when it is known, and not again while it is the same
    decoder.feed(Message("songpos", pos=8), 1.0)
    assert [one.raw for one in decoder.feed(Message("clock"), 49 * tick_s) if one.kind is Kind.BEAT] == [2.0]


def test_beats_go_on_after_continue_and_begin_again_after_start():
    decoder = Decoder(ALL)
    words = ["start", "clock", "clock", "stop", "clock", "continue", "clock", "start", "clock"]
    heard = [one for i, word in enumerate(words) for one in decoder.feed(Message(word), i / 48)]
    assert [one.raw for one in heard if one.kind is Kind.BEAT] == [0.0, 1 / 24, 2 / 24, 0.0]


def test_a_clock_nobody_asks_for_is_only_a_clock():
    decoder = Decoder(Needs())
    decoder.feed(Message("start"), 0.0)
    assert all(len(decoder.feed(Message("clock"), i / 48)) == 1 for i in range(100))


@given(st.lists(st.tuples(st.binary(max_size=12), st.floats(0, 0.1)), max_size=60))
def test_no_bytes_make_it_raise_and_every_level_is_in_its_range(pieces):
    parser, decoder, now = Parser(), Decoder(EVERYTHING), 0.0
    heard = []
    for data, gap in pieces:
        now += gap
        for message in parser.feed(data):
            heard += decoder.feed(message, now)
        heard += decoder.tick(now)
    for one in heard:
        for _, touch, _ in ROUTES.touches(one):
            assert touch.steps or touch.value >= 0.0
            assert 0 <= touch.channel <= 16
        assert one.bits == 0 or 0 <= one.raw < 1 << one.bits
        assert 0 <= one.channel <= 16


parameter_bytes = st.lists(
    st.tuples(
        st.sampled_from([6, 38, 96, 97, 98, 99, 100, 101, 121, 1, 33]), st.sampled_from([0, 1, 5, 127])
    ),
    max_size=60,
)


@given(parameter_bytes)
def test_any_order_of_selectors_and_data_is_followed(controls):
    decoder = Decoder(EVERYTHING)
    for i, (number, value) in enumerate(controls):
        for heard in decoder.feed(cc(number, value), i * 0.002):
            assert heard.number != 16383  # the null parameter never says anything
    assert decoder.tick(1e9) is not None
    assert decoder.due() is None


@given(st.lists(st.integers(0, 16383), min_size=1, max_size=30))
def test_each_pair_is_heard_once(numbers):
    decoder = Decoder(ALL)
    script = [
        (i, message)
        for i, number in enumerate(numbers)
        for message in (cc(1, number >> 7), cc(33, number & 127))
    ]
    assert hear(decoder, *script, 1e9) == [cc14(number) for number in numbers]
