"""Options that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from belabridge.rules import MidiPort
    from belabridge.values import Address


def address(_ctx: click.Context, _parameter: click.Parameter, text: str | None) -> Address | None:
    """Read an address as the user types it, and as a config has it."""
    from belabridge.errors import UsageError
    from belabridge.settings.addresses import board_address

    try:
        return None if text is None else board_address(text)
    except UsageError as error:
        raise click.BadParameter(str(error)) from None


def midi_port(text: str) -> MidiPort:
    """Read a part of a MIDI port's name, or a regular expression between slashes, as a config has them."""
    import re

    from belabridge.rules import MidiPort

    if not text.startswith("/"):
        return MidiPort(text)
    if len(text) < 3 or not text.endswith("/"):
        raise click.BadParameter(f"{text!r} is half a regular expression: write /between slashes/")
    try:
        re.compile(text[1:-1])
    except re.error as error:
        raise click.BadParameter(f"{text!r} is no regular expression: {error.msg}") from None
    return MidiPort(text, text[1:-1])


def board_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--board``: which board; without it the usual places are tried."""
    return click.option(
        "--board",
        metavar="HOST[:PORT]",
        callback=address,
        help="Where the board is. Without it: bela.local, 192.168.7.2, 192.168.6.2.",
    )(command)


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--json``: for programs."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(command)
