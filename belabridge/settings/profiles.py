"""The profiles that there are: files by name, each read when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from belabridge.errors import ConfigError, Fault
from belabridge.settings.controllers import Profile, profile


def shipped() -> Path:
    """Give the folder of the profiles that come with belabridge."""
    return Path(__file__).parents[1] / "controllers"


class Profiles(Mapping[str, Profile]):
    """The profiles of some folders by the names of their files; of the same name the first folder's counts.

    A profile that has faults raises ``ConfigError`` when it is asked for.
    """

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._paths: dict[str, Path] | None = None
        self._read: dict[str, Profile] = {}

    def __getitem__(self, name: str) -> Profile:
        """Give the profile of that name; KeyError when there is none."""
        if name not in self._read:
            self._read[name] = _read(self._found()[name])
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        """Give the names; no file is read for it."""
        return iter(self._found())

    def __len__(self) -> int:
        """Count the names."""
        return len(self._found())

    def of_port(self, port: str) -> str | None:
        """Give the name of the profile of the controller that has this port, or None."""
        return next((name for name in self if self[name].is_port(port)), None)

    def _found(self) -> dict[str, Path]:
        if self._paths is None:
            paths = [path for folder in self._folders for path in sorted(folder.glob("*.yaml"))]
            self._paths = {path.stem: path for path in reversed(paths)}
            self._paths = dict(sorted(self._paths.items(), key=lambda item: item[0].casefold()))
        return self._paths


def _read(path: Path) -> Profile:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise ConfigError([Fault(str(path), 1, 1, reason, "move the file away")]) from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            [Fault(str(path), 1, 1, "this is not UTF-8 text", "save the file as UTF-8")]
        ) from error
    return profile(text, str(path))
