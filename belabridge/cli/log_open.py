"""What a user may know of a log file that it does not say itself, as options of several commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from belabridge.cli.lengths import LENGTH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from belabridge.recording.log_file import Log

_OPTIONS = (
    click.option(
        "--mode", type=click.Choice(["dense", "sparse"]), help="The variable's timestamps. Else: as it seems."
    ),
    click.option(
        "--for",
        "length",
        type=LENGTH,
        metavar="LENGTH",
        help="How long the log was, as 10s or 4410f: cuts the padding off its end.",
    ),
    click.option(
        "--end",
        "end_frame",
        type=click.IntRange(0),
        metavar="FRAME",
        help="The same: where it ended, as the board said.",
    ),
    click.option("--rate", "rate_hz", type=click.FloatRange(1.0), help="Audio frames a second. Else: 44100."),
    click.option("--signed", "char_signed", is_flag=True, help="A char is -128 to 127: not on a Bela."),
)


def log_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--mode``, ``--for``, ``--end``, ``--rate``, ``--signed``: a file of protocol 2 needs none of them."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def opened(path: str, options: Mapping[str, Any]) -> Log:
    """Open a log file with what the user knows of it.

    Args:
        path: of the file.
        options: as the options above gave them.

    Raises:
        NoRecording: it is no log file, or cannot be read.
    """
    from belabridge.client.spans import span_frames
    from belabridge.recording.json_lines_read import USUAL_RATE_HZ
    from belabridge.recording.log_file import open_log
    from belabridge.values import TimestampMode

    rate_hz, length, mode = options["rate_hz"], options["length"], options["mode"]
    duration = None if length is None else span_frames("--for", length, rate_hz or USUAL_RATE_HZ)
    return open_log(
        path,
        mode=None if mode is None else TimestampMode[mode.upper()],
        end_frame=options["end_frame"],
        duration_frames=duration,
        sample_rate_hz=rate_hz,
        char_signed=options["char_signed"],
    )
