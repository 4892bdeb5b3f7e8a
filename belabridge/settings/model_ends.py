"""The ends of the bridge: ``board``, ``osc`` and ``log``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, model_validator

from belabridge.rules import Destination
from belabridge.settings import addresses
from belabridge.settings.config import (
    DEFAULT_LISTEN,
    DEFAULT_PREFIX,
    DEFAULT_SEND,
    LogSettings,
    OscSettings,
)
from belabridge.settings.model_base import Part
from belabridge.settings.refusal import Refused, Wrong, refuse, shown
from belabridge.settings.words import Flag, Short, Word, choice
from belabridge.values import DEFAULT_PORT, Address

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue

PORT_SCHEMA: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": 65535}
TEXT_SCHEMA: dict[str, Any] = {"type": "string", "minLength": 1}

Port = Annotated[
    int, Word(addresses.port, {"anyOf": [PORT_SCHEMA, {"type": "string", "pattern": "^[0-9]{1,5}$"}]})
]
Host = Annotated[str, Word(addresses.host, TEXT_SCHEMA)]

_LOOPBACKS = {"127.0.0.1", "::1", "localhost"}
_ANY = {"0.0.0.0", "::"}  # what `listen` binds to hear everybody


class BoardPart(Part):
    """Where the board is."""

    host: Host
    """A name such as bela.local, or a numeric address."""
    port: Port = DEFAULT_PORT
    """The port of the board's web sockets."""

    def address(self) -> Address:
        """Give the value."""
        return Address(self.host, self.port)


class DestinationPart(Part):
    """One program that gets OSC."""

    host: Host
    """A name or a numeric address."""
    port: Port
    """The UDP port it listens on."""
    bundle: Flag = False
    """Collect the messages of one tick into one bundle."""
    reply_port: Port | None = None
    """Where answers to its questions go; without it, to the port that asked."""


def _board(value: Any) -> Any:
    if isinstance(value, dict):
        return value
    address = addresses.board_address(value)
    return {"host": address.host, "port": address.port}


def _boards(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


BoardParts = Annotated[
    list[Annotated[BoardPart, Short(_board, lambda _long: [TEXT_SCHEMA])]],
    Short(_boards, lambda long: [long["items"]]),
]


def listen(value: Any) -> tuple[str, int] | None:
    """Read where to listen: a port (on loopback), ``host:port``, or ``none``."""
    if value == "none":
        return None
    if isinstance(value, bool) or value == "off":
        raise refuse(f"{shown(value)} is no place to listen", "write none, or a port such as 9001")
    if isinstance(value, (int, float)) or (isinstance(value, str) and value.isdigit()):
        return DEFAULT_LISTEN[0], addresses.port(value)
    host, port = addresses.host_and_port(value, example="9001 or 0.0.0.0:9001")
    if host == "localhost":
        return DEFAULT_LISTEN[0], port
    if ":" not in host and host.strip("0123456789."):
        instead = f"write 0.0.0.0:{port} for all networks, or the numeric address of one"
        raise refuse(f"`listen` cannot use the name {shown(host)}", instead)
    return host, port


def _destination(value: Any) -> Any:
    if isinstance(value, dict):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return {"host": DEFAULT_SEND[0], "port": addresses.port(value)}
    host, port = addresses.host_and_port(value)
    return {"host": host, "port": port}


def _destinations(value: Any) -> Any:
    """Give name → destination for all spellings of ``send``, with one fault for each that is wrong."""
    if value == "none":
        return {}
    if isinstance(value, dict):
        keys = value.keys()
        lone = {"host", "port"} <= keys or ("port" in keys and keys <= DestinationPart.model_fields.keys())
        return {"": value} if lone else value
    if not isinstance(value, list):
        return {"": _destination(value)}
    return dict(enumerate(value))


def _send_spellings(long: JsonSchemaValue) -> list[JsonSchemaValue]:
    one = long["additionalProperties"]
    return [one, {"type": "array", "items": one}]


Listen = Annotated[tuple[str, int] | None, Word(listen, {"anyOf": [PORT_SCHEMA, TEXT_SCHEMA]})]
Send = Annotated[
    dict[
        str | int, Annotated[DestinationPart, Short(_destination, lambda _long: [PORT_SCHEMA, TEXT_SCHEMA])]
    ],
    Short(_destinations, _send_spellings),
]


def _default_send() -> dict[str | int, DestinationPart]:
    return {"": DestinationPart(host=DEFAULT_SEND[0], port=DEFAULT_SEND[1])}


class OscPart(Part):
    """The OSC ends."""

    listen: Listen = DEFAULT_LISTEN

    """9001, or 0.0.0.0:9001 to hear other machines too, or none."""
    send: Send = Field(default_factory=_default_send)
    """Where outputs go: 127.0.0.1:9000, a list of such, or names for them: {pd: 127.0.0.1:9000}."""
    prefix: Annotated[str, Word(addresses.control_address, {"type": "string", "pattern": "^/."})] = (
        DEFAULT_PREFIX
    )
    """Stands before a variable's name when a rule gives no address."""

    @model_validator(mode="after")
    def _no_loop_and_no_twin(self) -> OscPart:
        wrongs: list[Wrong] = []
        seen: dict[tuple[str, int], str] = {}
        for key, (name, end) in zip(self.send, self._named(), strict=True):
            path: tuple[str | int, ...] = ("send",) if key == "" else ("send", key)
            where = ("127.0.0.1" if end.host in _LOOPBACKS else end.host, end.port)
            text = str(Address(end.host, end.port))
            if self.listen is not None and _same(self.listen, (end.host, end.port)):
                problem = f"{text} is where belabridge listens: it would hear itself"
                wrongs.append(Wrong(problem, "send to another port, or listen on another", path))
            if where in seen:
                problem = f"{text} is a destination already ({seen[where]}): each message would arrive twice"
                wrongs.append(Wrong(problem, "remove one of the two", path))
            seen.setdefault(where, name)
        if wrongs:
            raise Refused(*wrongs)
        return self

    def _named(self) -> list[tuple[str, DestinationPart]]:
        return [
            (key if isinstance(key, str) and key else str(Address(end.host, end.port)), end)
            for key, end in self.send.items()
        ]

    def settings(self) -> OscSettings:
        """Give the value."""
        destinations = tuple(
            Destination(name, end.host, end.port, end.bundle, end.reply_port) for name, end in self._named()
        )
        return OscSettings(self.listen, destinations, self.prefix)


def _same(listen: tuple[str, int], send: tuple[str, int]) -> bool:
    if listen[1] != send[1]:
        return False
    here = _LOOPBACKS | _ANY
    return listen[0] == send[0] or (send[0] in here and listen[0] in here)


class LogPart(Part):
    """How the daemon writes its log."""

    format: Annotated[
        Literal["plain", "json"],
        Word(
            choice("log format", {"plain": "plain", "json": "json", "text": "plain"}),
            {"enum": ["plain", "json"]},
        ),
    ] = "plain"
    """plain: lines for people; json: one object a line."""
    level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Word(
            choice(
                "log level",
                {level: level for level in ("debug", "info", "warning", "error")} | {"warn": "warning"},
            ),
            {"enum": ["debug", "info", "warning", "error"]},
        ),
    ] = "info"
    """The least important level that is written."""

    def settings(self) -> LogSettings:
        """Give the value."""
        return LogSettings(self.format, self.level)
