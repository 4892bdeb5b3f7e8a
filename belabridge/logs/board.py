"""What logs need of a board's link."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from belabridge.board.connection import Connection
    from belabridge.board.status import LinkStatus


class Board(Protocol):
    """A link, as far as logs need it.

    Attributes:
        status: how it is.
    """

    status: LinkStatus

    def here(self) -> Connection:
        """The connection; ``BoardLost`` when there is none."""
