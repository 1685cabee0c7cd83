"""Whether the cloud holds what a box has on its disk: every byte of the journal, and every table row by row.

Both databases are asked directly, SQLite and Postgres; no code of the box or the cloud takes part.
Counterpart: `tests/integration/cloud/agreement.py` says the same of a box that tests play by hand.
"""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg

from edge.journal.database import open_reader, read_box, read_head
from protocol.facts.fact import TableShape
from protocol.facts.fold import SHAPES

Key = tuple[object, ...]
Table = dict[Key, tuple[object, ...]]
#: Differences of one table that are told; more would say nothing more.
_MOST_TOLD = 5
_DURABLE = "SELECT durable_seq, durable_hash FROM nodes WHERE venue_id = $1 AND node_id = $2"
_WITHIN_S = 60.0
_LOOK_EVERY_S = 0.05


async def assert_equal(directory: Path, sql: asyncpg.Connection) -> int:
    """Journal, cursor and folded tables of a box's data directory are the cloud's too; how many facts.

    A box may write a last word while it is compared, of a drill that is over for instance: what differs is
    looked at once more as long as the box goes on or the cloud has not everything yet.
    """
    ends_s = asyncio.get_running_loop().time() + _WITHIN_S
    while True:
        before = (_head(directory), await _durable(directory, sql))
        try:
            return await _assert_equal_now(directory, sql)
        except AssertionError:
            after = (_head(directory), await _durable(directory, sql))
            at_rest = before == after and after[0] == after[1]
            if at_rest or asyncio.get_running_loop().time() > ends_s:
                raise
        await asyncio.sleep(_LOOK_EVERY_S)


def _head(directory: Path) -> tuple[object, ...]:
    with closing(open_reader(directory)) as box:
        return tuple(read_head(box))


async def _durable(directory: Path, sql: asyncpg.Connection) -> tuple[object, ...]:
    with closing(open_reader(directory)) as box:
        whose = read_box(box)
    return tuple(await sql.fetchrow(_DURABLE, whose.venue_id, whose.node_id))


async def _assert_equal_now(directory: Path, sql: asyncpg.Connection) -> int:
    box = open_reader(directory)
    try:
        box.execute("BEGIN")
        facts = await _assert_same_facts(box, sql)
        for shape in SHAPES.values():
            _assert_same_rows(shape, _of_box(box, shape), await _of_cloud(box, sql, shape))
    finally:
        box.close()
    return facts


async def _assert_same_facts(box: sqlite3.Connection, sql: asyncpg.Connection) -> int:
    """Dense, byte for byte, under the same hashes, none set aside, and the cursor at their end."""
    whose = read_box(box)
    ours = box.execute("SELECT seq, CAST(record AS BLOB), hash FROM journal ORDER BY seq").fetchall()
    query = "SELECT seq, record, hash, set_aside FROM facts WHERE venue_id = $1 AND log_id = $2 ORDER BY seq"
    theirs = await sql.fetch(query, whose.venue_id, whose.log_id)
    assert [row[0] for row in ours] == list(range(1, len(ours) + 1))
    assert len(theirs) == len(ours), f"the cloud has {len(theirs)} facts of {len(ours)}"
    for mine, other in zip(ours, theirs, strict=True):
        assert tuple(other)[:3] == mine, f"fact {mine[0]} is not the same"
        assert not other["set_aside"], f"fact {mine[0]} is set aside"
    assert tuple(await sql.fetchrow(_DURABLE, whose.venue_id, whose.node_id)) == read_head(box)
    return len(ours)


def _of_box(box: sqlite3.Connection, shape: TableShape) -> Table:
    rows = box.execute(f"SELECT {', '.join(shape.column_names)} FROM {shape.name}").fetchall()
    return _by_key(shape, [_plain(shape, row) for row in rows])


async def _of_cloud(box: sqlite3.Connection, sql: asyncpg.Connection, shape: TableShape) -> Table:
    query = f"SELECT {', '.join(shape.column_names)} FROM {shape.name} WHERE venue_id = $1"
    return _by_key(shape, [tuple(row) for row in await sql.fetch(query, read_box(box).venue_id)])


def _plain(shape: TableShape, row: tuple[Any, ...]) -> tuple[object, ...]:
    """SQLite has no booleans."""
    kinds = [kind for _, kind in shape.columns]
    return tuple(bool(value) if kind == "bool" else value for value, kind in zip(row, kinds, strict=True))


def _by_key(shape: TableShape, rows: list[tuple[object, ...]]) -> Table:
    places = [shape.column_names.index(name) for name in shape.key]
    return {tuple(row[place] for place in places): row for row in rows}


def _assert_same_rows(shape: TableShape, ours: Table, theirs: Table) -> None:
    differing = [key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)]
    told = [f"{key}: box {ours.get(key)}, cloud {theirs.get(key)}" for key in differing[:_MOST_TOLD]]
    assert not differing, f"{len(differing)} rows of {shape.name} differ:\n" + "\n".join(told)
