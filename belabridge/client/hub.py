"""One board's link, shared by everything that a user wants of it: who is told of what."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from belabridge.board.link import Link
from belabridge.board.names import require
from belabridge.client.clock import BoardClock
from belabridge.client.demands import Demands
from belabridge.client.routes import Route, connect
from belabridge.errors import BoardLost, BoardTimeout, BoardUnreachable, Closed, UsageError
from belabridge.tally import Tally
from belabridge.wire.host_buffer import coerce

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from belabridge import values
    from belabridge.board.speech import Want
    from belabridge.client.blocks import Block
    from belabridge.client.routes import Listener
    from belabridge.errors import BoardError
    from belabridge.values import Address, Variable
    from belabridge.wire.listing import VariableList


FLUSH_S: Final = 1.0
"""So long an end may take; an original board ends the stream of a variable with its next value."""
ASK_AGAIN_S: Final = 0.01  # a block or two of audio, after which the board has acted
ON_ITS_WAY_S: Final = 0.2  # blocks and lists come by two sockets: a list may be ahead of the last block


class Hub:
    """Told by the link of a board; tells whoever listens.

    Args:
        addresses: where the board is; empty = the usual places.

    Attributes:
        link: the board, kept.
        tally: what was lost or refused.
        clock: the board's frame now.
        table: the board's variables by name, as last listed.
        board: its last list; None before the first.
        project: the name of its program.
        sample_rate_hz: audio frames a second; 0 before the first list.
        data_frame: the latest frame of which a streamed value has come, over this connection.
    """

    def __init__(self, addresses: Sequence[Address]) -> None:
        """A board that is not looked for yet."""
        self.tally = Tally()
        self.link = Link(addresses, self, self.tally)
        self.clock = BoardClock(0.0)
        self.table: dict[str, Variable] = {}
        self.board: VariableList | None = None
        self.project = ""
        self.sample_rate_hz = 0.0
        self.data_frame = 0
        self._demands = Demands()
        self._listeners: dict[Listener, Mapping[str, Want]] = {}
        self._controls: defaultdict[str, int] = defaultdict(int)
        self._routes: dict[int, Route] = {}
        self._here = asyncio.Event()
        self._is_closed = False
        self._was_lost = False
        self._now = asyncio.get_running_loop().time  # also for other threads, which have no loop

    async def open(self, timeout_s: float) -> None:
        """Look for the board, and return when it has listed its variables.

        Raises:
            BoardUnreachable: nobody there, within this time.
            BoardTimeout: somebody is there, who lists no variables.
        """
        self.link.start()
        try:
            await self.wait(timeout_s)
        except BaseException:
            await self.close()
            raise

    async def wait(self, timeout_s: float) -> None:
        """Return as soon as there is a connection.

        Raises:
            BoardError: there is none within this time; why.
        """
        self.check_open()
        try:
            async with asyncio.timeout(timeout_s):
                await self._here.wait()
        except TimeoutError:
            raise self._unreachable() from None
        self.check_open()

    def _unreachable(self) -> BoardError:
        fault = self.link.fault
        if isinstance(fault, BoardTimeout):
            return BoardTimeout(str(fault))
        reason = fault.reason if isinstance(fault, BoardUnreachable) else str(fault or "no answer")
        return BoardUnreachable([str(address) for address in self.link.looking_at], reason)

    async def close(self) -> None:
        """Leave the board as it was, and end everything."""
        if self._is_closed:
            return
        self._is_closed = True
        for listener in list(self._listeners):
            listener.close(None)
        self._listeners.clear()
        self._here.set()  # whoever waits is told by ``check_open``
        await self.link.stop()

    @property
    def is_here(self) -> bool:
        """There is a connection now."""
        return self._here.is_set() and not self._is_closed

    @property
    def now_frame(self) -> int:
        """The board's frame now, reckoned."""
        return self.clock.frame(self._now())

    def check_open(self) -> None:
        """Raise when nothing can be asked any more.

        Raises:
            Closed: by its user.
            BoardError: the link has ended by a fault.
        """
        if self._is_closed:
            raise Closed

    def require(self, names: Iterable[str]) -> tuple[str, ...]:
        """Check names of variables; each once, in their order.

        Raises:
            UsageError: there are none.
            UnknownVariable: the board lacks one.
        """
        given = tuple(dict.fromkeys(names))
        if not given:
            raise UsageError("name at least one variable, such as in stream('pot1')")
        require(given, self.table)
        return given

    @property
    def is_exact(self) -> bool:
        """The board speaks protocol 2: its blocks are as long as they say, and come in time."""
        return self.board is not None and self.board.protocol > 1

    def streamed_by_others(self, listener: Listener) -> set[str]:
        """The variables that somebody besides this listener streams."""
        return self._demands.watched_by_others(listener)

    def flush(self, ended: Mapping[str, int]) -> None:
        """Hand over what waits for its frames; nothing more comes of variables that had ended at these."""
        for route in self._routes.values():
            if route.name in ended:
                for block in route.rest(ended[route.name], may_be_padded=not self.is_exact):
                    self._hand(route, block, None)

    # Who wants what.

    def join(self, listener: Listener, wanted: Mapping[str, Want]) -> None:
        """Let a listener have what it wants, until it leaves; again, to want something else."""
        self.check_open()
        self._listeners[listener] = wanted
        self._demands.put(listener, wanted)
        self._connect()
        self.link.want(self._demands.united())

    def leave(self, listener: Listener) -> None:
        """Let it want nothing; what others want goes on."""
        if self._listeners.pop(listener, None) is None:
            return
        self._demands.drop(listener)
        self._connect()
        if not self._is_closed:
            self.link.want(self._demands.united())

    async def run_out(self, listener: Listener, missing: Collection[str]) -> dict[str, int]:
        """End the streams of these variables, and return when all that the board had of them has come.

        A board keeps what a variable was assigned until its block is full; ending the stream makes it give
        that away. What somebody else streams too is left as it is: it comes when its block is full.

        Args:
            listener: whose streams.
            missing: the variables; those whose last block has come are taken out meanwhile.

        Returns:
            The frames at which they had ended; those that others stream, or that never ended, are absent.

        Raises:
            BoardError: the board is gone, or silent.
        """
        mine = set(missing) - self._demands.watched_by_others(listener)
        if not mine:
            return {}
        wanted = self._listeners.get(listener, {})
        self._demands.put(listener, {name: want for name, want in wanted.items() if name not in mine})
        self.link.want(self._demands.united(), mine)
        try:
            ended = await self._ended(mine)
            # an original board's last block has a value from behind the end, which shows it to be the last
            until = self._now() + (ON_ITS_WAY_S if self.is_exact else FLUSH_S)
            while self._now() < until and not ended.keys().isdisjoint(missing):  # noqa: ASYNC110 - once a stream
                await asyncio.sleep(ASK_AGAIN_S)
        finally:
            self.link.left(mine)
        return ended

    async def _ended(self, names: Collection[str]) -> dict[str, int]:
        """The frames at which streams had ended that were ended just now, without those that do not end."""
        until = self._now() + FLUSH_S
        ended: dict[str, int] = {}
        while len(ended) < len(names) and self._now() < until:
            board = await self.link.list()
            state = self.link.wishes.speech.state
            for variable in board.variables:
                if variable.name in names and not state(variable).watched:
                    ended.setdefault(variable.name, board.frame)
            await asyncio.sleep(ASK_AGAIN_S)
        return ended

    def hold(self, names: Sequence[str]) -> None:
        """Control variables, once more."""
        self.check_open()
        for name in names:
            self._controls[name] += 1
        self.link.hold(names)

    def let_go(self, names: Sequence[str]) -> None:
        """Control variables once less; what nobody controls any more is given back."""
        free = []
        for name in names:
            self._controls[name] -= 1
            if not self._controls[name]:
                del self._controls[name]
                free.append(name)
        if free and not self._is_closed:
            self.link.let_go(free)

    def is_held(self, name: str) -> bool:
        """Somebody here controls this variable."""
        return name in self._controls

    def fitting(self, name: str, value: float) -> float:
        """A value as the variable's type holds it.

        Raises:
            UsageError: it cannot.
        """
        return coerce(self.table[name].type, value, char_signed=self.link.char_signed)

    async def list(self, timeout_s: float) -> VariableList:
        """Ask the board, as soon as it is there.

        Raises:
            BoardError: it gives no answer within this time.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout_s
        while True:
            await self.wait(max(0.0, until - loop.time()))
            try:
                board = await self.link.list(timeout_s=max(0.0, until - loop.time()))
            except BoardLost:
                self._here.clear()  # the link says so soon as well
                continue
            self._take(board)
            return board

    # What the link tells.

    def connected(self, board: VariableList, project: str) -> Mapping[str, Want]:
        """The board is here, or has other variables than before; gives what is wanted of it."""
        # without a loss in between, a block was merely faster than the list
        began_anew = self._was_lost and self.clock.began_anew(board.frame, self._now())
        self.clock = BoardClock(board.sample_rate)
        self.clock.seen(board.frame, self._now())
        self.project, self.sample_rate_hz = project, board.sample_rate
        self.data_frame = 0
        self._take(board)
        self._routes = {variable.id: Route(variable, board.sample_rate) for variable in self.table.values()}
        self._connect()
        if self._was_lost:
            self._was_lost = False
            for listener in tuple(self._listeners):
                listener.back(board.frame, began_anew=began_anew)
        self._here.set()
        return self._demands.united()

    def block(self, block: values.Block, now: float) -> None:
        """Samples: to whoever wants them, with a frame each."""
        route = self._routes.get(block.id)
        if route is None:
            return
        if block.monitored:
            self.clock.seen(block.frame, now)
            sample = route.sample(block)
            for take in route.monitors:
                take(sample)
            return
        for one in route.blocks(block, self.link.known_step_frames(block.id)):
            self._hand(route, one, now)

    def read(self, board: VariableList) -> None:
        """What the program reads."""
        self._take(board)
        self.clock.seen(board.frame, self._now())

    def gap(self, id_: int, frames: int) -> None:
        """Nothing: the frames of the blocks say the same, and more."""

    def lost(self, reason: str) -> None:
        """The board is gone; the link looks for it."""
        self._here.clear()
        self._was_lost = True
        for route in self._routes.values():
            for block in route.rest(self.clock.latest, may_be_padded=False):
                self._hand(route, block, None)
        self._routes = {}  # what comes before the next list has ids that may mean other variables
        for listener in tuple(self._listeners):
            listener.lost(BoardLost(reason))

    def _hand(self, route: Route, block: Block, now: float | None) -> None:
        last = block.last_frame
        if last > self.data_frame:
            self.data_frame = last
            if now is not None:
                self.clock.seen(last, now)
        for take in route.streams:
            take(block)

    def _take(self, board: VariableList) -> None:
        self.board = board
        table: dict[str, Variable] = {}
        for variable in board.variables:
            table.setdefault(variable.name, variable)
        self.table = table

    def _connect(self) -> None:
        connect(self._routes.values(), self._listeners)
