"""Addresses and who is called for them; a pattern calls everybody it matches."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, TypeAlias

from belabridge.errors import OscFormatError, UsageError
from belabridge.osc.codec.address import is_pattern, is_valid_address
from belabridge.osc.codec.pattern import compile_pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from belabridge.osc.codec.reader import Argument

Source: TypeAlias = "tuple[str, int]"  # numeric host, UDP port
Handler: TypeAlias = "Callable[[tuple[Argument, ...], str, str, Source], None]"
NumberHandler: TypeAlias = "Callable[[float, Source], None]"

_PATTERNS = 256  # a patch sends a handful; more come only from a hostile sender


class AddressSpace:
    """A table from addresses to handlers; several may share one address.

    Args:
        may_match: asked before a pattern that is new is matched with all addresses.

    Attributes:
        version: changes with each change of the table.
    """

    def __init__(self, may_match: Callable[[], bool] = lambda: True) -> None:
        self.version = 0
        self._may_match = may_match
        self._entries: dict[str, dict[int, Handler]] = {}
        self._handlers: dict[str, tuple[Handler, ...]] = {}  # the same, as it is asked for
        self._numbers: dict[Handler, NumberHandler] = {}
        self._places: dict[int, str] = {}
        self._tokens = count(1)
        self._patterns: dict[str, tuple[Handler, ...]] = {}

    def __len__(self) -> int:
        return len(self._handlers)

    def add(self, address: str, handler: Handler, number: NumberHandler | None = None) -> int:
        """Call ``handler(args, tags, address, source)`` for this address; gives what ``remove`` takes.

        The handler's ``address`` is what the message said: a pattern, when a pattern reached it.

        Args:
            address: without patterns.
            handler: for every message, unless ``number`` takes it.
            number: called as ``number(value, source)`` instead for a message with one float, when each
                handler of the address has one.

        Raises:
            UsageError: the address is not valid.
        """
        if not is_valid_address(address):
            raise UsageError(f"{address!r} is not an OSC address: write it as /name/name")
        if number is not None:
            self._numbers[handler] = number
        token = next(self._tokens)
        self._places[token] = address
        self._entries.setdefault(address, {})[token] = handler
        self._refresh(address)
        return token

    def remove(self, token: int) -> None:
        """Stop calling the handler of this token; unknown tokens are ignored."""
        address = self._places.pop(token, None)
        if address is not None:
            self._numbers.pop(self._entries[address].pop(token), None)
            self._refresh(address)

    def handlers_for(self, address: str) -> tuple[Handler, ...]:
        """Everybody whom an address or a pattern calls, in the order of their addresses' arrival.

        Raises:
            OscFormatError: a pattern that is not in order, or that may not be matched now.
        """
        plain = self._handlers.get(address)
        if plain is not None:
            return plain
        if not is_pattern(address):
            return ()
        known = self._patterns.get(address)
        if known is None:
            if not self._may_match():
                raise OscFormatError("one of too many new patterns in a short time")
            known = self._match(address)
            if len(self._patterns) >= _PATTERNS:
                self._patterns.clear()
            self._patterns[address] = known
        return known

    def numbers_for(self, address: str) -> tuple[NumberHandler, ...]:
        """Who takes a lone float at this very address; empty unless each of its handlers does so."""
        handlers = self._handlers.get(address, ())
        numbers = tuple(self._numbers[handler] for handler in handlers if handler in self._numbers)
        return numbers if len(numbers) == len(handlers) else ()

    def _match(self, text: str) -> tuple[Handler, ...]:
        pattern = compile_pattern(text)
        return tuple(
            handler
            for address, handlers in self._handlers.items()
            if pattern.matches(address)
            for handler in handlers
        )

    def _refresh(self, address: str) -> None:
        self.version += 1
        entries = self._entries[address]
        if entries:
            self._handlers[address] = tuple(entries.values())
        else:
            del self._entries[address], self._handlers[address]
        self._patterns.clear()
