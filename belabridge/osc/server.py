"""What comes in over OSC: read, scheduled, dispatched; and answers to whoever asked."""

from __future__ import annotations

import asyncio
import logging
import struct
import time
from itertools import islice
from typing import TYPE_CHECKING

from belabridge.errors import BelabridgeError, OscFormatError
from belabridge.osc.codec.reader import Bundle, Message, Packet, Reader
from belabridge.osc.codec.schedule import HORIZON_S, Schedule, Verdict
from belabridge.osc.codec.timetag import to_unix
from belabridge.osc.hosts import is_local
from belabridge.osc.listener import Listener
from belabridge.osc.space import AddressSpace, NumberHandler, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from belabridge.tally import Tally

log = logging.getLogger("belabridge.osc")

_FLOAT = struct.Struct(">f")
_HEADS = 4096  # heads that go straight to who takes their number; as many as the reader remembers
_SHOWN = 80  # characters of a peer's text in a line of ours
_WAKE_S = 1.0  # a wall clock that is set meanwhile is noticed after this long
# A long answer is spread out: a receiver's default buffer holds about 270 small datagrams.
ANSWERS_A_TURN = 32
ANSWER_PAUSE_S = 0.01
# A new pattern takes 6 ms where 1000 addresses are mapped, and one bundle has room for thousands. A patch has
# a handful, which are remembered.
PATTERNS_AT_ONCE = 16
PATTERNS_PER_S = 20.0
_ANSWERS_AT_ONCE = 8  # each request of 20 bytes may cause hundreds of datagrams


class OscServer:
    """The OSC port of the bridge; handlers are added to ``space``.

    A handler is called as ``handler(args, tags, address, source)`` and may raise a
    :class:`BelabridgeError`, which is counted as ``osc.handler`` and logged; the others still act.

    Args:
        host: numeric address to listen on.
        port: UDP port; 0 takes a free one.
        tally: counts what is refused: ``osc.format``, ``osc.unmapped``, ``osc.handler``, ``osc.clock``,
            ``osc.schedule_full``, ``osc.reply_lost``, ``osc.reply_busy``.
        reply_port: gives the port of a host that answers go to; None = to the port that asked.
        what: the setting that named the port, for messages.
        clock: monotonic seconds, for the log.
        wall: seconds since 1970, for timetags.

    Attributes:
        space: addresses and their handlers.
        received: messages that came in, those within bundles each.
    """

    def __init__(
        self,
        host: str,
        port: int,
        tally: Tally,
        *,
        reply_port: Callable[[str], int | None] = lambda _host: None,
        what: str = "osc.listen",
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.space = AddressSpace(self._may_match)
        self.received = 0
        self._address = (host, port, what)
        self._tally = tally
        self._reply_port = reply_port
        self._clock, self._wall = clock, wall
        self._reader = Reader()
        self._numbers: dict[bytes, tuple[NumberHandler, ...]] = {}
        self._numbers_version = 0
        self._schedule = Schedule()
        self._listener: Listener | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._answers: set[asyncio.TimerHandle] = set()
        self._patterns_left, self._patterns_at = float(PATTERNS_AT_ONCE), clock()

    @property
    def host(self) -> str:
        """The numeric address that it listens on."""
        return self._listener.host if self._listener else self._address[0]

    @property
    def port(self) -> int:
        """The UDP port that it listens on."""
        return self._listener.port if self._listener else self._address[1]

    @property
    def held(self) -> int:
        """Bundles of the future that wait for their time."""
        return len(self._schedule)

    def open(self) -> None:
        """Listen; within a running loop.

        Raises:
            PortInUse: somebody else has the port.
            CannotListen: the host is no address of this machine.
        """
        host, port, what = self._address
        self._listener = Listener(host, port, self._on_datagram, what)

    def close(self) -> None:
        """Give the port back and forget what was held; further calls do nothing."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for answer in self._answers:
            answer.cancel()
        self._answers.clear()
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def answers_to(self, source: Source) -> Source:
        """Where an answer to this asker goes: its own port, or ``reply_port`` of its host."""
        return (source[0], self._reply_port(source[0]) or source[1])

    def reply(self, source: Source, data: bytes) -> None:
        """Answer the asker from the port that it asked."""
        self.send(self.answers_to(source), data)

    def reply_all(self, source: Source, answers: Iterable[bytes]) -> None:
        """Answer in order with any number of datagrams, at a pace that a patch can take.

        Args:
            source: the asker.
            answers: taken one by one as they go out; nothing is taken, and the asker gets nothing, while
                too many long answers are under way.
        """
        destination = self.answers_to(source)
        if len(self._answers) >= _ANSWERS_AT_ONCE:
            self._complain(
                "osc.reply_busy", f"too many questions at once: {_shown(destination)} got no answer"
            )
            return
        self._go_on(destination, iter(answers))

    def _go_on(self, destination: Source, answers: Iterator[bytes]) -> None:
        if self._listener is None:
            return
        turn = list(islice(answers, ANSWERS_A_TURN))
        for data in turn:
            self.send(destination, data)
        if len(turn) < ANSWERS_A_TURN:
            return

        def go_on() -> None:
            self._answers.discard(timer)
            self._go_on(destination, answers)

        timer = asyncio.get_running_loop().call_later(ANSWER_PAUSE_S, go_on)
        self._answers.add(timer)

    def is_self(self, destination: Source) -> bool:
        """Whether this is our own port, where an answer would become a question."""
        host, port = destination
        return port == self.port and (host == self.host or is_local(host))

    def send(self, destination: Source, data: bytes) -> None:
        """Send one datagram from the port that we listen on; a failure is counted."""
        if self._listener is None:
            return
        problem = self._listener.send_to(data, destination)
        if problem is not None:
            self._complain("osc.reply_lost", f"cannot answer {_shown(destination)}: {problem}")

    def _on_datagram(self, data: bytes, source: Source) -> None:
        takers = self._numbers.get(data[:-4])
        if takers is not None and self._numbers_version == self.space.version:
            # the same message as the long way would find, at a third of its price
            self.received += 1
            (value,) = _FLOAT.unpack_from(data, len(data) - 4)
            for take in takers:
                try:
                    take(value, source)
                except BelabridgeError as fault:
                    self._complain("osc.handler", f"a number from {_shown(source)}: {fault}")
            return
        try:
            packet = self._reader.read(data)
        except OscFormatError as fault:
            self._complain("osc.format", f"a datagram from {_shown(source)} is not OSC: {fault.reason}")
            return
        if type(packet) is Message:
            self._dispatch(packet, source)
            self._learn(data)
        else:
            self._act(packet, source, len(data))

    def _learn(self, data: bytes) -> None:
        """Let the next float at this address go straight to who takes it."""
        address = self._reader.float_head(data)
        takers = self.space.numbers_for(address) if address is not None else ()
        if self._numbers_version != self.space.version or len(self._numbers) >= _HEADS:
            self._numbers.clear()
            self._numbers_version = self.space.version
        if takers:
            self._numbers[data[:-4]] = takers

    def _dispatch(self, message: Message, source: Source) -> None:
        self.received += 1
        address, args, tags = message
        try:
            handlers = self.space.handlers_for(address)
        except OscFormatError as fault:
            self._complain("osc.format", f"{_shown(source)} sent {_cut(address)}: {fault.reason}")
            return
        if not handlers:
            self._unmapped(address, source)
        for handler in handlers:
            try:
                handler(args, tags, address, source)
            except BelabridgeError as fault:
                self._complain("osc.handler", f"{_cut(address)} from {_shown(source)}: {fault}", address)

    def _may_match(self) -> bool:
        now = self._clock()
        earned = (now - self._patterns_at) * PATTERNS_PER_S
        self._patterns_left, self._patterns_at = min(self._patterns_left + earned, PATTERNS_AT_ONCE), now
        if self._patterns_left < 1.0:
            return False
        self._patterns_left -= 1.0
        return True

    def _act(self, packet: Packet, source: Source, size_bytes: int) -> None:
        """Dispatch a message; hold a bundle, or dispatch all that is in it."""
        if isinstance(packet, Message):
            self._dispatch(packet, source)
            return
        verdict = self._schedule.push(packet, source, size_bytes, self._wall())
        if verdict is Verdict.HELD:
            self._arm()
            return
        if verdict is Verdict.FULL:
            self._complain(
                "osc.schedule_full", f"too many bundles of the future: one of {_shown(source)} is lost"
            )
            return
        if verdict is Verdict.CLOCK:
            self._wrong_clock(packet, source)
        self._act_on(packet, source, size_bytes)

    def _act_on(self, bundle: Bundle, source: Source, size_bytes: int) -> None:
        for element in bundle.elements:
            self._act(element, source, size_bytes)

    def _arm(self) -> None:
        due = self._schedule.next_due()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if due is not None and self._listener is not None:
            wait_s = min(max(due - self._wall(), 0.0), _WAKE_S)
            self._timer = asyncio.get_running_loop().call_later(wait_s, self._on_due)

    def _on_due(self) -> None:
        self._timer = None
        for bundle, sender, size_bytes in self._schedule.pop_due(self._wall()):
            self._act_on(bundle, sender, size_bytes)
        self._arm()

    def _wrong_clock(self, bundle: Bundle, source: Source) -> None:
        if not self._schedule.is_news(source[0]):
            self._tally.count("osc.clock")
            return
        ahead_s = to_unix(bundle.timetag_ntp) - self._wall()
        self._complain(
            "osc.clock",
            f"{_shown(source)} sends bundles for {ahead_s:.0f} s from now, more than {HORIZON_S:.0f} s: "
            "its clock or ours is wrong; they act at once",
        )

    def _unmapped(self, address: str, source: Source) -> None:
        self._complain(
            "osc.unmapped", f"nothing is mapped to {_cut(address)}, sent by {_shown(source)}", address
        )

    def _complain(self, reason: str, detail: str, name: str | None = None) -> None:
        line = self._tally.complain(reason, detail, self._clock(), name)
        if line is not None:
            log.warning("%s", line)


def _cut(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


def _shown(source: Source) -> str:
    return f"{source[0]}:{source[1]}"
