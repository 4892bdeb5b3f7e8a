"""``belabridge log``: the files that a board logs into."""

from __future__ import annotations

import click

from belabridge.cli.lazy import Entry, LazyGroup

COMMANDS = {
    "start": Entry("belabridge.cli.log_start:start", "Let the board log variables."),
    "stop": Entry("belabridge.cli.log_stop:stop", "End logs."),
    "list": Entry("belabridge.cli.log_list:list_", "List the log files on the board, and here."),
    "fetch": Entry("belabridge.cli.log_fetch:fetch", "Bring log files here, verified."),
    "rm": Entry("belabridge.cli.log_rm:rm", "Remove log files from the board."),
    "trust": Entry("belabridge.cli.log_trust:trust", "Know a board by the key that it has now."),
    "info": Entry("belabridge.cli.log_info:info", "Tell what is in a log file, and what became of it."),
    "export": Entry("belabridge.cli.log_export:export", "Write a log file as CSV, NPZ, WAV or Parquet."),
}


@click.group("log", cls=LazyGroup, table=COMMANDS)
def log() -> None:
    """Log variables on the board's own disk, which loses nothing when the network does, and read such files.

    \b
    Example:
      belabridge log start mic --for 10s --follow
      belabridge log fetch
      belabridge log info mic.bin
      belabridge log export mic.bin --to wav
    """
