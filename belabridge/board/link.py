"""Keeps one board connected: finds it, replays what is wanted, notices its end, and tries again."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import TYPE_CHECKING

from belabridge.board.backoff import delays
from belabridge.board.candidates import USUAL, open_first
from belabridge.board.goodbye import say_goodbye
from belabridge.board.looks import Looks
from belabridge.board.losses import Losses, taken_losses
from belabridge.board.setter import Setter
from belabridge.board.speech import FirstSpeech, SecondSpeech
from belabridge.board.status import LinkState, LinkStatus
from belabridge.board.streams import Streams
from belabridge.board.told import Told, said, spared
from belabridge.board.wishes import Wishes
from belabridge.errors import BoardError, BoardLost
from belabridge.printable import printable
from belabridge.wire.control import Done, Ended, LogStarted, Refused, Unreadable
from belabridge.wire.session import Answered, Listed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from belabridge.board.connection import Connection
    from belabridge.board.receiver import Receiver
    from belabridge.board.speech import Want
    from belabridge.tally import Tally
    from belabridge.values import Address, Block, Variable
    from belabridge.wire.commands import Command
    from belabridge.wire.listing import VariableList
    from belabridge.wire.session import Event

log = logging.getLogger("belabridge.board")

ANSWER_WITHIN_S = 10.0  # a board that is busy starting a log can be silent for seconds
CONFIRM_AFTER_S = 0.05  # after a set: time for the board to act before it is asked
LONGEST_PROJECT = 100  # characters; a name is shown in one line, whoever sends it
STEADY_S = 5.0  # connected for so long, the next loss is a new story; sooner, the waits go on growing

CHANGE_WHAT_IS_READ = frozenset({"control", "uncontrol", "set"})


class Link:
    """One board, kept.

    Args:
        addresses: where to look; empty = the usual places.
        receiver: told of everything.
        tally: counts losses.

    Attributes:
        foreseen: ``foreseen(variable)`` is how it will be listed when all that is wanted is done.
        step_frames: ``step_frames(id)``: audio frames between two samples of a stream; 1 while unknown.
        known_step_frames: the same; None while unknown.
        fault: why there was no connection when it was last tried; None before that.
        set_value: ``set_value(name, value)`` makes the program read ``value``; the latest of a burst wins,
            and it is replayed after a restart.
        has_to_set: ``has_to_set()``: some values wait for their turn.
        set_edge: the same for a value that the program must see even when another follows at once.
        look_every_s: how often the board is asked what its program reads; None = seldom.
    """

    def __init__(self, addresses: Sequence[Address], receiver: Receiver, tally: Tally) -> None:
        self.addresses = tuple(addresses)
        self.wishes = Wishes()
        self.foreseen = self.wishes.foreseen
        self.status = LinkStatus()
        self._receiver, self._tally = receiver, tally
        self._connection: Connection | None = None
        self._names: list[str] = []
        self._streams = Streams(receiver, tally)
        self.step_frames = self._streams.step_frames
        self.known_step_frames = self._streams.known_step_frames
        self.fault: BoardError | None = None
        self._told = Told()
        self._losses = Losses()
        self._listed_frame = 0
        self._setter = Setter(self._send_sets)
        self.set_value = self._setter.set
        self.set_edge = self._setter.edge
        self.has_to_set = self._setter.has_to_set
        self.look_every_s: float | None = None
        self._is_ending = False
        self._looks = Looks()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to search, in a task of the running loop."""
        self.status.since = _now()
        self._task = asyncio.create_task(self._run(), name="board link")

    async def stop(self) -> None:
        """Leave the board as it was before us, and end."""
        self._is_ending = True
        self._setter.stop()
        self._looks.stop()
        if self._connection is not None:
            try:
                self._streams.want(frozenset())
                await say_goodbye(self._connection, self.wishes)
            except (BoardError, TimeoutError):
                log.warning(
                    "the board did not let go in time: what it streams and who controls it may stay as it is"
                )
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self.status.enter(LinkState.STOPPED, _now())

    def want(self, wanted: Mapping[str, Want], leaving: Collection[str] = ()) -> None:
        """Replace what is wanted; only the difference goes to the board.

        Of what is ``leaving``, the last block still comes, with an original board's zeros, until ``left``.
        """
        self._wish(wanted, leaving)
        self._say(self.wishes.replay(self._table()))

    def left(self, names: Collection[str]) -> None:
        """Of these variables, whose streams were left, nothing more is wanted."""
        self._streams.left(frozenset(v.id for v in self._table().values() if v.name in names))

    def hold(self, names: Sequence[str]) -> None:
        """Take variables under control, without setting them."""
        self._say(self.wishes.hold(names, self._table()))

    def let_go(self, names: Iterable[str]) -> None:
        """Give variables back to the program."""
        names = list(names)
        self._setter.forget(names)
        self._say(self.wishes.let_go(names, self._table()))

    def send_buffer(self, message: bytes) -> bool:
        """Send a message of ``wire.commands.encode_buffer``; False when no board takes it now."""
        return self._connection is not None and self._connection.send_data(message)

    async def list(self, *, timeout_s: float = ANSWER_WITHIN_S) -> VariableList:
        """Ask the board for its variables, now.

        Raises:
            BoardLost: there is no connection, or it ended meanwhile.
            BoardTimeout: no such answer in time.
        """
        return await self.here().list(timeout_s=timeout_s)

    def here(self) -> Connection:
        """The connection, for what is asked of the board once.

        Raises:
            BoardLost: there is none now.
        """
        if self._connection is None:
            raise BoardLost("there is no connection to the board now; it is being looked for")
        return self._connection

    @property
    def is_running(self) -> bool:
        """Started, and neither stopped nor ended by itself."""
        return self._task is not None and not self._task.done()

    @property
    def looking_at(self) -> Sequence[Address]:
        """Where the board is looked for."""
        return self.addresses or USUAL

    @property
    def char_signed(self) -> bool:
        """Whether a char of this board is -128 to 127."""
        return self._connection is not None and self._connection.session.reader.char_signed

    @property
    def delays_s(self) -> tuple[float, ...]:
        """Of the last bursts of blocks: seconds from arrival until handled; empty while searching."""
        return tuple(self._connection.delays_s) if self._connection is not None else ()

    def look_soon(self, after_s: float = 0.0) -> None:
        """Ask the board soon what its program reads; calls in between are one."""
        self._looks.soon(after_s, len(self._names))

    def _wish(self, wanted: Mapping[str, Want], leaving: Collection[str] = ()) -> None:
        self.wishes.wanted = dict(wanted)
        table = self._table()
        self._streams.want(
            frozenset(table[name].id for name, want in wanted.items() if want.watch and name in table),
            frozenset(table[name].id for name in leaving if name in table),
        )

    def _table(self) -> Mapping[str, Variable]:
        return self._connection.session.variables if self._connection is not None else {}

    def _say(self, commands: Sequence[Command]) -> None:
        if self._connection is None:
            return
        self._connection.say(commands)
        if any(self._must_look(command) for command in commands):
            self.look_soon(CONFIRM_AFTER_S)

    def _must_look(self, command: Command) -> bool:
        """What the program reads has changed, and nothing else tells: no monitor, and no answer."""
        if command.cmd not in CHANGE_WHAT_IS_READ:
            return False
        if command.cmd != "set" or command.protocol == 1:
            return True
        table, wanted = self._table(), self.wishes.wanted
        return any(name in wanted and not self._told.tells(table[name].id) for name in command.names)

    def _send_sets(self, values: Mapping[str, float]) -> None:
        self._say(self.wishes.set_values(values, self._table()))

    async def _run(self) -> None:
        waits, level = delays(random.uniform), logging.WARNING
        while True:
            try:
                connection = await open_first(self.addresses, on_block=self._block, on_event=self._event)
                await self._serve(connection)
            except BoardError as error:
                self.fault, reason = error, str(error)
            except Exception as error:
                # The outermost loop of this task: a fault of ours must not end the search for the board.
                log.exception("a fault in belabridge ended the connection")
                reason = f"a fault in belabridge: {error!r}"
            if self._is_ending:
                return  # a loss at the same time takes the place of the cancellation, in a group of tasks
            if self.status.state is LinkState.CONNECTED:
                if _now() - self.status.since >= STEADY_S:
                    waits = delays(random.uniform)
                level = logging.WARNING
                self._lose(reason)
            log.log(level, "trying again: %s", reason)
            level = logging.DEBUG
            await asyncio.sleep(next(waits))

    async def _serve(self, connection: Connection) -> None:
        """Serve one connection to its end.

        Raises:
            BoardError: why it ended, always.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(connection.run())
                tasks.create_task(self._care(connection))
        except BaseExceptionGroup as errors:
            # not `except*`: what is raised in there comes wrapped again, in some versions of Python
            lost, faults = errors.split(BoardError)
            if faults is not None or lost is None:
                raise
            raise _first(lost) from None
        finally:
            self._count(connection)
            # the latest that was seen, so that a program which began anew is known by its frames
            self._listed_frame = max(self._listed_frame, connection.session.frame)
            self._connection = None

    async def _care(self, connection: Connection) -> None:
        """Greet the board, then look at it now and then: is it there, and is it as wanted?"""
        board = await connection.list()
        if connection.session.protocol > board.protocol:  # another client's list came before ours
            board = await connection.list()
        self._begin(connection, board)
        in_doubt = False
        while True:
            await self._looks.due(self.look_every_s)
            said = self.wishes.said
            board = await connection.list(timeout_s=ANSWER_WITHIN_S)
            self.wishes.heard(said)
            self.wishes.char_signed = self.char_signed
            self._count(connection)
            has_grown = connection.session.protocol > 1 and not self._streams.is_exact
            if has_grown or [variable.name for variable in board.variables] != self._names:
                self._begin(connection, board)
                continue
            self._listed_frame = board.frame
            self.status.list(board.variables, board.sample_rate, _now())
            self._streams.listed(board)
            self._count_board(board)
            self._receiver.read(self.wishes.as_set(board, connection.being_set))
            # An answer may be older than our last command, when another client asked as well: look twice.
            undone = self.wishes.replay(connection.session.variables)
            if undone and in_doubt:
                self._say(undone)
            in_doubt = bool(undone) and not in_doubt
            if in_doubt:
                self.look_soon(CONFIRM_AFTER_S)

    def _begin(self, connection: Connection, board: VariableList) -> None:
        """A board has answered for the first time, or with other variables than before."""
        session, status = connection.session, self.status
        second = session.protocol > 1
        was_second = self._streams.is_exact
        restarted = board.frame < self._listed_frame
        if connection is not self._connection:
            restarted |= status.connections > 0 and second is not was_second  # another board
            self.wishes.reconnected(restarted=restarted)
            self.wishes.speech = SecondSpeech() if second else FirstSpeech()
        grown = connection is self._connection and second and not was_second
        if grown:
            connection.say(self.wishes.outgrow(session.variables))
        if restarted:
            self._losses = Losses()
        self._streams.begin(board, exact=second, restarted=restarted, goes_on=grown)
        self._connection = connection
        self._told = Told(board)
        self._count_board(board)
        self.wishes.char_signed = self.char_signed
        self._names = [variable.name for variable in board.variables]
        self._listed_frame = board.frame
        status.connect(connection.address, (session.project or "")[:LONGEST_PROJECT], _now())
        status.list(board.variables, board.sample_rate, _now())
        log.info(
            "connected to %s: project %s, %d variables, %g Hz",
            connection.address,
            status.project,
            len(self._names),
            board.sample_rate,
        )
        if board.unreadable:
            odd = printable(", ".join(board.unreadable), LONGEST_PROJECT)
            self._complain("board.unusable", f"variables whose name or type nobody can use: {odd}")
        self._wish(self._receiver.connected(board, status.project))
        self._say(self.wishes.replay(session.variables, fresh=True))

    def _lose(self, reason: str) -> None:
        self.status.enter(LinkState.SEARCHING, _now())
        self._tally.complain("board.lost", reason, self.status.since)
        self._receiver.lost(reason)

    def _block(self, block: Block, now: float) -> None:
        if not block.monitored:
            self._streams.block(block, now)
            return
        block.reads = self._told.reads(block)
        self._receiver.block(block, now)

    def _event(self, event: Event) -> None:
        match event:
            case Unreadable(reason):
                self._complain("board.unreadable", f"the board sent what nobody understands: {reason}")
            case Answered(command, Done(frame=frame)):
                self._told.done(command, frame, self._table())
            case Answered(command, Refused() as refused):
                self._complain("board.refused", said(refused))
                for name in spared(command, refused):
                    if name in self.wishes.controlled:
                        self._setter.set(name, self.wishes.controlled[name])
                self.look_soon(CONFIRM_AFTER_S)
            case Listed(list=board) if board.protocol > 1 and self._connection and not self._streams.is_exact:
                self.look_soon()  # it speaks protocol 2 after all
            case LogStarted(variable=name, protocol=1) as log_started if name in self._table():
                self._streams.logged(self._table()[name].id, log_started)
            case Ended("watch"):
                self.look_soon(CONFIRM_AFTER_S)  # another client may have ended what we want

    def _complain(self, reason: str, detail: str) -> None:
        line = self._tally.complain(reason, detail, _now())
        if line is not None:
            log.warning("%s", line)

    def _count(self, connection: Connection) -> None:
        """Move what a connection has counted to the tally, which outlives it."""
        if connection.dropped:
            self._tally.count("board.dropped_blocks", connection.dropped)
            connection.dropped = 0
        for counter, lost, words in (
            *taken_losses(connection.session.reader),
            *self._streams.take_padded(),
        ):
            self._tally.count(counter, lost - 1)
            self._complain(counter, words)
        if self.wishes.unfit:
            self._complain(
                "board.unfit", f"{self.wishes.unfit} values do not fit their variables on this board"
            )
            self.wishes.unfit = 0
        cut_blocks = self._streams.take_cut_blocks()
        if cut_blocks:
            self._tally.count("board.cut_blocks", cut_blocks)

    def _count_board(self, board: VariableList) -> None:
        """Count what the board itself says that it has lost."""
        for counter, lost, words in self._losses.seen(board):
            self._tally.count(counter, lost - 1)
            self._complain(counter, words)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _first(errors: BaseExceptionGroup[BoardError]) -> BoardError:
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
