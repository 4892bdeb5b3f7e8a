"""Waits until somebody moves a control at any MIDI port, and says which it was."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from belabridge.cli.ears import Ears
from belabridge.midi.codec.detect import Detector
from belabridge.midi.names import SystemPort, calls, found
from belabridge.printable import printable
from belabridge.rules import MidiPort

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mido import Message

    from belabridge.midi.codec.detect import Found

PATIENCE_S = 3.0  # to move it more, when it is not sure yet; then what was seen has to do
SENTENCE_WIDTH = 200
_BY_ITSELF = {"clock", "active_sensing"}  # what a device sends while nobody touches it


@dataclass(frozen=True, slots=True)
class Caught:
    """What was moved.

    Attributes:
        port: the system's name of its port.
        there: all ports that could be heard.
        found: the control.
    """

    port: str
    there: tuple[SystemPort, ...]
    found: Found

    @property
    def names(self) -> tuple[str, ...]:
        """All names of its port, the system's first."""
        return next((port.names for port in self.there if port.name == self.port), (self.port,))

    def heard_by(self, wishes: Sequence[MidiPort]) -> str | None:
        """The name of the wish in a config that means its port already, or None."""
        # one that was named in full may be another belabridge's, which is not among the others
        ports = self.there if self._is_listed() else (*self.there, SystemPort(self.port))
        fitting = (wish for wish in wishes if any(port.name == self.port for port in found(wish, ports)))
        return next((wish.name for wish in fitting), None)

    def name(self, parts: Sequence[str] = ()) -> str:
        """A name for its port that will mean it again, and no other that is there now.

        Args:
            parts: to be tried first, such as those of the controller's profile.
        """
        for name in (*parts, *map(calls, self.names)):
            low = name.casefold()
            fitting = [port.name for port in self.there if any(low in each.casefold() for each in port.names)]
            if name and fitting == [self.port] and self.heard_by([MidiPort(name)]):
                return name
        return self.port

    def _is_listed(self) -> bool:
        return any(port.name == self.port for port in self.there)


async def catch(variable: str, port: MidiPort | None) -> Caught:
    """Tell the user to move a control, and wait until it is clear which.

    Args:
        variable: that it is for.
        port: the only one to hear; None = all.

    Raises:
        MidiUnavailable: there is no MIDI on this machine.
        BelabridgeError: there is no port to hear.
    """
    hand = _Hand()
    told: set[str] = set()

    def changed(ears: Ears) -> None:
        for name in ears.open:
            if name not in told:
                told.add(name)
                click.echo(f"hearing {printable(name)}", err=True)

    async with Ears(hand.heard, (port,) if port else (), changed) as ears:
        await ears.require_open()
        click.echo(f"move the control for {printable(variable)}, to and fro (Ctrl-C leaves)", err=True)
        while True:
            now = asyncio.get_running_loop().time()
            for name, one in hand.found(now):
                if one.sure or now - hand.last >= PATIENCE_S:
                    return Caught(name, ears.there, one)
                if one.says not in told:
                    told.add(one.says)
                    click.echo(printable(one.says, SENTENCE_WIDTH), err=True)
            await hand.moves_or_rests(now)


class _Hand:
    """What was moved at all ports so far.

    Attributes:
        last: when something was.
    """

    def __init__(self) -> None:
        self.last = 0.0
        self._detectors: dict[str, Detector] = {}
        self._stirred = asyncio.Event()

    def heard(self, port: str, message: Message, at: float) -> None:
        """A message came."""
        self._detectors.setdefault(port, Detector()).take(message, at)
        if message.type not in _BY_ITSELF:
            self.last = at
            self._stirred.set()

    def found(self, now: float) -> list[tuple[str, Found]]:
        """What the ports know."""
        found = [(port, detector.found(now)) for port, detector in self._detectors.items()]
        return [(port, one) for port, one in found if one is not None]

    async def moves_or_rests(self, now: float) -> None:
        """Wait until there is something new to ``found``."""
        self._stirred.clear()
        dues = [detector.due() for detector in self._detectors.values()]
        later = [due for due in (*dues, self.last + PATIENCE_S) if due is not None and due > now]
        with suppress(TimeoutError):
            async with asyncio.timeout(min(later) - now if later else None):
                await self._stirred.wait()
