"""What a link tells about itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from belabridge.values import Address, Variable


class LinkState(Enum):
    """Where a link is in its life."""

    SEARCHING = "searching"
    CONNECTED = "connected"
    STOPPED = "stopped"


@dataclass(slots=True)
class LinkStatus:
    """How a link is.

    Attributes:
        state: where it is in its life.
        address: of the board while connected, else None.
        project: the program's name; the last one known.
        sample_rate: in Hz; 0 while unknown.
        since: the loop's time when ``state`` began.
        listed_at: the loop's time of the board's last answer.
        connections: how often a board was reached.
        variables: the board's, in its order.
    """

    state: LinkState = LinkState.SEARCHING
    address: Address | None = None
    project: str = ""
    sample_rate: float = 0.0
    since: float = 0.0
    listed_at: float = 0.0
    connections: int = 0
    variables: tuple[Variable, ...] = field(default=())

    def connect(self, address: Address, project: str, now: float) -> None:
        """A board has answered, for the first time or as another one."""
        if self.state is not LinkState.CONNECTED:
            self.enter(LinkState.CONNECTED, now)
            self.connections += 1
        self.address, self.project = address, project

    def list(self, variables: tuple[Variable, ...], sample_rate: float, now: float) -> None:
        """It has listed its variables."""
        self.variables, self.sample_rate, self.listed_at = variables, sample_rate, now

    def enter(self, state: LinkState, now: float) -> None:
        """Begin another part of the life."""
        self.state, self.since = state, now
        if state is not LinkState.CONNECTED:
            self.address = None
