"""Facts of boxes that no longer speak for their venue: kept whole, apart from the venue's own.

A fact that the venue's own books hold under the same name and hash is no orphan and is left out, so a box
whose last acknowledgement was lost adds nothing. Two copies of one card may go on in two ways, so an orphan's
name includes its chain hash.
"""

from collections.abc import Iterable, Sequence

import asyncpg
import msgspec

from cloud.store.link.facts import Uuid

#: venue, log, seq, aggregate, version, type, record, hash
OrphanRow = tuple[Uuid, Uuid, int, str, int, str, bytes, bytes]


class OrphanOrder(msgspec.Struct, frozen=True):
    """An order as its orphans leave it."""

    order_id: str
    table_name: str
    status: str
    total_minor: int
    currency: str
    placed_ms: int


class OrphanPayment(msgspec.Struct, frozen=True):
    """A payment as its orphans leave it."""

    payment_pid: str
    method: str
    status: str
    amount_minor: int
    tip_minor: int
    refunded_minor: int
    currency: str
    initiated_ms: int
    #: Whose balance it was paid in on.
    balance_of: str | None = None


class Orphaned(msgspec.Struct, frozen=True):
    """What a run of orphans comes to in orders and money."""

    orders: tuple[OrphanOrder, ...] = ()
    payments: tuple[OrphanPayment, ...] = ()


async def holds(
    connection: asyncpg.Connection, venue_id: str, log_id: str, seq: int, chain_hash: bytes
) -> bool:
    """Whether this very fact is among the orphans."""
    found = await connection.fetchval(
        "SELECT 1 FROM orphans WHERE venue_id = $1 AND log_id = $2 AND seq = $3 AND hash = $4",
        venue_id,
        log_id,
        seq,
        chain_hash,
    )
    return found is not None


async def keep(connection: asyncpg.Connection, rows: Sequence[OrphanRow]) -> None:
    """Keep orphans; those that are here already, or are no orphans, change nothing."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    await connection.execute(
        """
        INSERT INTO orphans (venue_id, log_id, seq, aggregate, version, type, record, hash)
        SELECT o.* FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::bigint[], $6::text[],
            $7::bytea[], $8::bytea[]) AS o(venue_id, log_id, seq, aggregate, version, type, record, hash)
        WHERE NOT EXISTS (
            SELECT 1 FROM facts f
            WHERE f.venue_id = o.venue_id AND f.log_id = o.log_id AND f.seq = o.seq AND f.hash = o.hash
        )
        ON CONFLICT DO NOTHING
        """,
        *columns,
    )


async def records_of(
    connection: asyncpg.Connection, venue_id: Uuid, log_id: Uuid, aggregates: Iterable[str]
) -> dict[str, list[bytes]]:
    """Each aggregate as the orphaned log has it, oldest first: the common facts, then its own."""
    found: dict[str, list[bytes]] = {}
    for row in await connection.fetch(
        """
        WITH own AS (
            SELECT DISTINCT ON (aggregate, version) aggregate, version, record FROM orphans
            WHERE venue_id = $1 AND log_id = $2 AND aggregate = ANY($3::text[])
            ORDER BY aggregate, version, received_at, hash
        )
        SELECT aggregate, version, record FROM own
        UNION ALL
        SELECT f.aggregate, f.version, f.record FROM facts f
        JOIN (SELECT aggregate, min(version) AS first FROM own GROUP BY aggregate) AS begun USING (aggregate)
        WHERE f.venue_id = $1 AND NOT f.set_aside AND f.version < begun.first
        ORDER BY aggregate, version
        """,
        venue_id,
        log_id,
        list(aggregates),
    ):
        found.setdefault(row["aggregate"], []).append(row["record"])
    return found


async def count(connection: asyncpg.Connection, venue_id: Uuid, log_id: Uuid, found: Orphaned) -> None:
    """Note orders and payments as they stand now."""
    await connection.executemany(
        """
        INSERT INTO orphan_orders
            (venue_id, log_id, order_id, table_name, status, total_minor, currency, placed_ms)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (venue_id, log_id, order_id) DO UPDATE SET status = EXCLUDED.status
        """,
        [(venue_id, log_id, *msgspec.structs.astuple(order)) for order in found.orders],
    )
    await connection.executemany(
        """
        INSERT INTO orphan_payments (venue_id, log_id, payment_pid, method, status, amount_minor, tip_minor,
            refunded_minor, currency, initiated_ms, balance_of)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (venue_id, log_id, payment_pid)
        DO UPDATE SET status = EXCLUDED.status, refunded_minor = EXCLUDED.refunded_minor,
            balance_of = EXCLUDED.balance_of
        """,
        [(venue_id, log_id, *msgspec.structs.astuple(payment)) for payment in found.payments],
    )
