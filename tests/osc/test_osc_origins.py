import pytest

from belabridge.osc.hosts import Machines
from belabridge.osc.origins import Origins, Place

HERE = "127.0.0.1"
PD, SC = Place("pd", (HERE, 9000)), Place("sc", (HERE, 57120))
LATE = Place((HERE, 7000), (HERE, 7000))
FAR = Place("far", ("203.0.113.1", 9000))
OTHER = (HERE, 50_123)  # from where Pd sends


@pytest.fixture
def origins():
    return Origins(Machines())


def test_a_message_of_an_ends_own_port_is_that_end(origins):
    origins.place([PD, SC, FAR])
    assert origins.of((HERE, 57120)) == {"sc"}
    assert origins.of(("203.0.113.1", 9000)) == {"far"}


def test_pd_and_sclang_on_one_machine(origins):
    """Pd sends from a port of its own: what it sets reaches sclang, once sclang has said anything."""
    origins.place([PD, SC])
    assert origins.of(OTHER) == {"pd", "sc"}  # neither is known to be somebody else
    assert origins.of((HERE, 57120)) == {"sc"}
    assert origins.of(OTHER) == {"pd"}
    assert origins.of((HERE, 50_124)) == {"pd"}


def test_a_subscriber_that_asked_from_its_own_port_is_known_at_once(origins):
    origins.place([PD, LATE], own_port=[LATE])
    assert origins.of(OTHER) == {"pd"}
    assert origins.of(LATE.address) == {LATE.end}


def test_an_only_end_is_whoever_sends_from_its_machine(origins):
    origins.place([PD, FAR])
    assert origins.of(OTHER) == {"pd"}
    assert origins.of(("203.0.113.1", 1)) == {"far"}
    assert origins.of(("203.0.113.2", 9000)) == frozenset()


def test_when_all_send_from_their_own_ports_another_port_is_a_stranger(origins):
    origins.place([PD, SC], own_port=[PD, SC])
    assert origins.of(OTHER) == frozenset()


def test_what_is_known_lasts_while_the_end_stays_where_it_is(origins):
    origins.place([PD, SC])
    origins.of(SC.address)
    origins.place([PD, SC, LATE])
    assert origins.of(OTHER) == {"pd", LATE.end}
    moved = Place("sc", (HERE, 57121))
    origins.place([PD, moved])
    assert origins.of(OTHER) == {"pd", "sc"}
    origins.place([PD, SC])
    assert origins.of(OTHER) == {"pd", "sc"}


def test_one_machine_has_several_addresses(origins):
    origins.place([PD, SC])
    assert origins.of(("127.0.1.1", 57120)) == {"sc"}
    assert origins.of(("::1", 50_123)) == {"pd"}


def test_of_two_ends_with_one_port_the_very_address_counts(origins):
    second = Place("second", ("127.0.0.2", 9000))
    origins.place([PD, second])
    assert origins.of((HERE, 9000)) == {"pd"}
    assert origins.of(("127.0.0.2", 9000)) == {"second"}


def test_a_destination_that_also_subscribed_is_both(origins):
    also = Place((HERE, 9000), (HERE, 9000))
    origins.place([PD, SC, also])
    assert origins.of((HERE, 9000)) == {"pd", (HERE, 9000)}


def test_sources_are_remembered_in_a_bounded_number(origins):
    origins.place([PD, SC])
    for port in range(1000, 3000):
        origins.of((HERE, port))
    assert len(origins._known) <= 256
