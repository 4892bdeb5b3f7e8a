"""A dict whose values are made when somebody looks at them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_UNMADE: Any = object()


class LazyDict(dict[str, Any]):
    """A dict with fixed keys at first; each value is made once, when it is first asked for.

    A list of 1024 numbers takes eight times the memory of the array that it is made of, and time: who asks
    for one variable pays for one. Otherwise it is a dict in all: it can be printed, compared, copied and
    written as JSON.

    Args:
        keys: which it has.
        make: gives the value of a key.
    """

    __slots__ = ("_make",)

    def __init__(self, keys: Iterable[str], make: Callable[[str], Any]) -> None:
        super().__init__(dict.fromkeys(keys, _UNMADE))
        self._make = make

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        if value is _UNMADE:
            value = self._make(key)
            super().__setitem__(key, value)
        return value

    def __iter__(self) -> Iterator[str]:
        # with this of its own, nobody copies the values without asking for them
        return super().__iter__()

    def __eq__(self, other: object) -> bool:
        return self.copy() == other

    __hash__ = None

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __or__(self, other: Any) -> dict[str, Any]:  # type: ignore[override]  # keys are strings
        return self.copy() | dict(other)

    def __repr__(self) -> str:
        return repr(self.copy())

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        return dict, (self.copy(),)

    def copy(self) -> dict[str, Any]:
        """All of it, as a plain dict."""
        return {key: self[key] for key in self}

    def get(self, key: str, default: Any = None) -> Any:
        """The value, or ``default`` when there is no such key."""
        return self[key] if key in self else default  # noqa: SIM401 - this is it

    def items(self) -> Any:
        """Pairs, all made."""
        return self.copy().items()

    def values(self) -> Any:
        """All, made."""
        return self.copy().values()

    def pop(self, key: str, *default: Any) -> Any:
        """Take one away."""
        if key in self:
            self[key]
        return super().pop(key, *default)

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The value, or ``default`` from now on."""
        return self[key] if key in self else super().setdefault(key, default)
