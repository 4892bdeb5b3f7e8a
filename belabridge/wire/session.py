"""The state of one connection to a board: its table, what is asked and not answered, what is to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from belabridge.values import Variable, VarType
from belabridge.wire import commands
from belabridge.wire.control import Greeting, LogStarted, Unreadable, VariableList, read_control
from belabridge.wire.data import DataReader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LARGEST_SIGNED_CHAR = 127


@dataclass(slots=True, eq=False)
class ListRequest:
    """A ``list`` that we sent.

    Attributes:
        since_frame: the latest frame seen when it was made; an older reply was meant for somebody else.
        accept: what else must hold of a reply, or None.
        answer: the reply, once there is one.
    """

    since_frame: int
    accept: Callable[[VariableList], bool] | None = None
    answer: VariableList | None = None

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
    """

    variable: str
    answer: LogStarted | None = None

    @property
    def done(self) -> bool:
        """There is an answer."""
        return self.answer is not None


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


Event = Greeted | Listed | LogStarted | Unreadable


class Session:
    """One connection: feed it what arrives, send what it queues. It dies with its sockets.

    Attributes:
        project: the name of the program on the board; None before the first greeting.
        sample_rate: in Hz; None before the first list.
        variables: by name, in the board's order. Of two with one name it is the first: a board acts on that.
        by_id: the same by id, which is the place in the list; ids of a type unknown to us are absent.
        reader: decodes the data socket, and counts its losses.
        data_received: takes one binary message of the data socket, gives the block that it completes or None;
            never raises. It is the reader's own function, without a call in between.
    """

    def __init__(self) -> None:
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
                return [self._listed(reply)]
            case LogStarted() as started:
                self._log_started(started)
                return [started]
            case Unreadable() as unreadable:
                return [unreadable]

    def say(self, said: Sequence[commands.Command]) -> None:
        """Queue commands.

        Raises:
            UsageError: one cannot be encoded; none is queued then.
        """
        self._queue += commands.encode(said)

    def ask_list(self, accept: Callable[[VariableList], bool] | None = None) -> ListRequest:
        """Queue a ``list``; its answer turns up in the request that is given back.

        Answers are broadcast and carry nothing that tells who asked. A reply counts as ours when it is not
        older than what we had seen when we asked, and when ``accept``, which must not raise, says so: after a
        ``set``, for example, that the new value is in it. One reply answers one request, the oldest that
        takes it.
        """
        request = ListRequest(self.frame, accept)
        self._lists.append(request)
        self.say([commands.list_()])
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
        command = commands.log(names, start_frames, duration_frames)
        self.say([command])
        requests = [LogRequest(name) for name in command.names]
        self._logs += requests
        return requests

    def cancel(self, request: ListRequest | LogRequest) -> None:
        """Stop waiting, after a timeout: no later reply answers this request. Harmless when it is done."""
        if isinstance(request, ListRequest):
            self._lists = [r for r in self._lists if r is not request]
        else:
            self._logs = [r for r in self._logs if r is not request]

    def to_send(self) -> list[str]:
        """The texts for the control socket since the last call, in their order; hand them over once."""
        texts, self._queue = self._queue, []
        return texts

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
            if reply.frame >= request.since_frame and (request.accept is None or request.accept(reply)):
                request.answer = reply
                self._lists.remove(request)
                return Listed(reply, (request,))
        return Listed(reply, ())

    def _learn_char(self, reply: VariableList) -> None:
        """A list shows whether a char is signed on this board as soon as one is beyond the common range."""
        for variable in reply.variables:
            if variable.type is VarType.CHAR:
                low, high = sorted((variable.value, variable.value_input))
                if low < 0:
                    self.reader.char_signed = True
                elif high > _LARGEST_SIGNED_CHAR:
                    self.reader.char_signed = False

    def _log_started(self, started: LogStarted) -> None:
        for request in self._logs:
            if request.variable == started.variable:
                request.answer = started
                self._logs.remove(request)
                return
