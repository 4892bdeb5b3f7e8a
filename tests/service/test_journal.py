"""Log lines as people, the journal and programs read them."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import subprocess
import sys

import pytest

from belabridge.service.journal import (
    JsonLines,
    PlainLines,
    StreamThatMayClose,
    configure,
    is_journal,
    severity_prefix,
)

log = logging.getLogger("belabridge.room")


@pytest.fixture
def stream():
    """A stream that is configured, and the logging of before afterwards."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield io.StringIO()
    root.handlers[:] = before
    root.setLevel(level)


def test_plain_lines_have_time_level_and_room(stream):
    configure("plain", "info", stream, {})
    log.info("hello %d", 3)
    log.debug("not this")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d INFO room: hello 3\n", stream.getvalue())


def test_a_peers_text_cannot_forge_a_line_or_move_the_cursor(stream):
    configure("plain", "info", stream, {})
    log.warning("bad name %s", "x\n2026-01-01 00:00:00 INFO room: all is well\x1b[1A")
    assert stream.getvalue().count("\n") == 1
    assert "\x1b" not in stream.getvalue()


def test_a_traceback_follows_its_line(stream):
    configure("plain", "info", stream, {})
    try:
        int("ouch\x1b")
    except ValueError:
        log.exception("failed")
    lines = stream.getvalue().splitlines()
    assert lines[0].endswith("ERROR room: failed")
    assert lines[1] == "Traceback (most recent call last):"
    assert lines[-1] == r"ValueError: invalid literal for int() with base 10: 'ouch\x1b'"


@pytest.mark.parametrize(
    ("level", "prefix"),
    [(10, "<7>"), (20, "<6>"), (25, "<6>"), (30, "<4>"), (40, "<3>"), (50, "<2>"), (60, "<2>"), (5, "<7>")],
)
def test_severities(level, prefix):
    assert severity_prefix(level) == prefix


def test_under_the_journal_every_line_has_its_severity_and_no_time():
    record = logging.LogRecord("belabridge.room", 40, "f", 1, "failed", (), None, sinfo="Stack:\n  here")
    assert PlainLines(journal=True).format(record) == "<3>room: failed\n<3>Stack:\n<3>  here"


def test_the_journal_is_known_by_the_stream_itself(tmp_path):
    with (tmp_path / "log").open("w") as journal, (tmp_path / "other").open("w") as other:
        status = os.fstat(journal.fileno())
        environ = {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
        assert is_journal(journal, environ)
        assert not is_journal(other, environ)  # inherited, and redirected since
        assert not is_journal(journal, {})
    assert not is_journal(journal, environ)  # closed
    assert not is_journal(io.StringIO(), environ)


def test_json_lines(stream):
    configure("json", "debug", stream, {})
    log.warning("lost %s", "x\ny", extra={"frames": 12, "value": float("nan"), "level": "mine"})
    try:
        int("ouch")
    except ValueError:
        log.exception("failed")
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", first.pop("time"))
    assert first == {
        "level": "warning",  # ours wins
        "logger": "belabridge.room",
        "message": "lost x\ny",
        "frames": 12,
        "value": None,
    }
    assert second["traceback"].endswith("ValueError: invalid literal for int() with base 10: 'ouch'")


def test_json_time_is_utc_with_milliseconds():
    record = logging.LogRecord("x", 20, "f", 1, "m", (), None)
    record.created = 1.9996
    assert json.loads(JsonLines().format(record))["time"] == "1970-01-01T00:00:01.999Z"


def test_to_configure_again_replaces(stream):
    configure("plain", "info", io.StringIO(), {})
    configure("json", "warning", stream, {})
    log.info("quiet")
    log.warning("once")
    assert len(stream.getvalue().splitlines()) == 1


def test_libraries_do_not_chatter(stream):
    configure("plain", "info", stream, {})
    logging.getLogger("websockets.client").info("connection open")
    logging.getLogger("asyncio").warning("slow")
    assert "connection open" not in stream.getvalue()
    assert "slow" in stream.getvalue()


PROGRAM = """
import logging, os, sys
from belabridge.service.journal import configure
configure({form!r})
log = logging.getLogger("belabridge.room")
log.warning("before")
{spoil}
for _ in range(3):
    log.warning("after " + "x" * 70000)
print("goes on")
"""


@pytest.mark.parametrize("form", ["plain", "json"])
@pytest.mark.parametrize(
    "spoil",
    [
        "os.close(2)",
        "sys.stderr.close()",
        "r, w = os.pipe(); os.dup2(w, 2); os.close(r)",  # the other end has gone: EPIPE
    ],
)
def test_a_stream_that_goes_away_does_not_stop_the_program(form, spoil):
    program = PROGRAM.format(form=form, spoil=spoil)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.stdout, done.returncode) == ("goes on\n", 0)
    assert "before" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_mistake_in_a_call_of_ours_is_shown(capsys):
    handler = StreamThatMayClose(io.StringIO())
    handler.handle(logging.LogRecord("x", 20, "f", 1, "%d", ("not a number",), None))
    assert "not a number" in capsys.readouterr().err
