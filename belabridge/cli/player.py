"""A patch in miniature for the demo: hears the board over OSC, and turns two of its knobs."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Self

from belabridge.osc.codec.writer import Template, message
from belabridge.osc.listener import Listener

if TYPE_CHECKING:
    from types import TracebackType

MOVES_PER_S = 20
RENEW_EVERY_S = 20.0  # well within the lease that a subscription has
GAIN_CYCLE_S = 5.0
FREQ_CYCLE_S = 12.0


class Player:
    """Subscribes at a bridge, counts what it hears, moves ``gain`` and ``freq``.

    Args:
        bridge: (host, port) where the bridge listens.

    Attributes:
        heard: messages so far.
    """

    def __init__(self, bridge: tuple[str, int]) -> None:
        self.heard = 0
        self._bridge = bridge
        self._ear: Listener | None = None

    async def __aenter__(self) -> Self:
        """Open a port of its own."""
        self._ear = Listener("127.0.0.1", 0, self._hear, "the player")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        if self._ear is not None:
            self._ear.close()

    async def play(self) -> None:
        """Move until cancelled."""
        gain, freq = Template("/bela/gain"), Template("/bela/freq")
        loop = asyncio.get_running_loop()
        start = renew_at = loop.time()
        while True:
            now = loop.time()
            if now >= renew_at or not self.heard:
                self._say(message("/belabridge/subscribe"))
                renew_at = now + RENEW_EVERY_S
            self._say(gain.one(0.5 + 0.5 * math.sin((now - start) * math.tau / GAIN_CYCLE_S)))
            self._say(freq.one(440.0 * 2 ** math.sin((now - start) * math.tau / FREQ_CYCLE_S)))
            await asyncio.sleep(1 / MOVES_PER_S)

    def _say(self, data: bytes) -> None:
        if self._ear is not None:
            self._ear.send_to(data, self._bridge)

    def _hear(self, _data: bytes, _source: tuple[str, int]) -> None:
        self.heard += 1
