from belabridge.osc.leases import Leases


def test_a_lease_ends_by_itself():
    leases = Leases()
    assert leases.subscribe("h", 1, until=60.0, now=0.0)
    assert leases.subscribe("h", 2, until=30.0, now=0.0)
    assert leases.active(29.9) == (("h", 1), ("h", 2))
    assert leases.standing(10.0) == [(("h", 1), 50.0, 0), (("h", 2), 20.0, 0)]
    assert leases.active(30.0) == (("h", 1),)
    assert leases.active(60.0) == ()


def test_renewing_keeps_the_place():
    leases = Leases()
    leases.subscribe("h", 1, until=10.0, now=0.0)
    leases.subscribe("h", 2, until=20.0, now=0.0)
    leases.subscribe("h", 1, until=30.0, now=5.0)
    assert leases.active(15.0) == (("h", 1), ("h", 2))
    assert leases.active(25.0) == (("h", 1),)


def test_unsubscribe():
    leases = Leases()
    leases.subscribe("h", 1, until=10.0, now=0.0)
    assert not leases.unsubscribe("h", 2)
    assert leases.unsubscribe("h", 1)
    assert not leases.unsubscribe("h", 1)
    assert leases.active(0.0) == ()


def test_a_full_table_renews_and_makes_room_when_a_lease_ends():
    leases = Leases(limit=2)
    leases.subscribe("h", 1, until=10.0, now=0.0)
    leases.subscribe("h", 2, until=20.0, now=0.0)
    assert not leases.subscribe("h", 3, until=20.0, now=5.0)
    assert leases.subscribe("h", 1, until=12.0, now=5.0)
    assert leases.subscribe("h", 3, until=30.0, now=12.0)
    assert leases.active(12.0) == (("h", 2), ("h", 3))


def test_counts_die_with_their_lease():
    leases = Leases()
    leases.subscribe("h", 1, until=10.0, now=0.0)
    leases.count(("h", 1), 3)
    leases.subscribe("h", 1, until=20.0, now=5.0)
    leases.count(("h", 1), 4)
    leases.count(("h", 2), 1)  # nobody's
    assert leases.standing(5.0) == [(("h", 1), 15.0, 7)]
    leases.subscribe("h", 1, until=40.0, now=30.0)
    assert leases.standing(30.0) == [(("h", 1), 10.0, 0)]


def test_nothing_is_left_of_ten_thousand_subscribers():
    leases = Leases()
    for i in range(10_000):
        now = 100.0 * i
        assert leases.subscribe("h", i, until=now + 60.0, now=now)
        leases.count(("h", i), 1)
    assert len(leases._leases) == 1


def test_the_subscribers_are_the_same_object_until_something_changes():
    leases = Leases()
    leases.subscribe("h", 1, until=10.0, now=0.0)
    before = leases.active(1.0)
    leases.subscribe("h", 1, until=20.0, now=5.0)
    assert leases.active(15.0) is before
    assert not leases.own_port(("h", 1))
    leases.subscribe("h", 1, until=30.0, now=15.0, own_port=True)
    assert leases.active(15.0) is not before
    leases.subscribe("h", 1, until=30.0, now=15.0)  # what is known stays known
    assert leases.own_port(("h", 1))
