"""How a command ends that could not do its work: a clear line on the error stream and an exit code."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

from belabridge.errors import BelabridgeError, ConfigError, UsageError
from belabridge.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

FAILURE = 1
USAGE = 2  # click's own, too
CONFIG = 78  # EX_CONFIG of sysexits(3): the service manager does not try again
INTERRUPTED = 130  # 128 + SIGINT, as shells have it


@contextmanager
def told_plainly(ctx: click.Context) -> Iterator[None]:
    """Turn what a command raises on purpose into lines and an exit code; mistakes of ours keep a traceback.

    A reader that has seen enough (``| head``) ends the command silently, and that is no failure.
    """
    try:
        yield
        click.echo(nl=False)  # flushes now, not at the interpreter's end; copes with a closed stdout
    except BrokenPipeError:
        _forget_stdout()
        ctx.exit(0)
    except KeyboardInterrupt:
        ctx.exit(INTERRUPTED)
    except OSError as error:
        _forget_stdout()
        where = f" {error.filename}" if error.filename else ""
        click.echo(f"belabridge: the system says{where}: {error.strerror or error}", err=True)
        ctx.exit(FAILURE)
    except BelabridgeError as error:
        for line in lines_of(error):
            click.echo(line, err=True)
        ctx.exit(code_of(error))


def lines_of(error: BelabridgeError) -> list[str]:
    """What to print: a config's faults begin with their place, so that editors can jump there."""
    lines = [printable(line) for line in str(error).splitlines()] or [type(error).__name__]
    return lines if isinstance(error, ConfigError) else ["belabridge: " + "\n".join(lines)]


def code_of(error: BelabridgeError) -> int:
    """The exit code."""
    if isinstance(error, ConfigError):
        return CONFIG
    return USAGE if isinstance(error, UsageError) else FAILURE


def _forget_stdout() -> None:
    """Point stdout to nowhere: else the interpreter complains at its end of what it could not flush."""
    with suppress(OSError, ValueError):  # not a real file: a test's
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
