"""The notes that sound because we began them, so that each can be ended."""

from __future__ import annotations

from collections import Counter

ALL_NOTES_OFF = 123
ALL_SOUND_OFF = 120
SUSTAIN = 64


class Ledger:
    """What sounds on one port."""

    def __init__(self) -> None:
        self._sounding: Counter[tuple[int, int]] = Counter()
        self._channels: set[int] = set()
        self._doubtful: set[tuple[int, int]] = set()

    def begin(self, channel: int, note: int) -> None:
        """A note-on went out."""
        self._sounding[channel, note] += 1
        self._channels.add(channel)
        self._doubtful.add((channel, note))

    def end(self, channel: int, note: int) -> None:
        """A note-off went out; it ends one note-on."""
        left = self._sounding[channel, note] - 1
        if left > 0:
            self._sounding[channel, note] = left
        else:
            del self._sounding[channel, note]

    def sounds(self, channel: int, note: int) -> bool:
        """Whether this note has not been ended."""
        return (channel, note) in self._sounding

    def close(self) -> list[tuple[int, int]]:
        """Everything that sounds, (channel, note), once for each note-on; it counts as ended now."""
        sounding = list(self._sounding.elements())
        self._sounding.clear()
        return sounding

    def doubtful(self) -> set[tuple[int, int]]:
        """All that was begun since this was last asked: may sound when messages were lost, as an end was."""
        doubtful, self._doubtful = self._doubtful, set()
        return doubtful

    def channels(self) -> list[int]:
        """The channels on which a note was begun since this was last asked."""
        channels = sorted(self._channels)
        self._channels.clear()
        return channels
