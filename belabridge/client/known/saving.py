"""Saves what comes, under the names that pybela gives its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from belabridge.recording.json_lines import JsonLines

if TYPE_CHECKING:
    from belabridge.client.blocks import Block, Sample

BUFFERS_NAME = "var_stream.txt"
VALUES_NAME = "monitor.txt"


class BufferSaver:
    """Writes the buffers of streams; made when a session begins.

    Args:
        folder: is made if need be.
        name: what comes behind ``<variable>_``.

    Raises:
        CannotSave: the folder cannot be made.
    """

    def __init__(self, folder: str, name: str | None) -> None:
        self._lines = JsonLines(folder, name or BUFFERS_NAME)
        self.close = self._lines.close

    def save(self, buffer: Block) -> None:
        """Write one."""
        self._lines.block(buffer.name, buffer)


class ValueSaver:
    """The same of monitored values."""

    def __init__(self, folder: str, name: str | None) -> None:
        self._lines = JsonLines(folder, name or VALUES_NAME)
        self.close = self._lines.close

    def save(self, sample: Sample) -> None:
        """Write one."""
        self._lines.sample(sample.name, sample.frame, sample.value)
