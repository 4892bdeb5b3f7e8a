import socket

import pytest

from belabridge.osc.hosts import THIS_MACHINE, Machines, is_local, mapped, numeric, plain


@pytest.mark.parametrize(
    ("host", "ipv4"),
    [
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("::ffff:0:1", "::ffff:0:1"),
        ("fe80::1%lo", "fe80::1%lo"),
    ],
)
def test_plain(host, ipv4):
    assert plain(host) == ipv4


@pytest.mark.parametrize(("host", "ipv6"), [("127.0.0.1", "::ffff:127.0.0.1"), ("::1", "::1")])
def test_mapped(host, ipv6):
    assert mapped(host) == ipv6
    assert plain(mapped(host)) == host


@pytest.mark.parametrize(
    ("host", "text"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("::0001", "::1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("localhost", None),
        ("bela.local", None),
        ("a b", None),
        ("x" * 300, None),
    ],
)
def test_numeric(host, text):
    assert numeric(host) == text


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.0.1.1", True),  # what some systems call themselves
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", True),
        ("203.0.113.1", False),
        ("2001:db8::1", False),
        ("255.255.255.255", False),  # a socket can be bound to these three, and they are not ours alone
        ("224.0.0.1", False),
        ("ff02::1", False),
        ("no address", False),
    ],
)
def test_is_local(host, local):
    assert is_local(host) is local


def test_an_address_of_the_network_card_is_ours():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            pytest.skip("this machine has no network")
        ours = probe.getsockname()[0]
    assert is_local(ours)
    assert Machines().machine(ours) == Machines().machine("127.0.0.1") == THIS_MACHINE


def test_machines_remember_a_bounded_number():
    machines = Machines()
    for i in range(600):
        host = f"203.0.113.{i % 256}" if i < 256 else f"198.51.100.{i % 256}"
        assert machines.machine(host) == host
    assert len(machines._known) <= 256
    machines.forget()
    assert machines._known == {}
