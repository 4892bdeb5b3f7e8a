"""The section ``logs``: what becomes of the files that the board writes to its own disk."""

from __future__ import annotations

import re
from typing import Annotated, Any

from belabridge.rules import DeleteWhen, FetchWhen, LogFiles, LogMode, LogTrigger, Ssh
from belabridge.settings.model_base import Part
from belabridge.settings.model_ends import PORT_SCHEMA, Port
from belabridge.settings.refusal import refuse, shown
from belabridge.settings.words import (
    MAX_TEXT,
    Name,
    Positive,
    Short,
    Word,
    choice,
    each,
    mapping,
    name,
    whole,
)

MOST_KEPT = 1_000_000
_FIELDS = ("project", "date", "var")
_NAME_SCHEMA: dict[str, Any] = {"type": "string", "minLength": 1, "pattern": "^[^/.-]"}

_USUAL = LogFiles()


def _template(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise refuse(f"{shown(value)} is no name", "write one such as {project}-{date}-{var}")
    for word in re.findall(r"\{(.*?)\}", value):
        if word not in _FIELDS:
            raise refuse(f"{{{word}}} is nothing that can be filled in", "use {project}, {date} and {var}")
    rest = re.sub(r"\{\w+\}", "x", value)
    if re.search(r"[^\w.+ -]", rest) or rest[0] in ".-":
        raise refuse(
            f"{shown(value)} is no name of a file", "the folder is `to`; use letters, digits, - and _"
        )
    return value


def _keep(value: Any) -> int | None:
    if value == "all":
        return None
    return whole("number of files", 1, MOST_KEPT)(value)


class SshPart(Part):
    """How the board lets us at its files."""

    port: Port = _USUAL.ssh.port
    """Of its ssh; 22 unless said."""
    user: Name = _USUAL.ssh.user
    """Whose files they are; root unless said."""
    password: Name | None = None
    """Where it wants one."""
    key: Name | None = None
    """The file of a private key; your own are tried unless said."""
    projects: Name = _USUAL.ssh.projects
    """The folder of the projects on the board."""


def _ssh(value: Any) -> Any:
    return value if isinstance(value, dict) else {"port": value}


_FETCH = {when.value: when.value for when in FetchWhen}
_DELETE = {when.value: when.value for when in DeleteWhen}


_ONE_VAR: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT}
VARS_SCHEMA: dict[str, Any] = {"anyOf": [_ONE_VAR, {"type": "array", "items": _ONE_VAR, "minItems": 1}]}
_MODES = {mode.value: mode.value for mode in LogMode}


def _vars(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        return (name(value),)
    if not value:
        raise refuse("`vars` names nothing", "name a variable of the board")
    return tuple(each(name, value))


class LogTriggerPart(Part):
    """What a control does to logs on the board's own disk."""

    vars: Annotated[
        tuple[str, ...],
        Word(_vars, VARS_SCHEMA),
    ]
    """The variables that are logged: mic, or [mic, pot1]."""
    mode: Annotated[str, Word(choice("mode of a log", _MODES), {"enum": list(_MODES)})] = LogMode.TOGGLE.value
    """toggle: a press begins or ends them (unless said); start; stop; hold: while it is pressed."""
    seconds: Positive | None = None
    """How long a log is that it begins, in seconds; until it is ended unless said."""

    def trigger(self) -> LogTrigger:
        """Give the value."""
        return LogTrigger(self.vars, LogMode(self.mode), self.seconds)


def log_short(value: Any) -> Any:
    """Give the long spelling of names alone."""
    return value if isinstance(value, dict) else {"vars": value}


class LogsPart(Part):
    """What becomes of the log files that the board writes."""

    to: Name = _USUAL.to
    """The folder for them on this computer, seen from the config; takes unless said."""
    name: Annotated[str, Word(_template, _NAME_SCHEMA)] = _USUAL.name
    """What they are called there; {project}, {date} and {var} are filled in."""
    keep: Annotated[
        int | None,
        Word(_keep, {"anyOf": [{"type": "integer", "minimum": 1, "maximum": MOST_KEPT}, {"const": "all"}]}),
    ] = None
    """So many of them stay on this computer, the newest; all unless said."""
    fetch: Annotated[str, Word(choice("time to fetch", _FETCH), {"enum": list(_FETCH)})] = _USUAL.fetch.value
    """on_stop: when the log is over (unless said); follow: while it grows; never."""
    delete_on_board: Annotated[str, Word(choice("time to delete", _DELETE), {"enum": list(_DELETE)})] = (
        _USUAL.delete.value
    )
    """after_verify: when it is here for sure; never unless said."""
    ssh: Annotated[
        Annotated[SshPart, mapping("{port: 22, user: root}")], Short(_ssh, lambda _long: [PORT_SCHEMA])
    ] = SshPart()
    """How the board lets us at its files; root at port 22 without a password unless said."""

    def settings(self) -> LogFiles:
        """Give the value."""
        ssh = Ssh(self.ssh.port, self.ssh.user, self.ssh.password, self.ssh.key, self.ssh.projects)
        return LogFiles(
            self.to, self.name, self.keep, FetchWhen(self.fetch), DeleteWhen(self.delete_on_board), ssh
        )
