"""The notes that sound because we began them, so that each can be ended."""

from __future__ import annotations

from collections import Counter

ALL_NOTES_OFF = 123
ALL_SOUND_OFF = 120
SUSTAIN = 64


class Ledger:
    """What sounds on one port.

    Two gates may hold one note: then it sounds until both have closed. Its note-offs go then, one for each
    note-on, as MIDI 1.0 wants it of who sends ("Assignment of Note On/Off Commands").
    """

    def __init__(self) -> None:
        self._held: Counter[tuple[int, int]] = Counter()  # by how many
        self._begun: Counter[tuple[int, int]] = Counter()  # note-ons without their note-off
        self._channels: set[int] = set()
        self._doubtful: set[tuple[int, int]] = set()

    def begin(self, channel: int, note: int) -> None:
        """A note-on went out."""
        self._held[channel, note] += 1
        self._begun[channel, note] += 1
        self._channels.add(channel)
        self._doubtful.add((channel, note))

    def end(self, channel: int, note: int) -> int:
        """One that holds a note lets it go; gives how many note-offs are to be sent: none while others do."""
        key = (channel, note)
        if self._held[key] > 1:
            self._held[key] -= 1
            return 0
        del self._held[key]
        return self._begun.pop(key, 0)

    def sounds(self, channel: int, note: int) -> bool:
        """Whether this note has not been ended."""
        return (channel, note) in self._begun

    def close(self) -> list[tuple[int, int]]:
        """Everything that sounds, (channel, note), once for each note-on; it counts as ended now."""
        sounding = list(self._begun.elements())
        self._begun.clear()
        self._held.clear()
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
