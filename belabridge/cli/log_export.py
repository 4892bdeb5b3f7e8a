"""``belabridge log export``: a log file in the format of another program."""

from __future__ import annotations

from typing import Any

import click

from belabridge.cli.exporting import export_options, exported
from belabridge.cli.log_info import doubts
from belabridge.cli.log_open import log_options, opened
from belabridge.cli.progress import progress


@click.command("export")
@click.argument("file", type=click.Path())
@export_options
@log_options
def export(file: str, **options: Any) -> None:
    """Write the log file FILE as CSV, NPZ, WAV (audio rate only) or Parquet; nothing is overwritten.

    What is doubtful about its values is told on the error stream.

    \b
    Example:
      belabridge log export mic.bin --to wav
      belabridge log export mic.bin --for 10s --to npz --out takes/mic.npz
    """
    from belabridge.recording.recording import Recording

    log = opened(file, options)
    with progress(file, log.file.size) as told:
        log.file.scan(told)
    for line in doubts(log):
        click.echo(line, err=True)
    exported(Recording(log.path, {log.track.name: log.track}), (), options)
