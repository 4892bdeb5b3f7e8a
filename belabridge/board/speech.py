"""How what is wanted is said to a board of either protocol, and what its list says of each variable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from belabridge.values import Exact
from belabridge.wire import commands, commands2

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from belabridge.values import Variable
    from belabridge.wire.commands import Command

CONTROLLER: Final = "belabridge"  # what a board tells others who ask by whom a variable is controlled


@dataclass(frozen=True, slots=True)
class Want:
    """What is wanted of one variable.

    Attributes:
        watch: every sample.
        monitor_period_frames: a value at least this often; 0 = none.
        latency_frames: a sample may be so late, on a board that can be told so; 0 = until its block is full.
    """

    watch: bool = False
    monitor_period_frames: int = 0
    latency_frames: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """What clients have made of one variable.

    Attributes:
        watched: it is streamed; on a board of protocol 2, in exact blocks.
        monitor_period_frames: 0 when it is not monitored.
        controlled: a client owns the value.
        monitor_reads: the monitor tells what the program reads.
        block_values: the limit of the stream of exact blocks.
        latency_frames: its other limit.
        watch_reads: it has what the program reads.
    """

    watched: bool = False
    monitor_period_frames: int = 0
    controlled: bool = False
    monitor_reads: bool = False
    block_values: int = 0
    latency_frames: int = 0
    watch_reads: bool = False


class Speech(Protocol):
    """The words of a protocol."""

    def state(self, variable: Variable) -> State:
        """What clients have made of a variable, as its list says."""

    def settled(self, then: State, now: State, before: State, want: Want, *, controlled: bool) -> State:
        """The state ``then`` that is aimed at, with what only this protocol can say of it.

        Args:
            then: aimed at, as far as both protocols go.
            now: of the variable.
            before: us.
            want: what is wanted of it.
            controlled: a client owns the value, or will.
        """

    def watch(self, states: Mapping[str, State]) -> Command:
        """Stream these."""

    def unwatch(self, names: Sequence[str]) -> Command:
        """Stream them no more."""

    def monitor(self, states: Mapping[str, State]) -> Command:
        """One value a period of these, or none."""

    def control(self, names: Sequence[str]) -> Command:
        """Take variables over."""

    def uncontrol(self, names: Sequence[str]) -> Command:
        """Give them back."""

    def set_(self, values: Mapping[str, float]) -> Command:
        """Set what is controlled."""


class FirstSpeech:
    """The original protocol."""

    def state(self, variable: Variable) -> State:
        """As its list says."""
        return State(variable.watched, variable.monitor_period_frames, variable.controlled)

    def settled(self, then: State, now: State, before: State, want: Want, *, controlled: bool) -> State:  # noqa: ARG002 - as ``Speech``
        """There is no more to say."""
        return then

    def watch(self, states: Mapping[str, State]) -> Command:
        """Stream these."""
        return commands.watch(list(states))

    def unwatch(self, names: Sequence[str]) -> Command:
        """Stream them no more."""
        return commands.unwatch(names)

    def monitor(self, states: Mapping[str, State]) -> Command:
        """One value a period of these, or none."""
        return commands.monitor(_periods(states))

    def control(self, names: Sequence[str]) -> Command:
        """Take variables over."""
        return commands.control(names)

    def uncontrol(self, names: Sequence[str]) -> Command:
        """Give them back."""
        return commands.uncontrol(names)

    def set_(self, values: Mapping[str, float]) -> Command:
        """Set what is controlled."""
        return commands.set_(values)


class SecondSpeech:
    """Protocol 2: streams in exact blocks that are in time, and monitors of what a program reads."""

    def state(self, variable: Variable) -> State:
        """As its list says; a stream of the original protocol is another client's, and is nothing to us."""
        exact = variable.exact or Exact()
        return State(
            exact.block_values > 0,
            variable.monitor_period_frames,
            variable.controlled,
            exact.monitor_reads,
            exact.block_values,
            exact.latency_frames,
            exact.watch_reads,
        )

    def settled(self, then: State, now: State, before: State, want: Want, *, controlled: bool) -> State:
        """Samples in time; and a controlled variable's value, of which the program's own says nothing.

        What another client had before us keeps its limits, when ours are not tighter; its monitor of the
        program's own values stays one.
        """
        latency = before.latency_frames if before.watched else 0
        if want.watch and want.latency_frames:
            latency = min(latency or want.latency_frames, want.latency_frames)
        if want.monitor_period_frames:
            reads = before.monitor_reads if before.monitor_period_frames else controlled
        else:
            reads = before.monitor_reads and then.monitor_period_frames > 0
        return replace(
            then,
            monitor_reads=reads,
            # its size is the board's to choose: what is not another client's wish is taken as it is
            block_values=before.block_values if before.watched else now.block_values,
            latency_frames=latency if then.watched else now.latency_frames,
            watch_reads=before.watch_reads if before.watched else False,
        )

    def watch(self, states: Mapping[str, State]) -> Command:
        """Stream these, within their limits."""
        each = states.values()
        return commands2.watch(
            list(states),
            block_values=[state.block_values for state in each],
            latency_frames=[state.latency_frames for state in each],
            reads=[state.watch_reads for state in each],
        )

    def unwatch(self, names: Sequence[str]) -> Command:
        """Stream them no more."""
        return commands2.unwatch(names)

    def monitor(self, states: Mapping[str, State]) -> Command:
        """One value a period of these, or none."""
        return commands2.monitor(_periods(states), [state.monitor_reads for state in states.values()])

    def control(self, names: Sequence[str]) -> Command:
        """Take variables over, and say who does."""
        return commands2.control(names, CONTROLLER)

    def uncontrol(self, names: Sequence[str]) -> Command:
        """Give them back."""
        return commands2.uncontrol(names)

    def set_(self, values: Mapping[str, float]) -> Command:
        """Set what is controlled, all at one frame."""
        return commands2.set_(values)


def _periods(states: Mapping[str, State]) -> dict[str, int]:
    return {
        name: min(state.monitor_period_frames, commands.LONGEST_PERIOD_FRAMES)
        for name, state in states.items()
    }
