"""Snapshots for new boxes: which facts belong into one, and the pieces of it until they are fetched.

What is still open belongs into it whole, and so does whatever a fact of the last fortnight is about, because
guests repeat commands and staff look back. A payment onto a balance is open while something lies there: that
can be handed back. Of aggregates whose newest fact tells all, and of stock, which is carried as a level, the
last day and the newest fact are enough.
"""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import msgspec

from protocol.facts.fold import WHOLE
from protocol.snapshot import Carried, Level, Manifest, Numbers

_KEPT_DAYS = 14
#: A venue of many years has millions of facts to look through.
CUT_WITHIN_S = 600.0
#: Kinds that are cut: their newest fact, or their level, stands for those before it.
_CUT = (*sorted(WHOLE), "stock")

#: Kinds whose aggregates come to an end and may then be left behind; any other kind is carried whole.
_ENDING = (
    *("table", "cart", "order", "ticket", "print", "play", "code", "bill", "shift", "payment"),
    *("command", "refund", "note", "drill", "design", "shop", "stored", "booking"),
)

_WANTED = """
    WITH open_tables AS (
        SELECT session_pid FROM table_sessions WHERE venue_id = $1 AND status = 'open'
    ), open AS (
        SELECT unnest(ARRAY['table:', 'cart:', 'bill:']) || session_pid AS aggregate FROM open_tables
        UNION SELECT 'order:' || order_id FROM orders WHERE venue_id = $1
            AND (status = 'processing' OR session_pid IN (SELECT session_pid FROM open_tables))
        UNION SELECT 'bill:' || session_pid FROM bills WHERE venue_id = $1 AND status = 'open'
        UNION SELECT 'payment:' || payment_pid FROM payments WHERE venue_id = $1
            AND (status IN ('INITIATED', 'PENDING', 'UNKNOWN')
                OR session_pid IN (SELECT session_pid FROM open_tables))
        UNION SELECT 'payment:' || p.payment_pid FROM accounts a
            JOIN account_entries e USING (venue_id, user_id)
            JOIN payments p ON p.venue_id = e.venue_id AND p.payment_pid = e.entry
            WHERE a.venue_id = $1 AND a.balance_minor > 0 AND p.status = 'COMPLETED'
                AND p.session_pid IS NULL AND p.payment_pid NOT LIKE 'code-%'
                AND EXISTS (SELECT FROM facts f WHERE f.venue_id = $1 AND NOT f.set_aside
                    AND f.aggregate = 'payment:' || p.payment_pid AND f.version = 1)
        UNION SELECT 'shift:' || shift_pid FROM shifts WHERE venue_id = $1 AND status = 'open'
        UNION SELECT 'play:' || session_id FROM play_sessions WHERE venue_id = $1
            AND status IN ('AWAITING', 'ACTIVE', 'PAUSED')
        UNION SELECT 'code:' || code FROM play_codes WHERE venue_id = $1 AND status = 'issued'
        UNION SELECT 'booking:' || booking_id FROM bookings WHERE venue_id = $1
            AND (status IN ('HELD', 'CONFIRMED') OR deposit IN ('paid', 'owed'))
        UNION SELECT 'payment:' || deposit_pid FROM bookings WHERE venue_id = $1 AND deposit_pid IS NOT NULL
            AND (status IN ('HELD', 'CONFIRMED') OR deposit IN ('paid', 'owed'))
        UNION SELECT 'print:' || job FROM printouts WHERE venue_id = $1 AND state IN ('asked', 'sending')
        UNION SELECT 'ticket:' || ticket || '@' || station FROM tickets WHERE venue_id = $1
            AND state NOT IN ('served', 'rejected')
        UNION SELECT 'command:' || command_id FROM command_outcomes WHERE venue_id = $1
            AND (status IN ('TAKEN', 'HELD', 'UNKNOWN')
                OR seq = (SELECT max(seq) FROM command_outcomes WHERE venue_id = $1))
        UNION SELECT 'refund:' || request_id FROM refund_requests WHERE venue_id = $1 AND status = 'pending'
        UNION SELECT 'note:' || note_id FROM notes WHERE venue_id = $1 AND status = 'unread'
        UNION SELECT 'drill:' || drill_id FROM drills WHERE venue_id = $1 AND status <> 'done'
        UNION SELECT 'shop:' || order_id FROM table_shop_orders WHERE venue_id = $1 AND status = 'placed'
        UNION SELECT unnest(ARRAY['stored:', 'payment:']) || payment_pid FROM stored_cards
            WHERE venue_id = $1 AND status = 'unsent'
        UNION SELECT 'bill:' || p.session_pid
            FROM stored_cards s JOIN payments p USING (venue_id, payment_pid)
            WHERE s.venue_id = $1 AND s.status = 'unsent' AND p.session_pid IS NOT NULL
        UNION SELECT 'design:' || design_id FROM table_designs WHERE venue_id = $1
            AND session_pid IN (SELECT session_pid FROM open_tables)
    ), recent AS (
        SELECT DISTINCT aggregate FROM facts
        WHERE venue_id = $1 AND NOT set_aside AND received_at > now() - make_interval(days => $2)
        UNION SELECT DISTINCT aggregate FROM facts
        WHERE venue_id = $1 AND NOT set_aside AND split_part(aggregate, ':', 1) <> ALL($3)
    ), first AS (SELECT aggregate FROM open UNION SELECT aggregate FROM recent)
    SELECT aggregate FROM first
    UNION SELECT 'payment:' || payment_pid FROM stored_cards WHERE venue_id = $1
        AND 'stored:' || payment_pid IN (SELECT aggregate FROM first)
    UNION SELECT 'table:' || session_pid FROM orders WHERE venue_id = $1
        AND 'order:' || order_id IN (SELECT aggregate FROM first)
    UNION SELECT 'order:' || order_id FROM tickets WHERE venue_id = $1
        AND 'ticket:' || ticket || '@' || station IN (SELECT aggregate FROM first)
    UNION SELECT 'shift:' || shift_pid FROM payments WHERE venue_id = $1 AND shift_pid IS NOT NULL
        AND 'payment:' || payment_pid IN (SELECT aggregate FROM first)
    UNION SELECT 'shift:' || shift_pid FROM refunds WHERE venue_id = $1
        AND 'payment:' || payment_pid IN (SELECT aggregate FROM first)
"""
_FACTS = """
    SELECT seq, coalesce(previous, 0) AS previous, record, hash FROM (
        SELECT seq, aggregate, record, hash, received_at,
            lag(seq) OVER (PARTITION BY aggregate ORDER BY version) AS previous,
            lead(seq) OVER (PARTITION BY aggregate ORDER BY version) AS following
        FROM facts WHERE venue_id = $1 AND NOT set_aside
            AND (aggregate IN (SELECT aggregate FROM wanted) OR split_part(aggregate, ':', 1) = ANY($2))
    ) AS each
    WHERE split_part(aggregate, ':', 1) <> ALL($2) OR following IS NULL
        OR (received_at > now() - interval '1 day' AND split_part(aggregate, ':', 1) <> ALL($3))
    ORDER BY seq
"""
#: Cut to the newest fact alone: a tick every few seconds says nothing once the next has come.
_NEWEST_ONLY = ("clock", "stock")


async def note_wanted(connection: asyncpg.Connection, venue_id: str, days: int) -> None:
    """Note in a temporary table `wanted` what is open, or was touched in so many days, or never ends."""
    await connection.execute("CREATE TEMPORARY TABLE wanted (aggregate text PRIMARY KEY) ON COMMIT DROP")
    kinds = [*_ENDING, *_CUT]
    await connection.execute(f"INSERT INTO wanted {_WANTED}", venue_id, days, kinds, timeout=CUT_WITHIN_S)


async def carried(connection: asyncpg.Connection, venue_id: str) -> AsyncIterator[Carried]:
    """The facts of a snapshot in order of their places. Within a transaction."""
    await note_wanted(connection, venue_id, _KEPT_DAYS)
    async for row in connection.cursor(
        _FACTS, venue_id, list(_CUT), list(_NEWEST_ONLY), prefetch=2000, timeout=CUT_WITHIN_S
    ):
        yield Carried(row["seq"], row["previous"], row["record"], row["hash"])


async def levels(connection: asyncpg.Connection, venue_id: str) -> tuple[Level, ...]:
    """Stock as it is, each at the place of its newest fact."""
    rows = await connection.fetch(
        """
        SELECT f.seq, s.menu_item, s.qty, s.taken_off, s.version FROM stock s
        JOIN facts f ON f.venue_id = s.venue_id AND f.aggregate = 'stock:' || s.menu_item
            AND f.version = s.version AND NOT f.set_aside
        WHERE s.venue_id = $1 ORDER BY s.menu_item
        """,
        venue_id,
    )
    return tuple(Level(*row) for row in rows)


async def numbers(connection: asyncpg.Connection, venue_id: str) -> Numbers:
    """The highest numbers given out, as far as the cloud knows."""
    row = await connection.fetchrow(
        """
        SELECT (SELECT max(id) FROM cart_items WHERE venue_id = $1),
            (SELECT max(number) FROM orders WHERE venue_id = $1),
            (SELECT max(ticket_number) FROM orders WHERE venue_id = $1),
            (SELECT max(number) FROM receipts WHERE venue_id = $1),
            (SELECT max(z_number) FROM shifts WHERE venue_id = $1)
        """,
        venue_id,
    )
    return Numbers(*(number or 0 for number in row))


async def lock(connection: asyncpg.Connection, venue_id: str, node_id: str) -> Any:
    """The node's row, held, so that a snapshot is cut once; None for a box that speaks for the venue."""
    return await connection.fetchrow(
        """
        SELECT base_seq, base_hash FROM nodes
        WHERE venue_id = $1 AND node_id = $2 AND fenced_at IS NULL AND durable_seq = base_seq FOR UPDATE
        """,
        venue_id,
        node_id,
    )


async def find(connection: asyncpg.Connection, venue_id: str, node_id: str) -> Manifest | None:
    """The manifest, if a snapshot was cut for this box."""
    body = await connection.fetchval(
        "SELECT manifest FROM snapshots WHERE venue_id = $1 AND node_id = $2", venue_id, node_id
    )
    return None if body is None else msgspec.json.decode(body, type=Manifest)


async def begin(connection: asyncpg.Connection, venue_id: str, node_id: str) -> None:
    """A snapshot whose pieces follow; those that are older than a month are dropped."""
    await connection.execute("DELETE FROM snapshots WHERE created_at < now() - interval '30 days'")
    await connection.execute(
        "INSERT INTO snapshots (venue_id, node_id, manifest) VALUES ($1, $2, '')", venue_id, node_id
    )


async def add(connection: asyncpg.Connection, venue_id: str, node_id: str, place: int, body: bytes) -> None:
    """One chunk."""
    await connection.execute(
        "INSERT INTO snapshot_chunks (venue_id, node_id, place, body) VALUES ($1, $2, $3, $4)",
        venue_id,
        node_id,
        place,
        body,
    )


async def finish(connection: asyncpg.Connection, venue_id: str, node_id: str, manifest: Manifest) -> None:
    """All chunks are there."""
    await connection.execute(
        "UPDATE snapshots SET manifest = $3 WHERE venue_id = $1 AND node_id = $2",
        venue_id,
        node_id,
        msgspec.json.encode(manifest),
    )


async def chunk(pool: asyncpg.Pool, venue_id: str, node_id: str, place: int) -> bytes | None:
    """One chunk of a box's own snapshot."""
    body: bytes | None = await pool.fetchval(
        "SELECT body FROM snapshot_chunks WHERE venue_id = $1 AND node_id = $2 AND place = $3",
        venue_id,
        node_id,
        place,
    )
    return body


async def left_out(connection: asyncpg.Connection, venue_id: str) -> tuple[str, ...]:
    """Aggregates that are set aside."""
    rows = await connection.fetch(
        "SELECT aggregate FROM quarantine WHERE venue_id = $1 ORDER BY aggregate LIMIT 1000", venue_id
    )
    return tuple(row["aggregate"] for row in rows)
