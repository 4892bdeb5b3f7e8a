"""Lets the ALSA library read the names of ports in any encoding: by itself it raises at what is not UTF-8."""

from __future__ import annotations

from typing import Any

from alsa_midi import client, port

from belabridge.midi.text import text


class _Name(bytes):
    """The bytes of a name, which the library decodes."""

    __slots__ = ()

    def decode(self, _encoding: str = "utf-8", _errors: str = "strict") -> str:
        return text(bytes(self))


class _Ffi:
    """The library's way to C, whose strings decode."""

    def __init__(self, ffi: Any) -> None:
        self._ffi = ffi

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ffi, name)

    def string(self, *data: Any) -> _Name:
        return _Name(self._ffi.string(*data))


def read_any_encoding() -> None:
    """Do so from now on, in the modules of the library that list clients and ports."""
    for module in (client, port):
        if not isinstance(module.ffi, _Ffi):
            module.ffi = _Ffi(module.ffi)
