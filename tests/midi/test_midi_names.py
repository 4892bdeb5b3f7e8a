"""Which ports a wish means: tables of names as ALSA, JACK, CoreMIDI and Windows give them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.midi.names import SystemPort, calls, device, found, is_ours, plain
from belabridge.rules import MidiPort

ALSA = [
    "Midi Through:Midi Through Port-0 14:0",
    "nanoKONTROL2:nanoKONTROL2 nanoKONTROL2 _ CTR 20:0",
    "Launchpad Pro:Launchpad Pro Live Port 24:0",
    "Launchpad Pro:Launchpad Pro MIDI Port 24:2",
]
WINDOWS = ["Microsoft GS Wavetable Synth 0", "nanoKONTROL2 1", "2- nanoKONTROL2 2"]
JACK = ["system:midi_capture_1", "a2j:nanoKONTROL2 [20] (capture): nanoKONTROL2 MIDI 1", "ZynAddSubFX:out"]
SOCKETS = ["Dev:Pad 1", "Dev:Pad 10", "Dev:Pad 2", "Midi Through:Port-0"]
A2J_SOCKETS = [f"a2j:MIDISPORT 4x4 [20] (capture): MIDISPORT 4x4 MIDI {number}" for number in (1, 2)]


def ports(names, also=()):
    return [SystemPort(name, "alsa", dict(also).get(name, ())) for name in names]


def names_found(wish, names):
    return [port.name for port in found(wish, ports(names))]


@pytest.mark.parametrize(
    ("wished", "names", "expected"),
    [
        ("nanoKONTROL2", ALSA, [ALSA[1]]),
        ("NANOkontrol2", ALSA, [ALSA[1]]),
        ("Launchpad", ALSA, [ALSA[2]]),  # the first of several
        ("MIDI Port", ALSA, [ALSA[3]]),
        ("nanoKONTROL2:nanoKONTROL2 nanoKONTROL2 _ CTR 28:0", ALSA, [ALSA[1]]),  # plugged in elsewhere
        ("nanoKONTROL2 7", WINDOWS, ["nanoKONTROL2 1"]),
        ("nanoKONTROL2", ["2- nanoKONTROL2 2"], ["2- nanoKONTROL2 2"]),
        ("synth", ["my synth 2", "Synth"], ["Synth"]),  # called just so, before a part
        ("synth", ["my synth 2", "Synth 3"], ["Synth 3"]),  # the same but for numbers
        ("nanoKONTROL2", JACK, [JACK[1]]),
        ("nothing", ALSA, []),
        ("nanoKONTROL2", [], []),
        ("24:0", ALSA, [ALSA[2]]),
        ("7", ["a 1", "b 2"], []),  # a number is no part of what is left without numbers
        ("Pad 2", SOCKETS, [SOCKETS[2]]),
        ("Pad 3", SOCKETS, []),  # another socket is another port
        ("Dev:Pad 3", SOCKETS, []),
        ("MIDI 2", SOCKETS, []),
        ("Pad", SOCKETS, [SOCKETS[0]]),
        ("Midi 20:0", ALSA, []),
        ("Pad 1", [SOCKETS[1]], []),  # a number is read to its end
        ("0: Pad", ["Dev:10: Pad"], []),
        ("Midi Through", SOCKETS, [SOCKETS[3]]),
        ("MIDISPORT 4x4 MIDI 2", A2J_SOCKETS, [A2J_SOCKETS[1]]),
    ],
)
def test_a_name_means_one_port(wished, names, expected):
    assert names_found(MidiPort(wished), names) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("launchpad", ALSA[2:]),
        ("^Launchpad.*MIDI", [ALSA[3]]),
        (".*", ALSA),
        ("(?!)", []),
    ],
)
def test_a_pattern_means_every_port_in_which_it_is_found(pattern, expected):
    assert names_found(MidiPort("any", pattern), ALSA) == expected


def test_a_port_is_found_by_the_name_of_the_device_behind_it():
    there = ports(JACK, [(JACK[0], ("alsa_pcm:X-TOUCH-MINI/midi_capture_1",))])
    assert [port.name for port in found(MidiPort("x-touch-mini"), there)] == [JACK[0]]


def test_a_number_is_a_part_of_another_name_too():
    there = ports(JACK, [(JACK[0], ("Pad 1",))])
    assert [port.name for port in found(MidiPort("Pad 1"), there)] == [JACK[0]]
    assert found(MidiPort("Pad 2"), there) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("nanoKONTROL2:nanoKONTROL2 MIDI 1 20:0", "nanoKONTROL2:nanoKONTROL2 MIDI 1 20:0", True),
        (JACK[1], "a2j:nanoKONTROL2 [20] (playback): nanoKONTROL2 MIDI 1", True),
        ("system:midi_capture_1", "system:midi_playback_1", True),
        ("system:midi_capture_1", "system:midi_playback_2", False),
        ("synth:in", "synth:out", True),
        ("MIDIIN 1", "MIDIOUT 1", False),
        ("Inspire", "Outspire", False),
        ("Dev:Pad 1", "Dev:Pad 2", False),
        (A2J_SOCKETS[0], A2J_SOCKETS[0].replace("capture", "playback"), True),
        (A2J_SOCKETS[0], A2J_SOCKETS[1].replace("capture", "playback"), False),
        ("MIDISPORT:MIDISPORT MIDI 1 20:0", "MIDISPORT:MIDISPORT MIDI 2 20:1", False),
    ],
)
def test_both_directions_of_a_device_are_known_for_it(one, other, same):
    assert (device(one) == device(other)) is same


OURS = [
    "belabridge:korg out",
    "belabridge-01:all ports in",
    "a2j:belabridge [129] (capture): korg",
    "belabridge:x 128:0",
]


@pytest.mark.parametrize("name", OURS)
def test_a_port_of_another_belabridge_is_meant_only_by_its_whole_name(name):
    assert is_ours(name)
    for wish in (MidiPort("all", ""), MidiPort("belabridge"), MidiPort("korg"), MidiPort(name[:-1])):
        assert names_found(wish, [name]) == []
    assert names_found(MidiPort(name), [name]) == [name]


@pytest.mark.parametrize("name", ["belabridges:out", "my belabridge:out", "korg:belabridge"])
def test_what_only_sounds_like_belabridge_is_not_ours(name):
    assert not is_ours(name)


@pytest.mark.parametrize(
    ("name", "called"),
    [
        (ALSA[1], "nanoKONTROL2"),
        (WINDOWS[2], "nanoKONTROL2"),
        (JACK[1], "nanoKONTROL2"),
        ("nanoKONTROL2:out", "nanoKONTROL2"),
        ("nanoKONTROL2-24:midi/capture_1", "nanoKONTROL2"),
        ("alsa_pcm:X-TOUCH-MINI/midi_capture_1", "X-TOUCH-MINI"),
        ("Midi-Bridge:nanoKONTROL2:(capture_0) nanoKONTROL2 MIDI 1", "nanoKONTROL2"),
        ("Launchkey 49:Launchkey 49 MIDI 1 20:0", "Launchkey 49"),
        ("system:midi_capture_1", ""),
        ("system2:midi_capture_1", ""),
    ],
)
def test_the_device_of_a_port_is_called_so_in_a_config(name, called):
    assert calls(name) == called


@given(st.text(max_size=30), st.lists(st.text(max_size=30), max_size=5))
def test_any_name_finds_at_most_one_port_and_an_exact_one_is_found(wished, names):
    hits = names_found(MidiPort(wished), names)
    assert len(hits) <= 1
    if wished in names:
        assert hits[0].casefold() == wished.casefold()
    assert plain(plain(wished)) == plain(wished)
