"""``Controller``: values that the board's program reads, in the form that users of pybela know."""

from __future__ import annotations

import asyncio
import time
import warnings
from typing import TYPE_CHECKING, Final

from belabridge.client.control import ASK_AGAIN_S, CONFIRM_S
from belabridge.client.known.watcher import Watcher
from belabridge.errors import BoardTimeout, UsageError
from belabridge.values import VarType

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from belabridge.client.hub import Hub
    from belabridge.values import Variable

MOST_LOOKS: Final = 100  # a second; the turns of a thousand values are over by then
_WHOLE: Final = {VarType.CHAR, VarType.INT, VarType.UINT}


class Controller(Watcher):
    """Takes variables over: the board's program reads what is sent, and not what it assigns."""

    def _prepare(self) -> None:
        super()._prepare()
        self._held: set[str] = set()

    def start_controlling(self, variables: str | Sequence[str] | None = None) -> None:
        """Take variables over; returns when the board reports that.

        Args:
            variables: one name or several; none = all.

        Raises:
            UnknownVariable: the board lacks one; a ValueError, as all misuse.
            BoardTimeout: it does not report it.
        """
        names, board = self._names(variables), self._board
        fresh = [name for name in names if name not in self._held]
        if fresh:
            board.thread.run(lambda: board.hub.hold(fresh))
            self._held.update(fresh)
            board.held.update(fresh)
        self._until("take over", names, lambda variable: variable.controlled)

    def stop_controlling(self, variables: str | Sequence[str] | None = None) -> None:
        """Give variables back to the program; returns when the board reports that.

        What another object of this program controls stays so, and is not waited for.

        Args:
            variables: one name or several; none = all.

        Raises:
            UnknownVariable: the board lacks one.
            BoardTimeout: it does not report it.
        """
        names, board = self._names(variables), self._board
        held = [name for name in names if name in self._held]
        free = board.thread.run(lambda: self._let_go(board.hub, held, names))
        self._held.difference_update(held)
        board.held.difference_update(held)
        self._until("give back", free, lambda variable: not variable.controlled)

    def send_value(self, variables: str | Sequence[str], values: float | Sequence[float]) -> None:
        """Let the program read values; all of one call reach it together.

        Args:
            variables: one name or several, which are controlled.
            values: one each. For a whole type it is the nearest whole number.

        Raises:
            UnknownVariable: the board lacks one.
            UsageError: another number of values, one that does not fit, or a variable that nobody controls.
        """
        names, board = self._names(variables), self._board
        given = [values] if isinstance(values, int | float) else list(values)
        if len(given) != len(names):
            raise UsageError(f"{len(given)} values for {len(names)} variables; give one each")
        table = board.hub.table
        for name in names:
            if name not in self._held and not table[name].controlled:
                raise UsageError(f"nobody controls {name!r}: call start_controlling({name!r}) first")
        fitting = {name: board.hub.fitting(name, value) for name, value in zip(names, given, strict=True)}
        for name, value in zip(names, given, strict=True):
            if table[name].type in _WHOLE and fitting[name] != value:
                warnings.warn(
                    f"{name} is of type {table[name].type}: {fitting[name]} is sent instead of {value}",
                    stacklevel=2,
                )

        def set_all() -> None:
            for name, value in fitting.items():
                board.hub.link.set_value(name, value)

        board.thread.run(set_all)

    def get_value(self, variables: str | Sequence[str] | None = None) -> dict[str, float]:
        """What the program reads of variables, also when it was sent this moment.

        Args:
            variables: one name or several; none = all.
        """
        names, board = self._names(variables), self._board
        board.thread.call(_all_set(board.hub))
        now = self._now()
        return {name: board.hub.link.foreseen(now[name]).value for name in names}

    def get_controlled_status(self, variables: str | Sequence[str] | None = None) -> dict[str, bool]:
        """Whether variables are controlled, by whomever.

        Args:
            variables: one name or several; none = all.
        """
        names, now = self._names(variables), self._now()
        return {name: now[name].controlled for name in names}

    def disconnect(self) -> None:
        """Give back what this object controls; the last object leaves the board."""
        super().disconnect()
        self._held.clear()

    def _now(self) -> dict[str, Variable]:
        return {variable.name: variable for variable in reversed(self._listed().variables)}

    @staticmethod
    def _let_go(hub: Hub, held: Sequence[str], names: Sequence[str]) -> list[str]:
        """In the loop: what nobody here controls any more."""
        hub.let_go(held)
        free = [name for name in names if not hub.is_held(name)]
        # what an earlier program took and left, or another one has: this was asked for by name
        others = [name for name in free if name not in held and hub.table[name].controlled]
        if others:
            hub.link.here().say([hub.link.wishes.speech.uncontrol(others)])
        return free

    def _until(self, what: str, names: Collection[str], is_so: Callable[[Variable], bool]) -> None:
        until = time.monotonic() + CONFIRM_S
        while True:
            now = self._now()
            if all(is_so(now[name]) for name in names if name in now):
                return
            if time.monotonic() >= until:
                raise BoardTimeout(f"the board did not {what} {', '.join(names)} within {CONFIRM_S:g} s")
            time.sleep(ASK_AGAIN_S)


async def _all_set(hub: Hub) -> None:
    """Return when what was sent has gone to the board; it waits for its turn, a few ms."""
    for _ in range(MOST_LOOKS):
        if not hub.link.has_to_set():
            return
        await asyncio.sleep(ASK_AGAIN_S)
