"""Reads config files: with ``profiles``, the doors of this room to the file system."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from belabridge.errors import ConfigError, Fault
from belabridge.settings.load import parse
from belabridge.settings.marks import MAX_CHARACTERS
from belabridge.settings.named_variables import named_buffers, named_variables
from belabridge.settings.profiles import Profiles, shipped

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    from belabridge.rules import InRule, OutRule
    from belabridge.settings.config import Config
    from belabridge.settings.marks import Place

MAX_BYTES = 4 * MAX_CHARACTERS  # UTF-8 takes at most four bytes a character


def load(
    path: str | PathLike[str],
    *,
    check_expr: Callable[[str], str | None] | None = None,
    check_rule: Callable[[OutRule | InRule], str | None] | None = None,
) -> Config:
    """Read a config file; profiles of controllers may stand in ``controllers/`` beside it.

    Args:
        path: the file.
        check_expr: as for ``parse``.
        check_rule: as for ``parse``.

    Raises:
        ConfigError: it cannot be read, or what is in it cannot be used; with every fault.
    """
    profiles = Profiles(Path(path).parent / "controllers", shipped())
    return parse(_text(path), str(path), check_expr=check_expr, check_rule=check_rule, profiles=profiles)


def variables_in(path: str | PathLike[str]) -> tuple[tuple[str, Place], ...]:
    """Find the names of variables in a config file, which may have faults, each with its line and column.

    Raises:
        ConfigError: nothing can be read, as of wrong syntax.
    """
    return named_variables(_text(path))


def buffers_in(path: str | PathLike[str]) -> tuple[tuple[int | str, str | None, Place], ...]:
    """Find the buffers that a config file fills, as ``variables_in`` finds variables: with type and place.

    Raises:
        ConfigError: nothing can be read, as of wrong syntax.
    """
    return named_buffers(_text(path))


def _text(path: str | PathLike[str]) -> str:
    file = str(path)
    try:
        with Path(path).open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        match error:
            case IsADirectoryError():
                instead = "name a file in it"
            case PermissionError():
                instead = "let the user that runs belabridge read it"
            case _:
                instead = "`belabridge init` writes a config to begin with"
        raise ConfigError([Fault(file, 1, 1, reason, instead)]) from error
    except ValueError as error:  # a NUL in the name
        raise ConfigError([Fault(file, 1, 1, "no such file", "write its name")]) from error
    if len(data) > MAX_BYTES:
        raise ConfigError([Fault(file, 1, 1, "too big for a config", "is it the right file?")])
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        lines = data[: error.start].decode("utf-8").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        problem = "this is not UTF-8 text"
        raise ConfigError(
            [Fault(file, len(lines), len(lines[-1]) + 1, problem, "save the file as UTF-8")]
        ) from error
