"""Datagrams to messages and bundles: strict about the format, fast for the commonest messages.

Arguments come as Python values; the tag string says their exact type:

=========  =================================================================================
``i h``    int
``f d``    float
``s S``    str (UTF-8; bytes that are not become U+FFFD)
``b``      bytes
``t``      int, the 64 bits of an NTP time
``c``      str of one character
``r``      :class:`Rgba`
``m``      :class:`Midi`
``T F N``  True, False, None
``I``      True: an impulse is a bang, and a bang sets a number to 1
``[ ]``    a list
=========  =================================================================================

A message without a tag string (older senders) has the tags ``""``; if bytes follow its address nobody
can say what they are, and they are its one argument, raw. Without any it has no arguments.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from belabridge.errors import OscFormatError

if TYPE_CHECKING:
    from collections.abc import Callable


class Rgba(NamedTuple):
    """A colour (``r``), each part 0 to 255."""

    red: int
    green: int
    blue: int
    alpha: int


class Midi(NamedTuple):
    """A MIDI message (``m``): port, status byte, two data bytes."""

    port: int
    status: int
    data1: int
    data2: int


Argument: TypeAlias = bool | int | float | str | bytes | Rgba | Midi | list["Argument"] | None


class Message(NamedTuple):
    """One OSC message.

    Attributes:
        address: an address or a pattern; printable ASCII that starts with ``/``.
        args: its arguments, see the module.
        tags: its type tags without the comma.
    """

    address: str
    args: tuple[Argument, ...]
    tags: str


class Bundle(NamedTuple):
    """Messages that act together.

    Attributes:
        timetag_ntp: 64-bit NTP time at which they act; 1 = immediately.
        elements: messages and bundles in their order.
    """

    timetag_ntp: int
    elements: tuple[Message | Bundle, ...]


Packet: TypeAlias = Message | Bundle
_OneNumber: TypeAlias = "tuple[str, str, Callable[[bytes, int], tuple[Argument, ...]], int]"

MAX_DEPTH = 8  # bundles in bundles, arrays in arrays: programs use one or two; Python's stack takes 1000
_HEADS = 4096  # four times the mapped addresses that we are measured with
_HEAD_BYTES = 256  # longer addresses are rare; with _HEADS it bounds the memory: 1 MiB of keys
_LAYOUTS = 64
_LAYOUT_TAGS = 1024  # a block of samples; a compiled layout takes up to 32 bytes a tag

_BUNDLE = b"#bundle\0"
_BUNDLE_HEADER = struct.Struct(">8sQ")
_SIZE = struct.Struct(">i")
_FOUR_BYTES = struct.Struct(">4B")
_NUMBERS = {"i": "i", "f": "f", "h": "q", "d": "d", "t": "Q"}  # OSC's letter: struct's letter
_ONE_NUMBER = {tag: struct.Struct(">" + code) for tag, code in _NUMBERS.items()}
_CONSTANTS: dict[str, Argument] = {"T": True, "F": False, "N": None, "I": True}
_PADDING = (b"", b"\0", b"\0\0", b"\0\0\0", b"\0\0\0\0")


class Reader:
    """Reads datagrams, and remembers the heads of messages that it has seen (bounded)."""

    def __init__(self) -> None:
        # A message with one 4-byte number is its head and the number: what was read once
        # need not be looked at again.
        self._one_number: dict[bytes, _OneNumber] = {}
        self._addresses: dict[bytes, str] = {}
        self._layouts: dict[bytes, struct.Struct | None] = {}

    def read(self, data: bytes) -> Packet:
        """The message or bundle that a datagram holds.

        Raises:
            OscFormatError: it is not OSC 1.0.
        """
        known = self._one_number.get(data[:-4])
        if known is not None:
            address, tags, unpack, offset = known
            return Message(address, unpack(data, offset), tags)
        try:
            return self._packet(data, 0)
        except struct.error:
            raise OscFormatError("it ends within a number") from None

    def float_head(self, data: bytes) -> str | None:
        """The address, when all but the last four bytes are the known head of a message with one float."""
        known = self._one_number.get(data[:-4])
        return known[0] if known is not None and known[1] == "f" else None

    def _packet(self, data: bytes, depth: int) -> Packet:
        if len(data) % 4 or not data:
            raise OscFormatError(f"its size, {len(data)} bytes, is not a multiple of 4")
        return self._bundle(data, depth) if data.startswith(_BUNDLE) else self._message(data)

    def _bundle(self, data: bytes, depth: int) -> Bundle:
        if depth >= MAX_DEPTH:
            raise OscFormatError(f"bundles are nested deeper than {MAX_DEPTH}")
        _, timetag_ntp = _BUNDLE_HEADER.unpack_from(data)
        elements: list[Packet] = []
        start = _BUNDLE_HEADER.size
        while start < len(data):
            (size,) = _SIZE.unpack_from(data, start)
            start += 4
            if not 0 < size <= len(data) - start:
                raise OscFormatError(f"a bundle element claims {size} bytes, {len(data) - start} follow")
            element = data[start : start + size]
            known = self._one_number.get(element[:-4])
            if known is not None:
                address, tags, unpack, offset = known
                elements.append(Message(address, unpack(element, offset), tags))
            else:
                elements.append(self._packet(element, depth + 1))
            start += size
        return Bundle(timetag_ntp, tuple(elements))

    def _message(self, data: bytes) -> Message:
        end, start = _string_ends(data, 0)
        address = self._address(data[:end])
        if start == len(data):
            return Message(address, (), "")
        if data[start] != ord(","):
            return Message(address, (data[start:],), "")
        end, after = _string_ends(data, start)
        raw_tags = data[start + 1 : end]
        if not raw_tags.isascii():
            raise OscFormatError("its type tags are not ASCII")
        tags = raw_tags.decode("ascii")
        layout = self._layout(raw_tags, tags)
        if layout is None:
            return Message(address, _arguments(data, after, tags), tags)
        if len(data) - after != layout.size:
            raise OscFormatError(f"its arguments take {layout.size} bytes, {len(data) - after} are there")
        if layout.size == 4 and after <= _HEAD_BYTES:
            _make_room(self._one_number, _HEADS)
            self._one_number[data[:after]] = (address, tags, layout.unpack_from, after)
        return Message(address, layout.unpack_from(data, after), tags)

    def _address(self, raw: bytes) -> str:
        known = self._addresses.get(raw)
        if known is not None:
            return known
        address = raw.decode("ascii", "replace")
        if not address.startswith("/") or not address.isascii() or not address.isprintable():
            raise OscFormatError("its address is not printable ASCII that starts with '/'")
        if len(raw) <= _HEAD_BYTES:
            _make_room(self._addresses, _HEADS)
            self._addresses[raw] = address
        return address

    def _layout(self, raw_tags: bytes, tags: str) -> struct.Struct | None:
        """All arguments at once, when they are nothing but numbers."""
        if raw_tags in self._layouts:
            return self._layouts[raw_tags]
        layout = None
        if tags and tags[0] in _NUMBERS and tags.count(tags[0]) == len(tags):
            layout = struct.Struct(f">{len(tags)}{_NUMBERS[tags[0]]}")
        elif len(tags) <= _LAYOUT_TAGS and all(tag in _NUMBERS for tag in tags):
            layout = struct.Struct(">" + "".join(_NUMBERS[tag] for tag in tags))
        if len(raw_tags) <= _LAYOUT_TAGS:
            _make_room(self._layouts, _LAYOUTS)
            self._layouts[raw_tags] = layout
        return layout


def read_packet(data: bytes) -> Packet:
    """The message or bundle that one datagram holds; a :class:`Reader` is faster for many.

    Raises:
        OscFormatError: it is not OSC 1.0.
    """
    return Reader().read(data)


def _make_room(cache: dict[bytes, Any], limit: int) -> None:
    # Starting afresh is enough: only a sender of random addresses ever fills it.
    if len(cache) >= limit:
        cache.clear()


def _string_ends(data: bytes, start: int) -> tuple[int, int]:
    """Where the string at ``start`` ends, and where what follows its padding begins."""
    end = data.find(b"\0", start)
    if end < 0:
        raise OscFormatError("a string has no end")
    after = end + 4 - end % 4
    if data[end:after] != _PADDING[after - end]:
        raise OscFormatError("a string is not padded with zeros to a multiple of 4")
    return end, after


def _arguments(data: bytes, start: int, tags: str) -> tuple[Argument, ...]:
    args: list[Argument] = []
    outer: list[list[Argument]] = []
    for tag in tags:
        if tag in _CONSTANTS:
            args.append(_CONSTANTS[tag])
        elif tag in _READ:
            value, start = _READ[tag](data, start)
            args.append(value)
        elif tag == "[":
            if len(outer) >= MAX_DEPTH:
                raise OscFormatError(f"arrays are nested deeper than {MAX_DEPTH}")
            inner: list[Argument] = []
            args.append(inner)
            outer.append(args)
            args = inner
        elif tag == "]" and outer:
            args = outer.pop()
        else:
            raise OscFormatError(f"it has an unknown or misplaced type tag {tag!r}")
    if outer:
        raise OscFormatError("an array is not closed")
    if start != len(data):
        raise OscFormatError(f"{len(data) - start} bytes follow its last argument")
    return tuple(args)


def _number(layout: struct.Struct) -> Callable[[bytes, int], tuple[Argument, int]]:
    def read(data: bytes, start: int) -> tuple[Argument, int]:
        (value,) = layout.unpack_from(data, start)
        return value, start + layout.size

    return read


def _string(data: bytes, start: int) -> tuple[Argument, int]:
    end, after = _string_ends(data, start)
    return data[start:end].decode("utf-8", "replace"), after


def _blob(data: bytes, start: int) -> tuple[Argument, int]:
    (size,) = _SIZE.unpack_from(data, start)
    start += 4
    after = start + (size + 3) // 4 * 4
    if size < 0 or after > len(data):
        raise OscFormatError(f"a blob claims {size} bytes, {len(data) - start} follow")
    end = start + size
    if data[end:after] != _PADDING[after - end]:
        raise OscFormatError("a blob is not padded with zeros to a multiple of 4")
    return data[start:end], after


def _character(data: bytes, start: int) -> tuple[Argument, int]:
    (code,) = _SIZE.unpack_from(data, start)
    if not 0 <= code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise OscFormatError(f"{code} is not a character")
    return chr(code), start + 4


def _rgba(data: bytes, start: int) -> tuple[Argument, int]:
    return Rgba._make(_FOUR_BYTES.unpack_from(data, start)), start + 4


def _midi(data: bytes, start: int) -> tuple[Argument, int]:
    return Midi._make(_FOUR_BYTES.unpack_from(data, start)), start + 4


_READ: dict[str, Callable[[bytes, int], tuple[Argument, int]]] = {
    **{tag: _number(layout) for tag, layout in _ONE_NUMBER.items()},
    "s": _string,
    "S": _string,
    "b": _blob,
    "c": _character,
    "r": _rgba,
    "m": _midi,
}
