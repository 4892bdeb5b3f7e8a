"""``belabridge log start``: the board writes variables to its own disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from belabridge.cli.lengths import LENGTH
from belabridge.cli.log_asking import absolute, asked, asking_options, show_files
from belabridge.strict_json import one_line

if TYPE_CHECKING:
    from belabridge.client.spans import Span


@click.command("start")
@click.argument("variables", metavar="VAR...", nargs=-1, required=True)
@click.option(
    "--at", "after", metavar="+LENGTH", help="Begin so much later, as +2s or +4410f: all at the same frame."
)
@click.option(
    "--for", "length", type=LENGTH, metavar="LENGTH", help="How long: 10s, 4410f. Else: until stop."
)
@click.option("--follow", is_flag=True, help="Bring the files while they grow; Ctrl-C ends the logs.")
@click.option(
    "--to", type=click.Path(file_okay=False), help="Folder for the files. Else: as configured, or here."
)
@asking_options
@click.pass_context
def start(
    ctx: click.Context,
    /,
    variables: tuple[str, ...],
    *,
    after: str | None,
    length: Span | None,
    follow: bool,
    to: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Let the board log variables: to its own disk, which loses nothing when the network does.

    Without --follow it returns as soon as the board does it. A running daemon then brings the files as its
    config says; without one, `belabridge log fetch` does.

    \b
    Example:
      belabridge log start mic pot1 --for 10s
      belabridge log start mic --at +2s --follow --to takes
    """
    words: dict[str, Any] = {
        "do": "start",
        "vars": list(variables),
        "after": _after(after),
        "for": span_words(length),
        "to": absolute(to),
    }
    if follow:
        words |= {"fetch": "follow", "wait": True}
    ending = {"do": "stop", "vars": list(variables)} if follow else None
    answer = asked(words, options | {"as_json": as_json}, ending=ending)
    if follow:
        show_files(ctx, answer, as_json=as_json)
    elif as_json:
        click.echo(one_line(answer))
    elif not answer["viaDaemon"]:
        click.echo("when it is over: belabridge log fetch", err=True)


def span_words(span: Span | None) -> dict[str, float] | None:
    """A length as JSON has it."""
    from belabridge.client.spans import Seconds

    if span is None:
        return None
    return {"s": span.count} if isinstance(span, Seconds) else {"frames": span.count}


def _after(text: str | None) -> dict[str, float] | None:
    if text is None:
        return None
    if not text.startswith("+"):
        raise click.BadParameter(f"{text!r}: write +2s, which is 2 s from now", param_hint="--at")
    return span_words(LENGTH.convert(text[1:], None, None))
