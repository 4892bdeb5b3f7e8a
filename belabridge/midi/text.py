"""Names that others gave their ports as text, whatever their encoding."""

from __future__ import annotations


def text(name: bytes) -> str:
    """A name of the system's as text.

    Most programs give UTF-8. What is none was written in an encoding of one byte a character, or was cut in
    the middle of a character: as Latin-1, in which all bytes mean something, it can be read and compared.
    """
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.decode("latin-1")
