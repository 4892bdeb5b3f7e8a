"""What was learned becomes a rule, or changes the one that is there."""

from __future__ import annotations

import pytest

from belabridge.controls import Control, Kind, Relative
from belabridge.settings.learned import as_written, learned

CC = {"cc": 7, "channel": 1}
TURN = {"cc": 16, "channel": 1, "relative": "twos"}


@pytest.mark.parametrize(
    ("control", "relative", "port", "words"),
    [
        (Control(Kind.CC, 7, 1), None, None, {"cc": 7, "channel": 1}),
        (Control(Kind.CC, 0, 16), None, "MPK", {"cc": 0, "channel": 16, "port": "MPK"}),
        (Control(Kind.CC14, 1, 2), None, None, {"cc14": 1, "channel": 2}),
        (Control(Kind.NRPN, 1024, 1, bits=14), None, None, {"nrpn": 1024, "channel": 1, "bits": 14}),
        (Control(Kind.RPN, 0, 1), None, None, {"rpn": 0, "channel": 1}),
        (Control(Kind.BEND, None, 3, bits=14), None, None, {"bend": True, "channel": 3}),
        (Control(Kind.PRESSURE, None, 3), None, None, {"pressure": True, "channel": 3}),
        (Control(Kind.PROGRAM, None, 3), None, None, {"program": True, "channel": 3}),
        (Control(Kind.NOTE, 36, 10), None, None, {"note": 36, "channel": 10}),
        (Control(Kind.NOTE, None, 1), None, None, {"note": "any", "channel": 1}),
        (Control(Kind.CC, 16, 1), Relative.OFFSET, None, {"cc": 16, "channel": 1, "relative": "offset"}),
    ],
)
def test_a_control_is_written_as_one_writes_it(control, relative, port, words):
    assert as_written(control, relative, port) == words


NEW = {
    "a knob": (
        "in:\n  - {osc: /a, var: a}\n",
        CC,
        {"takeover": "pickup"},
        "in:\n  - {osc: /a, var: a}\n  - {midi: {cc: 7, channel: 1}, var: gain, takeover: pickup}\n",
    ),
    "a knob of a profile": (
        "in: []\n",
        "nanoKONTROL2.slider1",
        {"takeover": "pickup"},
        "in:\n  - {midi: nanoKONTROL2.slider1, var: gain, takeover: pickup}\n",
    ),
    "an encoder": (
        "in: []\n",
        TURN,
        {"is_relative": True, "takeover": "pickup"},
        "in:\n  - {midi: {cc: 16, channel: 1, relative: twos}, var: gain, step: 0.01}\n",
    ),
    "the range that the variable has elsewhere": (
        "in:\n  - {osc: /g, var: gain, scale: {from: [0, 127], to: [20, 2000], curve: exp}, clip: true}\n",
        CC,
        {},
        (
            "in:\n  - {osc: /g, var: gain, scale: {from: [0, 127], to: [20, 2000], curve: exp}, clip: true}\n"
            "  - {midi: {cc: 7, channel: 1}, var: gain, scale: {to: [20, 2000], curve: exp}}\n"
        ),
    ),
    "another one of the same variable": (
        "in:\n  - {midi: {cc: 1}, var: gain}\n",
        CC,
        {"another": True},
        "in:\n  - {midi: {cc: 1}, var: gain}\n  - {midi: {cc: 7, channel: 1}, var: gain}\n",
    ),
    "and its port": (
        "midi: {in: MPK}\nin: []\n",
        CC | {"port": "MIDI Mix"},
        {"port": "MIDI Mix"},
        'midi: {in: [MPK, "MIDI Mix"]}\nin:\n  - {midi: {cc: 7, channel: 1, port: "MIDI Mix"}, var: gain}\n',
    ),
}
NEW["a knob beside a keyboard"] = (
    "in:\n  - {midi: {note: any}, var: {pitch: p, gate: gain}}\n",
    CC,
    {},
    "in:\n  - {midi: {note: any}, var: {pitch: p, gate: gain}}\n  - {midi: {cc: 7, channel: 1}, var: gain}\n",
)
NEW["the first port"] = (
    "midi: {in: none}\nin: []\n",
    CC,
    {"port": "MPK"},
    "midi: {in: MPK}\nin:\n  - {midi: {cc: 7, channel: 1}, var: gain}\n",
)


@pytest.mark.parametrize("case", NEW)
def test_a_rule_is_added(case):
    before, midi, more, after = NEW[case]
    found = learned(before, "gain", midi, **more)
    assert found.text == after
    assert not found.changed
    assert "var: gain" in after.splitlines()[found.line - 1]
    assert "midi: " in after.splitlines()[found.line - 1]


CHANGED = {
    "the control alone": (
        "in:\n  - {midi: {cc: 1}, var: gain, takeover: jump, scale: {to: [0, 2]}}  # left hand\n",
        CC,
        {"takeover": "pickup"},
        "in:\n  - {midi: {cc: 7, channel: 1}, var: gain, takeover: jump, scale: {to: [0, 2]}}  # left hand\n",
    ),
    "a knob becomes an encoder": (
        "in:\n  - {midi: bend, var: gain, takeover: pickup}\n",
        TURN,
        {"is_relative": True},
        "in:\n  - {midi: {cc: 16, channel: 1, relative: twos}, var: gain, step: 0.01}\n",
    ),
    "an encoder becomes a knob": (
        "in:\n  - midi: {cc: 1, relative: sign}\n    step: 0.5  # coarse\n    var: gain\n",
        CC,
        {},
        "in:\n  - midi: {cc: 7, channel: 1}\n    # step: 0.5  # coarse\n    var: gain\n",
    ),
    "an encoder in lines becomes a knob": (
        "in:\n  - midi:  # mine\n      cc: 3  # old\n      relative: sign\n    var: gain\n    step: 1  # b\n",
        CC,
        {},
        "in:\n  - midi:  # mine\n      cc: 7  # old\n      channel: 1\n    var: gain\n    # step: 1  # b\n",
    ),
    "a parameter in lines": (
        "in:\n  - midi:\n      # left\n      nrpn: 3  # old\n      bits: 14  # fine\n    var: gain\n",
        CC,
        {},
        (
            "in:\n  - midi:\n      # left\n      cc: 7  # old\n      # bits: 14  # fine\n"
            "      channel: 1\n    var: gain\n"
        ),
    ),
    "a name in the place of lines": (
        "in:\n  - midi:  # mine\n      cc: 3  # old\n      channel: 2\n    var: gain\n",
        "nanoKONTROL2.slider1",
        {},
        (
            "in:\n  - midi: nanoKONTROL2.slider1  # mine\n      # cc: 3  # old\n      # channel: 2\n"
            "    var: gain\n"
        ),
    ),
    "a name in the place of lines without a word": (
        "in:\n  - midi:\n      cc: 3\n      channel: 2\n    var: gain\n",
        "nanoKONTROL2.slider1",
        {},
        "in:\n  - midi: nanoKONTROL2.slider1\n    var: gain\n",
    ),
    "a toggle becomes an encoder": (
        "in:\n  - {midi: {cc: 1}, var: gain, mode: toggle}\n",
        TURN,
        {"is_relative": True},
        "in:\n  - {midi: {cc: 16, channel: 1, relative: twos}, var: gain, step: 0.01}\n",
    ),
    "an encoder keeps its step": (
        "in:\n  - {midi: {cc: 1, relative: sign}, var: gain, step: 2}\n",
        TURN,
        {"is_relative": True},
        "in:\n  - {midi: {cc: 16, channel: 1, relative: twos}, var: gain, step: 2}\n",
    ),
    "one of a link": (
        "in:\n  - {osc: /g, var: gain}\nlinks:\n  - {var: gain, midi: {cc: 1}, feedback: true}\n",
        CC,
        {},
        "in:\n  - {osc: /g, var: gain}\nlinks:\n  - {var: gain, midi: {cc: 7, channel: 1}, feedback: true}\n",
    ),
    "one of several variables": (
        "in:\n  - {midi: {note: any}, var: {pitch: p, gate: gain}}\n",
        {"note": "any", "channel": 2},
        {},
        "in:\n  - {midi: {note: any, channel: 2}, var: {pitch: p, gate: gain}}\n",
    ),
}


@pytest.mark.parametrize("case", CHANGED)
def test_a_rule_gets_another_control(case):
    before, midi, more, after = CHANGED[case]
    found = learned(before, "gain", midi, **more)
    assert found.text == after
    assert found.changed
    assert "midi:" in after.splitlines()[found.line - 1]


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("", True),
        ("board: bela.local\n", True),
        ("out: []\n", False),
        ("in: []\n", False),
        ("links: []\n", False),
    ],
)
def test_the_first_rule_of_all_is_told(text, alone):
    assert learned(text, "gain", CC).stands_alone == alone


@pytest.mark.parametrize(
    ("name", "var"),
    [
        ("note", "{pitch: note}"),
        ("midiPitch", "{pitch: midiPitch}"),
        ("osc_freq", "{hz: osc_freq}"),
        ("gate", "{gate: gate}"),
        ("amp", "amp"),
    ],
)
def test_a_keyboard_gives_what_the_name_of_the_variable_says(name, var):
    found = learned("in: []\n", name, {"note": "any", "channel": 1})
    assert found.text == f"in:\n  - {{midi: {{note: any, channel: 1}}, var: {var}}}\n"
    one_pad = learned("in: []\n", name, {"note": 36, "channel": 1})
    assert one_pad.text == f"in:\n  - {{midi: {{note: 36, channel: 1}}, var: {name}}}\n"
