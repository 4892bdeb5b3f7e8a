from hypothesis import given
from hypothesis import strategies as st

from belabridge.osc.codec.gather import Gather
from belabridge.osc.codec.reader import Bundle, read_packet
from belabridge.osc.codec.writer import message


def test_a_tick_is_one_bundle():
    gather = Gather()
    messages = [message("/a", [1.0]), message("/b", [2])]
    assert [gather.add(m) for m in messages] == [[], []]
    (data,) = gather.flush()
    assert read_packet(data) == Bundle(1, tuple(map(read_packet, messages)))
    assert gather.flush() == []


def test_a_lone_message_needs_no_bundle():
    gather = Gather()
    gather.add(message("/a", [1.0]))
    assert gather.flush() == [message("/a", [1.0])]


@given(st.lists(st.lists(st.integers(0, 120), max_size=8), max_size=6))
def test_nothing_is_lost_reordered_or_too_large(ticks):
    gather, sent, got, count = Gather(400), [], [], 0
    for sizes in ticks:
        for size in sizes:
            count += 1
            sent.append(message(f"/m{count}", [0.5] * size))
            got += gather.add(sent[-1])
        got += gather.flush()
    flat = []
    for data in got:
        packet = read_packet(data)
        flat += packet.elements if isinstance(packet, Bundle) else [packet]
        assert len(data) <= 400 or data in sent
    assert flat == [read_packet(data) for data in sent]
