"""All MIDI ports that a config names: what comes in as touches, what goes out, what is held or silenced."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from belabridge.controls import MidiOrigin
from belabridge.midi.codec.reader import Reader
from belabridge.midi.codec.routes import Routes
from belabridge.midi.host import PortHost
from belabridge.midi.in_port import InPort, beside
from belabridge.midi.out_ports import OutPort, OutPorts
from belabridge.rules import MidiSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Sequence

    from belabridge.controls import Touch
    from belabridge.midi.codec.heard import Heard
    from belabridge.midi.ports import OpenPort, Ports
    from belabridge.rules import InRule, MidiOut, OutRule
    from belabridge.tally import Tally

TELL_AGAIN_S = 0.5  # after messages were thrown away: the flood should be over before all is told again


@dataclass(frozen=True, slots=True)
class _Way:
    """An output's way, worked out once: to which ports, and how."""

    outs: tuple[OutPort, ...]
    feedback: bool
    repeat: bool


class MidiEnds:
    """The MIDI ports; lives in one event loop, which it never blocks.

    Args:
        tally: counts what is lost.
        heard: (rule's place in the rules, touch, where it came from, the loop's time) for each rule that a
            message concerns.
        lost: told the config's name of an in port that is not there any more: what its keys held is let go.
        ended: told the places in the rules of the notes that a port does not play any more, because it is
            there anew or messages to it were lost: what is open should begin again.
    """

    def __init__(
        self,
        tally: Tally,
        heard: Callable[[int, Touch, MidiOrigin, float], None],
        lost: Callable[[str], None] = lambda _name: None,
        ended: Callable[[frozenset[int]], None] = lambda _indices: None,
    ) -> None:
        self._tally, self._heard, self._lost, self._ended = tally, heard, lost, ended
        self._settings = MidiSettings()
        self._rules_in: tuple[InRule, ...] = ()
        self._rules_out: tuple[OutRule, ...] = ()
        self._host = PortHost(tally, self._hear, self._changed, self._overran)
        self._outs = OutPorts()
        self._ways: list[_Way | None] = []
        self._ins: dict[int, InPort] = {}
        self._devices = 0  # in ports that were ever opened
        self._anew: Collection[OutPort] = ()  # the only ones to which notes that begin anew go
        self._generation = 0
        self._again: dict[str, float] = {}  # when an out port that lost messages is told everything again
        self._came: dict[str, int] = {}
        self._went: dict[str, int] = {}
        self._settling = False
        self._timer: asyncio.TimerHandle | None = None

    def configure(
        self, settings: MidiSettings, plan_in: Sequence[InRule], plan_out: Sequence[OutRule]
    ) -> bool:
        """Have these ports and rules: after a reload, everything is told again.

        When anything of MIDI is another than before, all that sounds is ended. Ports that are as before stay
        open.

        Args:
            settings: the ports, and how they are.
            plan_in: the rules that ``heard`` counts.
            plan_out: the rules that ``send`` and ``note`` count.

        Returns:
            Whether the notes of all ports were ended: gates that are open should begin theirs anew.
        """
        plan_in, plan_out = tuple(plan_in), tuple(plan_out)
        now = asyncio.get_running_loop().time()
        before = (self._settings, _of_midi(self._rules_in), _of_midi(self._rules_out))
        changed = before != (settings, _of_midi(plan_in), _of_midi(plan_out))
        if changed:
            self.silence(now)  # who began a note may not be there to end it
        self._settle()
        gone = {port.name for port in self._settings.ins} - {port.name for port in settings.ins}
        self._settings, self._rules_in, self._rules_out = settings, plan_in, plan_out
        self._outs.want(settings.outs)
        limits = {port.name: port.limit_bytes_s for port in settings.outs}
        for out in self._outs:
            sent = [rule.midi for rule in plan_out if rule.midi is not None and _goes_to(rule.midi, out.wish)]
            out.outlet.configure(
                limit_bytes_s=limits[out.wish],
                feedback_after_s=settings.feedback_after_s,
                clock_bpm=settings.clock_bpm,
                zones=frozenset(midi.control.zone for midi in sent if midi.control.zone is not None),
                now=now,
            )
            out.outlet.keep(sent, now)
            out.outlet.refresh(now)
        self._ways = [self._way(rule) for rule in plan_out]
        self._host.want(settings.ins, settings.outs)
        self._follow_ins()
        self._settle()
        for name in sorted(gone):
            self._lost(name)
        return changed

    def start(self) -> None:
        """Open the ports; without any in the settings nothing is started."""
        self._host.start()

    async def stop(self) -> None:
        """End what sounds, and close the ports; takes at most about a second."""
        self.silence(asyncio.get_running_loop().time())
        self._settle()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        await self._host.stop()

    def send(self, rule_index: int, midi: MidiOut, value: float, skip: Hashable | None, now: float) -> None:
        """A value of an output goes to its ports.

        Args:
            rule_index: the rule's place in ``plan_out``.
            midi: its control.
            value: a position 0 to 1; of program and tempo their own unit; 1.0 for a pulse.
            skip: where the value came from, when it was set: a ``MidiOrigin`` does not get it back.
            now: the loop's time.
        """
        way = self._ways[rule_index]
        if way is not None:
            for out in way.outs:
                origin = self._as_seen_by(out, skip)
                out.outlet.send(midi, value, now, skip=origin, feedback=way.feedback, repeat=way.repeat)
                self._go(out, now)

    def note(  # noqa: PLR0917  # the fields of one intent, in its order
        self,
        rule_index: int,
        midi: MidiOut,
        on: bool,  # noqa: FBT001  # which of the two is the event itself
        note: int,
        velocity: int,
        skip: Hashable | None,
        now: float,
    ) -> None:
        """A note of an output begins or ends; see ``send``."""
        way = self._ways[rule_index]
        if way is not None:
            for out in way.outs:
                if not self._anew or out in self._anew:
                    origin = self._as_seen_by(out, skip)
                    out.outlet.note(midi, on, note, velocity, now, skip=origin, feedback=way.feedback)
                    self._go(out, now)

    def silence(self, now: float) -> None:
        """End every note that we began."""
        for out in self._outs:
            out.outlet.silence(now)
        self._wake()

    def panic(self, now: float) -> None:
        """End everything on all channels of all out ports, whoever began it."""
        for out in self._outs:
            out.outlet.panic(now)
        self._wake()

    def refresh(self, now: float) -> None:
        """Tell every control again what it should show."""
        for out in self._outs:
            out.outlet.refresh(now)
        self._wake()

    def board_lost(self, now: float) -> bool:
        """The board is gone and ends nothing; whether its notes were ended here, as the settings say."""
        if self._settings.silence_on_board_loss:
            self.silence(now)
        return self._settings.silence_on_board_loss

    def ports(self) -> Ports:
        """What the system has, as last seen."""
        return self._host.ports

    def status(self) -> dict[str, Any]:
        """All there is to know, as JSON can carry it."""
        host = self._host

        def named(ports: Iterable[OpenPort], wish: str) -> list[str]:
            return [port.name for port in ports if port.wish == wish]

        return {
            "state": str(host.state),
            "backends": {name: why or "open" for name, why in host.backends.items()},
            "restarts": host.restarts,
            "in": [
                {
                    "name": wish.name,
                    "ports": named(host.open_ins.values(), wish.name),
                    "messages": self._came.get(wish.name, 0),
                }
                for wish in self._settings.ins
            ],
            "out": [
                {
                    "name": wish.name,
                    "ports": named(host.open_outs.values(), wish.name),
                    "virtual": any(p.virtual for p in host.open_outs.values() if p.wish == wish.name),
                    "messages": self._went.get(wish.name, 0),
                    "superseded": sum(out.outlet.superseded for out in self._outs if out.wish == wish.name),
                }
                for wish in self._settings.outs
            ],
        }

    # What comes in.

    def _hear(self, port: OpenPort, message: bytes, at: float) -> None:
        known = self._ins.get(port.id)
        if known is None or not message:
            return
        now = asyncio.get_running_loop().time()
        self._came[port.wish] = self._came.get(port.wish, 0) + 1
        for heard in known.hear(message, at, now):
            self._act(known, heard, now)
        if known.reader.due() is not None or known.motors:
            self._wake()

    def _act(self, known: InPort, heard: Heard, now: float) -> None:
        routes = known.reader.routes
        if known.motors:
            origin = routes.origin(heard)
            for out in known.motors:  # first: what it sets must already find the hand there
                out.outlet.touched(replace(origin, port=out.wish), now)
        for index, touch, origin in routes.touches(heard):
            self._heard(index, touch, origin, now)

    def _changed(self) -> None:
        """Ports were opened or closed, ours or the system's, or their process was lost."""
        host = self._host
        if host.generation != self._generation:
            self._generation = host.generation
            self._let_go(list(self._ins))
            self._outs.follow({})
        self._let_go([id_ for id_ in self._ins if id_ not in host.open_ins])
        anew = self._outs.follow(host.open_outs)
        self._ways = [self._way(rule) for rule in self._rules_out]
        self._follow_ins()
        self._begin_anew(anew, asyncio.get_running_loop().time())
        self._wake()

    def _begin_anew(self, outs: Collection[OutPort], now: float) -> None:
        """Nobody knows what these ports show and what sounds there: end it, and tell everything again."""
        for out in outs:
            out.outlet.opened(now)
            self._give(out, now)
        some = set(outs)
        indices = frozenset(i for i, way in enumerate(self._ways) if way and not some.isdisjoint(way.outs))
        if indices:
            self._anew = some
            try:
                self._ended(indices)
            finally:
                self._anew = ()

    def _let_go(self, ids: list[int]) -> None:
        """Keys of a port that is gone are lifted by nobody, also while others of its wish are there."""
        gone = [self._ins.pop(id_) for id_ in ids]
        now = asyncio.get_running_loop().time()
        still = {known.port.wish for known in self._ins.values()}
        for known in gone:
            for heard in known.lifted() if known.port.wish in still else ():
                self._act(known, heard, now)
        for name in sorted({known.port.wish for known in gone} - still):
            self._lost(name)

    def _follow_ins(self) -> None:
        """Give each open in port what reads it, and find the out ports of the same devices."""
        ports = self._host.open_ins.values()
        old, self._ins = self._ins, {}
        listening = {out for way in self._ways if way and way.feedback for out in way.outs}
        heard: set[str] = set()
        for port in (port for wish in self._settings.ins for port in ports if port.wish == wish.name):
            # a port that two wishes mean says each thing twice: a rule hears it by the first of its names
            routes = partial(Routes, self._rules_in, port.wish, only_its_own=port.name in heard)
            if port.id in old:
                known = old[port.id]
                known.reader.follow(routes(known.device))
            else:
                self._devices += 1
                known = InPort(port, Reader(routes(self._devices)), self._devices)
            self._ins[port.id] = known
            known.beside = beside(port, ports, self._outs)
            known.motors = [out for out in known.beside if out in listening]
            heard |= set() if port.virtual else {port.name}

    # What goes out.

    def _way(self, rule: OutRule) -> _Way | None:
        if rule.midi is None:
            return None
        wishes = [wish.name for wish in self._settings.outs if _goes_to(rule.midi, wish.name)]
        outs = tuple(dict.fromkeys(out for wish in wishes for out in self._outs.of(wish)))
        return _Way(outs, rule.feedback, not rule.shape.on_change)

    def _as_seen_by(self, out: OutPort, skip: Hashable | None) -> Hashable | None:
        """The origin in the terms of an out port: None when it is another device's."""
        if not isinstance(skip, MidiOrigin):
            return skip
        of_device = any(known.device == skip.device and out in known.beside for known in self._ins.values())
        return replace(skip, port=out.wish) if of_device else None

    def _go(self, out: OutPort, now: float) -> None:
        """At once, so that a bend stays in front of its note."""
        self._give(out, now)
        if out.outlet.due() is not None:
            self._wake()

    def _give(self, out: OutPort, now: float) -> None:
        """What a port is to get now; one that is not there is told everything when it is."""
        messages = out.outlet.take(now)
        if messages and out.open is not None:
            taken = [self._host.send_to(out.open.id, message) for message in messages]
            self._went[out.wish] = self._went.get(out.wish, 0) + sum(taken)
            if not all(taken):
                self._overran(out.wish)

    def _wake(self) -> None:
        """Something may have to go out, or at another time than before."""
        if not self._settling:
            self._settling = True
            asyncio.get_running_loop().call_soon(self._settle)

    def _settle(self) -> None:
        """Send what is to be sent now, and come back when there is more."""
        self._settling = False
        loop = asyncio.get_running_loop()
        now = loop.time()
        for known in self._ins.values():
            for heard in known.reader.tick(now):
                self._act(known, heard, now)
        again = {name for name, at in self._again.items() if at <= now}
        self._again = {name: at for name, at in self._again.items() if name not in again}
        # one that is away is told when it is back: until then it is remembered what may sound there
        self._begin_anew([out for out in self._outs if out.wish in again and out.open is not None], now)
        for out in self._outs:
            self._give(out, now)
        self._arm(loop)

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        dues = [out.outlet.due() for out in self._outs]
        dues += [known.reader.due() for known in self._ins.values()]
        dues += self._again.values()
        due = min((due for due in dues if due is not None), default=None)
        if self._timer is not None:
            if self._timer.when() == due:
                return
            self._timer.cancel()
        self._timer = None if due is None else loop.call_at(due, self._ring)

    def _ring(self) -> None:
        self._timer = None
        self._settle()

    def _overran(self, name: str, count: int = 0) -> None:
        """Messages to this port were thrown away, so many of those that had been sent."""
        self._went[name] = max(0, self._went.get(name, 0) - count)
        self._again.setdefault(name, asyncio.get_running_loop().time() + TELL_AGAIN_S)
        self._wake()


def _goes_to(midi: MidiOut, name: str) -> bool:
    if midi.to:
        return name in midi.to
    return midi.control.port in {None, name}


def _of_midi(rules: Iterable[InRule | OutRule]) -> list[InRule | OutRule]:
    return [rule for rule in rules if rule.midi is not None]
