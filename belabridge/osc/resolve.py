"""Host names to numeric addresses, without ever holding up the loop or the end of the program."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading

Numeric = tuple[str, int]


async def resolve(host: str, port: int) -> Numeric:
    """The numeric address of a host; IPv4 when it has one, because that is what OSC programs listen on.

    Raises:
        OSError: nobody knows the name (``socket.gaierror``).
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Numeric] = loop.create_future()

    def ask() -> None:
        outcome: Numeric | OSError
        try:
            outcome = _ask(host, port)
        except OSError as fault:
            outcome = fault
        except UnicodeError as fault:  # a name that cannot be one
            outcome = OSError(str(fault))
        with contextlib.suppress(RuntimeError):  # the loop may have been closed meanwhile
            loop.call_soon_threadsafe(deliver, outcome)

    def deliver(outcome: Numeric | OSError) -> None:
        if answer.done():  # nobody waits for it any more
            return
        if isinstance(outcome, OSError):
            answer.set_exception(outcome)
        else:
            answer.set_result(outcome)

    # A thread of its own and not an executor's: those are waited for at the end of the program, and a
    # name server that does not answer takes half a minute.
    threading.Thread(target=ask, name="belabridge-resolve", daemon=True).start()
    return await answer


def _ask(host: str, port: int) -> Numeric:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    found.sort(key=lambda entry: entry[0] != socket.AF_INET)
    address = found[0][4]
    return str(address[0]), port
