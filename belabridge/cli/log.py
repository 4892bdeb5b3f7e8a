"""``belabridge log``: the files that a board logs into."""

from __future__ import annotations

import click

from belabridge.cli.lazy import Entry, LazyGroup

COMMANDS = {
    "info": Entry("belabridge.cli.log_info:info", "Tell what is in a log file, and what became of it."),
    "export": Entry("belabridge.cli.log_export:export", "Write a log file as CSV, NPZ, WAV or Parquet."),
}


@click.group("log", cls=LazyGroup, table=COMMANDS)
def log() -> None:
    """Log variables on the board's own disk, which loses nothing when the network does, and read such files.

    \b
    Example:
      belabridge log info mic.bin
      belabridge log export mic.bin --to wav
    """
