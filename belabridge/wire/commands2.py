"""What a host says to a board of protocol 2: the commands of ``commands``, and what only it understands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from belabridge.errors import UsageError
from belabridge.wire import commands
from belabridge.wire.formats import LATEST_FRAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from belabridge.wire.commands import Command

PROTOCOL: Final = 2
LONGEST_CONTROLLER: Final = 32  # characters that a board takes for who controls
LARGEST_BLOCK: Final = (
    4096  # values: a full block of chars; what a variable's type allows is less, or the same
)


def list_() -> Command:
    """Ask for all variables, with what only protocol 2 tells; an original board answers as ever."""
    return _second(commands.list_())


def watch(
    names: Sequence[str],
    start_frames: int | Sequence[int] | None = None,
    duration_frames: int | Sequence[int] | None = None,
    *,
    block_values: int | Sequence[int] | None = None,
    latency_frames: int | Sequence[int] | None = None,
    reads: Sequence[bool] | None = None,
) -> Command:
    """Stream in exact blocks; a watch on one that runs loses nothing, and sets its limits and end anew.

    Args:
        names: of the variables.
        start_frames: one for all or one each; a frame in the past, or None, is now.
        duration_frames: one for all or one each; 0 or None is until ``unwatch``.
        block_values: a block goes out when it has so many; 0 or None is the largest block.
        latency_frames: or when its first value is so old; 0 or None is no limit.
        reads: for each variable, stream what the program reads, one value a tick, and not what it assigns.

    Raises:
        UsageError: no names, a list of another length, or a number that no board can have.
    """
    command = commands.watch(names, start_frames, duration_frames)
    blocks = _each(command, "blocks", block_values, LARGEST_BLOCK)
    latencies = _each(command, "latencies", latency_frames, commands.LONGEST_PERIOD_FRAMES)
    return _second(command, *blocks, *latencies, *_truths(command, reads))


def unwatch(names: Sequence[str], at_frames: int | Sequence[int] | None = None) -> Command:
    """End the stream of exact blocks, now or with the values of a frame; what is pending comes at once."""
    return _second(commands.unwatch(names, at_frames))


def log(
    names: Sequence[str],
    start_frames: int | Sequence[int] | None = None,
    duration_frames: int | Sequence[int] | None = None,
) -> Command:
    """Write a file that carries its layout; an error when one of the variables is being logged."""
    return _second(commands.log(names, start_frames, duration_frames))


def unlog(names: Sequence[str], at_frames: int | Sequence[int] | None = None) -> Command:
    """End the log, now or with the values of a frame."""
    return _second(commands.unlog(names, at_frames))


def monitor(periods_frames: Mapping[str, int], reads: Sequence[bool] | None = None) -> Command:
    """One value a period; where ``reads`` is true, of what the program reads, assigned or not."""
    command = commands.monitor(periods_frames)
    return _second(command, *_truths(command, reads))


def control(names: Sequence[str], controller: str = "") -> Command:
    """Take variables over, and say who does.

    Raises:
        UsageError: more than 32 characters, or one that is not printable ASCII.
    """
    if len(controller) > LONGEST_CONTROLLER or not (controller.isascii() and controller.isprintable()):
        raise UsageError(
            f"{controller[:40]!r} is no name for who controls: at most 32 printable ASCII characters"
        )
    return replace(_second(commands.control(names)), controller=controller or None)


def uncontrol(names: Sequence[str]) -> Command:
    """Give variables back to the program."""
    return _second(commands.uncontrol(names))


def set_(values: Mapping[str, float], at_frames: int | Sequence[int] | None = None) -> Command:
    """Set variables that are controlled; those of one frame act together, now or at that frame.

    All or nothing: a board refuses all of it when a variable is not controlled or a value does not fit.
    """
    command = commands.set_(values)
    return _second(command, *_each(command, "timestamps", at_frames, LATEST_FRAME))


def set_mask(
    values_masks: Mapping[str, tuple[int, int]], at_frames: int | Sequence[int] | None = None
) -> Command:
    """Set single bits, now or at a frame."""
    command = commands.set_mask(values_masks)
    return _second(command, *_each(command, "timestamps", at_frames, LATEST_FRAME))


def _second(command: Command, *lists: tuple[str, tuple[int | bool, ...]]) -> Command:
    return replace(command, protocol=PROTOCOL, lists=(*command.lists, *lists))


def _each(
    command: Command, key: str, given: int | Sequence[int] | None, largest: int
) -> list[tuple[str, tuple[int | bool, ...]]]:
    """The list ``key``, or nothing when it is not given."""
    if given is None:
        return []
    return [(key, commands.one_each(command.cmd, key, given, len(command.names), largest))]


def _truths(command: Command, given: Sequence[bool] | None) -> list[tuple[str, tuple[int | bool, ...]]]:
    if given is None:
        return []
    if len(given) != len(command.names):
        raise UsageError(
            f"{command.cmd}: {len(given)} reads for {len(command.names)} variables; give one each"
        )
    return [("reads", tuple(bool(one) for one in given))]
