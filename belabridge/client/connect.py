"""``belabridge.connect``: from an address to a board, with ``async`` or without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from belabridge.client.bela import Bela
from belabridge.client.hub import Hub
from belabridge.settings.addresses import board_address
from belabridge.values import Address

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from types import TracebackType

    from belabridge.client.blocking import BlockingBela

TIMEOUT_S: Final = 5.0  # a Bela answers in milliseconds; its name may take mDNS some seconds


class Connecting:
    """A connection that is to be made.

    ``async with`` and ``await`` give a ``Bela``; ``with`` and ``open`` give a ``BlockingBela``, which has the
    same methods without ``async``.
    """

    def __init__(self, addresses: Sequence[Address], timeout_s: float) -> None:
        """A connection to the first of these that answers; empty = the usual places."""
        self._addresses, self._timeout_s = tuple(addresses), timeout_s
        self._bela: Bela | None = None
        self._blocking: BlockingBela | None = None

    async def connected(self) -> Bela:
        """Connect.

        Raises:
            BoardUnreachable: nobody there in time.
            BoardTimeout: somebody is there, who lists no variables.
        """
        hub = Hub(self._addresses)
        await hub.open(self._timeout_s)
        return Bela(hub)

    def __await__(self) -> Generator[None, None, Bela]:
        return self.connected().__await__()

    async def __aenter__(self) -> Bela:
        self._bela = await self.connected()
        return self._bela

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bela is not None:
            await self._bela.close()

    def open(self) -> BlockingBela:
        """Connect, in a program without ``async``; call its ``close`` at the end, or use ``with``.

        Raises:
            BoardUnreachable: nobody there in time.
            BoardTimeout: somebody is there, who lists no variables.
        """
        from belabridge.client.blocking import BlockingBela

        return BlockingBela(self)

    def __enter__(self) -> BlockingBela:
        self._blocking = self.open()
        return self._blocking

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._blocking is not None:
            self._blocking.close()


def connect(
    board: str | Address | Sequence[str | Address] | None = None, *, timeout_s: float = TIMEOUT_S
) -> Connecting:
    """Connect to a board.

    Args:
        board: ``"bela.local"``, ``"host:port"``, an ``Address``, or several: the first that answers is
            taken. None = the usual places: bela.local, 192.168.7.2 and 192.168.6.2.
        timeout_s: how long to look for it.

    Returns:
        What becomes a board: ``async with connect() as bela``, ``with connect() as bela``,
        ``await connect()``, or ``connect().open()``.

    Raises:
        UsageError: that is no address.
    """
    given = [] if board is None else [board] if isinstance(board, str | Address) else list(board)
    return Connecting([one if isinstance(one, Address) else board_address(one) for one in given], timeout_s)
