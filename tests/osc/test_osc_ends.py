import asyncio

import pytest

from belabridge.osc.codec.reader import Bundle, Message
from belabridge.osc.codec.writer import message
from belabridge.osc.ends import Ends
from belabridge.osc.server import OscServer
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
    # a port that nobody listens on belongs to some program of that host, but to none that has its own
    assert ends.origin(("127.0.0.1", 1)) == {"sc"}
    assert ends.origin(("192.0.2.1", 1)) == frozenset()


async def test_who_may_have_sent_a_value_follows_the_subscribers(ends, make_peer):
    guest = make_peer()
    assert ends.origin(guest.address) == frozenset()
    ends.leases.subscribe(*guest.address, until=NOW + 60, now=NOW)
    assert ends.origin(guest.address) == {guest.address}
    ends.leases.unsubscribe(*guest.address)
    assert ends.origin(guest.address) == frozenset()


async def test_two_programs_on_one_host_hear_each_other(ends, make_peer):
    """The example of everybody's first config: Pd sends from any port, sclang from the one it listens on."""
    pd, pd_sends, sc = make_peer(), make_peer(), make_peer()
    ends.configure([Destination("pd", *pd.address), Destination("sc", *sc.address)])
    everywhere = ends.route(OscOut("/v"))
    ends.send(everywhere, 1.0, ends.origin(sc.address))
    assert (await pd.packet()).args == (1.0,)
    ends.send(everywhere, 2.0, ends.origin(pd_sends.address))
    assert (await sc.packet()).args == (2.0,)
    silent(pd, sc)


async def test_a_destination_that_only_subscribed_from_its_port_is_known(ends, make_peer):
    pd, pd_sends, sc = make_peer(), make_peer(), make_peer()
    ends.configure([Destination("pd", *pd.address), Destination("sc", *sc.address)])
    ends.leases.subscribe(*sc.address, until=NOW + 60, now=NOW, own_port=True)
    ends.send(ends.route(OscOut("/v")), 2.0, ends.origin(pd_sends.address))
    assert (await sc.packet()).args == (2.0,)
    silent(pd, sc)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.1.1"])
async def test_a_destination_that_subscribes_gets_everything_once(ends, make_peer, host):
    both, guest = make_peer("0.0.0.0"), make_peer()  # as programs listen: on all addresses
    ends.configure([Destination("both", host, both.port)])
    for port in (both.port, guest.port):
        ends.leases.subscribe("127.0.0.1", port, until=NOW + 60, now=NOW)
    await until(lambda: not next(iter(ends.senders)).is_down)
    ends.send(ends.route(OscOut("/v")), 1.0, None)
    for peer in (both, guest):
        assert (await peer.packet()).args == (1.0,)
    silent(both, guest)
    assert [standing.sent for standing in ends.subscribers()] == [0, 1]
    # when the config drops it, the subscription is what it has
    ends.configure([])
    ends.send(ends.route(OscOut("/v")), 2.0, None)
    assert (await both.packet()).args == (2.0,)


async def test_no_echo_where_both_families_are_heard(tally, make_peer):
    """A socket of ``::`` calls 127.0.0.1 another name than everybody else does."""
    heard = asyncio.Queue()
    server = OscServer("::", 0, tally)
    server.open()
    server.space.add("/v", lambda _args, _tags, _address, source: heard.put_nowait(source))
    ends = Ends(tally, clock=lambda: NOW)
    ends.server = server
    pd, guest = make_peer(), make_peer()
    ends.configure([Destination("pd", *pd.address, reply_port=7000)])
    ends.leases.subscribe(*guest.address, until=NOW + 60, now=NOW)
    for peer, other in ((pd, guest), (guest, pd)):
        peer.send(message("/v", [1.0]), server.port)
        async with asyncio.timeout(5):
            source = await heard.get()
        assert ends.reply_port(source[0]) == 7000
        ends.send(ends.route(OscOut("/v")), 1.0, ends.origin(source))
        assert (await other.packet()).args == (1.0,)
        silent(pd, guest)
    ends.close()
    server.close()


async def test_what_a_replaced_destination_collected_goes_out(ends, make_peer):
    pd = make_peer()
    ends.configure([Destination("pd", *pd.address, bundle=True)])
    ends.send(ends.route(OscOut("/v")), 1.0, None)
    ends.configure([Destination("pd", *pd.address)])
    assert (await pd.packet()).args == (1.0,)


async def test_nothing_is_kept_of_those_who_left(ends, peer):
    route = ends.route(OscOut("/v"))
    for port in range(1000, 1200):
        ends.leases.subscribe("127.0.0.1", port, until=NOW + 60, now=NOW)
        ends.send(route, 1.0, ends.origin(peer.address))
        ends.leases.unsubscribe("127.0.0.1", port)
    ends.send(route, 1.0, ends.origin(peer.address))
    assert ends.subscribers() == []
    assert ends._origins._places == []
    assert ends._origins._own_port == set()


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
