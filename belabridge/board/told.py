"""What a board of protocol 2 answers: which monitors tell what is read, and what it refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from belabridge.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from belabridge.values import Block, Variable
    from belabridge.wire.commands import Command
    from belabridge.wire.control import Refused
    from belabridge.wire.listing import VariableList

LONGEST_WORD = 100  # characters of a board's text in a line of the log
NEVER = 2**64  # beyond every frame

_REFUSED = {  # a board's words, in ours
    "busy": "too much is waiting there",
    "size": "it is too much for one message",
    "control": "nobody controls it any more",
    "name": "there is no such variable any more",
    "range": "the value does not fit",
}


class Told:
    """From which frame on a monitor tells what the program reads, of the variables of one connection.

    The values that are on their way when a monitor is changed over are still the program's own, and come by
    another socket than the answer: only their frames tell them apart.
    """

    def __init__(self, board: VariableList | None = None) -> None:
        """Of the variables of a list, which knows of monitors that were begun before."""
        self._reads_from: dict[int, int] = {}
        if board is None:
            return
        for variable in board.variables:
            if variable.exact is not None and variable.exact.monitor_reads:
                self._reads_from[variable.id] = board.frame

    def done(self, command: Command, frame: int, table: Mapping[str, Variable]) -> None:
        """The board took a command at this frame."""
        if command.cmd != "monitor":
            return
        for name, reads in zip(command.names, dict(command.lists).get("reads", ()), strict=False):
            if name not in table:
                continue
            if reads:
                self._reads_from[table[name].id] = frame
            else:
                self._reads_from.pop(table[name].id, None)

    def tells(self, id_: int) -> bool:
        """Whatever the program reads of this variable is told by a monitor."""
        return id_ in self._reads_from

    def reads(self, block: Block) -> bool:
        """A monitored value is what the program reads."""
        return block.frame >= self._reads_from.get(block.id, NEVER)


def said(refused: Refused) -> str:
    """An error of the board as a sentence."""
    about = f" of {printable(refused.variable, LONGEST_WORD)!r}" if refused.variable else ""
    why = _REFUSED.get(refused.error) or printable(refused.error, LONGEST_WORD)
    return f"the board refused the {printable(refused.cmd, LONGEST_WORD)}{about}: {why}"


def spared(command: Command, refused: Refused) -> tuple[str, ...]:
    """The variables of a ``set`` that were not at fault: the board does all of a command or nothing."""
    if command.cmd != "set" or (refused.variable is None and refused.error != "busy"):
        return ()
    return tuple(name for name in command.names if name != refused.variable)
