"""Puts a board, a plan and the ends together; nothing else does."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from typing import TYPE_CHECKING, Any

from belabridge.addresses import Addresses
from belabridge.board.link import Link
from belabridge.board.names import near
from belabridge.board.speech import Want
from belabridge.board.status import LinkState
from belabridge.carrier import Carrier
from belabridge.errors import BelabridgeError
from belabridge.logs.desk import Desk
from belabridge.logs.session import LogSession
from belabridge.mapping.intents import SetValue
from belabridge.mapping.plan import Plan
from belabridge.midi.ends import MidiEnds
from belabridge.osc.ends import Ends
from belabridge.osc.server import OscServer
from belabridge.planning import planned
from belabridge.report import report, summary
from belabridge.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from belabridge.controls import MidiOrigin, Touch
    from belabridge.osc.sender import Sender
    from belabridge.osc.space import Source
    from belabridge.settings.config import Config
    from belabridge.values import Block, Variable
    from belabridge.wire.listing import VariableList

log = logging.getLogger("belabridge.bridge")

PULSE_S = 1.0  # rates are counted over it
HANDS_LOOK_S = 0.5  # another client's change is known before a hand is at its fader; 0.2 % of a board's time
REFRESH_EVERY_S = 0.5  # all values of a big program are a thousand datagrams; nobody needs them more often
STUCK_S = 3.0  # so long without a pulse, the work is not being done
DEAF_S = 30.0  # twice the time after which the link itself gives up a board that does not answer


class Bridge:
    """One board, one config, its OSC and MIDI ends; lives in one event loop.

    Attributes:
        config: what the user wants; ``reconfigure`` replaces it.
        plan: the rules at work.
        link: the board, kept.
        ends: where values go as OSC.
        midi: where they go as MIDI, and where controls are heard.
        logs: of the board, on its own disk.
        server: the OSC port, or None when nothing is listened to.
        tally: what was refused or lost.
        board: its last list; None before the first board.
        variables: of the board by name, as last listed; empty before the first board.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.tally = Tally()
        self.ends = Ends(self.tally, is_back=self._is_back)
        self.midi = MidiEnds(self.tally, self._touched, self._midi_lost, self._midi_ended)
        self.link = Link(config.board, self, self.tally)
        self.logs = LogSession(lambda: self.link, config.logs)
        self.plan = Plan((), ())
        self.server: OscServer | None = None
        self.board: VariableList | None = None
        self.variables: dict[str, Variable] = {}
        self._addresses: Addresses | None = None
        self._carrier = Carrier(self)
        self._missing: set[str] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._heard: Source | None = None
        self._pulse: asyncio.TimerHandle | None = None
        self._pulsed_at = 0.0
        self._refresh: asyncio.TimerHandle | None = None
        self._refreshed_at = -math.inf

    async def start(self) -> None:
        """Serve; the board may come later.

        Raises:
            PortInUse: the port to listen on is taken.
            CannotListen: it is no address of this machine.
        """
        self.server = self._opened_server(self.config)
        self.ends.configure(self.config.osc.destinations)
        self._use(planned(self.config, self.variables))
        self.midi.start()
        self._beat()
        self.link.start()

    async def stop(self) -> None:
        """End, leaving the board as it was found."""
        for timer in (self._timer, self._pulse, self._refresh):
            if timer is not None:
                timer.cancel()
        if self.server is not None:
            self.server.close()
        await asyncio.gather(self.midi.stop(), self.link.stop(), self.logs.close())
        self.ends.close()

    async def reconfigure(self, config: Config) -> None:
        """Change over to another config, touching only what differs.

        In MIDI, every control is told its value again and every takeover ends, and when anything of it
        differs, all notes end; those of open gates begin anew.

        Raises:
            PortInUse: the new port to listen on is taken; nothing has changed.
            CannotListen: it is no address of this machine; nothing has changed.
            UsageError: a rule is impossible; nothing has changed.
        """
        old, old_link = self.config, self.link
        moved = config.board != old.board
        remapped = (config.out, config.in_, config.osc.prefix) != (old.out, old.in_, old.osc.prefix)
        variables = {} if moved else self.variables
        planned(config, variables)  # it may be impossible: better now than half-way
        if config.osc.listen != old.osc.listen:
            self._exchange_server(config)
        # from here on nothing can fail
        self.config, self.logs.files = config, config.logs
        self.plan.end_takeovers()
        self.ends.configure(config.osc.destinations)
        if moved:
            self.board, self.variables, self.link = None, {}, Link(config.board, self, self.tally)
        if moved or remapped:
            self._use(planned(config, variables, None if moved else self.plan))
        else:
            self._connect_ends()
        if moved:
            await old_link.stop()  # first: both may be names of one board
            self.link.start()
        elif remapped:
            self.link.want(self._settle(only_new=True))

    def reloaded(self) -> None:
        """A reload found nothing changed: everybody is told everything again, and takeovers end."""
        self.plan.end_takeovers()
        self.refresh()

    async def log(self, words: Mapping[str, Any], tell: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """Do something with the board's log files, as ``Desk`` says."""
        return await Desk(self.logs).do(words, tell)

    def status(self) -> dict[str, Any]:
        """All there is to know, as JSON can carry it."""
        return report(self, self._now())

    def summary(self) -> str:
        """The status in one line."""
        return summary(self)

    def refresh(self) -> None:
        """Tell everybody again what is known: all OSC values, and every control of MIDI.

        Calls in a row are two: at once, and when their time is over.
        """
        loop = asyncio.get_running_loop()
        wait_s = self._refreshed_at + REFRESH_EVERY_S - loop.time()
        if wait_s <= 0.0:
            self._refresh_now()
        elif self._refresh is None:
            self._refresh = loop.call_later(wait_s, self._refresh_now)

    def _refresh_now(self) -> None:
        self._refresh, self._refreshed_at = None, self._now()
        self._carrier.again()
        self.midi.refresh(self._refreshed_at)

    def _is_back(self, sender: Sender) -> None:
        """A destination takes something again: it has missed what did not change since."""
        self._carrier.again(sender)

    def panic(self) -> None:
        """End everything that sounds on the MIDI ports, whoever began it; a gate must close to open again."""
        self.plan.mute()
        self.midi.panic(self._now())

    def alive(self, now: float) -> bool:
        """Whether the work goes on: the loop turns, the link lives, and a board that is there was heard."""
        link = self.link.status
        heard = link.state is not LinkState.CONNECTED or now - link.listed_at < DEAF_S
        return heard and now - self._pulsed_at < STUCK_S and self.link.is_running

    # What the board says; called by the link.

    def connected(self, board: VariableList, project: str) -> Mapping[str, Want]:
        """The board is here, or has other variables than before; gives what is wanted of it."""
        names_before = list(self.variables)
        self._take(board)
        maps_everything = self.config.out is None and self.config.in_ is None
        if maps_everything and names_before != list(self.variables):
            self._use(planned(self.config, self.variables, self.plan))
        log.debug("project %s has %d variables", project, len(self.variables))
        return self._settle(board.frame)

    def block(self, block: Block, now: float) -> None:
        """Samples: on to the outputs that take them."""
        intents = self.plan.block(block, now)
        if intents:
            self._carrier.act(intents)
        self._arm()

    def read(self, board: VariableList) -> None:
        """What the program reads: on to the outputs that no samples feed."""
        self._take(board)
        self._carrier.act(self.plan.read(board.variables, self._now(), frame=board.frame))
        self._arm()

    def gap(self, id_: int, frames: int) -> None:
        """Frames of a stream are missing."""
        name = next((v.name for v in self.variables.values() if v.id == id_), f"id {id_}")
        self._carrier.complain(
            "board.gap", f"{frames} frames of {name!r} are missing: the network or the board was too slow"
        )

    def lost(self, reason: str) -> None:  # noqa: ARG002 - the link has said it
        """The board is gone."""
        if self.midi.board_lost(self._now()):
            self.plan.silenced()

    # What the plan wants.

    def input(self, index: int, args: Sequence[Any], source: Source) -> None:
        """A message for the rule ``in_[index]`` came from ``source``."""
        if source != self._heard:
            self._heard = source
            self.ends.origin(source)  # an end that sends from its own port is known from now on
        for intent in self.plan.in_rule(index, args, source, self._now()):
            if type(intent) is SetValue:
                self._carrier.set(intent.var, intent.value)
            else:
                self._carrier.act((intent,))
        self._arm()

    def _touched(self, index: int, touch: Touch, origin: MidiOrigin, now: float) -> None:
        """A MIDI control said something for the rule ``in_[index]``."""
        self._carrier.act(self.plan.touch(index, touch, origin, now))
        self._arm()

    def _midi_lost(self, name: str) -> None:
        """The port ``name`` of ``midi.in`` is not there any more: nobody lifts the keys that are held."""
        self._carrier.act(self.plan.released(name, self._now()))
        self._arm()

    def _midi_ended(self, indices: frozenset[int]) -> None:
        """The notes of these rules in ``out`` do not sound any more, through no doing of their gates."""
        self._carrier.act(self.plan.begin_anew(indices))
        self._arm()

    def number_input(self, index: int) -> Callable[[float, Source], None] | None:
        """What does the same as ``input`` for a lone number, faster; None when the rule has no short way."""
        shortcut = self.plan.shortcut(index)
        if shortcut is None:
            return None
        (name, pass_on), set_value = shortcut, self.link.set_value
        clock = time.monotonic  # the loop's own clock, without the loop's call of it

        def take(x: float, source: Source) -> None:
            if source != self._heard:
                self._heard = source
                self.ends.origin(source)
            value = pass_on(x, source, clock())
            if value is None:
                self.input(index, (x,), source)
            else:
                set_value(name, value)

        return take

    def _arm(self) -> None:
        due = self.plan.due()
        if due is None:
            return
        timer = self._timer
        if timer is not None:
            if timer.when() <= due:
                return
            timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(due, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._carrier.act(self.plan.tick(self._now()))
        self._arm()

    def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        self._pulsed_at = loop.time()
        self.plan.measure(self._pulsed_at)
        self.ends.look_after()
        self._pulse = loop.call_later(PULSE_S, self._beat)

    # Making and connecting.

    def _use(self, plan: Plan) -> None:
        """Put another plan to work; what only the old one controlled is given back."""
        given_back = _set_by(self.plan) - _set_by(plan)
        self.plan = plan
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.link.let_go(given_back)
        self.link.look_every_s = HANDS_LOOK_S if plan.has_hands else None
        self._arm()
        self._connect_ends()

    def _connect_ends(self) -> None:
        """Give each output its way, and each address its handler."""
        self._carrier.connect()
        if self.midi.configure(self.config.midi, self.plan.in_, self.plan.out):
            self._carrier.act(self.plan.begin_anew())
        self.ends.server = self.server
        if self.server is None:
            return
        if self._addresses is None:
            self._addresses = Addresses(self, self.server)
        self._addresses.install(self.plan)

    def _settle(self, frame: int = 0, *, only_new: bool = False) -> Mapping[str, Want]:
        """Bind the plan to the board's variables, send what they are now, and say what is wanted."""
        table = [self.link.foreseen(variable) for variable in self.variables.values()]
        self._tell_missing()
        self.plan.bind(table)
        self._carrier.act(self.plan.read(table, self._now(), first=True, frame=frame, only_new=only_new))
        self._arm()
        needs = self.plan.needs(self.link.status.sample_rate, self.variables)
        return {
            name: Want(need.watch, need.monitor_period_frames, need.latency_frames)
            for name, need in needs.items()
        }

    def _tell_missing(self) -> None:
        missing = set(self.plan.missing(self.variables))
        for name in sorted(missing - self._missing):
            like = near(name, self.variables)
            hint = f": did you mean {' or '.join(like)}?" if like else ""
            self._carrier.complain(
                "board.missing_variable",
                f"the board has no variable {name!r}, which is mapped{hint}",
                is_news=True,
            )
        for name in sorted(self._missing - missing):
            log.info("variable %r is there now", name)
        self._missing = missing

    def _take(self, board: VariableList) -> None:
        self.board = board
        self.variables = {variable.name: variable for variable in reversed(board.variables)}
        self.variables = dict(reversed(self.variables.items()))

    def _exchange_server(self, config: Config) -> None:
        """Listen where the config says; on failure go on where we did."""
        old = self.server
        if old is not None and config.osc.listen is not None and config.osc.listen[1] == old.port:
            old.close()  # the same port on another address of ours cannot be taken twice
            try:
                self.server = self._opened_server(config)
            except BelabridgeError:
                old.open()
                raise
        else:
            self.server = self._opened_server(config)
            if old is not None:
                old.close()
        self._addresses = None

    def _opened_server(self, config: Config) -> OscServer | None:
        if config.osc.listen is None:
            return None
        host, port = config.osc.listen
        server = OscServer(host, port, self.tally, reply_port=self.ends.reply_port)
        server.open()
        return server

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def _set_by(plan: Plan) -> set[str]:
    """The variables that a plan's inputs set."""
    return {name for rule in plan.in_ for name in rule.variables}
