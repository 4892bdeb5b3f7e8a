"""Notes by name and by number."""

import pytest

from belabridge.controls import Control, Kind, Zone, control_name, note_name, note_number

NOTES = [
    ("C4", 60),
    ("c4", 60),
    ("A4", 69),
    ("F#3", 54),
    ("Gb3", 54),
    ("bb3", 58),
    ("Cb4", 59),
    ("B#3", 60),
    ("C-1", 0),
    ("G9", 127),
    ("G#9", None),
    ("Cb-1", None),
    ("H3", None),
    ("C", None),
    ("C10", None),
    ("C#b3", None),
    ("C\u0664", None),
    ("", None),
]


@pytest.mark.parametrize(("name", "number"), NOTES)
def test_a_name_is_a_number(name, number):
    assert note_number(name) == number


def test_each_number_has_a_name():
    assert [note_number(note_name(number)) for number in range(128)] == list(range(128))
    assert note_name(60) == "C4"


CONTROLS = [
    (Control(Kind.CC, 20, 1), "cc 20 on channel 1"),
    (Control(Kind.NOTE, 36, 10), "note C2 on channel 10"),
    (Control(Kind.BEND, zone=Zone.LOWER), "bend in the lower zone"),
    (Control(Kind.NRPN, 1024, port="desk"), "nrpn 1024 of desk"),
    (Control(Kind.CLOCK), "clock"),
]


@pytest.mark.parametrize(("control", "words"), CONTROLS)
def test_a_control_in_words(control, words):
    assert control_name(control) == words
