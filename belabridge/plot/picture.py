"""What a picture shows: the lanes of its variables, and the answers to what browsers ask of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from belabridge.plot.codec.lane import Lane
from belabridge.plot.codec.messages import Ask, answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Look:
    """How a picture looks.

    Attributes:
        window_frames: from the left to the right.
        keep_frames: so far one can look back.
        y_ranges: by variable, what its axis shows; one without goes by its values.
    """

    window_frames: int
    keep_frames: int
    y_ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)


class Picture:
    """Lanes by name, fed by somebody, looked at by browsers.

    Args:
        names: of the variables, from top to bottom.
        look: how it looks.
        sample_rate_hz: frames a second.
        now_frame: gives the frame that stands at the right.
        state: says in a few words what is wrong, such as that the board is gone; empty = nothing.
        title: of the page.
    """

    def __init__(
        self,
        names: tuple[str, ...],
        look: Look,
        sample_rate_hz: float,
        *,
        now_frame: Callable[[], int],
        state: Callable[[], str] = lambda: "",
        title: str = "",
    ) -> None:
        """Lanes without samples."""
        self.lanes = {name: Lane(look.keep_frames) for name in names}
        self._look, self._rate, self._title = look, sample_rate_hz, title
        self._now, self._state = now_frame, state

    @property
    def epoch(self) -> int:
        """It is another one as soon as a lane's frames began anew."""
        return sum(lane.epoch for lane in self.lanes.values())

    def hello(self) -> dict[str, Any]:
        """What a browser is told at first."""
        ranges = self._look.y_ranges
        return {
            "title": self._title,
            "rate": self._rate,
            "window": self._look.window_frames,
            "keep": self._look.keep_frames,
            "lanes": [{"name": name, "range": ranges.get(name)} for name in self.lanes],
        }

    def view(self) -> View:
        """One browser's look at it."""
        return View(self)

    def now_frame(self) -> int:
        """What stands at the right."""
        return max(0, self._now())

    def state(self) -> str:
        """What is wrong."""
        return self._state()


class View:
    """What one browser sees: the picture as it goes on, or as it was when it was held."""

    def __init__(self, picture: Picture) -> None:
        """The picture as it goes on."""
        self._picture = picture
        self._held: tuple[list[Lane], int, int] | None = None

    def answer(self, ask: Ask) -> bytes:
        """The columns that a browser asks for, none that it has, and never more than its picture is wide."""
        lanes, now, epoch = self._lanes(hold=ask.hold)
        step, since = ask.step_frames, ask.since if ask.epoch == epoch else ()
        if ask.first is not None:
            firsts = [ask.first] * len(lanes)
        else:
            newest = max([now, *(lane.newest_frame for lane in lanes)]) // step
            left = max(0, newest - ask.count + 1)
            have = [*since, *[0] * len(lanes)]
            firsts = [max(left, first) for first, _ in zip(have, lanes, strict=False)]
        found = [lane.columns(first, ask.count, step) for lane, first in zip(lanes, firsts, strict=True)]
        header = {"id": ask.id, "now": now, "step": step, "epoch": epoch, "state": self._picture.state()}
        return answer(header, found)

    def _lanes(self, *, hold: bool) -> tuple[list[Lane], int, int]:
        picture = self._picture
        if not hold:
            self._held = None
        elif self._held is None:
            copies = [lane.copy() for lane in picture.lanes.values()]
            self._held = copies, picture.now_frame(), picture.epoch
        return self._held or (list(picture.lanes.values()), picture.now_frame(), picture.epoch)
