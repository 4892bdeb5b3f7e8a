"""What the user wants of a board, outside of any connection, and the commands that bring a board to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from belabridge.board.speech import FirstSpeech, SecondSpeech, Speech, State, Want
from belabridge.errors import UsageError
from belabridge.wire.commands import LONGEST_PERIOD_FRAMES
from belabridge.wire.host_buffer import coerce

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from belabridge.values import Variable
    from belabridge.wire.commands import Command
    from belabridge.wire.listing import VariableList


class Wishes:
    """The wanted watches, monitors and controlled values, and what was taken of the board for them.

    A board that restarts forgets all; our own state outlives its connections and is replayed. What
    another client had before us is left as it was. A table is as old as the last ``list``: what we have
    said since is remembered here until ``heard`` confirms that a later list knows of it.

    Attributes:
        speech: how the board is spoken to; a table of protocol 2 needs ``SecondSpeech``.
        wanted: what is to come from each variable.
        controlled: the values that the program is to read, as they were given.
        held: variables that are to be under control, whether a value was given or not.
        char_signed: a char of this board is -128 to 127.
        unfit: values that were not set, because the variable's type cannot hold them.
    """

    def __init__(self) -> None:
        self.speech: Speech = FirstSpeech()
        self.wanted: dict[str, Want] = {}
        self.controlled: dict[str, float] = {}
        self.held: set[str] = set()
        self.char_signed = False
        self.unfit = 0
        self._owed: set[str] = set()
        self._before: dict[str, State] = {}
        self._said: dict[str, tuple[int, State]] = {}
        self._saying = 0

    @property
    def said(self) -> int:
        """A mark of what has been said so far, for ``heard``."""
        return self._saying

    @property
    def ending(self) -> set[str]:
        """Variables whose streams we have ended, as far as no list has told that since."""
        return {name for name, (_, state) in self._said.items() if not state.watched}

    def heard(self, mark: int) -> None:
        """The table is from a list that was asked for at ``mark``: it knows all that was said before."""
        self._said = {name: said for name, said in self._said.items() if said[0] > mark}

    def reconnected(self, *, restarted: bool) -> None:
        """The connection is new; with ``restarted``, so is the program, and nothing of it is taken."""
        self._said.clear()
        if restarted:
            self._before.clear()
            self._owed.clear()

    def outgrow(self, table: Mapping[str, Variable]) -> list[Command]:
        """The board speaks protocol 2 after all: the commands that end what we began in the original one."""
        mine = [
            name
            for name, want in self.wanted.items()
            if want.watch and name in table and not self._before.get(name, State()).watched
        ]
        self._before = {name: replace(before, watched=False) for name, before in self._before.items()}
        self._said.clear()
        ending = [self.speech.unwatch(mine)] if mine else []
        self.speech = SecondSpeech()
        return ending

    def replay(self, table: Mapping[str, Variable], *, fresh: bool = False) -> list[Command]:
        """The commands that bring a board, as its ``list`` shows it, to what is wanted.

        Called with a table that is already as wanted, it gives nothing.

        Args:
            table: the board's variables by name.
            fresh: the connection is new, so that values set meanwhile have not reached the board.
        """
        # first: what a monitor tells is what the program reads, and its first value comes at once
        commands = self._give_owed(table) + self._take_control(table, fresh=fresh)
        watch: dict[str, State] = {}
        unwatch: list[str] = []
        monitor: dict[str, State] = {}
        for name, variable in table.items():
            want, now = self.wanted.get(name, Want()), self._state(variable)
            if want != Want():
                self._before.setdefault(name, now)
            before = self._before.get(name, now)
            then = self.speech.settled(
                replace(
                    now,
                    watched=want.watch or (before.watched and now.watched),
                    monitor_period_frames=_period(
                        want, now.monitor_period_frames, before.monitor_period_frames
                    ),
                ),
                now,
                before,
                want,
                controlled=now.controlled or self._is_ours(name),
            )
            if not then.watched and now.watched:
                unwatch.append(name)
            elif then.watched and _stream(then) != _stream(now):
                watch[name] = then
            if _monitor(then) != _monitor(now):
                monitor[name] = then
            if then != now:
                self._say(name, then)
            if want == Want() and not self._is_ours(name):
                self._before.pop(name, None)
        commands += [self.speech.unwatch(unwatch)] if unwatch else []
        commands += [self.speech.watch(watch)] if watch else []
        commands += [self.speech.monitor(monitor)] if monitor else []
        return commands

    def release(self, table: Mapping[str, Variable]) -> list[Command]:
        """The commands that leave the board as it was before us; nothing is wanted afterwards."""
        commands = self.let_go([*self.controlled, *self.held], table)
        self.wanted.clear()
        return commands + self.replay(table)

    def set_values(self, values: Mapping[str, float], table: Mapping[str, Variable]) -> list[Command]:
        """The commands that make the board's program read ``values``; they are kept for a restart.

        A variable is taken under control when it is not; names that the board lacks wait until it has them.
        """
        self.controlled.update(values)
        self._owed.difference_update(values)
        fitting = self._fitting(values, table)
        return self._control_and_set(fitting, fitting, table)

    def hold(self, names: Sequence[str], table: Mapping[str, Variable]) -> list[Command]:
        """The commands that take variables under control as they are; of a restarted program, again."""
        self.held.update(names)
        self._owed.difference_update(names)
        return self._control_and_set([name for name in self.held if name in table], {}, table)

    def let_go(self, names: Iterable[str], table: Mapping[str, Variable]) -> list[Command]:
        """The commands that give variables back to the program, if it had them before us.

        What is not in the table, because the board is away, is given back when it is there again.
        """
        mine = [name for name in dict.fromkeys(names) if self._is_ours(name)]
        for name in mine:
            self.controlled.pop(name, None)
            self.held.discard(name)
        self._owed.update(name for name in mine if not self._before.get(name, State()).controlled)
        return self._give_owed(table)

    def owned_value(self, variable: Variable) -> float | None:
        """What the program will read of a variable that we control; None when we do not."""
        return self._fitting(self.controlled, {variable.name: variable}).get(variable.name)

    def foreseen(self, variable: Variable) -> Variable:
        """A variable as it will be listed as soon as the board has done what is wanted of it."""
        value = self.owned_value(variable)
        return variable if value is None else replace(variable, controlled=True, value=value)

    def as_set(self, board: VariableList, names: set[str]) -> VariableList:
        """A list that was answered before the board has set these variables, as if it had."""
        if not names:
            return board
        variables = tuple(self.foreseen(v) if v.name in names else v for v in board.variables)
        return replace(board, variables=variables)

    def _give_owed(self, table: Mapping[str, Variable]) -> list[Command]:
        given = [name for name in table if name in self._owed and self._state(table[name]).controlled]
        self._owed.difference_update(table)
        for name in given:
            self._say(name, replace(self._state(table[name]), controlled=False))
        return [self.speech.uncontrol(given)] if given else []

    def _take_control(self, table: Mapping[str, Variable], *, fresh: bool) -> list[Command]:
        values = self._fitting(self.controlled, table)
        lost = {name: values[name] for name in values if not self._state(table[name]).controlled}
        mine = [*values, *(name for name in self.held if name in table and name not in values)]
        return self._control_and_set(mine, values if fresh else lost, table)

    def _control_and_set(
        self, mine: Iterable[str], values: Mapping[str, float], table: Mapping[str, Variable]
    ) -> list[Command]:
        mine = list(mine)
        take = [name for name in mine if not self._state(table[name]).controlled]
        for name in mine:
            self._before.setdefault(name, self._state(table[name]))
        for name in take:
            self._say(name, replace(self._state(table[name]), controlled=True))
        commands = [self.speech.control(take)] if take else []
        return [*commands, self.speech.set_(values)] if values else commands

    def _fitting(self, values: Mapping[str, float], table: Mapping[str, Variable]) -> dict[str, float]:
        """Those values whose variables are in the table, as their types hold them."""
        fitting = {}
        for name, value in list(values.items()):
            if name not in table:
                continue
            try:
                fitting[name] = coerce(table[name].type, value, char_signed=self.char_signed)
            except UsageError:
                self.unfit += 1
                self.controlled.pop(name, None)
        return fitting

    def _is_ours(self, name: str) -> bool:
        """It is to be under our control."""
        return name in self.controlled or name in self.held

    def _state(self, variable: Variable) -> State:
        """How a variable is now, as far as we know."""
        if variable.name in self._said:
            return self._said[variable.name][1]
        return self.speech.state(variable)

    def _say(self, name: str, state: State) -> None:
        self._saying += 1
        self._said[name] = (self._saying, state)


def _stream(state: State) -> tuple[bool, int, int, bool]:
    return state.watched, state.block_values, state.latency_frames, state.watch_reads


def _monitor(state: State) -> tuple[int, bool]:
    return state.monitor_period_frames, state.monitor_reads


def _period(want: Want, now: int, before: int) -> int:
    """The monitor period that a variable should have; 0 = none."""
    wanted = min(want.monitor_period_frames, LONGEST_PERIOD_FRAMES)
    if not wanted:
        return before
    # Another client's faster monitor serves us too: our own limits thin it out.
    return now if now == before and 0 < now <= wanted else wanted
