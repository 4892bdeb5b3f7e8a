"""``host``, ``host:port`` and ``[::1]:port``, and OSC addresses: read, or refused with the right spelling."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from belabridge.settings.refusal import refuse, shown
from belabridge.values import DEFAULT_PORT, Address

LOOPBACK = "127.0.0.1"
OWN_ADDRESS = "/belabridge"  # its own questions live below it

_HOST = re.compile(
    r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?"
)
_HOST_LENGTH = 253  # the limit of DNS
_NOT_IN_OSC = re.compile(r"[^\x21-\x7e]|[#*,?\[\]{}]")


def port(value: Any) -> int:
    """Read a UDP or TCP port.

    Raises:
        Refused: it is none.
    """
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 5:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise refuse(f"{shown(value)} is no port", "write a number from 1 to 65535")
    if not 1 <= value <= 65535:
        raise refuse(f"there is no port {shown(value)}", "write a number from 1 to 65535")
    return value


def host(value: Any) -> str:
    """Read a host name or a numeric address; IPv6 with or without brackets.

    Raises:
        Refused: it is neither.
    """
    if not isinstance(value, str) or not value:
        raise refuse(f"{shown(value)} is no host", "write a name or an address, such as 192.168.7.2")
    if ":" in value or value.startswith("["):
        try:
            bare = value[1:-1] if value.startswith("[") and value.endswith("]") else value
            return str(ipaddress.IPv6Address(bare))
        except ValueError:
            raise refuse(f"{shown(value)} is no host", "write only a name or an address here") from None
    if not value.strip("0123456789."):
        try:
            return str(ipaddress.IPv4Address(value))
        except ValueError:
            instead = "write four numbers from 0 to 255, such as 192.168.7.2"
            raise refuse(f"{shown(value)} is no address", instead) from None
    if not _HOST.fullmatch(value) or len(value) > _HOST_LENGTH:
        raise refuse(f"{shown(value)} is no host name", "use letters, digits, `-` and `.`, as in bela.local")
    return value


def host_and_port(
    value: Any, default_port: int | None = None, example: str = "127.0.0.1:9000"
) -> tuple[str, int]:
    """Read ``host:port``, or ``host`` alone when there is a default port.

    Args:
        value: the user's text.
        default_port: None = the port must be written.
        example: a right one, for the message.

    Raises:
        Refused: it is not one.
    """
    if not isinstance(value, str) or not value.strip():
        raise refuse(f"{shown(value)} is no address", f"write {example}")
    text = value.strip()
    if "/" in text:
        raise refuse(f"{shown(value)} is more than host and port", f"write {example}")
    name, number = _split(text)
    if number is None and default_port is None:
        if text.count(":") > 1:
            raise refuse(f"{shown(value)} has no clear port", "put an IPv6 address in brackets: [::1]:9000")
        raise refuse(f"{shown(value)} has no port", f"write HOST:PORT, such as {example}")
    if name in ("", "*"):
        proper = number if number and number.isascii() and number.isdigit() else default_port or "9000"
        instead = f"write {'0.0.0.0' if name else LOOPBACK}:{proper}"
        raise refuse(f"{shown(value)} has no host", instead)
    return host(name), default_port if number is None and default_port is not None else port(number)


def _split(text: str) -> tuple[str, str | None]:
    """Part host from port; an IPv6 address without brackets has none that could be told apart."""
    if text.startswith("["):
        inner, bracket, rest = text.partition("]")
        return (inner + bracket, rest[1:]) if rest.startswith(":") else (text, None)
    if text.count(":") != 1:
        return text, None
    name, _, number = text.partition(":")
    return name, number


def board_address(text: str) -> Address:
    """Read what the user says after ``--board`` or ``board:``: ``host`` or ``host:port``.

    Raises:
        Refused: (a ``UsageError``) it is neither.
    """
    return Address(*host_and_port(text, DEFAULT_PORT, example="bela.local or 192.168.7.2:5555"))


def osc_address(value: Any) -> str:
    """Read an OSC address of our own: no pattern, no empty part.

    Raises:
        Refused: it is none; the message proposes the nearest one.
    """
    if not isinstance(value, str) or not value.strip("/"):
        raise refuse(f"{shown(value)} is no OSC address", "write one such as /synth/cutoff")
    if found := _NOT_IN_OSC.search(value):
        proposal = "/" + "/".join(part for part in _NOT_IN_OSC.sub("_", value).split("/") if part)
        what = "a space" if found[0] == " " else shown(found[0])
        raise refuse(f"an OSC address cannot hold {what}", f"write {shown(proposal)}")
    tidy = "/" + "/".join(part for part in value.split("/") if part)
    if tidy != value:
        what = "begins with `/`" if not value.startswith("/") else "has a name after each `/`"
        raise refuse(f"an OSC address {what}", f"write {shown(tidy)}")
    return value


def control_address(value: Any) -> str:
    """Read an OSC address that controls something; belabridge's own questions are not free for that.

    Raises:
        Refused: it is none.
    """
    address = osc_address(value)
    if f"{address}/".startswith(f"{OWN_ADDRESS}/"):
        raise refuse(f"{shown(address)} is answered by belabridge itself", "write another address")
    return address
