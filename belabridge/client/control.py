"""Control of variables: the program reads what is set, until they are given back."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Final, Self

from belabridge.errors import BoardTimeout, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType

    from belabridge.client.hub import Hub
    from belabridge.wire.listing import VariableList

ASK_AGAIN_S: Final = 0.01  # a block or two of audio, after which the board has acted
CONFIRM_S: Final = 5.0  # a board acts within milliseconds; one that restarts needs some seconds
_SAME: Final = 1e-5  # relative: a board writes some six digits of a float


class Control:
    """Variables under control; made by ``bela.control``.

    Use it as ``async with bela.control("gain") as gain: await gain.set(0.5)``. At the end they are given back
    to the program. After a restart of the board, control and values are as they were.

    Attributes:
        names: the variables.
    """

    def __init__(self, hub: Hub, names: Iterable[str], timeout_s: float = CONFIRM_S) -> None:
        """Control that is not taken yet."""
        self.names = hub.require(names)
        self._hub, self._timeout_s = hub, timeout_s
        self._is_held = False

    async def __aenter__(self) -> Self:
        await self.take()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.give_back()

    async def take(self) -> None:
        """Take control, and return when the board says so.

        Raises:
            BoardTimeout: it does not say so in time.
        """
        if self._is_held:
            raise UsageError(f"{', '.join(self.names)}: under this control already")
        self._hub.hold(self.names)
        self._is_held = True
        try:
            await self._confirm("take over", lambda: _controls(self.names))
        except BaseException:
            self.give_back()
            raise

    def give_back(self) -> None:
        """Let the program have its variables; those that another control of this connection has stay."""
        if self._is_held:
            self._is_held = False
            self._hub.let_go(self.names)

    async def set(
        self, value: float | Mapping[str, float] | None = None, /, *, confirm: bool = False, **values: float
    ) -> None:
        """Let the program read a value.

        Of a burst, at most 250 messages a second go to the board, always with the latest values.

        Args:
            value: of the one variable, or values by name.
            confirm: return only when the program reads it.
            **values: by name, as in ``set(gain=0.5, freq=440)``; together they reach the board at once.

        Raises:
            UsageError: it is no number that the variable's type can hold, or of a variable that is not under
                this control.
            BoardTimeout: it was to be confirmed, and was not in time.
        """
        named = self._named(value, values)
        for name, number in named.items():
            self._hub.link.set_value(name, number)
        if confirm:
            await self._confirm("set", lambda: self._reads(named))

    @property
    def value(self) -> float:
        """What the program reads of the one variable, as far as is known.

        Raises:
            UsageError: there are several: see ``values``.
        """
        if len(self.names) > 1:
            raise UsageError("several variables are under this control: see .values")
        return self.values[self.names[0]]

    @property
    def values(self) -> dict[str, float]:
        """What the program reads of each variable, as far as is known: what was set last, or was listed."""
        foreseen, table = self._hub.link.foreseen, self._hub.table
        return {name: foreseen(table[name]).value for name in self.names if name in table}

    def _named(
        self, value: float | Mapping[str, float] | None, values: Mapping[str, float]
    ) -> dict[str, float]:
        if not self._is_held:
            raise UsageError(f"{', '.join(self.names)}: not under control; use it in `with`")
        named: dict[str, float] = dict(values)
        if isinstance(value, dict):
            named = {**value, **named}
        elif value is not None:
            if len(self.names) > 1:
                raise UsageError(
                    f"{len(self.names)} variables are under this control: set({self.names[0]}=…)"
                )
            named = {self.names[0]: value, **named}  # type: ignore[dict-item]  # checked by the hub
        if not named:
            raise UsageError("set what? Write set(0.5), or set(gain=0.5)")
        for name in named:
            if name not in self.names:
                raise UsageError(f"{name!r} is not under this control, but {', '.join(self.names)}")
        return {name: self._hub.fitting(name, number) for name, number in named.items()}

    def _reads(self, named: Mapping[str, float]) -> Callable[[VariableList], bool]:
        def are_read(board: VariableList) -> bool:
            now = {variable.name: variable.value for variable in reversed(board.variables)}
            return all(
                math.isclose(now.get(name, math.nan), value, rel_tol=_SAME, abs_tol=_SAME)
                for name, value in named.items()
            )

        return are_read

    async def _confirm(self, what: str, made: Callable[[], Callable[[VariableList], bool]]) -> None:
        is_so = made()
        loop = asyncio.get_running_loop()
        until = loop.time() + self._timeout_s
        while True:
            if is_so(await self._hub.list(max(ASK_AGAIN_S, until - loop.time()))):
                return
            if loop.time() >= until:
                raise BoardTimeout(
                    f"the board did not {what} {', '.join(self.names)} within {self._timeout_s:g} s: does "
                    "another client control it?"
                )
            await asyncio.sleep(ASK_AGAIN_S)


def _controls(names: Iterable[str]) -> Callable[[VariableList], bool]:
    def are_controlled(board: VariableList) -> bool:
        return {variable.name for variable in board.variables if variable.controlled}.issuperset(names)

    return are_controlled
