"""The messages of one tick, gathered into bundles that fit a datagram."""

from __future__ import annotations

from belabridge.osc.codec.writer import DATAGRAM_BYTES, bundle

_HEADER_BYTES = 16
_SIZE_BYTES = 4


class Gather:
    """Collects messages in order; never holds more than one datagram's worth."""

    def __init__(self, limit_bytes: int = DATAGRAM_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._elements: list[bytes] = []
        self._bytes = _HEADER_BYTES

    def add(self, data: bytes) -> list[bytes]:
        """Take one message; gives the datagrams that are full, often none.

        A message that does not fit a bundle goes on its own, after those before it.
        """
        size = _SIZE_BYTES + len(data)
        full = self.flush() if self._bytes + size > self._limit_bytes else []
        if _HEADER_BYTES + size > self._limit_bytes:
            return [*full, data]
        self._elements.append(data)
        self._bytes += size
        return full

    def flush(self) -> list[bytes]:
        """What is left of the tick: nothing, or one datagram; a lone message needs no bundle around it."""
        elements, self._elements, self._bytes = self._elements, [], _HEADER_BYTES
        if len(elements) <= 1:
            return elements
        return [bundle(elements)]
