"""The frames between the daemon and the process that holds its MIDI ports."""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import NamedTuple

from belabridge.errors import RemoteFormatError

# length of the payload, kind, number of a wish or a port, a time
_HEAD = struct.Struct("<IBId")
HEAD_BYTES = _HEAD.size
# Longer than every SysEx and every list of ports; more is a process that has lost its mind.
LONGEST_PAYLOAD = 1 << 20


class Frame(IntEnum):
    """What a frame says; upper half: the daemon to the ports' process, lower half: back."""

    WANT = 1  # JSON: the wishes, in place of all before
    SEND = 2  # number: of the out wish; payload: one or more whole messages, each behind its length
    STOP = 3  # send what waits, close, and end
    SEND_TO = 4  # the same to one port; number: of the open out port
    MIDI = 16  # number: of the open in port; time: when it came; payload: one message
    PORTS = 17  # JSON: what the system has, and what is open
    ALIVE = 18  # the process does its work; payload: how many messages it had to forget since the last one
    LOST = 19  # number: of the out wish; payload: how many messages were thrown away
    LATE = 20  # payload: how many messages would have come too late, because a sound server hangs


class Note(NamedTuple):
    """One frame.

    Attributes:
        kind: what it says.
        number: of a wish or a port.
        time: seconds of the monotonic clock, which all processes share; 0 where it means nothing.
        payload: as the kind says.
    """

    kind: int
    number: int
    time: float
    payload: bytes


def frame(kind: Frame, number: int = 0, time: float = 0.0, payload: bytes = b"") -> bytes:
    """One frame as bytes."""
    return _HEAD.pack(len(payload), kind, number, time) + payload


class Reader:
    """Cuts a stream into frames.

    Attributes:
        waiting: bytes of a frame that is not whole yet.
    """

    def __init__(self) -> None:
        self.waiting = bytearray()

    def feed(self, data: bytes) -> list[Note]:
        """The frames that are whole with these bytes.

        Raises:
            RemoteFormatError: a frame is impossibly long; the stream cannot be read on.
        """
        waiting = self.waiting
        waiting += data
        notes: list[Note] = []
        at, end = 0, len(waiting)
        try:
            while end - at >= HEAD_BYTES:
                size, kind, number, time = _HEAD.unpack_from(waiting, at)
                if size > LONGEST_PAYLOAD:
                    raise RemoteFormatError(f"a frame of {size} bytes")
                start = at + HEAD_BYTES
                if end - start < size:
                    break
                at = start + size
                notes.append(Note(kind, number, time, bytes(waiting[start:at])))
        finally:
            del waiting[:at]
        return notes


def packed(messages: list[bytes]) -> bytes:
    """Messages in one payload, each behind its length."""
    return b"".join([len(message).to_bytes(4, "little") + message for message in messages])


def unpacked(payload: bytes) -> list[bytes]:
    """The messages of such a payload; what is torn at its end is left out."""
    messages: list[bytes] = []
    at = 0
    while at + 4 <= len(payload):
        size = int.from_bytes(payload[at : at + 4], "little")
        if at + 4 + size > len(payload):
            break
        messages.append(payload[at + 4 : at + 4 + size])
        at += 4 + size
    return messages
