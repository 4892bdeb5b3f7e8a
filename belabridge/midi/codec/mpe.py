"""MPE: a zone of channels as one instrument, heard as a group, and played with a channel for each note.

Source: MIDI Polyphonic Expression 1.1 (M1-100-UM): the master of the lower zone is channel 1, of the upper
one 16; members stand beside it; RPN 6 on the master says how many. Bend reaches 48 semitones on a member and
2 on the master unless RPN 0 says otherwise; the two add up. Controller 74 and channel pressure are a note's
own too.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from belabridge.controls import Kind, Zone
from belabridge.midi.codec.levels import position14, raw14

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from belabridge.midi.codec.heard import Heard

BEND_RANGE_RPN, ZONE_RPN = 0, 6
TIMBRE_CC = 74
MEMBER_SEMITONES, MASTER_SEMITONES = 48, 2
MASTERS = {Zone.LOWER: 1, Zone.UPPER: 16}
MOST_MEMBERS = 15
_BOTH = 14  # members that two zones share


def members(zone: Zone, count: int) -> tuple[int, ...]:
    """The ``count`` member channels of a zone, the one beside the master first."""
    return tuple(range(2, 2 + count)) if zone is Zone.LOWER else tuple(range(15, 15 - count, -1))


def usual_members(zone: Zone, zones: Collection[Zone]) -> tuple[int, ...]:
    """All that a zone can have; half of them when there are two zones."""
    return members(zone, MOST_MEMBERS if len(zones) < 2 else _BOTH // 2)


def is_of_a_note(kind: Kind, number: int | None) -> bool:
    """Whether a control belongs to one note of a zone, and not to all of them."""
    return kind in {Kind.BEND, Kind.PRESSURE} or (kind is Kind.CC and number == TIMBRE_CC)


class Group:
    """A zone as a listener hears it: bend, pressure and timbre follow the note that began last."""

    def __init__(self, zone: Zone, zones: Collection[Zone]) -> None:
        self.zone = zone
        self.master = MASTERS[zone]
        self.members: frozenset[int] = frozenset(usual_members(zone, zones))
        self._member_semitones: float = MEMBER_SEMITONES
        self._master_semitones: float = MASTER_SEMITONES
        self._master_bend = 0.0  # -1 to 1
        self._notes: list[tuple[int, int]] = []  # (channel, note) that sound, the newest last
        self._said: dict[int, dict[tuple[Kind, int], Heard]] = {}  # the latest of each channel's own controls

    def hear(self, heard: Heard) -> list[Heard]:
        """What the group says because of one event of its port."""
        kind, channel = heard.kind, heard.channel
        if kind is Kind.RPN:
            self._configure(heard)
        if channel != self.master and channel not in self.members:
            return []
        if kind is Kind.NOTE:
            return self._note(heard)
        if channel == self.master and kind is Kind.BEND:
            return [self._bent_by_master(heard)]
        if channel != self.master and is_of_a_note(kind, heard.number):
            self._said.setdefault(channel, {})[kind, heard.number] = heard
            return [self._own(heard)] if not self._notes or self._notes[-1][0] == channel else []
        return [heard._replace(zone=self.zone)]

    def _bent_by_master(self, heard: Heard) -> Heard:
        self._master_bend = 2.0 * position14(int(heard.raw)) - 1.0
        newest = self._notes[-1][0] if self._notes else 0
        own = self._said.get(newest, {}).get((Kind.BEND, 0))
        return self._bent(own or heard._replace(raw=8192))

    def _note(self, heard: Heard) -> list[Heard]:
        key = (heard.channel, heard.number)
        before = self._notes[-1:]
        if key in self._notes:
            self._notes.remove(key)
        if heard.on:
            self._notes.append(key)
        after = self._notes[-1:]
        note = heard._replace(zone=self.zone)
        if not after or (before and before[0][0] == after[0][0]):
            return [note]
        # a note's own values are sent before it begins (MPE 1.1, 3.3.3); they hold once it is the newest
        return [*(self._own(said) for said in self._said.get(after[0][0], {}).values()), note]

    def _own(self, heard: Heard) -> Heard:
        return self._bent(heard) if heard.kind is Kind.BEND else heard._replace(zone=self.zone)

    def _bent(self, heard: Heard) -> Heard:
        """The bend of a member with the master's, as a part of what a member can bend."""
        own = 2.0 * position14(int(heard.raw)) - 1.0
        ratio = self._master_semitones / self._member_semitones if self._member_semitones else 1.0
        return heard._replace(raw=raw14((own + self._master_bend * ratio + 1.0) / 2.0), zone=self.zone)

    def _configure(self, heard: Heard) -> None:
        if heard.bits != 7:
            return
        if heard.number == BEND_RANGE_RPN:
            if heard.channel == self.master:
                self._master_semitones = heard.raw
            elif heard.channel in self.members:
                self._member_semitones = heard.raw
        elif heard.number == ZONE_RPN and heard.raw <= MOST_MEMBERS:
            count = int(heard.raw)
            if heard.channel == self.master:
                self.members = frozenset(members(self.zone, count))
                self._member_semitones, self._master_semitones = MEMBER_SEMITONES, MASTER_SEMITONES
            elif heard.channel == 17 - self.master:  # the other zone takes what it needs
                self.members -= {heard.channel, *members(_other(self.zone), count)}
            self._notes = [key for key in self._notes if key[0] in self.members or key[0] == self.master]


def _other(zone: Zone) -> Zone:
    return Zone.UPPER if zone is Zone.LOWER else Zone.LOWER


class Allocation:
    """Which member channel plays a note: a free one, the one that has been free for the longest first.

    When none is free, the one whose notes are fewest and oldest takes one more.

    Attributes:
        zone: of the channels.
        master: its master channel.
        channels: its members.
        newest: the channel of the note that began last and still sounds, or None.
    """

    def __init__(self, zone: Zone, channels: Iterable[int]) -> None:
        self.zone = zone
        self.master = MASTERS[zone]
        self.channels = tuple(channels)
        self._free = deque(self.channels)
        self._sounding: list[tuple[int, int]] = []  # (note, channel), the newest last

    @property
    def newest(self) -> int | None:
        """The channel that a note's own controls go to now."""
        return self._sounding[-1][1] if self._sounding else None

    def begin(self, note: int) -> int:
        """The channel for a note that begins."""
        if self._free:
            channel = self._free.popleft()
        else:
            held = [channel for _, channel in self._sounding]
            channel = min(dict.fromkeys(held), key=held.count)
        self._sounding.append((note, channel))
        return channel

    def end(self, note: int) -> int | None:
        """The channel of the oldest sounding note of this number, which ends; None when none sounds."""
        for i, (sounding, channel) in enumerate(self._sounding):
            if sounding == note:
                del self._sounding[i]
                if all(other != channel for _, other in self._sounding):
                    self._free.append(channel)
                return channel
        return None

    def clear(self) -> None:
        """Nothing sounds any more."""
        self._sounding.clear()
        self._free = deque(self.channels)
