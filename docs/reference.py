"""Builds the reference of the Python API from its docstrings: `python docs/reference.py FOLDER`.

Any warning is an error, such as a type that does not exist.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import pdoc

ROOMS = {  # what a user of the API holds in hands
    "belabridge": ["errors", "values"],
    "belabridge.client": [
        "aligned",
        "bela",
        "blocking",
        "blocking_parts",
        "blocks",
        "connect",
        "control",
        "monitor",
        "plotting",
        "spans",
        "stream",
        "streaming",
    ],
    "belabridge.client.known": ["controller", "logger", "monitor", "streamer", "watcher"],
    "belabridge.recording": ["load", "log_file", "recording", "track"],
    "belabridge.board.logs": ["login", "shell", "transfers"],
}
MODULES = [f"{room}.{module}" for room, modules in ROOMS.items() for module in modules]

KNOWN = [
    r"Error parsing type annotation pd\.Series\[Any\]",  # generic for type checkers only
    r"Error parsing .* for belabridge\.board\.logs\.shell\.LogShell\.list",  # it hides the type
]


def build(folder: Path) -> None:
    """Write the pages; ``belabridge.html`` has the names that are imported from there."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for message in KNOWN:
            warnings.filterwarnings("ignore", message=message)
        pdoc.render.configure(docformat="google", footer_text="belabridge")
        pdoc.pdoc("belabridge", r"!belabridge\.", *MODULES, output_directory=folder)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
