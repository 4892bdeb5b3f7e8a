"""NTP time, as bundles carry it, to Unix time and back."""

from __future__ import annotations

IMMEDIATELY = 1  # OSC 1.0: 63 zero bits and a one

_1900_TO_1970_S = 2_208_988_800  # RFC 868
_ERA_S = 2**32


def to_unix(timetag_ntp: int) -> float:
    """Seconds since 1970 of a 64-bit NTP time.

    NTP's seconds run over in 2036; a time whose highest bit is clear is of the era after that (RFC 4330, 3).
    """
    seconds, fraction = timetag_ntp >> 32, timetag_ntp & 0xFFFFFFFF
    if seconds < _ERA_S // 2:
        seconds += _ERA_S
    return seconds - _1900_TO_1970_S + fraction / 2**32


def from_unix(time_unix_s: float) -> int:
    """The 64-bit NTP time of seconds since 1970; between 1968 and 2104 the inverse of :func:`to_unix`."""
    whole, fraction = divmod(time_unix_s, 1.0)
    total = (int(whole) + _1900_TO_1970_S << 32) + int(fraction * 2**32)
    return total % 2**64
