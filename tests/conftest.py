"""What all tests share: strictness about skipping, and patience with a busy machine."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import settings

# how long an example takes says how busy the machine is, and nothing about what it tests
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# a shell ignores it in what it starts in the background, and so would every program that a test starts
signal.signal(signal.SIGINT, signal.default_int_handler)

STRICT = bool(os.environ.get("BELABRIDGE_STRICT"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Under ``.ci/run`` a skipped test is a failed one: a missing peer must not hide."""
    report = yield
    if STRICT and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, and nothing may be skipped here: {item.nodeid}: {report.longrepr}"
    return report
