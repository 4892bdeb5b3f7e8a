"""What goes to the service manager, byte for byte."""

from __future__ import annotations

import logging
import os

import pytest
from living import Manager

from belabridge.service.notify import STATUS_LIMIT, Notifier, watchdog_interval_s


@pytest.fixture(params=[False, True], ids=["path", "abstract"])
def any_manager(request, short):
    it = Manager(short, abstract=request.param)
    yield it
    it.close()


def test_every_message(any_manager):
    notifier = Notifier({"NOTIFY_SOCKET": any_manager.name})
    assert notifier.active
    notifier.ready()
    notifier.stopping()
    notifier.watchdog()
    notifier.status("two\nlines\x1b[2J")
    notifier.status("x" * 1000)
    heard = [any_manager.hear() for _ in range(5)]
    assert heard[:4] == ["READY=1", "STOPPING=1", "WATCHDOG=1", r"STATUS=two\nlines\x1b[2J"]
    assert heard[4] == "STATUS=" + "x" * (STATUS_LIMIT - 1) + "…"


@pytest.mark.parametrize("name", ["", "@", "relative", "vsock:2:1234"])
def test_without_a_manager_nothing_happens(name):
    notifier = Notifier({"NOTIFY_SOCKET": name} if name else {})
    assert not notifier.active
    notifier.ready()
    notifier.status("x")


def test_a_manager_that_went_away_is_one_warning(short, caplog):
    caplog.set_level(logging.DEBUG)
    notifier = Notifier({"NOTIFY_SOCKET": str(short / "gone")})
    notifier.ready()
    notifier.ready()
    assert [r.levelname for r in caplog.records] == ["WARNING", "DEBUG"]


def test_a_manager_that_does_not_read_does_not_hang_us(short, caplog):
    manager = Manager(short)
    notifier = Notifier({"NOTIFY_SOCKET": manager.name})
    while not caplog.records:  # fills the queue, which has an end
        notifier.watchdog()
    assert "could not be told WATCHDOG=1" in caplog.text
    manager.close()


OURS, OTHERS = str(os.getpid()), str(os.getpid() + 1)


@pytest.mark.parametrize(
    ("environ", "interval_s"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "20000000"}, 20.0),
        ({"WATCHDOG_USEC": "500000", "WATCHDOG_PID": OURS}, 0.5),
        ({"WATCHDOG_USEC": "500000", "WATCHDOG_PID": OTHERS}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "-5"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "²"}, None),
    ],
)
def test_the_watchdogs_interval(environ, interval_s):
    assert watchdog_interval_s(environ) == interval_s
    assert Notifier(environ).watchdog_interval_s == interval_s
