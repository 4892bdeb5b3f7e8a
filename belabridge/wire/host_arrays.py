"""Which array of the board's program is meant, by its number or by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from belabridge.errors import UsageError

if TYPE_CHECKING:
    from belabridge.values import Variable, VarType
    from belabridge.wire.listing import HostArray


class Listed(Protocol):
    """What a board has said of itself, such as a ``VariableList``."""

    @property
    def protocol(self) -> int:
        """1, or 2 when it tells its arrays."""

    @property
    def variables(self) -> tuple[Variable, ...]:
        """In the order of the list."""

    @property
    def arrays(self) -> tuple[HostArray, ...]:
        """What clients may fill."""


def find_array(
    board: Listed, buffer: int | str, type_: VarType | None, count: int = 0
) -> tuple[int, VarType | None]:
    """The number and the type of the array that a message is to fill.

    An original board tells of no arrays, and a program can have some that no list tells of: so a number is
    believed, unless the list says that it is something else.

    Args:
        board: its last list.
        buffer: the number, or the name of a ``WatcherBuffer``.
        type_: what it is said to be; None = whatever the board says.
        count: so many values are to be sent.

    Returns:
        Its number; its type, None when neither the caller nor the board says it.

    Raises:
        UsageError: there is none, or it is of another type, or too small.
    """
    if isinstance(buffer, str):
        known = next((array for array in board.arrays if array.name == buffer), None)
        if known is None:
            raise UsageError(f"the board has no buffer {buffer!r}: {_there_are(board)}")
    else:
        known = next((array for array in board.arrays if array.id == buffer), None)
        if known is None:
            # on an original board the place in the list is the id of a variable only as long as the program
            # has no buffers of its own
            taken = [v.name for v in board.variables if v.id == buffer] if board.protocol > 1 else []
            if taken:
                raise UsageError(f"{buffer} is the variable {taken[0]!r} and no buffer: {_there_are(board)}")
            return buffer, type_
    if type_ is not None and type_ is not known.type:
        raise UsageError(f"buffer {known.name!r} is of type {known.type}, not {type_}")
    if count > known.size:
        raise UsageError(f"{count} values: buffer {known.name!r} holds {known.size}")
    return known.id, known.type


def _there_are(board: Listed) -> str:
    if board.protocol == 1:
        return "this board tells of none: write the number that its program got for it"
    return f"it has {', '.join(array.name for array in board.arrays) or 'none'}"
