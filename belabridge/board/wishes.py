"""What the user wants of a board, outside of any connection, and the commands that bring a board to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from belabridge.wire import commands as cmd

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from belabridge.values import Variable
    from belabridge.wire.commands import Command


@dataclass(frozen=True, slots=True)
class Want:
    """What is wanted of one variable.

    Attributes:
        watch: every sample.
        monitor_period_frames: a value at least this often; 0 = none.
    """

    watch: bool = False
    monitor_period_frames: int = 0


@dataclass(frozen=True, slots=True)
class Before:
    """How a variable was when we first touched it, so that it can be left like that."""

    watched: bool
    monitor_period_frames: int
    controlled: bool


class Wishes:
    """The wanted watches, monitors and controlled values, and what was taken of the board for them.

    A board that restarts forgets all; our own state outlives its connections and is replayed. What
    another client had before us is left as it was.
    """

    def __init__(self) -> None:
        self.wanted: dict[str, Want] = {}
        self.controlled: dict[str, float] = {}
        self._before: dict[str, Before] = {}

    def replay(self, table: Mapping[str, Variable], *, fresh: bool = False) -> list[Command]:
        """The commands that bring a board, as its ``list`` shows it, to what is wanted.

        Called with a table that is already as wanted, it gives nothing.

        Args:
            table: the board's variables by name.
            fresh: the connection is new, so that values set meanwhile have not reached the board.
        """
        watch, unwatch, periods = [], [], {}
        for name, variable in table.items():
            want = self.wanted.get(name, Want())
            if want.watch and not variable.watched:
                watch.append(name)
            elif variable.watched and not want.watch and self._took_watch(name):
                unwatch.append(name)
            period = self._period(name, want, variable)
            if period != variable.monitor_period_frames:
                periods[name] = period
            if want != Want():
                self._remember(variable)
            elif name not in self.controlled:
                self._before.pop(name, None)
        commands = []
        if unwatch:
            commands.append(cmd.unwatch(unwatch))
        if watch:
            commands.append(cmd.watch(watch))
        if periods:
            commands.append(cmd.monitor(periods))
        return commands + self._take_control(table, fresh=fresh)

    def release(self, table: Mapping[str, Variable]) -> list[Command]:
        """The commands that leave the board as it was before us; nothing is wanted afterwards."""
        dropped = [name for name in self.controlled if name in table and not self._was(name).controlled]
        self.wanted.clear()
        self.controlled.clear()
        commands = [cmd.uncontrol(dropped)] if dropped else []
        commands += self.replay(table)
        self._before.clear()
        return commands

    def set_values(self, values: Mapping[str, float], table: Mapping[str, Variable]) -> list[Command]:
        """The commands that make the board's program read ``values``; they are kept for a restart.

        A variable is taken under control when it is not; names that the board lacks wait until it has them.
        """
        known = {name: value for name, value in values.items() if name in table}
        take = [name for name in known if name not in self.controlled and not table[name].controlled]
        for name in known:
            self._remember(table[name])
        self.controlled.update(values)
        commands = [cmd.control(take)] if take else []
        if known:
            commands.append(cmd.set_(known))
        return commands

    def let_go(self, names: Iterable[str], table: Mapping[str, Variable]) -> list[Command]:
        """The commands that give variables back to the program."""
        mine = [name for name in names if self.controlled.pop(name, None) is not None and name in table]
        given = [name for name in mine if not self._was(name).controlled]
        return [cmd.uncontrol(given)] if given else []

    def forget_board(self) -> None:
        """The board's program has restarted: nothing on it is taken any more; all that is wanted stays."""
        self._before.clear()

    def _take_control(self, table: Mapping[str, Variable], *, fresh: bool) -> list[Command]:
        mine = {name: value for name, value in self.controlled.items() if name in table}
        lost = [name for name in mine if not table[name].controlled]
        for name in mine:
            self._remember(table[name])
        values = mine if fresh else {name: mine[name] for name in lost}
        commands = [cmd.control(lost)] if lost else []
        return [*commands, cmd.set_(values)] if values else commands

    def _period(self, name: str, want: Want, variable: Variable) -> int:
        """The monitor period this variable should have now."""
        now = variable.monitor_period_frames
        if want.monitor_period_frames:
            # Another client's faster monitor serves us too: our own limits thin it out.
            foreign = name not in self._before or self._before[name].monitor_period_frames == now
            return now if foreign and 0 < now <= want.monitor_period_frames else want.monitor_period_frames
        return self._before[name].monitor_period_frames if name in self._before else now

    def _took_watch(self, name: str) -> bool:
        return name in self._before and not self._before[name].watched

    def _was(self, name: str) -> Before:
        return self._before.get(name, Before(watched=False, monitor_period_frames=0, controlled=False))

    def _remember(self, variable: Variable) -> None:
        self._before.setdefault(
            variable.name,
            Before(variable.watched, variable.monitor_period_frames, variable.controlled),
        )
