"""What others do to the connections of a port of ours: it then knows nothing of whom it speaks with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

CUT_FOR_S = 0.5  # JACK parts the ports of a client that leaves before it says that they are gone
FIRST_WAIT_S = 1.0  # before a cable that somebody cut is connected again
LONGEST_WAIT_S = 60.0  # for who means it: two programs that undo each other's work must not spin


class Cables:
    """The connections of one port; told on a backend's thread, asked on another.

    Args:
        to: the port of the system that it was opened for; None: it is a port of our own, for all.
        is_in: whether it listens.

    Attributes:
        is_cut: the one that it was opened for is not connected any more.
    """

    def __init__(self, to: Hashable | None, *, is_in: bool) -> None:
        self.is_cut = False
        self._to, self._is_in = to, is_in
        self._news = self._seen = 0  # counted: each is written by one thread only

    def made(self, other: Hashable) -> None:
        """Somebody, we or others, connected a port."""
        if self._to is None:
            self._news += not self._is_in  # who listens now knows nothing of what was sent before
        elif other == self._to:
            self.is_cut = False  # others may listen too, as a monitor does: it is not them whom we speak with

    def ended(self, other: Hashable) -> None:
        """A connection was cut, or its other end is gone."""
        ours = self._to is not None and other == self._to
        self.is_cut = self.is_cut or ours
        if self._is_in or ours:
            self._news += 1  # keys that were held there are lifted by nobody

    def are_new(self) -> bool:
        """Whether it must be taken for another port than when this was asked last."""
        seen, self._seen = self._seen, self._news
        return seen != self._seen


class Patience:
    """When a cable that was cut is connected again: soon, and the later the oftener it is cut."""

    def __init__(self) -> None:
        self._wait_s = 0.0
        self._cut_at = self._again_at = float("-inf")

    def cut(self, now: float) -> None:
        """It was cut."""
        lasted = now - self._cut_at > LONGEST_WAIT_S + self._wait_s
        self._wait_s = FIRST_WAIT_S if lasted else min(LONGEST_WAIT_S, self._wait_s * 2)
        self._cut_at, self._again_at = now, now + self._wait_s

    def is_over(self, now: float) -> bool:
        """Whether it may be connected."""
        return now >= self._again_at
