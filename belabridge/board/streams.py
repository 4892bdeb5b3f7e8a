"""The streams that are wanted of a board: what of their blocks is ours and true, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from belabridge.wire.continuity import Continuity
from belabridge.wire.handover import Handover
from belabridge.wire.padding import Padding
from belabridge.wire.splice import WatchStart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from belabridge.board.receiver import Receiver
    from belabridge.tally import Tally
    from belabridge.values import Block
    from belabridge.wire.control import LogStarted
    from belabridge.wire.listing import VariableList


class Streams:
    """Blocks of streams on their way from the board to a receiver.

    Args:
        receiver: told of blocks and gaps.
        tally: counts what is missing.

    Attributes:
        is_exact: the board speaks protocol 2, whose blocks say how long they are.
    """

    def __init__(self, receiver: Receiver, tally: Tally) -> None:
        self.is_exact = False
        self._receiver, self._tally = receiver, tally
        self._wanted: frozenset[int] = frozenset()
        self._leaving: frozenset[int] = frozenset()
        self._passing: frozenset[int] = frozenset()  # both
        self._over: frozenset[int] = frozenset()  # wanted, and ended by somebody else
        self._continuity = Continuity()
        self._watch_start = WatchStart()
        self._tails: Handover | Padding = Padding(self.step_frames)
        self._passes = True  # nobody logs: every block is whole, and need not be asked about

    def begin(self, board: VariableList, *, exact: bool, restarted: bool, goes_on: bool) -> None:
        """A board has listed its variables for the first time, or others than before.

        Args:
            board: its list.
            exact: it speaks protocol 2.
            restarted: nothing of what was known of it is true.
            goes_on: its streams are ours already.
        """
        self.is_exact = exact
        if restarted:
            self._continuity = Continuity()
        if not goes_on:
            self._leaving, self._passing = frozenset(), self._wanted
            self._watch_start = WatchStart()
            self._watch_start.watched((variable.id for variable in board.variables), board.frame)
        self._over = frozenset()
        if exact:
            self._tails = Handover(self.step_frames)
            self._passes = False
        else:
            self._tails = Padding(self.step_frames)
            self._tails.listed(board.variables, board.frame)
            self._passes = self._tails.is_idle

    def want(self, ids: frozenset[int], leaving: frozenset[int] = frozenset()) -> None:
        """Let through the streams of these variables, and only those.

        Args:
            ids: of the variables.
            leaving: not wanted any more, but the last of what the board has of them: with it, an original
                board sends zeros that nobody can tell. Until ``left``.
        """
        passing = self._leaving | leaving | ids
        self._restart(self._passing - passing)
        self._wanted, self._leaving, self._passing = ids, (self._leaving | leaving) - ids, passing

    def left(self, ids: frozenset[int]) -> None:
        """Of these, nothing comes any more, or is wanted."""
        gone = self._leaving & ids
        self._restart(gone)
        self._leaving -= gone
        self._passing -= gone

    def listed(self, board: VariableList) -> None:
        """Take a list: on an original board it shows who logs, and which stream somebody else has ended."""
        if not isinstance(self._tails, Padding):
            return
        self._tails.listed(board.variables, board.frame)
        self._passes = self._tails.is_idle
        over = frozenset(v.id for v in board.variables if v.id in self._wanted and not v.watched)
        for id_ in over - self._over:
            if not self._tails.drop(id_):
                self._continuity.ended(id_)
        self._over = over

    def logged(self, id_: int, log: LogStarted) -> None:
        """The board has said that it logs this variable."""
        if isinstance(self._tails, Padding):
            self._tails.logged(id_, log.frame, log.end_frame)
            self._passes = False

    def step_frames(self, id_: int) -> float:
        """Audio frames between two samples of a variable's stream; 1 while unknown."""
        return self._continuity.step_frames(id_) or 1.0

    def known_step_frames(self, id_: int) -> float | None:
        """The same; None while it is unknown."""
        return self._continuity.step_frames(id_)

    def block(self, block: Block, now: float) -> None:
        """Take a block of a stream, and hand on what is true of it."""
        if block.id not in self._passing:
            return  # another client's, or the last one of ours, padded with zeros that nobody can tell
        ours = self._watch_start.ours(block)
        if ours is None:
            return
        for whole in (ours,) if self._passes else self._tails.seen(ours):
            missing = self._continuity.seen(whole)
            if missing:
                self._tally.count("board.gap_frames", missing)
                self._receiver.gap(whole.id, missing)
            self._receiver.block(whole, now)

    def _restart(self, ids: frozenset[int]) -> None:
        for id_ in ids:
            self._continuity.restart(id_)
            self._tails.drop(id_)

    def take_cut_blocks(self) -> int:
        """How many blocks began before us, since the last call."""
        cut, self._watch_start.cut_blocks = self._watch_start.cut_blocks, 0
        return cut

    def take_padded(self) -> Iterator[tuple[str, int, str]]:
        """Values that were none, since the last call: their counter, how many, and a sentence."""
        padded, self._continuity.padded = self._continuity.padded, 0
        if padded:
            words = f"{padded} zeros went out that are no values: somebody ended a log or a stream of ours"
            yield "board.padded", padded, words
