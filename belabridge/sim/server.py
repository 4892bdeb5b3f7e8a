"""The simulated board on the network: two WebSockets and virtual time."""

from __future__ import annotations

import asyncio
import errno
import math
from functools import partial
from typing import TYPE_CHECKING, Self

from belabridge.errors import BelabridgeError, PortInUse, UsageError
from belabridge.sim.core import Endpoint, Message, SimBoard
from belabridge.sim.disk import Disk
from belabridge.sim.faults import (
    DropBody,
    DropHeader,
    Fault,
    Garbage,
    Greet,
    Losses,
    Restart,
    Splice,
    Stall,
    Vanish,
)
from belabridge.sim.machine import X86_64, Machine
from belabridge.sim.peer import Peer, prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from belabridge.sim.program import Program

TICK_S = 0.005  # a buffer waits so long at most; shorter ticks cost more than they gain
CATCH_UP_S = 0.5  # a process that slept for longer loses the time, as a suspended board does


class SimServer:
    """A simulated board that listens; use it with ``async with``.

    Attributes:
        board: the board now; `restart` makes a new one.
    """

    def __init__(
        self,
        program: Program,
        host: str = "127.0.0.1",
        port: int = 0,
        speed: float = 1.0,
        faults: Sequence[tuple[float, Fault]] = (),
        *,
        machine: Machine = X86_64,
        original: bool = False,
        folder: Path | None = None,
    ) -> None:
        """A board that is still off.

        Args:
            program: what runs on it.
            host: numeric address to listen on.
            port: TCP port; 0 = any that is free.
            speed: virtual seconds a second.
            faults: what goes wrong by itself: (seconds after the start, fault).
            machine: what the board is.
            original: it knows only protocol 1, as a board with the original library.
            folder: log files are written there; None = they stay in ``board.files``.

        Raises:
            UsageError: a speed that is not a positive number.
        """
        if not (math.isfinite(speed) and speed > 0):
            raise UsageError(f"a speed of {speed}: write a positive number, such as 1 or 16")
        self._original = original
        self._host, self._port, self._speed, self._machine = host, port, speed, machine
        self._disk = None if folder is None else Disk(folder)
        self.board = self._started(program)
        self._plan = tuple(faults)
        self._peers: set[Peer] = set()
        self._empty = asyncio.Event()  # no connection is left
        self._empty.set()
        self._losses = Losses()
        self._stalled = False
        self._listening: asyncio.Server | None = None
        self._timers: set[asyncio.TimerHandle] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ticker: asyncio.TimerHandle | None = None
        self._clock_s = 0.0  # the loop's clock when frame ``_clock_frame`` was due
        self._clock_frame = 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def host(self) -> str:
        """Where it listens."""
        return self._host

    @property
    def port(self) -> int:
        """The TCP port; known after `start`."""
        return self._port

    @property
    def clients(self) -> tuple[Peer, ...]:
        """The open WebSockets, of both endpoints."""
        return tuple(peer for peer in self._peers if peer.endpoint is not None)

    async def start(self) -> None:
        """Listen, and let time pass.

        Raises:
            PortInUse: another program has the port.
            BelabridgeError: one cannot listen there.
        """
        await self._listen()
        self._set_clock()
        self._ticker = asyncio.get_running_loop().call_later(TICK_S, self._tick)
        for after_s, fault in self._plan:
            self._later(after_s, partial(self.inject, fault))

    async def stop(self) -> None:
        """End every connection without a word, and the listening."""
        if self._ticker is not None:
            self._ticker.cancel()
            self._ticker = None
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        listening = self._listening
        self._close()
        if listening is not None:
            await listening.wait_closed()
        await self._empty.wait()

    def inject(self, fault: Fault) -> None:
        """Let something go wrong, now."""
        match fault:
            case DropHeader() | DropBody():
                self._losses.add(fault)
            case Vanish(for_s):
                self._vanish(for_s)
            case Stall(for_s):
                self._stall(stalled=True)
                if for_s is not None:
                    self._later(for_s, lambda: self._stall(stalled=False))
            case Splice(frames):
                self.board.ignore_clients(frames)
            case Restart(program):
                self.restart(program)
            case Greet():
                self.board.greet()
                self._send(self.board.advance(0))
            case Garbage(endpoint, payloads):
                self._write([Message(endpoint, payload) for payload in payloads])

    def restart(self, program: Program | None = None) -> None:
        """End the program, and with it every connection; start this one, or the same again, at frame 0."""
        self._drop_all()
        program = program or self.board.program
        self.board = self._started(program)
        self._set_clock()

    def _started(self, program: Program) -> SimBoard:
        board = SimBoard(program, machine=self._machine, original=self._original)
        if self._disk is not None:
            board.files.update(self._disk.taken())
        return board

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            self._listening = await loop.create_server(self._peer, self._host, self._port)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortInUse(self._host, self._port, "the simulated board") from error
            raise BelabridgeError(
                f"cannot listen on {self._host}:{self._port} ({error.strerror}): choose another host or port"
            ) from error
        self._port = self._listening.sockets[0].getsockname()[1]

    def _peer(self) -> Peer:
        peer = Peer(opened=self._opened, received=self._received, deadly=self._deadly, lost=self._lost)
        self._peers.add(peer)
        self._empty.clear()
        if self._stalled:
            peer.stall(stalled=True)
        return peer

    def _opened(self, peer: Peer) -> None:
        if peer.endpoint == "control":
            self.board.connect_control(peer)
            self._send(self.board.advance(0))

    def _received(self, peer: Peer, payload: bytes) -> None:
        if peer.endpoint == "control":
            self.board.control_received(peer, payload)
        else:
            self.board.data_received(peer, payload)
        if self.board.dead:
            self._close()
        else:
            self._send(self.board.advance(0))

    def _deadly(self, reason: str) -> None:
        self.board.die(reason)
        self._close()

    def _lost(self, peer: Peer) -> None:
        self._peers.discard(peer)
        if not self._peers:
            self._empty.set()
        if peer.endpoint == "control":
            self.board.disconnect_control(peer)

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        self._ticker = loop.call_later(TICK_S, self._tick)
        board, rate_hz = self.board, self.board.program.sample_rate_hz * self._speed
        if loop.time() - self._clock_s - (board.frame - self._clock_frame) / rate_hz > CATCH_UP_S:
            self._set_clock()
        due = int((loop.time() - self._clock_s) * rate_hz) - (board.frame - self._clock_frame)
        if due >= board.block_frames:
            self._send(board.advance(due // board.block_frames * board.block_frames))
            if self._disk is not None:
                self._disk.write(board.files)

    def _set_clock(self) -> None:
        self._clock_s, self._clock_frame = asyncio.get_running_loop().time(), self.board.frame

    def _send(self, messages: list[Message]) -> None:
        if messages:
            self._write(self._losses.left(messages))

    def _write(self, messages: Iterable[Message]) -> None:
        streams: dict[Endpoint, list[bytes]] = {"control": [], "data": []}
        for endpoint, payload in messages:
            streams[endpoint] += (prefix(len(payload), text=endpoint == "control"), payload)
        for endpoint, pieces in streams.items():
            if not pieces:
                continue
            joined = b"".join(pieces)
            for peer in tuple(self._peers):
                if peer.endpoint == endpoint:
                    peer.write(joined)

    def _stall(self, *, stalled: bool) -> None:
        self._stalled = stalled
        for peer in tuple(self._peers):
            peer.stall(stalled)

    def _vanish(self, for_s: float | None) -> None:
        self._close()
        if for_s is not None:
            self._later(for_s, self._come_back)

    def _come_back(self) -> None:
        task = asyncio.get_running_loop().create_task(self._listen())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _close(self) -> None:
        if self._listening is not None:
            self._listening.close()
            self._listening = None
        self._drop_all()

    def _drop_all(self) -> None:
        for peer in tuple(self._peers):
            peer.drop()

    def _later(self, after_s: float, act: Callable[[], None]) -> None:
        def run() -> None:
            self._timers.discard(timer)
            act()

        timer = asyncio.get_running_loop().call_later(after_s, run)
        self._timers.add(timer)
