"""The command line, one small file a command."""

from __future__ import annotations

import io
import sys
from typing import Any

import click

from belabridge import __version__
from belabridge.cli.failure import told_plainly
from belabridge.cli.lazy import Entry, LazyGroup

COMMANDS = {
    "run": Entry("belabridge.cli.run:run", "Bridge a board: the daemon."),
    "check": Entry("belabridge.cli.check:check", "Find all faults of a config."),
    "init": Entry("belabridge.cli.init:init", "Write a config from a live board's variables."),
    "list": Entry("belabridge.cli.list_:list_", "List a board's variables."),
    "monitor": Entry("belabridge.cli.monitor:monitor", "Watch a board's values live."),
    "set": Entry("belabridge.cli.set_:set_", "Control a board's variables."),
    "record": Entry("belabridge.cli.record:record", "Record variables into a take."),
    "plot": Entry("belabridge.cli.plot:plot", "Show variables as a live picture in a browser."),
    "export": Entry("belabridge.cli.export:export", "Write a take as CSV, NPZ, WAV or Parquet."),
    "log": Entry("belabridge.cli.log:log", "Log on the board's own disk, and read such files."),
    "sim": Entry("belabridge.cli.sim:sim", "Simulate a board."),
    "midi": Entry("belabridge.cli.midi:midi", "List the MIDI ports, or show what comes in at them."),
    "learn": Entry("belabridge.cli.learn:learn", "Move a control: it moves a variable from then on."),
    "panic": Entry("belabridge.cli.panic:panic", "End every note that sounds."),
    "status": Entry("belabridge.cli.status:status", "Ask the running daemon how it is."),
    "reload": Entry("belabridge.cli.reload:reload", "Let the running daemon read its config again."),
    "demo": Entry("belabridge.cli.demo:demo", "Show values flowing from a simulated board."),
}


class Program(LazyGroup):
    """``belabridge``: its commands, and how they fail."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with told_plainly(ctx):
            return super().invoke(ctx)


@click.command(cls=Program, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="belabridge", message="%(prog)s %(version)s")
def group() -> None:
    """A Bela board's variables as OSC, and back.

    \b
    Try it without a board:       belabridge demo
    Bridge the board you have:    belabridge run
    Then make a config of it:     belabridge init && belabridge run belabridge.yaml
    """


def main() -> None:
    """Run the program with the arguments of the process; never returns."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without our arrows shows question marks
    group(prog_name="belabridge")
