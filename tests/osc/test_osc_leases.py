from belabridge.osc.leases import Leases


def test_a_lease_ends_by_itself():
    leases = Leases()
    assert leases.subscribe("h", 1, until=60.0, now=0.0)
    assert leases.subscribe("h", 2, until=30.0, now=0.0)
    assert leases.active(29.9) == (("h", 1), ("h", 2))
    assert leases.left(10.0) == {("h", 1): 50.0, ("h", 2): 20.0}
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
