"""A group of commands that imports a command only when it is called."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command is, and what the group's help says of it.

    Attributes:
        target: ``module:attribute``.
        does: a few words; here, so that the group's help needs no imports.
    """

    target: str
    does: str


class LazyGroup(click.Group):
    """Commands by a table; ``--help`` and start-up cost as much as if there were none."""

    def __init__(self, *args: Any, table: Mapping[str, Entry], **kwargs: Any) -> None:
        """As ``click.Group``.

        Args:
            *args: for ``click.Group``.
            table: the commands by name, in the order of the help.
            **kwargs: for ``click.Group``.
        """
        super().__init__(*args, **kwargs)
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the table's order."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Import the command of that name; None when there is none."""
        entry = self._table.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.target.partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{entry.target} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """Write the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.does) for name, entry in self._table.items()])
