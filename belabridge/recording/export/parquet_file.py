"""Parquet: a table for each track, for pandas, polars, DuckDB and their like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Final

from belabridge.errors import MissingPackage

if TYPE_CHECKING:
    from collections.abc import Callable

    from belabridge.recording.track import Track

GROUP_VALUES: Final = 1 << 20  # of a row group: what readers take at once, some MB


def parquet() -> tuple[Any, Any]:
    """The library: ``pyarrow`` and its ``parquet``.

    Raises:
        MissingPackage: it is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet as pq
    except ImportError:
        raise MissingPackage("export to Parquet", "belabridge[parquet]") from None
    return pa, pq


def write_parquet(track: Track, out: BinaryIO, told: Callable[[int], None] = lambda _values: None) -> None:
    """Write a track with the columns ``frame``, ``time_s`` and one of the variable's name.

    A variable that has one of these names itself has ``value``. The sample rate and the gaps stand in the
    metadata of the schema.

    Args:
        track: to be written.
        out: at its beginning.
        told: called with the number of values that are done since it was called last.

    Raises:
        MissingPackage: pyarrow is not installed.
        OSError: it cannot be written.
    """
    pa, pq = parquet()
    name = track.name.encode("utf-8", "backslashreplace").decode()
    name = "value" if name in {"frame", "time_s"} else name
    says = {
        "sample_rate_hz": repr(track.sample_rate_hz),
        "gaps": " ".join(f"{gap.index}:{gap.frames}" for gap in track.gaps),
    }
    columns = [("frame", pa.uint64()), ("time_s", pa.float64())]
    schema = pa.schema([*columns, (name, pa.from_numpy_dtype(track.samples.dtype))], says)
    # frames grow evenly: their differences take next to nothing
    encoding = {"frame": "DELTA_BINARY_PACKED"}
    with pq.ParquetWriter(out, schema, use_dictionary=False, column_encoding=encoding) as writer:
        for piece in track.pieces(GROUP_VALUES):
            arrays = [piece.frames, piece.frames / track.sample_rate_hz, piece.values]
            writer.write_table(pa.table(dict(zip(schema.names, arrays, strict=True)), schema))
            told(len(piece.values))
