"""What a host says to a board: commands as JSON texts that cannot harm it."""

from __future__ import annotations

import json
import math
import operator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from belabridge.errors import UsageError
from belabridge.wire.formats import LATEST_FRAME, can_be_said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

LONGEST_TEXT: Final = 16_000  # bytes: a board closes the connection at 32 768; half of it is proven safe
LONGEST_PERIOD_FRAMES: Final = (
    1 << 31
) - 1  # fits every integer a board may keep it in; 13 hours at 44.1 kHz
CONNECTION_REPLY: Final = '{"event":"connection-reply"}'
"""The answer to a greeting: makes this client active, so that buffers flow."""
_OPENING, _CLOSING = '{"watcher":[', "]}"
_ROOM = LONGEST_TEXT - len(_OPENING) - len(_CLOSING) - 1


@dataclass(frozen=True, slots=True)
class Command:
    """One command, checked when it was made; make it with the functions of this file.

    Attributes:
        cmd: the board's word for it.
        names: of the variables; empty only for ``list``.
        lists: the board's further lists, by their key; each as long as ``names``.
        protocol: 1, or 2 for those of ``commands2``.
        id: by which a board of protocol 2 answers; a session gives it.
        controller: who controls; None to say nothing of it.
    """

    cmd: str
    names: tuple[str, ...] = ()
    lists: tuple[tuple[str, tuple[int | float | bool, ...]], ...] = ()
    protocol: int = 1
    id: int | None = None
    controller: str | None = None


def list_() -> Command:
    """Ask for all variables."""
    return Command("list")


def watch(
    names: Sequence[str],
    start_frames: int | Sequence[int] | None = None,
    duration_frames: int | Sequence[int] | None = None,
) -> Command:
    """Stream every assigned value.

    Args:
        names: of the variables; those of one message start at the same frame.
        start_frames: one for all or one each; a frame in the past, or None, is now.
        duration_frames: one for all or one each; the frame ``start + duration`` still belongs to the run.
            0 or None is until ``unwatch``.

    Raises:
        UsageError: no names, a list of another length, or a frame that no board can have.
    """
    return _timed("watch", names, start_frames, duration_frames)


def unwatch(names: Sequence[str], at_frames: int | Sequence[int] | None = None) -> Command:
    """End the stream, now or at a frame (that one still included); the board flushes a padded buffer."""
    return _timed("unwatch", names, at_frames, None)


def log(
    names: Sequence[str],
    start_frames: int | Sequence[int] | None = None,
    duration_frames: int | Sequence[int] | None = None,
) -> Command:
    """Write a file on the board; arguments as for ``watch``. Ignored for a variable that is being logged."""
    return _timed("log", names, start_frames, duration_frames)


def unlog(names: Sequence[str], at_frames: int | Sequence[int] | None = None) -> Command:
    """End the log, now or at a frame; a stream of the same variable gets a short, padded buffer too."""
    return _timed("unlog", names, at_frames, None)


def monitor(periods_frames: Mapping[str, int]) -> Command:
    """One value at its next assignment, then one every period; 1 = only the one, 0 = off."""
    names = _names(periods_frames)
    periods = tuple(_whole("period", n, LONGEST_PERIOD_FRAMES) for n in periods_frames.values())
    return Command("monitor", names, (("periods", periods),))


def control(names: Sequence[str]) -> Command:
    """Take variables over: the program reads what is set, not what it assigns."""
    return Command("control", _names(names))


def uncontrol(names: Sequence[str]) -> Command:
    """Give variables back to the program."""
    return Command("uncontrol", _names(names))


def set_(values: Mapping[str, float]) -> Command:
    """Set variables that are controlled (others ignore it). ``coerce`` makes values fit their C type.

    Raises:
        UsageError: a value is NaN, infinite or no number.
    """
    names = _names(values)
    return Command("set", names, (("values", tuple(_finite(n, v) for n, v in values.items())),))


def set_mask(values_masks: Mapping[str, tuple[int, int]]) -> Command:
    """Set single bits, ``v = (v & ~mask) | (value & mask)``, from name to (value, mask).

    Values are -2^31 to 2^32-1 and masks 0 to 2^32-1. A negative value goes out as its unsigned 32-bit twin,
    because ARM and x86 boards do not convert it alike.
    """
    names = _names(values_masks)
    values, masks = [], []
    for value, mask in values_masks.values():
        number = _integer("value", value)
        if not -(1 << 31) <= number < 1 << 32:
            raise UsageError(f"setMask value {number} does not fit 32 bits")
        values.append(number & 0xFFFF_FFFF)
        masks.append(_whole("mask", mask, 0xFFFF_FFFF))
    return Command("setMask", names, (("values", tuple(values)), ("masks", tuple(masks))))


def encode(commands: Sequence[Command]) -> list[str]:
    """The JSON texts of some commands, in their order: ASCII only, each shorter than ``LONGEST_TEXT`` bytes.

    As many commands as fit share a message. One that is too long is split into several; the variables of a
    split ``watch`` without ``start_frames`` may then start a few frames apart.

    Raises:
        UsageError: a command that was not made by the functions of this file has too long a name.
    """
    texts: list[str] = []
    parts: list[str] = []
    used = 0
    for command in commands:
        for part in split(command):
            text = _text(part)
            if parts and used + len(text) + 1 > _ROOM:
                texts.append(_OPENING + ",".join(parts) + _CLOSING)
                parts, used = [], 0
            parts.append(text)
            used += len(text) + 1
    if parts:
        texts.append(_OPENING + ",".join(parts) + _CLOSING)
    return texts


def own_text(tree: object) -> str:
    """A text for the control socket of the user's own making, if it cannot harm a board.

    Args:
        tree: what it says; any JSON object.

    Raises:
        UsageError: it is no object, too long, or known to end a board's program.
    """
    if not isinstance(tree, dict):
        raise UsageError("a control message is a dict, such as {'watcher': [{'cmd': 'list'}]}")
    try:
        text = json.dumps(tree, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise UsageError(f"this cannot be written as JSON: {error}") from None
    if len(text) > LONGEST_TEXT:
        raise UsageError(f"a control message of {len(text)} bytes: a board takes {LONGEST_TEXT} at most")
    said = tree.get("watcher")
    for one in said if isinstance(said, list) else ():
        if not isinstance(one, dict) or one.get("cmd") != "setMask":
            continue
        lists = [one.get(key) for key in ("watchers", "values", "masks")]
        if len({len(each) if isinstance(each, list) else -1 for each in lists}) > 1:
            raise UsageError(
                "setMask needs as many values and masks as variables, or the board's program ends"
            )
    return text


def split(command: Command) -> Iterator[Command]:
    """The command, halved until each part fits a message.

    Raises:
        UsageError: a command that was not made by the functions of this room has too long a name.
    """
    if len(_text(command)) < _ROOM:
        yield command
        return
    if len(command.names) < 2:
        raise UsageError(f"the name {command.names[0][:40]!r}… is too long for a board")
    middle = len(command.names) // 2
    for part in (slice(None, middle), slice(middle, None)):
        lists = tuple((key, values[part]) for key, values in command.lists)
        yield from split(replace(command, names=command.names[part], lists=lists))


def _text(command: Command) -> str:
    """The command as a JSON object."""
    fields: dict[str, object] = {"cmd": command.cmd}
    if command.protocol > 1:
        fields["protocol"] = command.protocol
    if command.id is not None:
        fields["id"] = command.id
    if command.names:
        fields["watchers"] = command.names
    if command.controller is not None:
        fields["controller"] = command.controller
    fields.update(command.lists)
    return json.dumps(fields, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def _timed(
    cmd: str,
    names: Sequence[str],
    timestamps: int | Sequence[int] | None,
    durations: int | Sequence[int] | None,
) -> Command:
    checked = _names(names)
    lists: list[tuple[str, tuple[int, ...]]] = []
    for key, frames in (("timestamps", timestamps), ("durations", durations)):
        if frames is None:
            continue
        lists.append((key, one_each(cmd, key, frames, len(checked), LATEST_FRAME)))
    return Command(cmd, checked, tuple(lists))


def one_each(cmd: str, key: str, given: int | Sequence[int], count: int, largest: int) -> tuple[int, ...]:
    """One number for each of ``count`` variables, from one for all or a list.

    Raises:
        UsageError: a list of another length, or a number that is not a whole one from 0 to ``largest``.
    """
    each = [given] * count if isinstance(given, int) else list(given)
    if len(each) != count:
        raise UsageError(f"{cmd}: {len(each)} {key} for {count} variables; give one each")
    return tuple(_whole(key, n, largest) for n in each)


def _names(names: Sequence[str] | Mapping[str, object]) -> tuple[str, ...]:
    if isinstance(names, str):
        raise UsageError(f"give a list of names: [{names!r}], not {names!r}")
    checked = tuple(names)
    if not checked:
        raise UsageError("give at least one variable")
    for name in checked:
        if not _is_text(name):
            raise UsageError(f"{name!r} is no name of a variable")
        if not can_be_said(name):
            raise UsageError(f"the name {name[:40]!r} is too long or has characters that a board cannot have")
    return checked


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _integer(what: str, value: object) -> int:
    """An int, also from numpy; a float is refused, because what its fraction means is not ours to say."""
    try:
        return operator.index(value)  # type: ignore[arg-type]  # that is what is being tried
    except TypeError:
        raise UsageError(f"{what} {value!r} is no whole number") from None


def _whole(what: str, value: object, largest: int) -> int:
    number = _integer(what, value)
    if not 0 <= number <= largest:
        raise UsageError(f"{what} {number} is not within 0 to {largest}")
    return number


def _finite(name: str, value: object) -> int | float:
    try:
        number = float(value)  # type: ignore[arg-type]  # that is what is being tried
    except (TypeError, ValueError, OverflowError):
        raise UsageError(f"{name}={value!r} is no number that a board can take") from None
    if isinstance(value, str) or not math.isfinite(number):
        raise UsageError(f"{name}={value!r} is no finite number; a board cannot take it")
    return int(number) if number.is_integer() and abs(number) <= LATEST_FRAME else number
