"""JACK's ports by their names, which are bytes of any encoding, and may be gone when one looks."""

# The library's own list of ports ends with an exception at the first name that is not UTF-8, and at the first
# port that went meanwhile: so its C functions are called here, one port at a time.
# ruff: noqa: SLF001

from __future__ import annotations

import errno

import jack

from belabridge.midi.library import LibraryError
from belabridge.midi.names import SystemPort
from belabridge.midi.text import text

_lib, _ffi = jack._lib, jack._ffi
_MIDI = b"8 bit raw midi"  # JACK_DEFAULT_MIDI_TYPE
_MOST_ALIASES = 2  # jack_port_get_aliases fills two


class JackNames:
    """The ports that a client sees."""

    def __init__(self, client: jack.Client) -> None:
        self._client = client._ptr
        self._raw: dict[str, bytes] = {}  # of those that are not UTF-8

    def ports(self, *, sources: bool) -> list[SystemPort]:
        """All MIDI ports that can be heard, or else those that can be sent to; our own too."""
        flag = _lib.JackPortIsOutput if sources else _lib.JackPortIsInput
        names = _ffi.gc(_lib.jack_get_ports(self._client, b"", _MIDI, flag), _lib.jack_free)
        found = []
        at = 0
        while names and names[at]:
            raw = _ffi.string(names[at])
            at += 1
            port = _lib.jack_port_by_name(self._client, raw)
            if port:
                name = text(raw)
                if name.encode() != raw:
                    self._raw[name] = raw
                found.append(SystemPort(name, "jack", _aliases(port)))
        return found

    def connect(self, source: str, to: str) -> None:
        """Connect two ports by their names, as ``ports`` gives them.

        Raises:
            LibraryError: JACK does not.
        """
        raw = [self._raw.get(name, name.encode()) for name in (source, to)]
        error = _lib.jack_connect(self._client, *raw)
        if error not in {0, errno.EEXIST}:
            raise LibraryError(f"{source} and {to} cannot be connected ({error})")


def name_of(port: jack.Port) -> str:
    """The name of a port; of one that is gone it may be empty."""
    raw = _lib.jack_port_name(port._ptr)
    return text(_ffi.string(raw)) if raw else ""


def _aliases(port: object) -> tuple[str, ...]:
    size = _lib.jack_port_name_size()
    rooms = [_ffi.new("char[]", size) for _ in range(_MOST_ALIASES)]
    if _lib.jack_port_get_aliases(port, _ffi.new("char *[]", rooms)) <= 0:
        return ()
    return tuple([text(raw) for raw in map(_ffi.string, rooms) if raw])
