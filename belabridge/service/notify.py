"""Tells the service manager how the program is: systemd's notify protocol (sd_notify(3))."""

from __future__ import annotations

import logging
import os
import socket
import time
from typing import TYPE_CHECKING

from belabridge.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger("belabridge.service")

SEND_TIMEOUT_S = 0.1  # the manager's queue is hardly ever full; the event loop must not hang on it
STATUS_LIMIT = 200  # characters: one line of `systemctl status`


class Notifier:
    """Messages to ``$NOTIFY_SOCKET``; without one, every method does nothing.

    A message that cannot be delivered is given up with a line in the log: a bridge goes on playing.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        """Read the environment once.

        Args:
            environ: where ``NOTIFY_SOCKET``, ``WATCHDOG_USEC`` and ``WATCHDOG_PID`` are.
        """
        self._address = _address(environ.get("NOTIFY_SOCKET", ""))
        self._complained = False
        self.watchdog_interval_s = watchdog_interval_s(environ)

    @property
    def active(self) -> bool:
        """Whether somebody listens."""
        return self._address is not None

    def ready(self) -> None:
        """The program serves; also said at the end of a reload, whatever came of it."""
        self._send("READY=1")

    def reloading(self) -> None:
        """A reload begins; the manager waits for ``ready``."""
        now_us = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._send(f"RELOADING=1\nMONOTONIC_USEC={now_us}")

    def stopping(self) -> None:
        """The program begins to end."""
        self._send("STOPPING=1")

    def status(self, text: str) -> None:
        """One line for ``systemctl status``; a line end in it cannot become a message of its own."""
        self._send(f"STATUS={printable(text, STATUS_LIMIT)}")

    def watchdog(self) -> None:
        """The work gets done."""
        self._send("WATCHDOG=1")

    def _send(self, message: str) -> None:
        if self._address is None:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
                sock.settimeout(SEND_TIMEOUT_S)
                sock.sendto(message.encode("utf-8"), self._address)
        except OSError as error:
            level = logging.DEBUG if self._complained else logging.WARNING
            self._complained = True
            log.log(
                level,
                "the service manager could not be told %s: %s",
                message.split("\n", maxsplit=1)[0],
                error,
            )


def watchdog_interval_s(environ: Mapping[str, str] = os.environ) -> float | None:
    """Seconds within which the manager wants to hear ``WATCHDOG=1``, or None when it does not care.

    ``WATCHDOG_PID`` names the process that is meant, and there is none for others (sd_watchdog_enabled(3)).
    """
    usec, pid = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    if not usec.isascii() or not usec.isdigit() or int(usec) == 0:
        return None
    if pid and pid != str(os.getpid()):
        return None
    return int(usec) / 1e6


def _address(text: str) -> str | None:
    """The socket's address for Python, where ``@name`` in Linux's abstract namespace begins with a zero."""
    if text.startswith("@") and len(text) > 1:
        return f"\0{text[1:]}"
    return text if text.startswith("/") else None
