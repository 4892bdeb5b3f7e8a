"""Where the page and the library that draws are: uPlot, as a package of its own carries it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from typing import Final

from belabridge.errors import MissingPackage

PACKAGE: Final = "metaflow-card-uplot"
"""It has uPlot's files and needs nothing else; only the files are used, no code of it runs."""
_TYPES: Final = {"html": "text/html", "js": "text/javascript", "css": "text/css"}


def pages() -> dict[str, tuple[str, bytes]]:
    """All that a browser loads: by path, its type and its bytes.

    Raises:
        MissingPackage: the library is not installed.
    """
    own = files("belabridge.plot") / "page"
    found = {"/": (own / "index.html").read_bytes()}
    found |= {f"/{name}": (own / name).read_bytes() for name in ("plot.js", "data.js", "plot.css")}
    found |= {"/uPlot.js": _library("uPlot.iife.min.js"), "/uPlot.css": _library("uPlot.min.css")}
    return {
        path: (f"{_TYPES[path.rpartition('.')[2] if path != '/' else 'html']}; charset=utf-8", data)
        for path, data in found.items()
    }


def _library(name: str) -> bytes:
    try:
        have = distribution(PACKAGE).files or ()
        path = next(file for file in have if file.name == name)
        return path.read_binary()
    except (PackageNotFoundError, StopIteration, OSError):
        raise MissingPackage("a picture", "belabridge[plot]") from None
