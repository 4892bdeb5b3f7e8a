"""Options that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from belabridge.values import Address


class BoardAddress(click.ParamType):
    """``HOST``, ``HOST:PORT``, ``[IPv6]`` or ``[IPv6]:PORT``."""

    name = "HOST[:PORT]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        """Read an address as the user types it."""
        from belabridge.values import DEFAULT_PORT, Address

        if isinstance(value, Address):
            return value
        text = str(value)
        host, port = text, str(DEFAULT_PORT)
        if text.startswith("["):
            host, _, rest = text[1:].partition("]")
            port = rest.removeprefix(":") or port
        elif text.count(":") == 1:
            host, _, port = text.partition(":")
        if not host or not port.isdigit() or not 0 < int(port) < 65536:
            self.fail(
                f"{text!r} is not HOST or HOST:PORT, such as bela.local or 192.168.7.2:5555", param, ctx
            )
        return Address(host, int(port))


def board_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--board``: which board; without it the usual places are tried."""
    return click.option(
        "--board",
        type=BoardAddress(),
        help="Where the board is. Without it: bela.local, 192.168.7.2, 192.168.6.2.",
    )(command)


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--json``: for programs."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(command)
