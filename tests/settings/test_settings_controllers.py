"""Controller profiles: what they may say, and what the shipped ones do say."""

from __future__ import annotations

from pathlib import Path

import pytest
from config_texts import values, written
from hypothesis import given
from hypothesis import strategies as st

from belabridge.errors import ConfigError
from belabridge.settings.controllers import profile
from belabridge.settings.profiles import Profiles, shipped

GOOD = """\
title: Little Box
ports: [Little, Box 2]
controls:
  knob: {cc: [16, 20], channel: 2}
  wheel: {bend: true, channel: 1}
  key: {note: 36}
"""


def test_a_list_of_numbers_is_several_controls():
    read = profile(GOOD, "box.yaml")
    assert (read.title, read.ports) == ("Little Box", ("Little", "Box 2"))
    assert read.controls == {
        "knob1": {"cc": 16, "channel": 2},
        "knob2": {"cc": 20, "channel": 2},
        "wheel": {"bend": True, "channel": 1},
        "key": {"note": 36},
    }


def test_names_are_found_by_what_they_say():
    read = profile(GOOD, "box.yaml")
    assert read.name_of({"channel": 2, "cc": 20}) == "knob2"
    assert read.name_of({"cc": 20}) is None


@pytest.mark.parametrize(
    ("names", "port"),
    [
        (["my little pony"], "my little pony"),
        (["other", "BOX 2 MIDI 1"], "BOX 2 MIDI 1"),
        (["box 2 a", "box 2 b"], None),  # which of the two?
        (["other"], None),
        ([""], None),
        ([], None),
    ],
)
def test_a_port_is_its_own_when_it_is_the_only_one(names, port):
    assert profile(GOOD, "box.yaml").port_of(names) == port


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("{}", ["1:1: `title` is missing", "1:1: `ports` is missing", "1:1: `controls` is missing"]),
        ("- a", ["1:1: `title` is missing", "1:1: `ports` is missing", "1:1: `controls` is missing"]),
        (GOOD + "knobs: 1\n", ["7:1: unknown key `knobs`"]),
        (GOOD.replace("[Little, Box 2]", "[]"), ["2:8: `ports` are parts of names"]),
        (GOOD.replace("key:", "knob2:"), ["6:3: `knob2` is given twice"]),
        (GOOD.replace("key:", "a.b:"), ["6:3: `a.b` is no name"]),
        (GOOD.replace("{note: 36}", "36"), ["6:8: `key` says no control"]),
        (GOOD.replace("{note: 36}", "{note: 128}"), ["6:15: `128` is no number of a `note`"]),
        (GOOD.replace("{note: 36}", "{note: [1, C3]}"), ["6:19: `C3` is no number of a `note`"]),
        (GOOD.replace("{note: 36}", "{note: []}"), ["6:15: no numbers"]),
        (GOOD.replace("{note: 36}", "{nota: 1}"), ["6:9: unknown key `nota`", "6:8: `key` must be one kind"]),
        (GOOD.replace("{note: 36}", "{note: 1, cc: 2}"), ["6:8: `key` must be one kind of control"]),
        (GOOD.replace("title:", "title: on #"), ["1:8: `on` is true to some programs"]),
    ],
)
def test_faults_have_their_places(text, faults):
    with pytest.raises(ConfigError) as raised:
        profile(text, "box.yaml")
    said = [str(fault).removeprefix("box.yaml:") for fault in raised.value.faults]
    assert len(said) == len(faults), said
    for line in faults:
        assert any(one.startswith(line) for one in said), said


WORDS = st.sampled_from(["cc", "note", "nrpn", "channel", "bend", "a"])
NUMBERS = st.integers(-1, 130) | st.lists(st.integers(0, 127), max_size=3) | values
CONTROLS = st.dictionaries(WORDS, st.dictionaries(WORDS, NUMBERS, max_size=3) | values, max_size=3)


@given(st.fixed_dictionaries({"title": values, "ports": values, "controls": CONTROLS | values}))
def test_anything_is_a_profile_or_faults(value):
    try:
        read = profile(written(value), "any.yaml")
    except ConfigError:
        return
    for control in read.controls.values():
        for kind in ("cc", "note", "nrpn"):
            assert type(control.get(kind, 0)) is int


def test_a_folder_beside_the_config_goes_before_the_shipped_one(tmp_path):
    (tmp_path / "MIDImix.yaml").write_text(GOOD)
    (tmp_path / "mine.yaml").write_text(GOOD)
    profiles = Profiles(tmp_path, shipped(), tmp_path / "nowhere")
    assert profiles["MIDImix"].title == "Little Box"
    assert list(profiles) == [
        "LaunchControlXL", "MidiFighterTwister", "MIDImix", "mine", "nanoKONTROL2", "XTouchMini"
    ]  # fmt: skip
    assert len(profiles) == 6
    assert "nobody" not in profiles


def test_a_broken_profile_is_a_fault_of_its_own_file_and_only_when_it_is_asked_for(tmp_path):
    (tmp_path / "bad.yaml").write_bytes(b"\xff")
    profiles = Profiles(tmp_path, shipped())
    assert "slider1" in profiles["nanoKONTROL2"].controls
    with pytest.raises(ConfigError, match=r"bad\.yaml:1:1: this is not UTF-8 text"):
        profiles["bad"]


# From the published charts: a wrong number here would be heard on no stage of ours.
CHARTS = {
    "nanoKONTROL2": {
        "slider8": {"cc": 7, "channel": 1},
        "knob1": {"cc": 16, "channel": 1},
        "solo1": {"cc": 32, "channel": 1},
        "mute8": {"cc": 55, "channel": 1},
        "rec8": {"cc": 71, "channel": 1},
        "play": {"cc": 41, "channel": 1},
        "marker_next": {"cc": 62, "channel": 1},
    },
    "MIDImix": {
        "knob_a1": {"cc": 16, "channel": 1},
        "knob_b5": {"cc": 47, "channel": 1},
        "knob_c8": {"cc": 60, "channel": 1},
        "fader4": {"cc": 31, "channel": 1},
        "fader5": {"cc": 49, "channel": 1},
        "master": {"cc": 62, "channel": 1},
        "mute8": {"note": 22, "channel": 1},
        "rec8": {"note": 24, "channel": 1},
    },
    "XTouchMini": {
        "encoder8": {"cc": 8, "channel": 11},
        "button16": {"note": 23, "channel": 11},
        "fader": {"cc": 9, "channel": 11},
        "b_encoder1": {"cc": 11, "channel": 11},
        "b_button16": {"note": 47, "channel": 11},
    },
    "LaunchControlXL": {
        "send_a1": {"cc": 13, "channel": 9},
        "send_b8": {"cc": 36, "channel": 9},
        "pan1": {"cc": 49, "channel": 9},
        "fader8": {"cc": 84, "channel": 9},
        "focus5": {"note": 57, "channel": 9},
        "control8": {"note": 92, "channel": 9},
        "track_right": {"cc": 107, "channel": 9},
    },
    "MidiFighterTwister": {
        "encoder16": {"cc": 15, "channel": 1},
        "push16": {"cc": 15, "channel": 2},
        "d_encoder16": {"cc": 63, "channel": 1},
        "right_bottom": {"cc": 13, "channel": 4},
        "d_right_bottom": {"cc": 31, "channel": 4},
    },
}


def test_all_shipped_profiles_are_in_the_table():
    assert set(Profiles(shipped())) == set(CHARTS)


@pytest.mark.parametrize("name", CHARTS)
def test_a_shipped_profile_follows_its_chart(name):
    read = Profiles(shipped())[name]
    assert {control: read.controls[control] for control in CHARTS[name]} == CHARTS[name]
    said = [tuple(sorted(control.items())) for control in read.controls.values()]
    assert len(set(said)) == len(said), "no two names for one control: a learned one has one name"


@pytest.mark.parametrize(
    ("port", "name"),
    [
        ("nanoKONTROL2:nanoKONTROL2 nanoKONTROL2 _ CTR 24:0", "nanoKONTROL2"),
        ("MIDI Mix MIDI 1", "MIDImix"),
        ("X-TOUCH MINI:X-TOUCH MINI MIDI 1 20:0", "XTouchMini"),
        ("Launch Control XL", "LaunchControlXL"),
        ("Midi Fighter Twister 28:0", "MidiFighterTwister"),
        ("nanoKONTROL Studio", None),
        ("Midi Through Port-0", None),
    ],
)
def test_a_port_leads_to_its_profile(port, name):
    assert Profiles(shipped()).of_port(port) == name


def test_the_shipped_profiles_are_the_ones_that_the_reader_of_the_tree_sees():
    tree = Path(__file__).parents[2] / "config" / "controllers"
    assert shipped().resolve() == tree
