"""Who wants what of a board's variables, united into what is wanted of each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from belabridge.board.speech import Want

if TYPE_CHECKING:
    from collections.abc import Mapping


class Demands:
    """What several streams and monitors want at once.

    Each is a demand of its own, under a key; taking one back leaves what the others want. A variable is
    streamed as soon as one wants it, monitored at the shortest period and with the shortest latency that one
    asks for: who wants less thins it out.
    """

    def __init__(self) -> None:
        """Nobody wants anything."""
        self._demands: dict[object, dict[str, Want]] = {}

    def put(self, key: object, wanted: Mapping[str, Want]) -> None:
        """Let ``key`` want this, and nothing else any more."""
        self._demands[key] = dict(wanted)

    def drop(self, key: object) -> None:
        """Let ``key`` want nothing; also when it wanted nothing."""
        self._demands.pop(key, None)

    def united(self) -> dict[str, Want]:
        """What is wanted of each variable."""
        wanted: dict[str, Want] = {}
        for demand in self._demands.values():
            for name, want in demand.items():
                before = wanted.get(name)
                wanted[name] = want if before is None else both(before, want)
        return wanted

    def watched_by_others(self, key: object) -> set[str]:
        """The variables that somebody besides ``key`` streams."""
        return {
            name
            for other, demand in self._demands.items()
            if other is not key
            for name, want in demand.items()
            if want.watch
        }


def both(a: Want, b: Want) -> Want:
    """What serves two at once."""
    return Want(
        a.watch or b.watch,
        _shorter(a.monitor_period_frames, b.monitor_period_frames),
        _shorter(a.latency_frames if a.watch else 0, b.latency_frames if b.watch else 0),
    )


def _shorter(a: int, b: int) -> int:
    """The shorter of two lengths, of which 0 stands for none at all."""
    return min(a, b) if a and b else a or b
