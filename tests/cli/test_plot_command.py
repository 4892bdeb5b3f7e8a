"""``belabridge plot`` as a process."""

from __future__ import annotations

import signal
from urllib.request import urlopen

import pytest

from processes import BELABRIDGE, Running


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_the_picture_is_and_ends_when_told(number):
    running = Running(
        BELABRIDGE, "plot", "--sim", "--no-browser", "mic", "--range", "-1", "1", "--window", "2s"
    )
    try:
        url = running.wait_out(r"^(http://127\.0\.0\.1:\d+/)$", within_s=60)[1]
        with urlopen(url, timeout=20) as page:  # noqa: S310 - our own page
            assert b"plot.js" in page.read()
        assert running.end(number, within_s=60) == 0
        assert running.err == []
    finally:
        running.kill()


def test_an_unknown_variable_is_said():
    running = Running(BELABRIDGE, "plot", "--sim", "--no-browser", "Mic")
    try:
        assert running.code(within_s=60) != 0
        assert "did you mean mic" in "\n".join(running.err)
    finally:
        running.kill()
