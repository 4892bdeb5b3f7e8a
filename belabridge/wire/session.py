"""The state of one connection to a board: its table, what is asked and not answered, what is to be sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from belabridge.values import Variable, VarType
from belabridge.wire import commands, commands2
from belabridge.wire.control import Done, Ended, Greeting, LogStarted, Refused, Unreadable, read_control
from belabridge.wire.data import DataReader
from belabridge.wire.listing import VariableList

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from belabridge.wire.commands import Command

_LARGEST_SIGNED_CHAR = 127
OPEN_COMMANDS: Final = 4096
"""Commands of protocol 2 that may wait for answers: of a board that gives none, the oldest are given up."""
LARGEST_ID: Final = 10**15 - 1  # a board writes 15 digits: a longer id would come back as another one


@dataclass(slots=True, eq=False)
class ListRequest:
    """A ``list`` that we sent.

    Attributes:
        since_frame: the latest frame seen when it was made; an older reply was meant for somebody else.
        accept: what else must hold of a reply, or None.
        answer: the reply, once there is one.
        id: by which a board of protocol 2 answers; None = the question was of protocol 1.
    """

    since_frame: int
    accept: Callable[[VariableList], bool] | None = None
    answer: VariableList | None = None
    id: int | None = None

    @property
    def done(self) -> bool:
        """There is an answer."""
        return self.answer is not None


@dataclass(slots=True, eq=False)
class LogRequest:
    """A ``log`` of one variable that we sent; a board does not answer it while the variable is being logged.

    Attributes:
        variable: its name.
        answer: the reply, once there is one.
        id: by which a board of protocol 2 answers; None = the command was of protocol 1.
        refused: the error that a board of protocol 2 answered instead.
    """

    variable: str
    answer: LogStarted | None = None
    id: int | None = None
    refused: Refused | None = None

    @property
    def done(self) -> bool:
        """There is an answer, or an error."""
        return self.answer is not None or self.refused is not None


@dataclass(frozen=True, slots=True)
class Greeted:
    """A client, we or another one, connected; the reply is queued."""

    project: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """The table was read anew.

    Attributes:
        list: the reply, now the session's table.
        answered: our requests that it answers: one, or none when another client had asked.
    """

    list: VariableList
    answered: tuple[ListRequest, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """A command of ours was done, or refused, by a board of protocol 2.

    Attributes:
        command: it, or the part of it that fitted one message.
        answer: ``Done``, or ``Refused``: then nothing of the command was done.
    """

    command: Command
    answer: Done | Refused


Event = Greeted | Listed | LogStarted | Answered | Ended | Unreadable


class Session:
    """One connection: feed it what arrives, send what it queues. It dies with its sockets.

    With ``first_id`` it asks for protocol 2, and speaks it when the board does. A board may turn out to do so
    later than at the first list, when another client had asked before us: then ``protocol`` changes.

    Args:
        first_id: of our commands of protocol 2, from which it counts. Answers are broadcast, so that clients
            should begin far apart. None = speak the original protocol, and hear nothing else.

    Attributes:
        protocol: 1, or 2 as soon as the board has shown that it speaks it.
        project: the name of the program on the board; None before the first greeting.
        sample_rate: in Hz; None before the first list.
        variables: by name, in the board's order. Of two with one name it is the first: a board acts on that.
        by_id: the same by id, which is the place in the list; ids of a type unknown to us are absent.
        reader: decodes the data socket, and counts its losses.
        data_received: takes one binary message of the data socket, gives the block that it completes or None;
            never raises. It is the reader's own function, without a call in between.
    """

    def __init__(self, first_id: int | None = None) -> None:
        self.protocol = 1
        self.project: str | None = None
        self.sample_rate: float | None = None
        self.variables: dict[str, Variable] = {}
        self.by_id: dict[int, Variable] = {}
        self.reader = DataReader()
        self.data_received = self.reader.receive
        self._listed_frame = 0
        self._lists: list[ListRequest] = []  # oldest first
        self._logs: list[LogRequest] = []
        self._queue: list[str] = []
        self._next_id = first_id
        self._asks_second = first_id is not None  # the board may speak protocol 2
        self._open: dict[int, Command] = {}  # oldest first

    @property
    def frame(self) -> int:
        """The latest audio frame of the board seen in this connection, in a list or in a block; 0 before."""
        return max(self._listed_frame, self.reader.latest_frame)

    def control_received(self, message: str | bytes) -> list[Event]:
        """Take one message of the control socket; never raises. Queues the reply to a greeting."""
        match read_control(message):
            case Greeting(project):
                self.project = project
                self._queue.append(commands.CONNECTION_REPLY)
                return [Greeted(project)]
            case VariableList() as reply:
                return self._list_came(reply)
            case LogStarted() as started:
                return self._log_started(started)
            case Done() | Refused() as answer:
                return self._answered(answer)
            case Ended() as ended:
                return [ended] if self._next_id is not None else []
            case Unreadable() as unreadable:
                return [unreadable]

    def say(self, said: Sequence[Command]) -> None:
        """Queue commands; those of protocol 2 get ids, and are answered by an ``Answered`` for each part.

        Raises:
            UsageError: one cannot be encoded; none is queued then.
        """
        parts = [part for command in said for part in self._numbered(command)]
        self._queue += commands.encode(parts)
        for part in parts:
            if part.id is not None and part.cmd not in {"list", "log"}:
                self._open[part.id] = part
        while len(self._open) > OPEN_COMMANDS:
            del self._open[next(iter(self._open))]

    def ask_list(self, accept: Callable[[VariableList], bool] | None = None) -> ListRequest:
        """Queue a ``list``; its answer turns up in the request that is given back.

        Answers are broadcast and carry nothing that tells who asked. A reply counts as ours when it is not
        older than what we had seen when we asked, and when ``accept``, which must not raise, says so: after a
        ``set``, for example, that the new value is in it. One reply answers one request, the oldest that
        takes it. In protocol 2 only the reply with our id does, or a later one when ``accept`` refused that.
        """
        request = ListRequest(self.frame, accept)
        if self._asks_second:
            (command,) = self._numbered(commands2.list_())
            request.id = command.id
            self._queue += commands.encode([command])
        else:
            self.say([commands.list_()])
        self._lists.append(request)
        return request

    def ask_log(
        self,
        names: Sequence[str],
        start_frames: int | Sequence[int] | None = None,
        duration_frames: int | Sequence[int] | None = None,
    ) -> list[LogRequest]:
        """Queue a ``log``; one request for each variable, in the order of ``names``.

        Raises:
            UsageError: as ``commands.log``.
        """
        second = self.protocol > 1
        command = (commands2 if second else commands).log(names, start_frames, duration_frames)
        parts = list(self._numbered(command))
        self._queue += commands.encode(parts)
        requests = [LogRequest(name, id=part.id) for part in parts for name in part.names]
        self._logs += requests
        return requests

    def cancel(self, request: ListRequest | LogRequest) -> None:
        """Stop waiting, after a timeout: no later reply answers this request. Harmless when it is done."""
        if isinstance(request, ListRequest):
            self._lists = [r for r in self._lists if r is not request]
        else:
            self._logs = [r for r in self._logs if r is not request]

    @property
    def being_set(self) -> set[str]:
        """The variables of each ``set`` of protocol 2 without an answer: a list may tell what was before."""
        return {name for command in self._open.values() if command.cmd == "set" for name in command.names}

    def to_send(self) -> list[str]:
        """The texts for the control socket since the last call, in their order; hand them over once."""
        texts, self._queue = self._queue, []
        return texts

    def _numbered(self, command: Command) -> Iterator[Command]:
        """The parts of a command, each with an id when it is of protocol 2."""
        if command.protocol == 1 or self._next_id is None:
            yield from commands.split(command)
            return
        for part in commands.split(replace(command, id=LARGEST_ID)):
            yield replace(part, id=self._next_id)
            self._next_id = self._next_id + 1 if self._next_id < LARGEST_ID else 0

    def _list_came(self, reply: VariableList) -> list[Event]:
        if reply.protocol > 1:
            if self._next_id is None:
                return []  # for clients that asked
            self.protocol, self._asks_second = reply.protocol, True
        elif self.protocol > 1:
            return []  # for an original client: its places need not be our ids
        return [self._listed(reply)]

    def _listed(self, reply: VariableList) -> Listed:
        self.sample_rate = reply.sample_rate
        self._listed_frame = reply.frame
        self.by_id = {variable.id: variable for variable in reply.variables}
        self.variables = {}
        for variable in reply.variables:
            self.variables.setdefault(variable.name, variable)
        self._learn_char(reply)
        self.reader.know(reply.variables)
        for request in self._lists:
            if self._is_answer(reply, request) and (request.accept is None or request.accept(reply)):
                request.answer = reply
                self._lists.remove(request)
                if reply.protocol == 1 and request.id is not None:
                    self._asks_second = (
                        False  # as it seems; a list of protocol 2 that still comes tells otherwise
                    )
                return Listed(reply, (request,))
        return Listed(reply, ())

    @staticmethod
    def _is_answer(reply: VariableList, request: ListRequest) -> bool:
        if reply.protocol == 1 or request.id is None:
            return reply.frame >= request.since_frame
        return reply.id == request.id or (request.accept is not None and reply.frame > request.since_frame)

    def _learn_char(self, reply: VariableList) -> None:
        """A list shows whether a char is signed on this board as soon as one is beyond the common range."""
        for variable in reply.variables:
            if variable.type is VarType.CHAR:
                low, high = sorted((variable.value, variable.value_input))
                if low < 0:
                    self.reader.char_signed = True
                elif high > _LARGEST_SIGNED_CHAR:
                    self.reader.char_signed = False

    def _log_started(self, started: LogStarted) -> list[Event]:
        if started.protocol > 1 and self._next_id is None:
            return []
        for request in self._logs:
            if request.variable == started.variable and request.id == started.id:
                request.answer = started
                self._logs.remove(request)
                break
        return [started]

    def _answered(self, answer: Done | Refused) -> list[Event]:
        """An answer of protocol 2: one of ours, or another client's, which says nothing to us."""
        if answer.id is None:
            return []
        if isinstance(answer, Refused):
            for request in [request for request in self._logs if request.id == answer.id]:
                request.refused = answer
                self._logs.remove(request)
        command = self._open.pop(answer.id, None)
        return [Answered(command, answer)] if command is not None else []
