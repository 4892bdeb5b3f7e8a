import pytest

from belabridge.errors import OscFormatError, UsageError
from belabridge.osc.space import AddressSpace


def handler():
    return lambda *_: None


def test_everybody_at_an_address_is_called_in_order():
    space = AddressSpace()
    a, b = handler(), handler()
    space.add("/x", a)
    space.add("/x", b)
    assert space.handlers_for("/x") == (a, b)
    assert space.handlers_for("/y") == ()


def test_a_pattern_calls_all_it_matches():
    space = AddressSpace()
    a, b, c, d = (handler() for _ in range(4))
    for address, one in (("/s/gain", a), ("/s/freq", b), ("/s/freq", c), ("/t/gain", d)):
        space.add(address, one)
    assert space.handlers_for("/s/*") == (a, b, c)
    assert space.handlers_for("/*/gain") == (a, d)
    assert space.handlers_for("/{s,t}/{gain,freq}") == (a, b, c, d)
    assert space.handlers_for("/*") == ()


def test_what_a_pattern_matches_follows_the_addresses():
    space = AddressSpace()
    a, b = handler(), handler()
    first = space.add("/a", a)
    assert space.handlers_for("/*") == (a,)
    second = space.add("/b", b)
    assert space.handlers_for("/*") == (a, b)
    space.remove(first)
    assert space.handlers_for("/*") == (b,)
    assert space.handlers_for("/a") == ()
    assert len(space) == 1
    space.remove(first)
    space.remove(second)
    assert space.handlers_for("/*") == ()
    assert len(space) == 0


def test_removing_one_of_two_at_an_address_leaves_the_other():
    space = AddressSpace()
    shared = handler()
    first, second = space.add("/a", shared), space.add("/a", shared)
    space.remove(first)
    assert space.handlers_for("/a") == (shared,)
    space.remove(second)
    assert space.handlers_for("/a") == ()


def test_only_addresses_can_be_added():
    with pytest.raises(UsageError, match="not an OSC address"):
        AddressSpace().add("/a*", handler())


def test_a_malformed_pattern_says_so_each_time():
    space = AddressSpace()
    for _ in range(2):
        with pytest.raises(OscFormatError):
            space.handlers_for("/[a")


def test_a_flood_of_patterns_is_remembered_within_bounds():
    space = AddressSpace()
    a = handler()
    space.add("/a", a)
    for i in range(2000):
        assert space.handlers_for(f"/*{i}") == ()
    assert len(space._patterns) <= 256
    assert space.handlers_for("/?") == (a,)


def test_a_new_pattern_asks_before_it_is_matched():
    allowed = [True, False, True]
    space = AddressSpace(lambda: allowed.pop(0))
    one = handler()
    space.add("/a/b", one)
    assert space.handlers_for("/a/*") == (one,)
    assert space.handlers_for("/a/*") == (one,)  # what is known does not ask, nor does an address
    assert space.handlers_for("/a/b") == (one,)
    with pytest.raises(OscFormatError, match="too many"):
        space.handlers_for("/*/b")
    assert space.handlers_for("/*/b") == (one,)
    assert allowed == []
