"""The program's log on the error stream: plain lines, journal lines, or JSON."""

from __future__ import annotations

import logging
import os
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, TextIO

from belabridge.printable import printable
from belabridge.strict_json import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

# syslog(3) severities, as sd-daemon(3) reads them in front of a line
SEVERITY = {
    logging.DEBUG: 7,
    logging.INFO: 6,
    logging.WARNING: 4,
    logging.ERROR: 3,
    logging.CRITICAL: 2,
}
# Libraries speak at INFO of every connection, which is our own log's business.
OTHERS = ("asyncio", "websockets")
_OWN_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def configure(
    form: Literal["plain", "json"] = "plain",
    level: str = "info",
    stream: TextIO | None = None,
    environ: Mapping[str, str] = os.environ,
) -> None:
    """Send the whole program's log to one stream; may be called again, as after a reload.

    Args:
        form: ``plain`` for people, ``json`` for one object a line.
        level: ``debug``, ``info``, ``warning`` or ``error``.
        stream: where to; None = the error stream.
        environ: where ``JOURNAL_STREAM`` tells that systemd's journal reads the stream.
    """
    target = sys.stderr if stream is None else stream
    handler = StreamThatMayClose(target)
    handler.setFormatter(JsonLines() if form == "json" else PlainLines(journal=is_journal(target, environ)))
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h, StreamThatMayClose)]:
        root.removeHandler(old)
    root.addHandler(handler)
    number = logging.getLevelNamesMapping()[level.upper()]
    root.setLevel(number)
    for name in OTHERS:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))


def is_journal(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the journal reads this stream: ``JOURNAL_STREAM`` is its ``device:inode`` (systemd.exec(5)).

    The variable alone is not enough: it is inherited when the stream is redirected elsewhere.
    """
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def severity_prefix(level: int) -> str:
    """``<N>`` with the syslog severity of a level; levels between two take the lower one's."""
    known = [number for step, number in SEVERITY.items() if step <= level]
    return f"<{min(known, default=7)}>"


class StreamThatMayClose(logging.StreamHandler[TextIO]):
    """Writes to a stream whose other end may go away: then the log ends, and the program does not."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Drop the record when the stream is gone; a mistake in our own log call is still shown."""
        if isinstance(sys.exc_info()[1], OSError) or getattr(self.stream, "closed", False):
            return
        with suppress(OSError, ValueError):
            super().handleError(record)

    def flush(self) -> None:
        """Flush, unless the stream is gone."""
        with suppress(OSError, ValueError):  # ValueError: closed on our side
            super().flush()


class PlainLines(logging.Formatter):
    """``2026-05-04 13:37:00 WARNING board: text``; for the journal, which has a clock, ``<4>board: text``."""

    def __init__(self, *, journal: bool) -> None:
        """Choose the reader.

        Args:
            journal: True = severity prefixes and no time.
        """
        super().__init__()
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """One line, or more with a traceback; no peer's text can begin a line of its own."""
        where = record.name.removeprefix("belabridge.")
        lines = [f"{where}: {printable(record.getMessage())}"]
        lines += [printable(line) for line in _traceback(self, record)]
        if self._journal:
            prefix = severity_prefix(record.levelno)
            return "\n".join(f"{prefix}{line}" for line in lines)
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.created))
        lines[0] = f"{when} {record.levelname} {lines[0]}"
        return "\n".join(lines)


class JsonLines(logging.Formatter):
    """One object a line: time (UTC), level, logger, message, the call's ``extra`` fields, traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as strict JSON."""
        second = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        fields: dict[str, Any] = {k: v for k, v in vars(record).items() if k not in _OWN_FIELDS}
        fields |= {
            "time": f"{second}.{int(record.created % 1 * 1000):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if trace := _traceback(self, record):
            fields["traceback"] = "\n".join(trace)
        first = ("time", "level", "logger", "message")
        return one_line({k: fields[k] for k in first} | fields)


def _traceback(formatter: logging.Formatter, record: logging.LogRecord) -> list[str]:
    lines: list[str] = []
    if record.exc_info:
        lines += formatter.formatException(record.exc_info).splitlines()
    if record.stack_info:
        lines += record.stack_info.splitlines()
    return lines
