"""One connection to each board, shared by all objects of this program that are connected to it."""

from __future__ import annotations

import contextlib
import threading
import weakref
from typing import TYPE_CHECKING, Final

from belabridge.client.connect import TIMEOUT_S, Connecting
from belabridge.errors import BoardError, Closed, NotConnected, UsageError

if TYPE_CHECKING:
    from belabridge.client.blocking import BlockingBela
    from belabridge.client.hub import Hub
    from belabridge.client.known.run import Run
    from belabridge.client.loop_thread import LoopThread
    from belabridge.values import Address


class _Place:
    """A board's address and the connection to it, as long as somebody uses it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()  # a forgotten object may be collected while this thread holds it
        self.bela: BlockingBela | None = None
        self.users = 0


_places: Final[dict[Address, _Place]] = {}
_lock: Final = threading.RLock()


class Lease:
    """One object's part in the connection to a board; ends with ``release``, or with its owner.

    Attributes:
        bela: the board.
        runs: what was begun and must end with it.
        held: variables that its owner controls.
    """

    def __init__(self, address: Address, owner: object, *, timeout_s: float = TIMEOUT_S) -> None:
        """Take part, and connect when nobody is.

        Raises:
            NotConnected: nobody there in time.
        """
        with _lock:
            self._place = place = _places.setdefault(address, _Place())
        with place.lock:
            if place.bela is None:
                try:
                    place.bela = Connecting([address], timeout_s).open()
                except BoardError as error:
                    raise NotConnected(str(error)) from error
            place.users += 1
            self.bela: BlockingBela = place.bela
        self.runs: set[Run] = set()
        self.held: set[str] = set()
        # holds neither the lease nor the owner: either may be forgotten
        self._end = weakref.finalize(owner, _release, place, self.bela, self.runs, self.held)

    def release(self) -> None:
        """End what was begun; the last of all users leaves the board. More than once does no harm."""
        self._end()

    @property
    def is_alive(self) -> bool:
        """It was not released."""
        return self._end.alive

    @property
    def hub(self) -> Hub:
        """Who is told of what."""
        return self.bela.bela.hub

    @property
    def thread(self) -> LoopThread:
        """Where the connection lives."""
        return self.bela.thread


def _release(place: _Place, bela: BlockingBela, runs: set[Run], held: set[str]) -> None:
    def end() -> None:
        for run in runs:
            run.close()
        bela.bela.hub.let_go(list(held))

    with contextlib.suppress(Closed, UsageError):  # the loop has ended, or this is it
        bela.thread.run(end)
    runs.clear()
    held.clear()
    with place.lock:
        place.users -= 1
        if not place.users:
            place.bela = None
            bela.close()
