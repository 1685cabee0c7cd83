"""Puts facts away by month once they have been quiet for long, and says which months may be taken out.

New facts go into `facts_live`. Its keys are over (venue, log, seq) and (venue, aggregate, version) alone, so
a fact that comes twice is refused however far apart the two are; a key over months could not do that, because
Postgres wants the month in it. What is older than `QUIET_DAYS` is moved, log by log from its beginning on and
with the box's row locked, into the table of the month in which it came. `nodes.sealed_seq` says how far that
went, and a check of that table keeps the cursor from ever standing before it: nothing that was put away can
be taken in again.

Counterpart: `archives.py` writes months to files and drops them.
"""

from datetime import UTC, date, datetime, timedelta

import asyncpg
import msgspec

#: Longer than a fortnight, for which boxes and snapshots look back at what has come.
QUIET_DAYS = 35
#: One transaction keeps a venue's box waiting for as long as so many facts take.
FACTS_A_STEP = 5000
#: Any constants do: one process at a time puts away, and one at a time makes months.
_LOCK, _MONTHS_LOCK = 0x7365_616C, 0x6D6F_6E74


class Sealed(msgspec.Struct, frozen=True):
    """How many facts of how many logs were put away."""

    facts: int
    logs: int


def table_of(month: date) -> str:
    """The table that a month is kept in."""
    return f"facts_{month:%Y_%m}"


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


async def make_month(pool: asyncpg.Pool, month: date) -> None:
    """The table of a month, unless it is there. Nobody who reads or writes facts has to wait for it."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL lock_timeout = '10s'")
        await add_month(connection, month)


async def add_month(connection: asyncpg.Connection, month: date) -> None:
    """The same within a transaction."""
    name = table_of(month)
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _MONTHS_LOCK)
    if await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", name):
        return
    # An empty table is attached under a lock that lets everybody go on; one made in its place would not be.
    await connection.execute(
        f"""
        CREATE TABLE {name} (LIKE facts INCLUDING DEFAULTS);
        ALTER TABLE {name} ADD PRIMARY KEY (venue_id, log_id, seq);
        CREATE UNIQUE INDEX {name}_of_aggregate ON {name} (venue_id, aggregate, version) WHERE NOT set_aside;
        ALTER TABLE facts ATTACH PARTITION {name}
            FOR VALUES FROM ('{month.isoformat()}') TO ('{next_month(month).isoformat()}');
        """
    )


async def prepare(pool: asyncpg.Pool) -> None:
    """Tables for this month and the next, before they are wanted. Boxes' facts never wait for one."""
    now = datetime.now(UTC).date().replace(day=1)
    for month in (now, next_month(now)):
        await make_month(pool, month)


async def months(connection: asyncpg.Connection) -> list[date]:
    """Months that have a table, oldest first."""
    rows = await connection.fetch(
        """
        SELECT to_date(substr(c.relname, 7), 'YYYY_MM') AS month FROM pg_inherits i
        JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'facts'::regclass AND c.relname ~ '^facts_[0-9]{4}_[0-9]{2}$' ORDER BY 1
        """
    )
    return [row["month"] for row in rows]


async def seal(pool: asyncpg.Pool, before: datetime | None = None) -> Sealed:
    """Put away what came before that moment, `QUIET_DAYS` ago unless said. Raises one of `pool.GONE`.

    Does nothing while another process is at it.
    """
    if before is None:
        before = datetime.now(UTC) - timedelta(days=QUIET_DAYS)
    facts = logs = 0
    async with pool.acquire() as guard:
        if not await guard.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
            return Sealed(0, 0)
        try:
            for venue_id, node_id in await _waiting(pool, before):
                moved = await _log(pool, venue_id, node_id, before)
                facts, logs = facts + moved, logs + (moved > 0)
        finally:
            await guard.execute("SELECT pg_advisory_unlock($1)", _LOCK)
    return Sealed(facts, logs)


async def _waiting(pool: asyncpg.Pool, before: datetime) -> list[tuple[str, str]]:
    """Boxes whose log begins, after what was put away, with something old enough."""
    rows = await pool.fetch(
        """
        SELECT n.venue_id, n.node_id FROM nodes n CROSS JOIN LATERAL (
            SELECT f.received_at FROM facts_live f
            WHERE f.venue_id = n.venue_id AND f.log_id = n.log_id AND f.seq > n.sealed_seq
            ORDER BY f.seq LIMIT 1
        ) AS oldest WHERE oldest.received_at < $1
        """,
        before,
    )
    return [(str(row["venue_id"]), str(row["node_id"])) for row in rows]


async def _log(pool: asyncpg.Pool, venue_id: str, node_id: str, before: datetime) -> int:
    """Put away the old beginning of one log, step by step; how many facts it was."""
    moved = 0
    while True:
        for month in await _months_of(pool, venue_id, node_id, before):
            await make_month(pool, month)
        async with pool.acquire() as connection, connection.transaction():
            step = await _step(connection, venue_id, node_id, before)
        moved += step
        if step < FACTS_A_STEP:
            return moved


async def _months_of(pool: asyncpg.Pool, venue_id: str, node_id: str, before: datetime) -> list[date]:
    rows = await pool.fetch(
        """
        SELECT DISTINCT date_trunc('month', f.received_at AT TIME ZONE 'UTC')::date AS month FROM nodes n
        CROSS JOIN LATERAL (
            SELECT received_at FROM facts_live f
            WHERE f.venue_id = n.venue_id AND f.log_id = n.log_id AND f.seq > n.sealed_seq
            ORDER BY f.seq LIMIT $4
        ) AS f WHERE n.venue_id = $1 AND n.node_id = $2 AND f.received_at < $3
        """,
        venue_id,
        node_id,
        before,
        FACTS_A_STEP,
    )
    return [row["month"] for row in rows]


async def _step(connection: asyncpg.Connection, venue_id: str, node_id: str, before: datetime) -> int:
    """Move up to so many facts from the beginning of a log; the box's row is held meanwhile."""
    node = await connection.fetchrow(
        "SELECT log_id, sealed_seq FROM nodes WHERE venue_id = $1 AND node_id = $2 FOR NO KEY UPDATE",
        venue_id,
        node_id,
    )
    last = await connection.fetchval(
        """
        SELECT max(seq) FROM (
            SELECT seq, bool_and(received_at < $4) OVER (ORDER BY seq) AS old FROM (
                SELECT seq, received_at FROM facts_live WHERE venue_id = $1 AND log_id = $2 AND seq > $3
                ORDER BY seq LIMIT $5
            ) AS next
        ) AS each WHERE old
        """,
        venue_id,
        node["log_id"],
        node["sealed_seq"],
        before,
        FACTS_A_STEP,
    )
    if last is None:
        return 0
    status = await connection.execute(
        """
        WITH moved AS (
            DELETE FROM facts_live WHERE venue_id = $1 AND log_id = $2 AND seq <= $3
            RETURNING venue_id, log_id, seq, aggregate, version, type, record, hash, set_aside, received_at
        )
        INSERT INTO facts (venue_id, log_id, seq, aggregate, version, type, record, hash, set_aside,
            received_at, month)
        SELECT *, date_trunc('month', received_at AT TIME ZONE 'UTC')::date FROM moved
        """,
        venue_id,
        node["log_id"],
        last,
    )
    await connection.execute(
        "UPDATE nodes SET sealed_seq = $3 WHERE venue_id = $1 AND node_id = $2", venue_id, node_id, last
    )
    return int(status.rpartition(" ")[2])
