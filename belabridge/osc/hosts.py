"""Numeric addresses of hosts: one text for each, and which of them are this machine."""

from __future__ import annotations

import socket
from ipaddress import ip_address

THIS_MACHINE = "this machine"  # no address looks like it

_MAPPED = "::ffff:"
_REMEMBERED = 256  # each costs two texts; more come only from a hostile sender
_ANY_PORT = 9  # "discard": connecting a UDP socket sends nothing


def plain(host: str) -> str:
    """An IPv4 address as IPv4 writes it, also when a socket of both families gave it as IPv6 (RFC 4291)."""
    return host[len(_MAPPED) :] if host.startswith(_MAPPED) and "." in host else host


def mapped(host: str) -> str:
    """The same host as a socket of both families takes it."""
    return host if ":" in host else _MAPPED + host


def numeric(host: str) -> str | None:
    """The one text of a numeric address (``127.1`` is ``127.0.0.1``); None for a name."""
    try:
        found = socket.getaddrinfo(host, 0, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)
    except (socket.gaierror, UnicodeError):
        return None
    return plain(str(found[0][4][0]))


def is_local(host: str) -> bool:
    """Whether a numeric address is one of this machine; it asks the system, so keep it off hot paths."""
    try:
        address = ip_address(plain(host))
    except ValueError:
        return False
    if address.is_loopback or address.is_unspecified:
        return True
    # Towards an address of its own the system sends from that address, and towards no other. Binding
    # would not tell: it takes broadcast and multicast addresses as well.
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((plain(host), _ANY_PORT))
            return plain(str(probe.getsockname()[0])) == plain(host)
    except OSError:
        return False


class Machines:
    """Which machine an address belongs to; remembers what it asked until ``forget``."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def machine(self, host: str) -> str:
        """``THIS_MACHINE`` for each of our own addresses; of other machines the address is all we know."""
        known = self._known.get(host)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[host] = THIS_MACHINE if is_local(host) else plain(host)
        return known

    def forget(self) -> None:
        """Ask again: a machine gets and loses addresses."""
        self._known.clear()
