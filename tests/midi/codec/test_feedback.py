from hypothesis import given
from hypothesis import strategies as st

from belabridge.midi.codec.feedback import Hands


def test_a_hand_is_on_until_it_has_rested():
    hands = Hands(0.3)
    assert hands.due() is None
    hands.touched("a", 1.0)
    hands.touched("b", 1.1)
    hands.touched("a", 1.2)
    assert hands.due() == 1.1 + 0.3
    assert hands.let_go(1.39) == []
    assert hands.let_go(1.1 + 0.3) == ["b"]
    assert (hands.held("a"), hands.held("b")) == (True, False)
    assert hands.let_go(9.0) == ["a"]
    assert hands.let_go(9.0) == []
    assert hands.due() is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 0.5)), max_size=40))
def test_each_hand_is_let_go_once_after_its_last_touch(touches):
    hands, now, last, told = Hands(0.3), 0.0, {}, {}
    for key, gap in touches:
        now += gap
        for off in hands.let_go(now):
            assert last[off] + 0.3 <= now
            told[off] = last[off]
        hands.touched(key, now)
        last[key] = now
    for off in hands.let_go(now + 1.0):
        told[off] = last[off]
    assert told == last
