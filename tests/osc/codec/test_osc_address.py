import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.naming import sanitise
from belabridge.osc.codec.address import is_pattern, is_valid_address


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("pot1", "pot1"),
        ("my pot", "my_pot"),
        ("a#b*c,d/e?f[g]h{i}j", "a_b_c_d_e_f_g_h_i_j"),
        ("größe", "gr__e"),
        ("x\n\0\x7f", "x___"),
        ("synth.gain-2:x", "synth.gain-2:x"),
        ("", "_"),
    ],
)
def test_sanitise(name, part):
    assert sanitise(name) == part


@given(st.text())
def test_what_is_sanitised_is_a_part(name):
    part = sanitise(name)
    assert is_valid_address("/bela/" + part)
    assert sanitise(part) == part
    assert not is_pattern(part)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("/a", True),
        ("/a/b.c/d-e_f", True),
        ("/1", True),
        ("", False),
        ("/", False),
        ("a", False),
        ("/a/", False),
        ("//a", False),
        ("/a b", False),
        ("/a\n", False),
        ("/ä", False),
        *((f"/a{c}b", False) for c in "#*,?[]{}"),
    ],
)
def test_is_valid_address(text, valid):
    assert is_valid_address(text) is valid


@pytest.mark.parametrize(
    ("text", "pattern"), [("/a", False), ("/a,b", False), *((f"/{c}", True) for c in "?*[]{}")]
)
def test_is_pattern(text, pattern):
    assert is_pattern(text) is pattern
