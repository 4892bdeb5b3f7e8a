"""Runs one blocking call beside the event loop, without making the program's end wait for it."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


async def aside(call: Callable[[], T], name: str) -> T:
    """The result of ``call``, run in a thread of its own; what it raises is raised here.

    Unlike ``asyncio.to_thread``, the thread is abandoned when we are cancelled or the program ends: a
    file on a network drive that hangs must not hold up a SIGTERM.

    Args:
        call: anything that may block.
        name: of the thread.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def give(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return  # cancelled: nobody waits any more
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]  # None only when T is None, or with an error

    def work() -> None:
        result, caught = None, None
        try:
            result = call()
        except BaseException as error:  # noqa: BLE001 - not swallowed: raised in the waiting coroutine
            caught = error
        with suppress(RuntimeError):  # the loop is closed: the program has ended
            loop.call_soon_threadsafe(give, result, caught)

    threading.Thread(target=work, name=name, daemon=True).start()
    return await future
