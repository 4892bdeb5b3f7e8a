import pytest

from belabridge.osc.codec.reader import Bundle, Message
from belabridge.osc.ends import Ends
from belabridge.rules import Destination, OscOut
from waiting import until

NOW = 100.0


@pytest.fixture
def ends(tally, server):
    made = Ends(tally, clock=lambda: NOW)
    made.server = server
    yield made
    made.close()


def silent(*peers):
    for peer in peers:
        with pytest.raises(BlockingIOError):
            peer.socket.recv(100)


async def test_a_value_goes_to_all_or_to_those_named(ends, make_peer):
    pd, sc, guest = make_peer(), make_peer(), make_peer()
    ends.configure([Destination("pd", *pd.address), Destination("sc", *sc.address)])
    ends.leases.subscribe(*guest.address, until=NOW + 60, now=NOW)
    ends.send(ends.route(OscOut("/all")), 1.0, None)
    for peer in (pd, sc, guest):
        assert await peer.packet() == Message("/all", (1.0,), "f")
    ends.send(ends.route(OscOut("/one", to=("sc",), form="i")), 1.0, None)
    assert await sc.packet() == Message("/one", (1,), "i")
    silent(pd, guest)


async def test_nothing_goes_back_to_where_it_came_from(ends, make_peer):
    pd, sc, guest = make_peer(), make_peer(), make_peer()
    ends.configure([Destination("pd", *pd.address), Destination("sc", *sc.address)])
    ends.leases.subscribe(*guest.address, until=NOW + 60, now=NOW)
    everywhere = ends.route(OscOut("/v"))
    for source, takers in ((pd, (sc, guest)), (guest, (pd, sc))):
        assert len(ends.origin(source.address)) == 1
        ends.send(everywhere, 1.0, ends.origin(source.address))
        for taker in takers:
            await taker.packet()
        silent(pd, sc, guest)
    # a port that nobody listens on belongs to some program of that host: to any of them
    assert ends.origin(("127.0.0.1", 1)) == {"pd", "sc", guest.address}
    assert ends.origin(("192.0.2.1", 1)) == frozenset()


async def test_who_may_have_sent_a_value_follows_the_subscribers(ends, make_peer):
    guest = make_peer()
    assert ends.origin(guest.address) == frozenset()
    ends.leases.subscribe(*guest.address, until=NOW + 60, now=NOW)
    assert ends.origin(guest.address) == {guest.address}
    ends.leases.unsubscribe(*guest.address)
    assert ends.origin(guest.address) == frozenset()


async def test_a_new_config_touches_only_what_changed(ends, make_peer):
    pd, sc = make_peer(), make_peer()
    ends.configure([Destination("pd", *pd.address), Destination("sc", *sc.address)])
    before = {sender.name: sender for sender in ends.senders}
    ends.configure([Destination("sc", *sc.address, bundle=True), Destination("pd", *pd.address)])
    after = {sender.name: sender for sender in ends.senders}
    assert list(after) == ["sc", "pd"]
    assert after["pd"] is before["pd"]
    assert after["sc"] is not before["sc"]
    assert before["sc"].is_down


async def test_bundles_wait_for_the_end_of_the_tick(ends, make_peer):
    pd, sc = make_peer(), make_peer()
    ends.configure([Destination("pd", *pd.address), Destination("sc", *sc.address, bundle=True)])
    assert ends.collects
    for address in ("/a", "/b"):
        ends.send(ends.route(OscOut(address)), 1.0, None)
    assert [(await pd.packet()).address for _ in range(2)] == ["/a", "/b"]
    silent(sc)
    ends.flush()
    packet = await sc.packet()
    assert isinstance(packet, Bundle)
    assert [message.address for message in packet.elements] == ["/a", "/b"]


async def test_the_reply_port_is_that_of_the_host(ends, make_peer):
    pd = make_peer()
    ends.configure([Destination("pd", "localhost", pd.port, reply_port=7000)])
    await until(lambda: not next(iter(ends.senders)).is_down)
    assert ends.reply_port("127.0.0.1") == 7000
    assert ends.reply_port("192.0.2.1") is None


async def test_who_may_have_sent_a_value_follows_a_name_that_got_its_address(ends, make_peer):
    pd = make_peer()
    ends.configure([Destination("pd", "localhost", pd.port)])
    assert ends.origin(pd.address) == frozenset()  # the name has no address yet
    await until(lambda: not next(iter(ends.senders)).is_down)
    assert ends.origin(pd.address) == {"pd"}
