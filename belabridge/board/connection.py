"""One connection to a board, used once: two WebSockets around the session that dies with them."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from typing import TYPE_CHECKING, Self

from websockets.exceptions import WebSocketException

from belabridge.board.socket import Socket
from belabridge.errors import BoardLost, BoardTimeout, BoardUnreachable, LogRefused
from belabridge.wire import commands, commands2
from belabridge.wire.session import LARGEST_ID, Listed, Session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from belabridge.values import Address, Block
    from belabridge.wire.commands import Command
    from belabridge.wire.control import LogStarted
    from belabridge.wire.listing import VariableList
    from belabridge.wire.session import Event, ListRequest, LogRequest

OPEN_TIMEOUT_S = 4.0  # a Bela answers in milliseconds; its name may take mDNS a few seconds
INBOX_BLOCKS = 2048  # 8 MiB: a second of 46 audio-rate variables, old enough to be of no use on stage
OUTBOX_MESSAGES = 256  # a board that takes nothing for so long is stalled; more buffers would only be late
OUTBOX_LIMIT = 20_000  # 40 s of sets as fast as they go: what takes none of them is no board
TURN_S = 0.004  # the loop's other work (OSC in, timers) never waits longer than this for blocks
BLOCKS_A_LOOK = 8  # blocks handled between two looks at the clock


class Connection:
    """Two open WebSockets of one board.

    Blocks are handed over in the loop, in order. When the receiver is slower than the board, the oldest
    blocks that wait are dropped and counted in ``dropped``: reading itself never stops.

    Attributes:
        address: where the board is.
        session: what this connection knows of the board.
        dropped: blocks that the receiver was too slow for.
        delays_s: of the last bursts of blocks: from the first one's arrival until all were handled.
        being_set: what was on its way to be set when the last ``list`` was answered.
    """

    def __init__(
        self,
        address: Address,
        *,
        on_block: Callable[[Block, float], None],
        on_event: Callable[[Event], None],
    ) -> None:
        self.address = address
        # far from the ids of other clients, which hear the answers to ours
        self.session = Session(first_id=random.randrange(LARGEST_ID))  # noqa: S311 - no secret
        self.dropped = 0
        self.delays_s: deque[float] = deque(maxlen=1000)
        self._on_block, self._on_event = on_block, on_event
        self._loop = asyncio.get_running_loop()
        self._inbox: deque[Block] = deque()
        self._draining = False
        self._fault: asyncio.Future[Exception] = self._loop.create_future()
        self._control = Socket(address, "/gui_control", self._hear)
        self._data = Socket(address, "/gui_data", self._take)
        self._outbox: deque[tuple[Socket, str | bytes]] = deque()
        self._to_write = asyncio.Event()
        self._writing_one = False  # the task holds a message that is out of the outbox and not yet sent
        self._burst_at = 0.0
        self._waiting: dict[ListRequest, asyncio.Future[VariableList]] = {}
        self._logging: dict[asyncio.Future[None], list[LogRequest]] = {}
        self.being_set: set[str] = set()

    @classmethod
    async def open(
        cls,
        address: Address,
        *,
        on_block: Callable[[Block, float], None],
        on_event: Callable[[Event], None],
        timeout_s: float = OPEN_TIMEOUT_S,
    ) -> Self:
        """Open both WebSockets.

        Args:
            address: the board's.
            on_block: called in the loop with each block and the loop's time.
            on_event: called with each greeting, list and log answer.
            timeout_s: for both together.

        Raises:
            BoardUnreachable: nobody there, or it is not a Bela with a Gui.
        """
        connection = cls(address, on_block=on_block, on_event=on_event)
        try:
            async with asyncio.timeout(timeout_s):
                await connection._open()
        except (OSError, TimeoutError, WebSocketException) as error:
            raise BoardUnreachable([str(address)], _reason(error)) from error
        return connection

    async def run(self) -> None:
        """Move bytes until the connection ends.

        Raises:
            BoardLost: when either socket has ended; both are closed by then.
            Exception: what ``on_block`` raised: whoever gets the blocks has a fault, and must be told once.
        """
        writing = asyncio.create_task(self._write())
        try:
            ends = (self._control.ended, self._data.ended)
            done, _ = await asyncio.wait((writing, self._fault, *ends), return_when=asyncio.FIRST_COMPLETED)
            if writing in done:
                writing.result()  # it ends only by a fault
            if self._fault in done:
                raise self._fault.result()
            reason = next(end.result() for end in ends if end.done())
            raise BoardLost(f"{self.address} closed the connection ({reason})")
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            await self.close()

    def say(self, commands: Sequence[Command]) -> None:
        """Queue commands for the board; they leave in order, in as few messages as they fit in."""
        if commands:
            self.session.say(commands)
            self._flush()

    def send_data(self, message: bytes) -> bool:
        """Queue one binary message, as ``wire.commands.encode_buffer`` makes it; False when too many wait."""
        if len(self._outbox) >= OUTBOX_MESSAGES:
            return False
        self._post(self._data, message)
        return True

    def say_text(self, text: str) -> None:
        """Queue a text of the user's own for the control socket; ``wire.commands.own_text`` checks it."""
        self._post(self._control, text)

    async def log(
        self,
        names: Sequence[str],
        start_frames: int | Sequence[int] | None = None,
        duration_frames: int | Sequence[int] | None = None,
        *,
        timeout_s: float = OPEN_TIMEOUT_S,
    ) -> list[LogStarted]:
        """Let the board write variables to files; what it answers, in the order of ``names``.

        Args:
            names: of variables that are not being logged: an original board says nothing of those.
            start_frames: as for ``wire.commands.log``.
            duration_frames: as there.
            timeout_s: how long to wait for the answers; they come at the next block of audio.

        Raises:
            LogRefused: the board does not do it.
            BoardTimeout: not all of the answers came in time.
            BoardLost: the connection ended before that.
            UsageError: as ``wire.commands.log``.
        """
        requests = self.session.ask_log(names, start_frames, duration_frames)
        answered: asyncio.Future[None] = self._loop.create_future()
        self._logging[answered] = requests
        self._flush()
        try:
            async with asyncio.timeout(timeout_s):
                await answered
        except TimeoutError:
            silent = ", ".join(request.variable for request in requests if not request.done)
            raise BoardTimeout(
                f"{self.address} did not say within {timeout_s:g} s that it logs {silent}: "
                "is it being logged already?"
            ) from None
        finally:
            self._logging.pop(answered, None)
            for request in requests:
                self.session.cancel(request)
        for request in requests:
            if request.answer is None:
                raise LogRefused(request.variable, request.refused.error if request.refused else "no answer")
        return [request.answer for request in requests if request.answer is not None]

    def unlog(self, names: Sequence[str]) -> None:
        """End the logs of variables, whoever began them."""
        self.say([(commands2 if self.session.protocol > 1 else commands).unlog(names)])

    async def list(
        self,
        *,
        accept: Callable[[VariableList], bool] | None = None,
        timeout_s: float = OPEN_TIMEOUT_S,
    ) -> VariableList:
        """Ask the board for its variables.

        Args:
            accept: an answer for which this is False is another client's, or too early: wait for the next.
            timeout_s: how long to wait.

        Raises:
            BoardTimeout: no such answer in time.
        """
        request = self.session.ask_list(accept)
        answer: asyncio.Future[VariableList] = self._loop.create_future()
        self._waiting[request] = answer
        self._flush()
        try:
            async with asyncio.timeout(timeout_s):
                return await answer
        except TimeoutError:
            if self.session.sample_rate is not None:  # it has listed them before
                raise BoardTimeout(
                    f"{self.address} answered before, and not for {timeout_s:g} s now: "
                    "its program hangs, or the network does"
                ) from None
            raise BoardTimeout(
                f"{self.address} is connected but did not list its variables within {timeout_s:g} s: "
                "does its program use the watcher library?"
            ) from None
        finally:
            self._waiting.pop(request, None)
            self.session.cancel(request)

    async def close(self) -> None:
        """End both sockets; more than once does no harm."""
        self._inbox.clear()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(BoardLost(f"{self.address} closed the connection before it answered"))
        for answered in self._logging:
            if not answered.done():
                answered.set_exception(BoardLost(f"{self.address} closed the connection before it answered"))
        await asyncio.gather(self._control.close(), self._data.close(), return_exceptions=True)

    def abort(self) -> None:
        """End both sockets at once; for one that was opened in vain."""
        self._control.abort()
        self._data.abort()

    async def _open(self) -> None:
        await self._control.open()
        try:
            await self._data.open()
        except BaseException:
            self.abort()
            raise

    def _flush(self) -> None:
        for text in self.session.to_send():
            self._post(self._control, text)

    def _post(self, socket: Socket, message: str | bytes) -> None:
        if not self._outbox and not self._writing_one and socket.is_writable:
            socket.write(message)  # the usual case, without waking the task that waits for room
            return
        self._outbox.append((socket, message))
        self._to_write.set()
        if len(self._outbox) > OUTBOX_LIMIT:
            self._outbox.clear()
            self.abort()

    async def _write(self) -> None:
        while True:
            await self._to_write.wait()
            self._to_write.clear()
            while self._outbox:
                socket, message = self._outbox.popleft()
                self._writing_one = True
                await socket.send(message)
                self._writing_one = False

    def _hear(self, message: bytes) -> None:
        """A message of the control socket."""
        for event in self.session.control_received(message):
            if isinstance(event, Listed):
                self._answer(event)
            self._on_event(event)
        for answered, requests in self._logging.items():
            if not answered.done() and all(request.done for request in requests):
                answered.set_result(None)
        self._flush()

    def _answer(self, event: Listed) -> None:
        for request in event.answered:
            waiting = self._waiting.get(request)
            if waiting is not None and not waiting.done():
                waiting.set_result(event.list)
                # now: whoever waits goes on later, when the answer to a set may have come as well
                self.being_set = self.session.being_set

    def _take(self, message: bytes) -> None:
        """A message of the data socket."""
        block = self.session.data_received(message)
        if block is None:
            return
        inbox = self._inbox
        inbox.append(block)
        if not self._draining:
            self._draining = True
            self._burst_at = self._loop.time()
            self._loop.call_soon(self._drain)
        elif len(inbox) > INBOX_BLOCKS:
            inbox.popleft()
            self.dropped += 1

    def _drain(self) -> None:
        """Hand blocks over for one turn of the loop; the rest waits for the next turn."""
        inbox, on_block, clock = self._inbox, self._on_block, self._loop.time
        now = clock()
        until = now + TURN_S
        try:
            while inbox and now < until:
                for _ in range(min(BLOCKS_A_LOOK, len(inbox))):
                    on_block(inbox.popleft(), now)
                now = clock()
        except Exception as fault:  # noqa: BLE001  # not swallowed: ``run`` raises it
            inbox.clear()
            if not self._fault.done():
                self._fault.set_result(fault)
        self._draining = bool(inbox)
        if inbox:
            self._loop.call_soon(self._drain)
        else:
            self.delays_s.append(now - self._burst_at)


def _reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer"
    if isinstance(error, WebSocketException):
        return "something answers, but not as a Bela does"
    return str(error) or type(error).__name__
