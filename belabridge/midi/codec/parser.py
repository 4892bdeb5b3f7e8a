"""A stream of bytes to mido's messages: running status, real-time bytes anywhere, SysEx of bounded size.

mido's own parser knows no running status, and a real-time byte inside a message makes it lose that message:
senders may use both.
"""

from __future__ import annotations

import re
from collections import Counter

from mido import Message

LARGEST_SYSEX_BYTES = 65_536  # a whole patch bank of most instruments; more is a sample or a firmware
_REMEMBERED = 8192  # every half of 32 pairs; a message is made once and given again, see ``Parser``

# bytes that follow a status byte; 0xF4 and 0xF5 are undefined
_CHANNEL_BYTES = {0x80: 2, 0x90: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}
_DATA_BYTES = {status | channel: count for status, count in _CHANNEL_BYTES.items() for channel in range(16)}
_SYSTEM_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1, 0xF6: 0}
_STATUS = re.compile(rb"[\x80-\xff]")
_REAL_TIME = frozenset({0xF8, 0xFA, 0xFB, 0xFC, 0xFE, 0xFF})  # 0xF9 and 0xFD are undefined


class Parser:
    """Reads one port's bytes, in pieces of any size. No bytes make it raise.

    A short message that it has seen before comes back as the same object (mido takes 2 µs to make one): its
    messages are to be read, not changed.

    Attributes:
        dropped: counts what could not be read: ``sysex too long``, ``cut off`` (a message that another one's
            status byte ended), ``stray data`` (bytes without a status byte), ``undefined``.
    """

    def __init__(self, largest_sysex_bytes: int = LARGEST_SYSEX_BYTES) -> None:
        self.dropped: Counter[str] = Counter()
        self._largest = largest_sysex_bytes
        self._status = 0  # of the message that the next data byte belongs to; stays, as running status
        self._wanted = 0  # data bytes of a message with it
        self._data = bytearray()
        self._sysex: bytearray | None = None
        self._made: dict[bytes, Message] = {}

    def feed(self, data: bytes) -> list[Message]:
        """The messages that these bytes complete, in order."""
        if not self._data and self._sysex is None:
            known = self._made.get(data)
            if known is not None:
                status = data[0]
                if status < 0xF0:
                    self._status, self._wanted = status, len(data) - 1
                elif status < 0xF8:
                    self._status = 0
                return [known]
        out: list[Message] = []
        start = 0
        while start < len(data):
            if self._sysex is not None and data[start] < 0x80:
                start = self._sysex_bytes(self._sysex, data, start)
                continue
            byte = data[start]
            start += 1
            if byte < 0x80:
                self._data_byte(byte, out)
            elif byte >= 0xF8:
                if byte in _REAL_TIME:
                    out.append(self._message(bytes((byte,))))
                else:
                    self.dropped["undefined"] += 1
            else:
                self._status_byte(byte, out)
        return out

    def _sysex_bytes(self, sysex: bytearray, data: bytes, start: int) -> int:
        """Take all data bytes from ``start`` on at once; gives where they end."""
        status = _STATUS.search(data, start)
        end = len(data) if status is None else status.start()
        # one more than the largest tells that it was too long; the rest needs no memory
        room = self._largest + 1 - len(sysex)
        sysex += data[start : min(end, start + room)]
        return end

    def _data_byte(self, byte: int, out: list[Message]) -> None:
        if not self._status:
            self.dropped["stray data"] += 1
            return
        self._data.append(byte)
        if len(self._data) == self._wanted:
            out.append(self._message(bytes((self._status, *self._data))))
            self._data.clear()
            if self._status >= 0xF0:  # system messages have no running status
                self._status = 0

    def _status_byte(self, byte: int, out: list[Message]) -> None:
        if byte == 0xF7 and self._sysex is not None:
            self._end_sysex(out)
            return
        if self._data or self._sysex is not None:
            self.dropped["cut off"] += 1
        self._data.clear()
        self._sysex = None
        self._status = 0
        if byte < 0xF0:
            self._status, self._wanted = byte, _DATA_BYTES[byte]
        elif byte == 0xF0:
            self._sysex = bytearray()
        elif byte == 0xF6:
            out.append(self._message(b"\xf6"))
        elif byte in _SYSTEM_BYTES:
            self._status, self._wanted = byte, _SYSTEM_BYTES[byte]
        else:
            self.dropped["undefined"] += 1

    def _end_sysex(self, out: list[Message]) -> None:
        data, self._sysex = self._sysex, None
        if data is None:
            return
        if len(data) > self._largest:
            self.dropped["sysex too long"] += 1
        else:
            out.append(Message("sysex", skip_checks=True, data=data))  # mido would look at each byte

    def _message(self, data: bytes) -> Message:
        known = self._made.get(data)
        if known is None:
            if len(self._made) >= _REMEMBERED:
                self._made.clear()  # only a sender of random bytes ever fills it
            known = self._made[data] = Message.from_bytes(data)
        return known
