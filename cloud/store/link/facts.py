"""Facts and the tables they fold into: bulk writes of a run, and the reading back of single aggregates.

Rule of the file: everything here runs inside the caller's transaction, the one that also moves the node's
cursor. Statements for folded tables are made from `protocol.facts.fold.SHAPES`, so a new table needs a
line of schema and none of code.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, TypeAlias

import asyncpg
from asyncpg.pgproto import pgproto

from cloud.store.words import storable
from protocol.facts.fact import TableShape
from protocol.facts.fold import SHAPES

#: The driver's own UUID, which it writes several times quicker than the standard library's.
Uuid: TypeAlias = pgproto.UUID

#: Columns of `facts` in the order of a `FactRow`; `received_at` is the database's own clock.
FACT_COLUMNS = ("venue_id", "log_id", "seq", "aggregate", "version", "type", "record", "hash", "set_aside")
FactRow = tuple[Uuid, Uuid, int, str, int, str, bytes, bytes, bool]

_SQL_TYPES = {"text": "text", "int": "bigint", "bool": "boolean"}


def upsert_statement(shape: TableShape) -> str:
    """Write rows of one folded table, given as a venue and an array a column; fixed columns stay."""
    names = ", ".join(shape.column_names)
    arrays = ", ".join(f"${place}::{_SQL_TYPES[kind]}[]" for place, (_, kind) in enumerate(shape.columns, 2))
    values = [name for name in shape.column_names if name not in shape.fixed]
    changes = ", ".join(f"{name} = EXCLUDED.{name}" for name in values)
    # Rows that never change (a receipt, a refund) have nothing to be set a second time.
    action = f"UPDATE SET {changes}" if changes else "NOTHING"
    return (
        f"INSERT INTO {shape.name} (venue_id, {names}) SELECT $1, * FROM unnest({arrays}) "
        f"ON CONFLICT (venue_id, {', '.join(shape.key)}) DO {action}"
    )


_COLUMNS = {name: ("venue_id", *shape.column_names) for name, shape in SHAPES.items()}
_UPSERTS = {name: upsert_statement(shape) for name, shape in SHAPES.items()}

#: Data that Postgres will not take, wherever it was noticed: in the server, or by the driver as it encodes.
UNFIT = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    ValueError,
    OverflowError,
)


async def store(connection: asyncpg.Connection, rows: Sequence[FactRow]) -> None:
    """Append facts. Raises one of `UNFIT` when an aggregate's version is there already."""
    await connection.copy_records_to_table("facts_live", records=rows, columns=FACT_COLUMNS)


async def add(
    connection: asyncpg.Connection, venue_id: Uuid, table: str, rows: Collection[tuple[object, ...]]
) -> None:
    """Append rows of one folded table, several times quicker than `upsert`.

    Raises one of `UNFIT` when a key is there already, or for impossible rows.
    """
    records = [(venue_id, *row) for row in rows]
    await connection.copy_records_to_table(table, records=records, columns=_COLUMNS[table])


async def upsert(
    connection: asyncpg.Connection, venue_id: Uuid, table: str, rows: Collection[tuple[object, ...]]
) -> None:
    """Write rows of one folded table, each key at most once. Raises one of `UNFIT` for impossible rows."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    await connection.execute(_UPSERTS[table], venue_id, *columns)


async def records_of(
    connection: asyncpg.Connection, venue_id: Uuid, aggregates: Iterable[str]
) -> dict[str, list[bytes]]:
    """Folded facts of each aggregate, oldest first; aggregates without any are left out."""
    found: dict[str, list[bytes]] = {}
    for row in await connection.fetch(
        """
        SELECT aggregate, record FROM facts
        WHERE venue_id = $1 AND aggregate = ANY($2::text[]) AND NOT set_aside ORDER BY aggregate, version
        """,
        venue_id,
        list(aggregates),
    ):
        found.setdefault(row["aggregate"], []).append(row["record"])
    return found


async def touched(
    connection: asyncpg.Connection, venue_id: Uuid, log_id: Uuid, since_seq: int, seq: int
) -> set[str]:
    """Aggregates that the facts after `since_seq` up to `seq` are about."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT aggregate FROM facts
        WHERE venue_id = $1 AND log_id = $2 AND seq > $3 AND seq <= $4
        """,
        venue_id,
        log_id,
        since_seq,
        seq,
    )
    return {row["aggregate"] for row in rows}


async def rows_at(
    connection: asyncpg.Connection, venue_id: Uuid, table: str, keys: Collection[tuple[object, ...]]
) -> dict[tuple[str, tuple[object, ...]], tuple[object, ...] | None]:
    """The rows of one folded table under these keys; those that are not there are left out."""
    shape = SHAPES[table]
    kinds = dict(shape.columns)
    arrays = ", ".join(f"${place}::{_SQL_TYPES[kinds[name]]}[]" for place, name in enumerate(shape.key, 2))
    names = ", ".join(f"t.{name}" for name in shape.column_names)
    joined = " AND ".join(f"t.{name} = k.{name}" for name in shape.key)
    rows = await connection.fetch(
        f"SELECT {names} FROM unnest({arrays}) AS k({', '.join(shape.key)}) "
        f"JOIN {table} t ON t.venue_id = $1 AND {joined}",
        venue_id,
        *(list(column) for column in zip(*keys, strict=True)),
    )
    places = [shape.column_names.index(name) for name in shape.key]
    return {(table, tuple(row[place] for place in places)): tuple(row) for row in rows}


async def replace(
    connection: asyncpg.Connection, venue_id: Uuid, table: str, rows: Collection[tuple[object, ...]]
) -> None:
    """Put rows in the place of those under the same keys, fixed columns and all. Raises one of `UNFIT`."""
    shape = SHAPES[table]
    places = [shape.column_names.index(name) for name in shape.key]
    where = " AND ".join(f"{name} = ${place}" for place, name in enumerate(shape.key, 2))
    keys = [tuple(row[place] for place in places) for row in rows]
    await connection.executemany(
        f"DELETE FROM {table} WHERE venue_id = $1 AND {where}", [(venue_id, *key) for key in keys]
    )
    await add(connection, venue_id, table, rows)


async def quarantined(connection: asyncpg.Connection, venue_id: Uuid) -> set[str]:
    """Aggregates of the venue that are set aside."""
    rows = await connection.fetch("SELECT aggregate FROM quarantine WHERE venue_id = $1", venue_id)
    return {row["aggregate"] for row in rows}


async def quarantine(
    connection: asyncpg.Connection, venue_id: Uuid, log_id: Uuid, reasons: dict[str, tuple[int, str]]
) -> None:
    """Set aggregates aside: `reasons` has for each the seq that could not be folded, and why."""
    rows: list[tuple[Any, ...]] = [
        (venue_id, aggregate, log_id, seq, storable(reason)) for aggregate, (seq, reason) in reasons.items()
    ]
    await connection.executemany(
        """
        INSERT INTO quarantine (venue_id, aggregate, log_id, seq, reason) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT DO NOTHING
        """,
        rows,
    )
