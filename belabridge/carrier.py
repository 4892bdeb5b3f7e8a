"""Carries out what a plan wants: messages to the ends, values and buffers to the board."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol, cast

from belabridge.controls import MidiOrigin
from belabridge.errors import BelabridgeError, UsageError
from belabridge.mapping.ins import EVERY_TYPE_TAKES
from belabridge.mapping.intents import SendBuffer, SendMidi, SendNote, SendOsc, SetValue, WriteLog
from belabridge.values import VarType
from belabridge.wire.host_arrays import find_array
from belabridge.wire.host_buffer import coerce, encode_buffer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from belabridge.board.link import Link
    from belabridge.logs.session import LogSession
    from belabridge.mapping.intents import Intent
    from belabridge.mapping.plan import Plan
    from belabridge.midi.ends import MidiEnds
    from belabridge.osc.ends import Ends, Route
    from belabridge.osc.sender import Sender
    from belabridge.osc.space import Source
    from belabridge.tally import Tally
    from belabridge.values import Variable
    from belabridge.wire.listing import VariableList

log = logging.getLogger("belabridge.bridge")


class Owner(Protocol):
    """The bridge, as far as what it does needs it; a reload exchanges its plan and its link."""

    plan: Plan
    link: Link
    ends: Ends
    midi: MidiEnds
    logs: LogSession
    tally: Tally
    board: VariableList | None
    variables: dict[str, Variable]


class Carrier:
    """Does what intents say, through the bridge's ends and link.

    Attributes:
        routes: for each rule of the plan's ``out`` its way to OSC, or None.
    """

    def __init__(self, owner: Owner) -> None:
        self.routes: list[Route | None] = []
        self._owner = owner
        self._flushing = False
        self._logging: set[asyncio.Task[None]] = set()
        self._one_by_one = asyncio.Lock()

    def connect(self) -> None:
        """Find the ways of the plan's outputs anew, after another plan or other ends."""
        owner = self._owner
        self.routes = [None if rule.osc is None else owner.ends.route(rule.osc) for rule in owner.plan.out]

    def act(self, intents: Sequence[Intent]) -> None:
        """Do all of it, in order."""
        ends = self._owner.ends
        for intent in intents:
            # Patterns cost three times as much, and this is done for every message.
            if isinstance(intent, SendOsc):
                self._send(intent)
            elif isinstance(intent, SetValue):
                self.set(intent.var, intent.value, is_edge=intent.is_edge)
            elif isinstance(intent, SendMidi):
                self._owner.midi.send(intent.rule_index, intent.midi, intent.value, intent.skip, _now())
            elif isinstance(intent, SendNote):
                self._owner.midi.note(
                    intent.rule_index,
                    intent.midi,
                    intent.on,
                    intent.note,
                    intent.velocity,
                    intent.skip,
                    _now(),
                )
            elif isinstance(intent, SendBuffer):
                self._send_buffer(intent)
            elif isinstance(intent, WriteLog):
                self._log(intent)
            else:
                self.complain(intent.reason, intent.detail, intent.name)
        if ends.collects and not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def set(self, name: str, value: float, *, is_edge: bool = False) -> None:
        """Make the board's program read a value, or say why that cannot be; see ``SetValue``."""
        owner = self._owner
        variable = owner.variables.get(name)
        if variable is None:
            if owner.variables:
                self.complain(
                    "board.no_variable", f"nothing to set: the board has no variable {name!r}", name
                )
                owner.plan.refuse(name)
        elif not -EVERY_TYPE_TAKES < value < EVERY_TYPE_TAKES:
            try:
                coerce(variable.type, value)
            except UsageError as error:
                self.complain("mapping.out_of_range", f"{name}: {error}", name)
                owner.plan.refuse(name)
                return
        (owner.link.set_edge if is_edge else owner.link.set_value)(name, value)

    def complain(self, reason: str, detail: str, name: str | None = None, *, is_news: bool = False) -> None:
        """Count it, and log it unless that is being quiet, as ``Tally.complain`` says, or it is news."""
        line = self._owner.tally.complain(reason, detail, _now(), name)
        if line is not None or is_news:
            log.warning("%s", line or detail)

    def again(self, sender: Sender | None = None) -> None:
        """Send what last went out to OSC once more: to one destination, or to everybody."""
        ends = self._owner.ends
        for intent in self._owner.plan.again():
            route = self.routes[intent.rule_index]
            if route is None or intent.value is None:
                continue
            if sender is None:
                ends.send(route, intent.value, None)
            elif sender in route.senders:
                sender.send(route.template.one(intent.value))
        ends.flush()

    def _send(self, intent: SendOsc) -> None:
        owner = self._owner
        route = self.routes[intent.rule_index]
        if route is None:
            return
        skip = intent.skip
        if skip is not None:  # who set it, as the plan was told
            skip = None if isinstance(skip, MidiOrigin) else owner.ends.origin(cast("Source", skip))
        if intent.value is not None:
            owner.ends.send(route, intent.value, skip)
            return
        intent.skip = skip
        variable = owner.variables.get(owner.plan.out[intent.rule_index].var)
        owner.ends.send_block(
            route, intent, owner.link.step_frames(variable.id) if variable is not None else 1.0
        )

    def _log(self, intent: WriteLog) -> None:
        """Begin or end logs; the board answers later, and what it refuses is complained of."""
        task = asyncio.create_task(self._write_log(intent))
        self._logging.add(task)
        task.add_done_callback(self._logging.discard)

    async def _write_log(self, intent: WriteLog) -> None:
        logs, trigger = self._owner.logs, intent.trigger
        try:
            async with self._one_by_one:  # two presses in a row: the second turns over what the first did
                running = [one.variable for one in logs.running if one.variable in trigger.names]
                if intent.on is False or (intent.on is None and running):
                    await logs.stop(running or trigger.names)
                else:
                    await logs.start(trigger.names, for_s=trigger.for_s)
        except BelabridgeError as error:
            self.complain("board.log_refused", str(error), " ".join(trigger.names))

    def _send_buffer(self, intent: SendBuffer) -> None:
        board, name = self._owner.board, str(intent.buffer)
        try:
            id_, type_ = (
                (0, None)
                if board is None
                else find_array(board, intent.buffer, intent.type, len(intent.values))
            )
        except UsageError as error:
            self.complain("board.no_buffer", f"nothing to fill: {error}", name)
            return
        try:
            message = encode_buffer(id_, type_ or intent.type or VarType.FLOAT, intent.values)
        except UsageError as error:
            self.complain("mapping.out_of_range", f"buffer {intent.buffer}: {error}", name)
            return
        if board is None or not self._owner.link.send_buffer(message):
            self.complain("board.buffer_lost", f"buffer {intent.buffer} is lost: no board takes it now")

    def _flush(self) -> None:
        self._flushing = False
        self._owner.ends.flush()


def _now() -> float:
    return asyncio.get_running_loop().time()
