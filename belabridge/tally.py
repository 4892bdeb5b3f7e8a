"""Counts what was refused or lost, by reason, and says when that is worth a line in the log."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass

QUIET_S = 10.0  # a fault that goes on is one line in ten seconds: seen, and not a flood
NAMES = 256  # named ones by reason; more names come only from a hostile sender, and are named again then
NAMED_AT_ONCE = 10  # a config's slips are fewer; beyond it a line in ten seconds
REMEMBERED = 20  # status shows the latest few; a hostile sender must not fill the memory


@dataclass(frozen=True, slots=True)
class Complaint:
    """One line worth logging.

    Attributes:
        at: the clock's reading when it happened.
        reason: the counter it belongs to.
        text: for a person.
    """

    at: float
    reason: str
    text: str


class Tally:
    """Counters by reason, with the last complaints; one per daemon, shared by its edges."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.recent: deque[Complaint] = deque(maxlen=REMEMBERED)
        self._quiet_until: dict[str, float] = {}
        self._silenced: Counter[str] = Counter()
        self._named: dict[str, set[str]] = {}
        self._may_name: dict[str, tuple[float, float]] = {}

    def count(self, reason: str, n: int = 1) -> None:
        """Add ``n`` to the counter ``reason``; reasons are fixed words of ours, never a peer's text."""
        self.counts[reason] += n

    def complain(self, reason: str, detail: str, now: float, name: str | None = None) -> str | None:
        """Count once and give the line to log, or None while the same reason is being quiet.

        Args:
            reason: a fixed word of ours, such as ``osc.unmapped``.
            detail: one line for a person; a peer's text in it must be cut and escaped by the caller.
            now: seconds of any monotonic clock.
            name: of what the complaint is about, such as an address. Each name is worth one line, and no
                name hides another; None = the reason itself is what counts.
        """
        self.counts[reason] += 1
        if name is not None:
            named = self._named.setdefault(reason, set())
            if name in named:
                return None
            if not self._allows(reason, now):
                self._silenced[reason] += 1
                return None
            if len(named) >= NAMES:
                named.clear()
            named.add(name)
        elif now < self._quiet_until.get(reason, now):
            self._silenced[reason] += 1
            return None
        self._quiet_until[reason] = now + QUIET_S
        silenced = self._silenced.pop(reason, 0)
        text = f"{detail} (and {silenced} more like it)" if silenced else detail
        self.recent.append(Complaint(now, reason, text))
        return text

    def _allows(self, reason: str, now: float) -> bool:
        """Whether one more name is worth its line: ten at once, then one each ``QUIET_S``."""
        left, at = self._may_name.get(reason, (float(NAMED_AT_ONCE), now))
        left = min(left + (now - at) / QUIET_S, float(NAMED_AT_ONCE))
        allowed = left >= 1.0
        self._may_name[reason] = (left - allowed, now)
        return allowed
