"""Digests of folded tables, bucket by bucket: whether box and cloud show the same, not only hold the same.

The hash chain proves that both journals are equal; a digest proves that what was folded from them is. It is
taken over the rows of those aggregates of one bucket that the latest facts were about, as they stand in each
side's tables, when both are at the same place in the journal. Pure: rows come in, a hash goes out.

Counterparts: `edge/journal/digesting.py` and `cloud/ingest/digesting.py` read the rows.
"""

import hashlib
import zlib
from collections.abc import Iterable, Mapping

import msgspec

from protocol.facts.fact import TableShape
from protocol.facts.fold import SHAPES, WHOLE, State, decode_record, evolve, restored, rows
from protocol.facts.stock import Stock

BUCKETS = 16
#: So many facts back from the end of the journal a digest looks.
WINDOW = 2000

Row = tuple[object, ...]
#: A row's name: its table and its key there.
Key = tuple[str, Row]

_PLACES = {name: tuple(map(shape.column_names.index, shape.key)) for name, shape in SHAPES.items()}
_encode = msgspec.msgpack.Encoder().encode


def bucket_of(aggregate: str) -> int:
    """The bucket of an aggregate, the same everywhere."""
    return zlib.crc32(aggregate.encode()) % BUCKETS


def key_of(table: str, row: Row) -> Key:
    """The name of a row."""
    return table, tuple(row[place] for place in _PLACES[table])


def newest_tells(aggregate: str) -> bool:
    """Whether the newest fact alone is looked at, because a box need not hold those before it."""
    kind = aggregate.partition(":")[0]
    return kind in WHOLE or kind == "stock"


def rows_of(aggregate: str, records: Iterable[bytes]) -> dict[Key, Row]:
    """The rows that an aggregate's facts fold into, as their latest facts leave them.

    Raises `ImpossibleFact`, `UnknownEvent` or `BadRecord`.
    """
    found: dict[Key, Row] = {}
    state: State | None = None
    for record in records:
        fact = decode_record(record)
        first = state is None and aggregate.partition(":")[0] in WHOLE
        state = restored(fact) if first else evolve(state, fact)
        found.update((key_of(table, row), row) for table, row in rows(state, fact))
    return found


def keys_of(aggregate: str, records: Iterable[bytes]) -> set[Key]:
    """The rows that an aggregate has; of stock only its name is needed."""
    kind, _, name = aggregate.partition(":")
    if kind == "stock":
        level = Stock(1, int(name), None, False)
        return {key_of("stock", (level.menu_item, level.qty, level.off, level.version))}
    return set(rows_of(aggregate, records))


def digest(found: Mapping[Key, Row | None]) -> bytes:
    """One hash over rows in the order of their names; a row that is missing counts as well."""
    ordered = sorted(found.items(), key=lambda item: _encode(item[0]))
    return hashlib.sha256(
        _encode([(key, row and _plain(SHAPES[key[0]], row)) for key, row in ordered])
    ).digest()


def _plain(shape: TableShape, row: Row) -> Row:
    """SQLite has no booleans."""
    kinds = (kind for _, kind in shape.columns)
    return tuple(bool(value) if kind == "bool" else value for value, kind in zip(row, kinds, strict=True))
