"""What commands share that write a recording in another format: options, the bar, what they print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from belabridge.cli.options import json_option
from belabridge.cli.progress import progress
from belabridge.printable import printable
from belabridge.strict_json import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from belabridge.recording.export.export import Exported
    from belabridge.recording.recording import Recording

_OPTIONS = (
    click.option(
        "--to", type=click.Choice(["csv", "npz", "wav", "parquet"]), required=True, help="The format."
    ),
    click.option(
        "--out", type=click.Path(), help="The file, or folder of files. Else: beside what is exported."
    ),
    click.option(
        "--bits",
        type=click.Choice(["16", "24", "32"]),
        default="32",
        show_default=True,
        help="Of a sample in WAV; 32 = float.",
    ),
    json_option,
)


def export_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--to``, ``--out``, ``--bits`` and ``--json``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def exported(recording: Recording, variables: Sequence[str], options: Mapping[str, Any]) -> None:
    """Write it with a bar, and print what was written.

    Args:
        recording: what to export.
        variables: only these; none = all.
        options: as the options above gave them.

    Raises:
        BelabridgeError: as ``export``.
    """
    from belabridge.recording.export.export import export

    tracks = [recording[name] for name in variables if name in recording] or recording.values()
    done = 0
    with progress(str(recording.path), sum(map(len, tracks)), "values") as told:

        def count(values: int) -> None:
            nonlocal done
            done += values
            told(done)

        written = export(
            recording,
            options["to"],
            options["out"],
            variables=variables,
            bits=int(options["bits"]),
            told=count,
        )
    click.echo(one_line(_as_dict(written)) if options["as_json"] else _as_text(written))


def _as_dict(written: Exported) -> dict[str, Any]:
    return {
        "path": str(written.path),
        "files": [str(path) for path in written.files],
        "leftOut": dict(written.left_out),
        "notes": list(written.notes),
    }


def _as_text(written: Exported) -> str:
    many = f" ({len(written.files)} files)" if len(written.files) > 1 else ""
    lines = [f"{written.path}{many}"]
    lines += [f"  {name} is left out: {why}" for name, why in written.left_out.items()]
    lines += [f"  {note}" for note in written.notes]
    return "\n".join(printable(line) for line in lines)
