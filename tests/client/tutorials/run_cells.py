"""Runs the cells of a tutorial as a notebook does: one after the other, in a thread where an event loop runs.

`python run_cells.py TUTORIAL [OLD NEW]…` replaces texts first, such as the address of the board.
"""

from __future__ import annotations

import asyncio
import sys

import jupytext


async def run(path, changes):
    notebook = jupytext.read(path)
    names = {"__name__": "__main__"}
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            source = cell.source
            for old, new in changes:
                source = source.replace(old, new)
            exec(compile(source, f"{path}, cell {number}", "exec"), names)  # noqa: S102 - our own tutorial's
            await asyncio.sleep(0)


if __name__ == "__main__":
    path, *texts = sys.argv[1:]
    asyncio.run(run(path, list(zip(texts[::2], texts[1::2], strict=True))))
