"""``python -m bench [NAME…] [--quick]``: runs the measurements and prints one table."""

from __future__ import annotations

import argparse
import importlib

from bench.figure import table

NAMES = (
    "whole_path",
    "latency",
    "keep_up",
    "osc_in",
    "osc_in_bridge",
    "memory",
    "wire",
    "mapping",
    "midi",
    "midi_ports",
    "midi_path",
    "watcher",
    "log_fetch",
    "recording",
    "known_form",
    "log_parse",
    "python_api",
    "plot",
)
LONG = ("watcher_long",)  # only by name


def main():
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    known = ", ".join(NAMES + LONG)
    help_ = f"of {known}; without any: all but {', '.join(LONG)}"
    parser.add_argument("names", nargs="*", metavar="NAME", help=help_)
    parser.add_argument("--quick", action="store_true", help="a short try: the numbers mean little")
    given = parser.parse_args()
    unknown = set(given.names) - set(NAMES + LONG)
    if unknown:
        parser.error(f"no measurement {', '.join(sorted(unknown))}: there are {known}")
    figures = []
    for name in given.names or NAMES:
        figures += importlib.import_module(f"bench.{name}").measure(quick=given.quick)
    print(table(figures))


if __name__ == "__main__":
    main()
