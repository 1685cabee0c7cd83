"""Whether the cloud holds what a box has: every byte of its journal, and its tables row by row."""

import asyncpg

from protocol.facts.fold import SHAPES
from tests.fake_box import FakeBox


async def tables_of(sql: asyncpg.Connection, venue_id: str) -> dict[str, set[tuple[object, ...]]]:
    """The venue's folded tables, in the columns that both sides have."""
    held = {}
    for name, shape in SHAPES.items():
        columns = ", ".join(shape.column_names)
        rows = await sql.fetch(f"SELECT {columns} FROM {name} WHERE venue_id = $1", venue_id)
        held[name] = {tuple(row) for row in rows}
    return held


async def assert_agrees(sql: asyncpg.Connection, box: FakeBox) -> None:
    """Facts, hashes, cursor and tables are those of the box, no more and no less."""
    rows = await sql.fetch(
        "SELECT seq, record, hash FROM facts WHERE venue_id = $1 AND log_id = $2 ORDER BY seq",
        box.venue_id,
        box.log_id,
    )
    assert [row["seq"] for row in rows] == list(range(1, box.day.tail_seq + 1))
    assert [row["record"] for row in rows] == box.day.records
    assert [row["hash"] for row in rows] == box.day.hashes[1:]
    node = await sql.fetchrow(
        "SELECT * FROM nodes WHERE venue_id = $1 AND node_id = $2", box.venue_id, box.node_id
    )
    assert (node["durable_seq"], node["durable_hash"]) == (box.day.tail_seq, box.day.hashes[-1])
    held = await tables_of(sql, box.venue_id)
    for name in SHAPES:
        assert held[name] == set(box.day.tables.get(name, {}).values()), name
