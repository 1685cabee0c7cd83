"""Rows as a file: CSV, JSON Lines, Parquet; page by page, and the pages put together.

Rule of the file: pure but for the file that `joined` writes, and slow, so it runs in a thread.

CSV is RFC 4180 in UTF-8 without a byte order mark. A cell of text that a spreadsheet would take for a formula
(it begins with = + - @, tab, return or their full-width twins) gets an apostrophe before it, as OWASP
advises: https://owasp.org/www-community/attacks/CSV_Injection. Numbers never do. Money is written twice, as
a decimal (`total`) and exactly, in minor units (`total_minor`); moments are ISO 8601 in UTC.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from cloud.store.jobs.export_sets import Column
from protocol import money

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
}

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_ARROW = {
    "text": pa.string(),
    "int": pa.int64(),
    "bool": pa.bool_(),
    "minor": pa.int64(),
    "ms": pa.timestamp("ms", tz="UTC"),
}


def page(form: str, columns: Sequence[Column], rows: list[tuple[Any, ...]]) -> bytes:
    """One part of a file of this `form`."""
    if form == "csv":
        return _csv(_cells(columns, row) for row in rows)
    if form == "jsonl":
        names = _names(columns)
        encode = msgspec.json.Encoder().encode
        return b"".join(encode(dict(zip(names, _values(columns, row), strict=True))) + b"\n" for row in rows)
    sink = io.BytesIO()
    pq.write_table(_table(columns, rows), sink)
    return sink.getvalue()


def joined(form: str, columns: Sequence[Column], parts: Iterable[bytes], target: Path) -> int:
    """The whole file at `target`; its size in bytes. `parts` in their order, read one at a time."""
    if form == "parquet":
        with pq.ParquetWriter(target, _schema(columns)) as writer:
            for part in parts:
                writer.write_table(pq.read_table(io.BytesIO(part)))
    else:
        with target.open("wb") as file:
            if form == "csv":
                file.write(_csv([_headings(columns)]))
            for part in parts:
                file.write(part)
    return target.stat().st_size


def _csv(lines: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue().encode()


def _headings(columns: Sequence[Column]) -> list[str]:
    found = []
    for column in columns:
        found += [column.name, f"{column.name}_minor"] if column.kind == "minor" else [column.name]
    return found


def _cells(columns: Sequence[Column], row: tuple[Any, ...]) -> list[Any]:
    """A line of CSV."""
    currency = _currency(columns, row)
    cells: list[Any] = []
    for column, value in zip(columns, row, strict=True):
        if column.kind == "minor":
            cells += ["" if value is None else money.written(value, currency), value]
        else:
            cells.append(_cell(column, value))
    return cells


def _cell(column: Column, value: Any) -> Any:
    if value is None:
        return ""
    if column.kind == "ms":
        return _moment(value)
    if column.kind == "bool":
        return "yes" if value else "no"
    if column.kind == "text":
        # Postgres holds no NUL; everything else may be in what guests type.
        return f"'{value}" if value.startswith(_FORMULA) else value
    return value


def _names(columns: Sequence[Column]) -> list[str]:
    return [f"{column.name}_minor" if column.kind == "minor" else column.name for column in columns]


def _values(columns: Sequence[Column], row: tuple[Any, ...]) -> list[Any]:
    return [
        _moment(value) if column.kind == "ms" and value is not None else value
        for column, value in zip(columns, row, strict=True)
    ]


def _currency(columns: Sequence[Column], row: tuple[Any, ...]) -> str:
    return next(
        (str(value) for column, value in zip(columns, row, strict=True) if column.name == "currency"), ""
    )


def _moment(at_ms: int) -> str:
    """A box whose clock was never set may be anywhere; what no calendar has is told as it is."""
    try:
        return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
    except (OverflowError, ValueError, OSError):
        return str(at_ms)


def _schema(columns: Sequence[Column]) -> pa.Schema:
    names = _names(columns)
    return pa.schema([(name, _ARROW[column.kind]) for name, column in zip(names, columns, strict=True)])


def _table(columns: Sequence[Column], rows: list[tuple[Any, ...]]) -> pa.Table:
    schema = _schema(columns)
    arrays = [
        pa.array([row[place] for row in rows], type=pa.int64()).cast(field.type)
        if pa.types.is_timestamp(field.type)
        else pa.array([row[place] for row in rows], type=field.type)
        for place, field in enumerate(schema)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)
