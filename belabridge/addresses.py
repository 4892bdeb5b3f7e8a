"""The OSC addresses of a bridge: who is called for a message, and what a question is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from belabridge.errors import UsageError
from belabridge.log_addresses import LogAddresses
from belabridge.osc.codec.writer import Template, message
from belabridge.osc.queries import Queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from belabridge.logs.session import LogSession
    from belabridge.mapping.plan import Plan
    from belabridge.osc.codec.writer import Form
    from belabridge.osc.ends import Ends
    from belabridge.osc.server import OscServer
    from belabridge.osc.space import Handler, NumberHandler, Source
    from belabridge.values import Variable


class Owner(Protocol):
    """The bridge, as far as its addresses need it."""

    variables: dict[str, Variable]
    plan: Plan
    ends: Ends
    logs: LogSession

    def input(self, index: int, args: Sequence[Any], source: Source) -> None:
        """A message for an input."""

    def number_input(self, index: int) -> NumberHandler | None:
        """The same for a lone float, in fewer steps; None when there is no such way."""

    def refresh(self) -> None:
        """Let every value go out once more."""

    def status(self) -> Mapping[str, Any]:
        """All there is to know."""


class Addresses:
    """What one OSC port answers to.

    Args:
        owner: the bridge.
        server: the port.
    """

    def __init__(self, owner: Owner, server: OscServer) -> None:
        self._owner, self._server = owner, server
        self._tokens: list[int] = []
        LogAddresses(owner.logs, server)
        Queries(server, owner.ends.leases, self._variables, self._status, owner.refresh).install()

    def install(self, plan: Plan) -> None:
        """Answer to the addresses of this plan, and to no others of an earlier one."""
        for token in self._tokens:
            self._server.space.remove(token)
        forms = {rule.osc.address: rule.osc.form for rule in plan.out if rule.osc is not None}
        inputs: dict[str, list[int]] = {address: [] for address in forms}
        for index, rule in enumerate(plan.in_):
            if rule.osc is not None:
                inputs.setdefault(rule.osc, []).append(index)
        self._tokens = [
            self._server.space.add(
                address,
                self._handler(address, forms.get(address, "f"), tuple(indexes)),
                self._owner.number_input(indexes[0]) if len(indexes) == 1 else None,
            )
            for address, indexes in inputs.items()
        ]

    def _handler(self, address: str, form: Form, inputs: tuple[int, ...]) -> Handler:
        take = self._owner.input

        def handle(args: tuple[Any, ...], _tags: str, _said: str, source: Source) -> None:
            if not args:
                self._answer(address, form, source)
                return
            if not inputs:
                raise UsageError("this is an output; what controls the board is mapped under `in`")
            for index in inputs:
                take(index, args, source)

        return handle

    def _answer(self, address: str, form: Form, source: Source) -> None:
        """Say the value of an address: what last went out there, or what a control there would show."""
        if self._server.is_self(self._server.answers_to(source)):
            raise UsageError("a question came from our own port: point the sender elsewhere")
        value = self._owner.plan.value_of(address)
        if value is None:
            self._server.reply(source, message("/belabridge/error", [f"{address} has no value yet"]))
            return
        self._server.reply(source, Template(address, "f" if form == "blob" else form).one(value))

    def _variables(self) -> Iterable[tuple[str, str, float]]:
        current = self._owner.plan.current
        return [
            (v.name, v.type.value, v.value if (value := current(v.name)) is None else value)
            for v in self._owner.variables.values()
        ]

    def _status(self) -> Iterable[tuple[str, str | float]]:
        status = self._owner.status()
        board = status["board"]
        return [
            ("connected", int(board["connected"])),
            ("board", board["address"] or ""),
            ("project", board["project"] or ""),
            ("sampleRate", board["sampleRate"]),
            ("variables", board["variables"]),
            ("reconnects", board["reconnects"]),
            *((f"sent/{end['name']}", end["sent"]) for end in status["destinations"]),
            *((f"drops/{reason}", n) for reason, n in status["drops"].items()),
        ]
