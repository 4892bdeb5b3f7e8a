"""belabridge: a Bela board's variables in Python, as OSC and as MIDI, and back."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from belabridge.client.aligned import AlignedBlock as AlignedBlock
    from belabridge.client.blocks import Block as Block
    from belabridge.client.blocks import Gap as Gap
    from belabridge.client.blocks import Peek as Peek
    from belabridge.client.blocks import Sample as Sample
    from belabridge.client.connect import connect as connect
    from belabridge.client.known.controller import Controller as Controller
    from belabridge.client.known.logger import Logger as Logger
    from belabridge.client.known.monitor import Monitor as Monitor
    from belabridge.client.known.streamer import Streamer as Streamer
    from belabridge.client.known.watcher import Watcher as Watcher
    from belabridge.client.spans import frames as frames
    from belabridge.client.spans import seconds as seconds
    from belabridge.recording.load import load as load
    from belabridge.recording.recording import Recording as Recording
    from belabridge.recording.track import Track as Track
    from belabridge.values import Address as Address

_PUBLIC = {  # name -> where it is; imported when it is first asked for
    "Address": "belabridge.values",
    "AlignedBlock": "belabridge.client.aligned",
    "Block": "belabridge.client.blocks",
    "Gap": "belabridge.client.blocks",
    "Peek": "belabridge.client.blocks",
    "Recording": "belabridge.recording.recording",
    "Sample": "belabridge.client.blocks",
    "Track": "belabridge.recording.track",
    "Controller": "belabridge.client.known.controller",
    "Logger": "belabridge.client.known.logger",
    "Monitor": "belabridge.client.known.monitor",
    "Streamer": "belabridge.client.known.streamer",
    "Watcher": "belabridge.client.known.watcher",
    "connect": "belabridge.client.connect",
    "frames": "belabridge.client.spans",
    "load": "belabridge.recording.load",
    "seconds": "belabridge.client.spans",
}

if not TYPE_CHECKING:  # a type checker knows the names above, and no others
    __all__ = [*_PUBLIC]  # noqa: PLE0604 - the names of the table; for the reference

    def __getattr__(name: str) -> Any:
        if name not in _PUBLIC:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(_PUBLIC[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})
