import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.midi.codec.levels import position, raw
from belabridge.midi.codec.sysex import HIGH, LOW, bits, filled, match

SEVEN = (0xF0, 0x7D, 0x01, LOW, 0xF7)
FOURTEEN = (0xF0, 0x7F, 0x7F, 0x04, 0x01, LOW, HIGH, 0xF7)  # master volume of the standard
FIXED = (0xF0, 0x7E, 0x7F, 0x09, 0x01, 0xF7)  # GM on


@pytest.mark.parametrize(
    ("template", "number", "text"),
    [
        (SEVEN, 64, "F0 7D 01 40 F7"),
        (FOURTEEN, 8192, "F0 7F 7F 04 01 00 40 F7"),
        (FOURTEEN, 16383, "F0 7F 7F 04 01 7F 7F F7"),
        (FIXED, 0, "F0 7E 7F 09 01 F7"),
    ],
)
def test_golden_bytes(template, number, text):
    assert filled(template, number) == bytes.fromhex(text)


@pytest.mark.parametrize(("template", "width"), [(SEVEN, 7), (FOURTEEN, 14), (FIXED, 0)])
def test_how_many_bits_a_template_has(template, width):
    assert bits(template) == width


@pytest.mark.parametrize(
    ("template", "data", "said"),
    [
        (SEVEN, (0x7D, 1, 64), 0.5),
        (SEVEN, (0x7D, 1, 127), 1.0),
        (SEVEN, (0x7D, 2, 64), None),
        (SEVEN, (0x7D, 1), None),
        (SEVEN, (0x7D, 1, 64, 0), None),
        (SEVEN, (), None),
        (FOURTEEN, (0x7F, 0x7F, 4, 1, 0, 64), 0.5),
        (FIXED, (0x7E, 0x7F, 9, 1), 1.0),
        (FIXED, (0x7E, 0x7F, 9, 2), None),
        ((0xF0, LOW, LOW, 0xF7), (5, 5), position(5, 7)),
        ((0xF0, LOW, LOW, 0xF7), (5, 6), None),
    ],
)
def test_what_a_message_says(template, data, said):
    assert match(template, data) == said


@given(st.lists(st.one_of(st.integers(0, 127), st.sampled_from([LOW, HIGH])), max_size=12), st.floats(0, 1))
def test_what_is_written_is_recognised(body, where):
    template = (0xF0, *body, 0xF7)
    width = bits(template)
    said = match(template, tuple(filled(template, raw(where, width or 7))[1:-1]))
    if LOW in body and HIGH in body:
        assert said == position(raw(where, 14), 14)
    elif width == 7:
        assert said == position(raw(where, 7), 7)
    else:
        assert said is not None
