"""``belabridge export``: a take in the formats of other programs."""

from __future__ import annotations

from typing import Any

import click

from belabridge.cli.exporting import export_options, exported


@click.command()
@click.argument("take", type=click.Path())
@click.argument("variables", nargs=-1, metavar="[VAR]...")
@export_options
def export(take: str, variables: tuple[str, ...], **options: Any) -> None:
    """Write the recording TAKE as CSV, NPZ, WAV (audio rate only) or Parquet; nothing is overwritten.

    NPZ is one file. Of the others, one variable is one file, and several are a folder of files. Without
    VAR: all variables that the format can have.

    TAKE is the folder of a take; it may also be a log file of a board, or a file that pybela saved.

    \b
    Example:
      belabridge export take1 --to npz
      belabridge export take1 mic --to wav --bits 24 --out mic.wav
    """
    from belabridge.recording.load import load

    exported(load(take), variables, options)
