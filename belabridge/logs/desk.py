"""What is asked of logs in words that JSON can carry, and what is answered: for the control socket."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from belabridge.errors import UsageError
from belabridge.logs.record import Began, Done, Ended, Failed, Progress, State
from belabridge.rules import FetchWhen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from belabridge.logs.record import BoardLog, Told
    from belabridge.logs.session import LogSession


class Desk:
    """Does what is asked.

    Every question has ``do``: start, stop, list, fetch, rm or trust; then

    * start: ``vars``, and optionally ``after`` and ``for`` as ``{"s": 1.5}`` or ``{"frames": 4410}``,
      ``fetch`` (on_stop, follow, never), ``to``, ``name``, and ``wait`` for the files
    * stop: ``vars`` (none = all), ``wait``
    * list: ``to``
    * fetch: ``names`` (none = the last of each variable), ``all``, ``to``, ``delete``
    * rm: ``names``, ``all``
    * trust: ``host`` (none = the board's)

    Args:
        session: with the board.
    """

    def __init__(self, session: LogSession) -> None:
        self._session = session

    async def do(self, words: Mapping[str, Any], told: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """Do it, and answer.

        Args:
            words: as above.
            told: is called with what happens meanwhile.

        Raises:
            UsageError: the words make no sense.
            BelabridgeError: as ``LogSession``.
        """
        match words.get("do"):
            case "start":
                return await self._start(words, told)
            case "stop":
                logs = await self._session.stop(_names(words, "vars"), tell=_teller(told))
                if words.get("wait"):
                    await self._session.finish(logs)
                return {"logs": [as_dict(one) for one in logs]}
            case "list":
                return await self._session.listed(_path(words))
            case "fetch":
                logs = await self._session.fetch(
                    _names(words, "names"),
                    all_=bool(words.get("all")),
                    to=_path(words),
                    delete=words.get("delete"),
                    tell=_teller(told),
                )
                return {"logs": [as_dict(one) for one in logs]}
            case "rm":
                names = _names(words, "names")
                if not names and not words.get("all"):
                    raise UsageError("nothing is named that should go: name files, or all")
                return {"removed": await self._session.remove(names, all_=bool(words.get("all")))}
            case "trust":
                place, fingerprint = await self._session.trust(words.get("host"))
                return {"board": place, "fingerprint": fingerprint}
            case other:
                raise UsageError(f"{other!r} is nothing that logs do: start, stop, list, fetch, rm or trust")

    async def _start(
        self, words: Mapping[str, Any], told: Callable[[dict[str, Any]], None]
    ) -> dict[str, Any]:
        after, length = _length(words, "after"), _length(words, "for")
        fetch = words.get("fetch")
        logs = await self._session.start(
            _names(words, "vars"),
            after_s=after.get("s", 0.0),
            after_frames=int(after.get("frames", 0)),
            for_s=length.get("s"),
            for_frames=None if "frames" not in length else int(length["frames"]),
            fetch=None if fetch is None else FetchWhen(fetch),
            to=_path(words),
            name=words.get("name"),
            tell=_teller(told),
        )
        if words.get("wait"):
            await self._session.finish(logs)
        return {"logs": [as_dict(one) for one in logs]}


def as_dict(one: BoardLog) -> dict[str, Any]:
    """One log for programs."""
    return {
        "variable": one.variable,
        "file": one.file,
        "project": one.project,
        "state": one.state.value,
        "frame": one.frame,
        "endFrame": one.end_frame,
        "sampleRate": one.sample_rate_hz,
        "path": None if one.path is None else str(one.path),
        "frames": one.frames,
        "bytes": one.bytes,
        "check": None if one.check is None else one.check.value,
        "structure": one.structure,
        "problem": one.problem,
        "isHere": one.state is State.HERE,
    }


def told_as_dict(told: Told) -> dict[str, Any]:
    """What happens, for programs."""
    match told:
        case Progress(file, done, total):
            return {"what": "progress", "file": file, "done": done, "total": total}
        case Began(one):
            return {"what": "began", **as_dict(one)}
        case Ended(one):
            return {"what": "ended", **as_dict(one)}
        case Done(one):
            return {"what": "done", **as_dict(one)}
        case Failed(file, text):
            return {"what": "failed", "file": file, "problem": text}


def _teller(told: Callable[[dict[str, Any]], None]) -> Callable[[Told], None]:
    return lambda what: told(told_as_dict(what))


def _names(words: Mapping[str, Any], key: str) -> list[str]:
    names = words.get(key) or []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise UsageError(f"{key} is a list of names")
    return names


def _path(words: Mapping[str, Any]) -> Path | None:
    to = words.get("to")
    return None if to is None else Path(str(to))


def _length(words: Mapping[str, Any], key: str) -> dict[str, float]:
    length = words.get(key) or {}
    if not isinstance(length, dict) or not all(isinstance(count, int | float) for count in length.values()):
        raise UsageError(f'{key} is a length: {{"s": 1.5}} or {{"frames": 4410}}')
    return length
