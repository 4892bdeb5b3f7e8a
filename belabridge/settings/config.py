"""What a config file says, as immutable values with every default filled in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from belabridge.rules import Destination, LogFiles, MidiSettings

if TYPE_CHECKING:
    from belabridge.rules import InRule, OutRule
    from belabridge.values import Address

DEFAULT_LISTEN = ("127.0.0.1", 9001)  # loopback: nobody else controls the board unless the user says so
DEFAULT_SEND = ("127.0.0.1", 9000)  # the port that patches and tutorials of Pd, Max and TouchDesigner use
DEFAULT_PREFIX = "/bela"


@dataclass(frozen=True, slots=True)
class OscSettings:
    """The OSC ends.

    Attributes:
        listen: numeric (host, port) to bind, or None = nothing is heard.
        destinations: where outputs go; may be empty: then only subscribers get them.
        prefix: stands before a variable's name when a rule gives no address.
    """

    listen: tuple[str, int] | None = DEFAULT_LISTEN
    destinations: tuple[Destination, ...] = (Destination("127.0.0.1:9000", *DEFAULT_SEND),)
    prefix: str = DEFAULT_PREFIX


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How the daemon writes its log.

    Attributes:
        format: lines for people, or one JSON object a line.
        level: the least important level that is written.
    """

    format: Literal["plain", "json"] = "plain"
    level: Literal["debug", "info", "warning", "error"] = "info"


@dataclass(frozen=True, slots=True)
class Config:
    """One config, complete and checked; a reload replaces it as a whole.

    Attributes:
        board: addresses to try; empty = the usual places.
        osc: the OSC ends.
        midi: the MIDI ends.
        out: rules from the board; None = not given. Without both, everything is mapped.
        in_: rules to the board; None = not given.
        log: how the log is written.
        logs: what becomes of the files that the board logs into.
        listen_place: (line, column) of ``osc.listen``, for a port that is in use; no part of what it says.
    """

    board: tuple[Address, ...] = ()
    osc: OscSettings = OscSettings()
    midi: MidiSettings = field(default_factory=MidiSettings)
    out: tuple[OutRule, ...] | None = None
    in_: tuple[InRule, ...] | None = None
    log: LogSettings = LogSettings()
    logs: LogFiles = field(default_factory=LogFiles)
    listen_place: tuple[int, int] = field(default=(1, 1), compare=False)
