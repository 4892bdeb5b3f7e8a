"""``belabridge log info``: what is in a log file, and what became of it on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from belabridge.cli.figures import count_text, span_text
from belabridge.cli.log_open import log_options, opened
from belabridge.cli.options import json_option
from belabridge.cli.progress import amount_text, progress
from belabridge.printable import printable
from belabridge.strict_json import one_line
from belabridge.values import C_NAMES

if TYPE_CHECKING:
    from belabridge.recording.log_file import Log

_MOST_GAPS: Final = 5  # told one by one


@click.command("info")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path())
@log_options
@json_option
@click.pass_context
def info(ctx: click.Context, /, files: tuple[str, ...], *, as_json: bool, **options: Any) -> None:
    """Look through log files of a board, and tell what is in them, what is missing and what is damaged.

    Ends with 1 when something of a file could not be read, or values are missing.

    \b
    Example:
      belabridge log info mic.bin
      belabridge log info --for 10s mic.bin pot1.bin
    """
    is_good = True
    for path in files:
        log = opened(path, options)
        with progress(path, log.file.size) as told:
            log.file.scan(told)
        is_good &= not log.file.index.damages and not log.file.index.jumps
        click.echo(one_line(as_dict(log)) if as_json else as_text(log))
    if not is_good:
        ctx.exit(1)


def as_dict(log: Log) -> dict[str, Any]:
    """One log for programs."""
    header, index, track = log.file.header, log.file.index, log.track
    count = len(track)
    ends = [int(track[at : at + 1].frames[0]) for at in (0, count - 1)] if count else [None, None]
    return {
        "file": str(log.path),
        "bytes": log.file.size,
        "name": header.name,
        "type": header.type.value,
        "mode": log.file.mode.name.lower(),
        "modeIsSure": log.file.mode_is_sure,
        "protocol": header.protocol,
        "pointerBytes": header.pointer_bytes,
        "sampleRate": track.sample_rate_hz,
        "values": count,
        "firstFrame": ends[0],
        "lastFrame": ends[1],
        "stepFrames": index.step_frames,
        "zerosAtEnd": index.padding,
        "gaps": [
            {"before": place, "frames": jump.frames, "values": jump.values} for place, jump in index.jumps
        ],
        "damage": [
            {"what": damage.reason, "atByte": damage.at, "bytes": damage.bytes, "blocks": damage.blocks}
            for damage in index.damages
        ],
    }


def as_text(log: Log) -> str:
    """One log for a person."""
    told = as_dict(log)
    header, index = log.file.header, log.file.index
    mode = told["mode"] if log.file.mode_is_sure else f"{told['mode']}, as it seems (--mode says it)"
    form = "protocol 2" if header.protocol > 1 else f"{8 * (header.pointer_bytes or 0)}-bit board"
    lines = [f"{printable(str(log.path))}: {printable(header.name)}, {C_NAMES[header.type]}, {mode}"]
    lines.append(f"  file     {amount_text(log.file.size)}, {form}")
    lines.append(f"  values   {count_text(told['values'])}{_span(told)}")
    if index.step_frames not in {None, 1.0}:
        lines.append(f"  step     one value in {index.step_frames:g} frames")
    lines += [f"  gap      {_gap(gap)}" for gap in told["gaps"][:_MOST_GAPS]]
    if len(told["gaps"]) > _MOST_GAPS:
        lines.append(f"  gap      and {len(told['gaps']) - _MOST_GAPS} more")
    return "\n".join([*lines, *doubts(log)])


def doubts(log: Log) -> list[str]:
    """What is not as it should be with the values that a file has, a line each."""
    index, lines = log.file.index, []
    if index.padding:
        what = "the last value is 0" if index.padding == 1 else f"the last {index.padding} values are 0"
        lines.append(f"  end      {what}, or padding: --for or --end tells")
    return lines + [f"  damage   {damage}" for damage in index.damages]


def _span(told: dict[str, Any]) -> str:
    if not told["values"]:
        return ""
    first, last, rate_hz = told["firstFrame"], told["lastFrame"], told["sampleRate"]
    return f", frames {first} to {last}: {span_text((last - first + 1) / rate_hz)} at {rate_hz:g} Hz"


def _gap(gap: dict[str, Any]) -> str:
    what = [f"{gap['values']} values"] if gap["values"] is not None else []
    what += [f"{gap['frames']} frames"] if gap["frames"] else []
    return f"{' in '.join(what) or 'some values'} are missing before value {gap['before']}"
