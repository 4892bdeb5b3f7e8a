"""What can go wrong with a board, on demand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from belabridge.errors import UsageError

if TYPE_CHECKING:
    from belabridge.sim.core import Endpoint, Message
    from belabridge.sim.program import Program


@dataclass(frozen=True, slots=True)
class DropHeader:
    """The next headers are lost and their bodies arrive, as when the board's queue overflows."""

    count: int = 1


@dataclass(frozen=True, slots=True)
class DropBody:
    """The next bodies are lost and their headers arrive."""

    count: int = 1


@dataclass(frozen=True, slots=True)
class Vanish:
    """Every connection ends and none can be made, while the program runs on; for ever without a time."""

    for_s: float | None = None


@dataclass(frozen=True, slots=True)
class Stall:
    """Connections stay and nothing passes; afterwards comes what was held. For ever without a time."""

    for_s: float | None = None


@dataclass(frozen=True, slots=True)
class Splice:
    """For some frames the board behaves as if no client were active: each watched buffer then has a seam."""

    frames: int


@dataclass(frozen=True, slots=True)
class Restart:
    """The program ends, and this one starts at frame 0 on the same port; without one, the same again."""

    program: Program | None = None


@dataclass(frozen=True, slots=True)
class Greet:
    """The greeting once more, as when another client connects."""


@dataclass(frozen=True, slots=True)
class Garbage:
    """These messages, whatever they are, to every client of an endpoint."""

    endpoint: Endpoint
    payloads: tuple[bytes, ...]


Fault = DropHeader | DropBody | Vanish | Stall | Splice | Restart | Greet | Garbage


class Losses:
    """Takes headers and bodies out of what goes to the clients.

    Attributes:
        headers: how many headers are still to be lost.
        bodies: how many bodies are still to be lost.
    """

    def __init__(self) -> None:
        self.headers = 0
        self.bodies = 0

    def add(self, fault: DropHeader | DropBody) -> None:
        """Lose some more.

        Raises:
            UsageError: a negative count.
        """
        if fault.count < 0:
            raise UsageError(f"{fault}: a count of what is lost is 0 or more")
        if isinstance(fault, DropHeader):
            self.headers += fault.count
        else:
            self.bodies += fault.count

    def left(self, messages: list[Message]) -> list[Message]:
        """What is not lost, of whole pairs in their order; other messages pass."""
        if not (self.headers or self.bodies):
            return messages
        kept: list[Message] = []
        is_body = False
        for message in messages:
            if message.endpoint == "data":
                lost = self._lose_body() if is_body else self._lose_header()
                is_body = not is_body
                if lost:
                    continue
            kept.append(message)
        return kept

    def _lose_header(self) -> bool:
        self.headers, lost = max(0, self.headers - 1), self.headers > 0
        return lost

    def _lose_body(self) -> bool:
        self.bodies, lost = max(0, self.bodies - 1), self.bodies > 0
        return lost
