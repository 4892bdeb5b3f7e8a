"""All MIDI ports that a config names: what comes in as touches, what goes out, what is held or silenced."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from belabridge.controls import MidiOrigin
from belabridge.midi.codec.outlet import Outlet
from belabridge.midi.codec.reader import Reader
from belabridge.midi.codec.routes import Routes
from belabridge.midi.host import PortHost
from belabridge.midi.in_port import InPort, of_one_device
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

    outlets: tuple[Outlet, ...]
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
        self._outlets: dict[str, Outlet] = {}
        self._routes: dict[str, Routes] = {}
        self._ways: list[_Way | None] = []
        self._readers: dict[int, InPort] = {}
        self._opened: set[int] = set()  # ids of out ports that were told everything
        self._there: set[str] = set()  # names of out ports that are open
        self._beside: dict[int, tuple[Outlet, ...]] = {}  # by in port: the same device's other direction
        self._motors: dict[int, tuple[Outlet, ...]] = {}  # those of them that have feedback
        self._spoke: dict[str, int] = {}  # by wish: the port that was heard last
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
        outs = {port.name: port for port in settings.outs}
        self._settings, self._rules_in, self._rules_out = settings, plan_in, plan_out
        old, self._outlets = self._outlets, {}
        for name, port in outs.items():
            sent = [rule.midi for rule in plan_out if rule.midi is not None and _goes_to(rule.midi, name)]
            outlet = self._outlets[name] = old.get(name) or Outlet(name)
            outlet.configure(
                limit_bytes_s=port.limit_bytes_s,
                feedback_after_s=settings.feedback_after_s,
                clock_bpm=settings.clock_bpm,
                zones=frozenset(midi.control.zone for midi in sent if midi.control.zone is not None),
                now=now,
            )
            outlet.keep(sent, now)
            outlet.refresh(now)
        self._ways = [self._way(rule) for rule in plan_out]
        self._routes = {port.name: Routes(plan_in, port.name) for port in settings.ins}
        self._host.want(settings.ins, settings.outs)
        self._follow_readers()
        self._settle()
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
            for outlet in way.outlets:
                outlet.send(
                    midi,
                    value,
                    now,
                    skip=self._as_seen_by(outlet, skip),
                    feedback=way.feedback,
                    repeat=way.repeat,
                )
                self._go(outlet, now)

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
            for outlet in way.outlets:
                origin = self._as_seen_by(outlet, skip)
                outlet.note(midi, on, note, velocity, now, skip=origin, feedback=way.feedback)
                self._go(outlet, now)

    def silence(self, now: float) -> None:
        """End every note that we began."""
        for outlet in self._outlets.values():
            outlet.silence(now)
        self._wake()

    def panic(self, now: float) -> None:
        """End everything on all channels of all out ports, whoever began it."""
        for outlet in self._outlets.values():
            outlet.panic(now)
        self._wake()

    def refresh(self, now: float) -> None:
        """Tell every control again what it should show."""
        for outlet in self._outlets.values():
            outlet.refresh(now)
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
                    "superseded": self._outlets[wish.name].superseded,
                }
                for wish in self._settings.outs
            ],
        }

    # What comes in.

    def _hear(self, port: OpenPort, message: bytes, at: float) -> None:
        known = self._readers.get(port.id)
        if known is None or not message:
            return
        now = asyncio.get_running_loop().time()
        self._came[port.wish] = self._came.get(port.wish, 0) + 1
        for heard in known.hear(message, at, now):
            self._act(known, heard, now)
        if known.reader.due() is not None or port.id in self._motors:
            self._wake()

    def _act(self, known: InPort, heard: Heard, now: float) -> None:
        motors = self._motors.get(known.port.id)
        routes = known.reader.routes
        self._spoke[known.port.wish] = known.port.id
        if motors is not None:
            origin = routes.origin(heard)
            for outlet in motors:  # first: what it sets must already find the hand there
                outlet.touched(replace(origin, port=outlet.name), now)
        for index, touch, origin in routes.touches(heard):
            self._heard(index, touch, origin, now)

    def _changed(self) -> None:
        """Ports were opened or closed, ours or the system's, or their process was lost."""
        host = self._host
        if host.generation != self._generation:
            self._generation, self._opened = host.generation, set()
            self._let_go(list(self._readers))
        self._let_go([id_ for id_ in self._readers if id_ not in host.open_ins])
        self._follow_readers()
        now = asyncio.get_running_loop().time()
        anew = {port.wish for id_, port in host.open_outs.items() if id_ not in self._opened}
        self._opened = set(host.open_outs)
        self._there = {port.wish for port in host.open_outs.values()}
        self._begin_anew(anew, now)
        self._wake()

    def _begin_anew(self, names: Collection[str], now: float) -> None:
        """Nobody knows what these ports show and what sounds there: end it, and tell everything again."""
        outlets = [outlet for name, outlet in self._outlets.items() if name in names]
        for outlet in outlets:
            outlet.opened(now)
            self._give(outlet, now)
        ways = enumerate(self._ways)
        indices = frozenset(i for i, way in ways if way and any(outlet in way.outlets for outlet in outlets))
        if indices:
            self._ended(indices)

    def _let_go(self, ids: list[int]) -> None:
        """Keys of a port that is gone are lifted by nobody, also while others of its wish are there."""
        gone = [self._readers.pop(id_) for id_ in ids]
        now = asyncio.get_running_loop().time()
        for known in gone:
            others = [other for other in self._readers.values() if other.port.wish == known.port.wish]
            for heard in known.lifted(others, now) if others else ():
                self._act(known, heard, now)
        names = {known.port.wish for known in gone}
        for name in sorted(names - {known.port.wish for known in self._readers.values()}):
            self._lost(name)

    def _follow_readers(self) -> None:
        """Give each open in port what reads it, and find the out ports of the same devices."""
        for id_, port in self._host.open_ins.items():
            routes = self._routes.get(port.wish)
            if routes is None:
                self._readers.pop(id_, None)
                continue
            known = self._readers.get(id_)
            if known is None:
                self._readers[id_] = InPort(port, Reader(routes))
            elif known.reader.routes is not routes:
                known.reader.follow(routes)
        self._beside, self._motors = {}, {}
        listening = {outlet.name for way in self._ways if way and way.feedback for outlet in way.outlets}
        for id_, port in self._host.open_ins.items():
            names = {port.wish} | {
                other.wish for other in self._host.open_outs.values() if of_one_device(port, other)
            }
            outlets = [self._outlets[name] for name in sorted(names) if name in self._outlets]
            self._beside[id_] = tuple(outlets)
            if motors := tuple([outlet for outlet in outlets if outlet.name in listening]):
                self._motors[id_] = motors

    # What goes out.

    def _way(self, rule: OutRule) -> _Way | None:
        if rule.midi is None:
            return None
        outlets = tuple([outlet for name, outlet in self._outlets.items() if _goes_to(rule.midi, name)])
        return _Way(outlets, rule.feedback, not rule.shape.on_change)

    def _as_seen_by(self, outlet: Outlet, skip: Hashable | None) -> Hashable | None:
        """The origin in the terms of an out port, which may be named otherwise than the device's in port."""
        if isinstance(skip, MidiOrigin) and outlet in self._beside.get(self._spoke.get(skip.port, 0), ()):
            return replace(skip, port=outlet.name)
        return skip

    def _go(self, outlet: Outlet, now: float) -> None:
        """At once, so that a bend stays in front of its note."""
        self._give(outlet, now)
        if outlet.due() is not None:
            self._wake()

    def _give(self, outlet: Outlet, now: float) -> None:
        """What a port is to get now; one that is not there is told everything when it is."""
        messages = outlet.take(now)
        if messages and outlet.name in self._there:
            taken = [self._host.send(outlet.name, message) for message in messages]
            self._went[outlet.name] = self._went.get(outlet.name, 0) + sum(taken)
            if not all(taken):
                self._overran(outlet.name)

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
        for known in self._readers.values():
            for heard in known.reader.tick(now):
                self._act(known, heard, now)
        again = {name for name, at in self._again.items() if at <= now}
        self._again = {name: at for name, at in self._again.items() if name not in again}
        self._begin_anew(again, now)
        for outlet in self._outlets.values():
            self._give(outlet, now)
        self._arm(loop)

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        dues = [outlet.due() for outlet in self._outlets.values()]
        dues += [known.reader.due() for known in self._readers.values()]
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
