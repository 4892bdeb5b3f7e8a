"""Reads config files: with ``profiles``, the doors of this room to the file system."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from belabridge.errors import ConfigError, Fault
from belabridge.settings.load import parse
from belabridge.settings.marks import MAX_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    from belabridge.rules import InRule, OutRule
    from belabridge.settings.config import Config

MAX_BYTES = 4 * MAX_CHARACTERS  # UTF-8 takes at most four bytes a character


def load(
    path: str | PathLike[str],
    *,
    check_expr: Callable[[str], str | None] | None = None,
    check_rule: Callable[[OutRule | InRule], str | None] | None = None,
) -> Config:
    """Read a config file.

    Args:
        path: the file.
        check_expr: as for ``parse``.
        check_rule: as for ``parse``.

    Raises:
        ConfigError: it cannot be read, or what is in it cannot be used; with every fault.
    """
    file = str(path)
    try:
        with Path(path).open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise ConfigError(
            [Fault(file, 1, 1, reason, "`belabridge init` writes a config to begin with")]
        ) from error
    except ValueError as error:  # a NUL in the name
        raise ConfigError([Fault(file, 1, 1, "no such file", "write its name")]) from error
    if len(data) > MAX_BYTES:
        raise ConfigError([Fault(file, 1, 1, "too big for a config", "is it the right file?")])
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        lines = data[: error.start].decode("utf-8").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        problem = "this is not UTF-8 text"
        raise ConfigError(
            [Fault(file, len(lines), len(lines[-1]) + 1, problem, "save the file as UTF-8")]
        ) from error
    return parse(text, file, check_expr=check_expr, check_rule=check_rule)
