"""Names of variables become addresses, each its own, in a time that does not grow with the square."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge import naming
from belabridge.naming import addresses, is_part, sanitise

NAMES = {
    ("a:b",): ["/p/a:b"],
    ("a b", "a*b", "a_b"): ["/p/a_b", "/p/a_b_2", "/p/a_b_3"],
    ("a_2", "a", "a"): ["/p/a_2", "/p/a"],
    ("a b_2", "a b", "a#b", "a?b"): ["/p/a_b_2", "/p/a_b", "/p/a_b_3", "/p/a_b_4"],
    ("", "é"): ["/p/_", "/p/__2"],
}


@pytest.mark.parametrize("names", NAMES)
def test_addresses(names):
    assert list(addresses(names, "/p").values()) == NAMES[names]


@given(st.lists(st.text() | st.text("a_ 2#", max_size=4)))
def test_each_name_has_an_address_of_its_own(names):
    found = addresses(names, "/p")
    assert set(found) == set(names)
    assert len(set(found.values())) == len(found)
    assert all(is_part(address.removeprefix("/p/")) for address in found.values())


def test_many_that_become_the_same_are_no_search(monkeypatch):
    """Looked at so often, and no more: each name that collides asks once or twice whether it is taken."""
    asked = 0

    class Asked(set):
        def __contains__(self, part):
            nonlocal asked
            asked += 1
            return super().__contains__(part)

    monkeypatch.setattr(naming, "set", Asked, raising=False)
    names = ["#" * 4 + "".join("#?"[n >> bit & 1] for bit in range(12)) for n in range(3000)]
    assert len({sanitise(name) for name in names}) == 1
    assert len(set(addresses(names, "/p").values())) == 3000
    assert 3000 <= asked <= 2 * 3000
