"""Messages to datagrams: templates for the hot path, python-osc's builders for the rest."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import numpy as np
from pythonosc.osc_message_builder import BuildError, OscMessageBuilder

from belabridge.errors import UsageError
from belabridge.osc.codec.address import is_valid_address
from belabridge.osc.codec.reader import Rgba
from belabridge.osc.codec.timetag import IMMEDIATELY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

Form: TypeAlias = Literal["f", "d", "i", "h", "blob"]

# What travels over Ethernet in one piece: 1500 bytes less 20 of IPv4 and 8 of UDP.
DATAGRAM_BYTES = 1472

_SIZE = struct.Struct(">i")
_BUNDLE_HEADER = struct.Struct(">8sQ")
_BUILDER_TAGS = frozenset("ifhdsbrmTFN")


class _Number(NamedTuple):
    layout: struct.Struct
    dtype: np.dtype[np.generic]
    low: int  # of a whole number; 0 to 0 for floats
    high: int


_NUMBERS = {
    "f": _Number(struct.Struct(">f"), np.dtype(">f4"), 0, 0),
    "d": _Number(struct.Struct(">d"), np.dtype(">f8"), 0, 0),
    "i": _Number(struct.Struct(">i"), np.dtype(">i4"), -(2**31), 2**31 - 1),
    "h": _Number(struct.Struct(">q"), np.dtype(">i8"), -(2**63), 2**63 - 1),
}
# the largest double that fits int64: 2**63 - 1 itself would be rounded up to 2**63
_INT64_HIGH = math.nextafter(2.0**63, 0.0)


class Template:
    """One address and one type, encoded once; numbers are appended.

    ``i`` and ``h`` carry the nearest whole number (halves to even) that the type can hold. ``f`` carries
    the nearest float32; beyond its range that is infinity. A declared type never becomes another one.

    Args:
        address: a valid address.
        form: an OSC type of a number, or ``blob``: big-endian float32 in a blob.

    Raises:
        UsageError: the address is not valid.
    """

    def __init__(self, address: str, form: Form = "f") -> None:
        self.address = _checked(address)
        self.form = form
        self._number = _NUMBERS["f" if form == "blob" else form]
        self._head = _string(address) + _string(",b" if form == "blob" else "," + form)
        if form == "blob":
            self._head += _SIZE.pack(self._number.layout.size)
        self._pack = self._number.layout.pack
        self._whole = form in ("i", "h")

    @property
    def width_bytes(self) -> int:
        """Bytes of one number."""
        return self._number.layout.size

    def body(self, values: ArrayLike) -> bytes:
        """Only the numbers, shape (n,), as they stand in a message of this type.

        Raises:
            UsageError: a NaN, for ``i`` and ``h``.
        """
        return self._big_endian(np.asarray(values)).tobytes()

    def one(self, value: float) -> bytes:
        """A message of one number (a blob of one for ``blob``).

        Raises:
            UsageError: NaN, for ``i`` and ``h``.
        """
        if self._whole:
            return self._head + self._pack(self._nearest(value))
        try:
            return self._head + self._pack(value)
        except OverflowError:
            return self._head + self._pack(math.copysign(math.inf, value))

    def _nearest(self, value: float) -> int:
        low, high = self._number.low, self._number.high
        try:
            return min(max(round(value), low), high)
        except OverflowError:
            return high if value > 0 else low
        except ValueError:
            raise UsageError(f"NaN cannot go out as {self.form!r} at {self.address}: use 'f'") from None

    def _big_endian(self, array: NDArray[np.generic]) -> NDArray[np.generic]:
        number = self._number
        if not self._whole:
            with np.errstate(over="ignore"):
                return array.astype(number.dtype)
        if array.dtype.kind in "iu":  # a board's are of 32 bits at most
            return np.clip(array.astype(np.int64), number.low, number.high).astype(number.dtype)
        rounded = np.rint(array.astype(np.float64))
        if np.isnan(rounded).any():
            raise UsageError(f"NaN cannot go out as {self.form!r} at {self.address}: use 'f'")
        return np.clip(rounded, number.low, min(number.high, _INT64_HIGH)).astype(number.dtype)


def message(address: str, args: Iterable[object] = (), tags: str | None = None) -> bytes:
    """Any message, for answers and other cold paths.

    Args:
        address: a valid address.
        args: Python values; ``T``, ``F`` and ``N`` have one each too, as the reader gives them.
        tags: one of ``i f h d s b r m T F N`` for each argument; None chooses by the value, where an int
            is ``i`` (``h`` beyond 32 bits), a float ``f``, and a list an array.

    Raises:
        UsageError: an address that is not valid, or a value that does not fit its tag.
    """
    values = [arg.item() if isinstance(arg, np.generic) else arg for arg in args]
    if tags is not None and (len(tags) != len(values) or not _BUILDER_TAGS.issuperset(tags)):
        raise UsageError(f"{address}: the tags {tags!r} do not describe its {len(values)} arguments")
    builder = OscMessageBuilder(_checked(address))
    try:
        for i, value in enumerate(values):
            if isinstance(value, str) and "\0" in value:
                raise UsageError(f"{address}: a string with a NUL cannot go out as OSC: cut it there")
            tag = tags[i] if tags is not None else "r" if isinstance(value, Rgba) else None
            plain = int.from_bytes(bytes(value), "big") if isinstance(value, Rgba) else value
            builder.add_arg(plain, tag)  # type: ignore[arg-type]  # it refuses what it does not know
        return builder.build().dgram
    except (BuildError, ValueError, TypeError, OverflowError) as fault:
        raise UsageError(f"{address}: {fault}") from fault


def bundle(elements: Sequence[bytes], timetag_ntp: int = IMMEDIATELY) -> bytes:
    """Messages (or bundles) as one bundle that acts at ``timetag_ntp``."""
    parts = [_BUNDLE_HEADER.pack(b"#bundle", timetag_ntp)]
    for element in elements:
        parts += (_SIZE.pack(len(element)), element)
    return b"".join(parts)


def _checked(address: str) -> str:
    if not is_valid_address(address):
        raise UsageError(
            f"{address!r} is not an OSC address: write it as /name/name, without spaces or #*,?[]{{}}"
        )
    return address


def _padded_bytes(n: int) -> int:
    return (n + 3) // 4 * 4


def _string(text: str) -> bytes:
    raw = text.encode("ascii")
    return raw.ljust(_padded_bytes(len(raw) + 1), b"\0")
