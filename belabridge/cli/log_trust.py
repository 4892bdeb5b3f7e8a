"""``belabridge log trust``: a board that was flashed anew is known by its new key."""

from __future__ import annotations

import asyncio
from typing import Any

import click

from belabridge.cli.log_asking import asked, asking_options
from belabridge.strict_json import one_line


@click.command("trust")
@click.argument("board_ssh", metavar="[BOARD]", required=False)
@asking_options
def trust(board_ssh: str | None, *, as_json: bool, **options: Any) -> None:
    """Know a board's ssh by the key that it has now, whichever it had before.

    BOARD is its name or address, with the port of its ssh if that is not 22; without it, the board that is
    connected.

    \b
    Example:
      belabridge log trust bela.local
    """
    if board_ssh is None:
        answer = asked({"do": "trust"}, options | {"as_json": as_json})
    else:
        answer = asyncio.run(_trust(board_ssh, options))
    click.echo(one_line(answer) if as_json else f"{answer['board']} is trusted: {answer['fingerprint']}")


async def _trust(place: str, options: dict[str, Any]) -> dict[str, Any]:
    from belabridge.board.logs.host_keys import HostKeys
    from belabridge.board.logs.login import SSH_PORT, Login
    from belabridge.board.logs.shell import trust as trust_key
    from belabridge.settings.addresses import board_address

    if place.count(":") == 1 or place.startswith("["):
        address = board_address(place)
        login = Login(address.host, address.port)
    else:
        login = Login(place, options["ssh_port"] or SSH_PORT)
    return {"board": login.place, "fingerprint": await trust_key(login, HostKeys())}
