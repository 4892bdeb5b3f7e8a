"""What a patch may ask the bridge itself: its variables, its status, all values, and to be told them.

Answers use only the types that Pure Data keeps (``i f s``), in one shape each, a datagram a message:

=================================  ==================================================================
``/belabridge/list``               ``/belabridge/list name type value`` (``ssf``) for each variable, then
                                   ``/belabridge/list/end count``
``/belabridge/status``             ``/belabridge/status key value`` for each pair, then
                                   ``/belabridge/status/end count``
``/belabridge/subscribe`` [port]   ``/belabridge/subscribed port seconds``, to that port; all values
[seconds]                          follow there until the lease ends or is renewed
``/belabridge/unsubscribe``        ``/belabridge/unsubscribed port``, to the asker
[port]
``/belabridge/refresh``            every value once more, to wherever it goes: OSC and MIDI
=================================  ==================================================================

What makes no sense is answered with ``/belabridge/error text``. Answers never look like questions, so
that two bridges, or one that is told its own port, cannot keep each other busy.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, TypeAlias

from belabridge.errors import UsageError
from belabridge.osc.codec.writer import message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from belabridge.osc.codec.reader import Argument
    from belabridge.osc.leases import Leases
    from belabridge.osc.server import OscServer
    from belabridge.osc.space import Source

LEASE_S = 60.0  # a patch that crashed is forgotten after a minute; one that lives renews
LONGEST_LEASE_S = 3600.0

VariableRow: TypeAlias = "tuple[str, str, float]"  # name, C type, value
StatusPair: TypeAlias = "tuple[str, str | float]"
_Arguments: TypeAlias = "tuple[Argument, ...]"

_INT32 = 2**31
_MORE = "/belabridge/{}/end"


class Queries:
    """Answers the bridge's own addresses; what they say comes from functions.

    Args:
        server: where they are asked and answered.
        leases: filled by ``subscribe``.
        variables: gives a row for each variable.
        status: gives the pairs of a status.
        refresh: lets every value go out once more.
        clock: monotonic seconds, the clock of ``leases``.
    """

    def __init__(
        self,
        server: OscServer,
        leases: Leases,
        variables: Callable[[], Iterable[VariableRow]],
        status: Callable[[], Iterable[StatusPair]],
        refresh: Callable[[], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = server
        self._leases = leases
        self._variables = variables
        self._status = status
        self._refresh_all = refresh
        self._clock = clock

    def install(self) -> None:
        """Put the addresses into the server's space.

        The handlers raise :class:`UsageError`, which the server counts, after they answered the asker.
        """
        for address, answer in (
            ("/belabridge/list", self._list),
            ("/belabridge/status", self._tell_status),
            ("/belabridge/subscribe", self._subscribe),
            ("/belabridge/unsubscribe", self._unsubscribe),
            ("/belabridge/refresh", self._refresh),
        ):
            self._server.space.add(address, self._answering(answer))

    def _answering(
        self, answer: Callable[[_Arguments, Source], None]
    ) -> Callable[[_Arguments, str, str, Source], None]:
        def handler(args: _Arguments, _tags: str, _address: str, source: Source) -> None:
            if self._server.is_self(self._server.answers_to(source)):
                raise UsageError("it came from our own port: point the sender elsewhere")
            try:
                answer(args, source)
            except UsageError as fault:
                self._server.reply(source, message("/belabridge/error", [str(fault)]))
                raise

        return handler

    def _list(self, args: _Arguments, source: Source) -> None:
        _no_arguments("list", args)
        self._server.reply_all(source, list_answers(self._variables()))

    def _tell_status(self, args: _Arguments, source: Source) -> None:
        _no_arguments("status", args)
        self._server.reply_all(source, status_answers(self._status()))

    def _subscribe(self, args: _Arguments, source: Source) -> None:
        host, port = self._subscriber(args, source)
        lease_s = min(_number(args, 1, LEASE_S, "seconds"), LONGEST_LEASE_S)
        if lease_s <= 0:
            raise UsageError("a lease needs more than 0 seconds; /belabridge/unsubscribe ends one")
        now = self._clock()
        own_port = (host, port) == source
        if not self._leases.subscribe(host, port, now + lease_s, now, own_port=own_port):
            raise UsageError("there are too many subscribers: try again when a lease has ended")
        answer = message("/belabridge/subscribed", [port, lease_s], "if")
        self._server.send((host, port), answer)

    def _unsubscribe(self, args: _Arguments, source: Source) -> None:
        host, port = self._subscriber(args, source)
        if not self._leases.unsubscribe(host, port):
            raise UsageError(f"port {port} has no subscription")
        self._server.reply(source, message("/belabridge/unsubscribed", [port], "i"))

    def _refresh(self, args: _Arguments, source: Source) -> None:  # noqa: ARG002 - the values are the answer
        _no_arguments("refresh", args)
        self._refresh_all()

    def _subscriber(self, args: _Arguments, source: Source) -> Source:
        host, usual = self._server.answers_to(source)
        port = int(_number(args, 0, usual, "port"))
        if not 0 < port < 65536:
            raise UsageError(f"{port} is not a port: use one from 1 to 65535")
        if self._server.is_self((host, port)):
            raise UsageError(f"port {port} is our own: use the port that your program listens on")
        return host, port


def list_answers(rows: Iterable[VariableRow]) -> Iterator[bytes]:
    """``/belabridge/list name type value`` for each row, and the end with their number."""
    n = 0
    for name, kind, value in rows:
        yield message("/belabridge/list", [_plain(name), kind, _single(value)], "ssf")
        n += 1
    yield _end("list", n)


def status_answers(pairs: Iterable[StatusPair]) -> Iterator[bytes]:
    """``/belabridge/status key value`` for each pair, and the end with their number."""
    n = 0
    for name, value in pairs:
        key = _plain(name)
        if isinstance(value, str):
            yield message("/belabridge/status", [key, _plain(value)], "ss")
        elif isinstance(value, int) and -_INT32 <= value < _INT32:  # a bool is 1 or 0: Pd has no T and F
            yield message("/belabridge/status", [key, int(value)], "si")
        else:
            yield message("/belabridge/status", [key, _single(value)], "sf")
        n += 1
    yield _end("status", n)


def _end(what: str, count: int) -> bytes:
    return message(_MORE.format(what), [count], "i")


def _plain(text: str) -> str:
    """As an OSC string can hold it; JSON may name half of a surrogate pair, and UTF-8 cannot."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _single(value: float) -> float:
    """As a float32 can hold it: what is beyond is infinite."""
    largest = 3.4028234e38
    return value if not abs(value) > largest or math.isinf(value) else math.copysign(math.inf, value)


def _no_arguments(what: str, args: _Arguments) -> None:
    if args:
        raise UsageError(f"/belabridge/{what} takes no arguments")


def _number(args: _Arguments, i: int, default: float, what: str) -> float:
    if i >= len(args):
        return default
    value = args[i]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UsageError(f"/belabridge/subscribe: the {what} must be a number")
    return value
