"""Whether a file that came is a log of whole blocks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from belabridge.board.logs.listing import block_bytes
from belabridge.errors import LogFormatError
from belabridge.wire.log_header import LONGEST_START, read_header

if TYPE_CHECKING:
    from pathlib import Path

    from belabridge.board.logs.part import Part


def oddness(part: Part) -> str:
    """What is odd about the structure of a log file, in a few words; empty when its blocks are whole."""
    return _oddness(part.read(0, LONGEST_START), part.size)


def oddness_of(path: Path) -> str:
    """The same of a file that is here."""
    with path.open("rb") as file:
        return _oddness(file.read(LONGEST_START), os.fstat(file.fileno()).st_size)


def _oddness(start: bytes, size: int) -> str:
    try:
        header = read_header(start, size)
    except LogFormatError as error:
        return str(error)
    over = (size - header.bytes) % block_bytes(header)
    if over and header.protocol == 1:
        return f"its last block is not whole: {over} of {block_bytes(header)} bytes"
    return ""  # in a file of protocol 2 the last blocks are as short as what was left
