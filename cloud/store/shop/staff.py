"""What people at the venue see of the shop's orders and do with them: lists, shipments, and who did what.

Rule of the file: whatever somebody does to an order leaves a row in `admin_action_log` that nobody can
change, in the transaction of the deed. Counterpart: `cloud/shop/fulfilment/desk.py`.
"""

import time
from datetime import datetime
from secrets import token_bytes

import asyncpg
import msgspec

from cloud.store.shop.orders import OrderRow
from protocol.identity import uuid7


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """An order in a list."""

    order_id: str
    venue_id: str
    venue: str
    number: int
    source: str
    name: str
    email: str | None
    collects: bool
    status: str
    payment_status: str
    currency: str
    total_minor: int
    refunded_minor: int
    pieces: int
    what: str
    created_at: datetime
    paid_at: datetime | None
    version: int


class Shipment(msgspec.Struct, frozen=True, kw_only=True):
    """How an order travelled."""

    carrier: str
    tracking_number: str
    shipped_at: datetime
    delivered_at: datetime | None


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody did: `before` and `after` are states of the order."""

    action_id: str
    at: datetime
    actor: str
    action: str
    before: str
    after: str
    note: str
    origin: str


class RefundShown(msgspec.Struct, frozen=True, kw_only=True):
    """Money that goes or went back; `by` asked for it."""

    refund_id: str
    amount_minor: int
    reason: str
    by: str
    status: str
    failure: str
    requested_at: datetime


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Which orders to list: of these venues and states, whose number, name or address has `words` in it."""

    venue_id: str | None = None
    statuses: tuple[str, ...] = ()
    payment_status: str | None = None
    words: str = ""
    before: datetime | None = None
    most: int = 50


async def listed(connection: asyncpg.Connection, organisation_id: str, wish: Wish) -> list[Listed]:
    """Orders, newest first. Each venue's are walked down its own index."""
    rows = await connection.fetch(
        """
        SELECT o.order_id::text, o.venue_id::text, v.name AS venue, o.number, o.source, o.name, o.email,
            o.address IS NULL AS collects, o.status, o.payment_status, o.currency, o.total_minor,
            o.refunded_minor, l.pieces, l.what, o.created_at, o.paid_at, o.version
        FROM venues v CROSS JOIN LATERAL (
            SELECT * FROM shop_orders s WHERE s.venue_id = v.venue_id
                AND (cardinality($3::text[]) = 0 OR s.status = ANY($3))
                AND ($4::text IS NULL OR s.payment_status = $4)
                AND ($5 = '' OR s.name ILIKE $5 OR s.email ILIKE $5 OR 'S-' || s.number ILIKE $5)
                AND ($6::timestamptz IS NULL OR s.created_at < $6)
            ORDER BY s.created_at DESC LIMIT $7
        ) o CROSS JOIN LATERAL (
            SELECT coalesce(sum(n.quantity), 0)::bigint AS pieces,
                coalesce(string_agg(n.quantity || ' × ' || n.name, ', ' ORDER BY n.line), '') AS what
            FROM shop_order_lines n WHERE n.venue_id = o.venue_id AND n.order_id = o.order_id
        ) l
        WHERE v.organisation_id = $1 AND ($2::uuid IS NULL OR v.venue_id = $2)
        ORDER BY o.created_at DESC, o.order_id LIMIT $7
        """,
        organisation_id,
        wish.venue_id,
        list(wish.statuses),
        wish.payment_status,
        f"%{_plain(wish.words)}%" if wish.words else "",
        wish.before,
        wish.most,
    )
    return [Listed(**dict(row)) for row in rows]


def _plain(words: str) -> str:
    """As it was typed: `%` and `_` are letters like any other."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


async def counted(connection: asyncpg.Connection, organisation_id: str) -> dict[str, int]:
    """How many orders wait for somebody at the venues, by state; `mismatch` is of payments."""
    rows = await connection.fetch(
        """
        SELECT CASE WHEN o.payment_status = 'mismatch' THEN 'mismatch' ELSE o.status END AS state, count(*)
        FROM shop_orders o JOIN venues v USING (venue_id)
        WHERE v.organisation_id = $1
            AND (o.status IN ('paid', 'in_production', 'shipped') OR o.payment_status = 'mismatch')
        GROUP BY 1
        """,
        organisation_id,
    )
    return {row["state"]: row["count"] for row in rows}


async def shipment_of(connection: asyncpg.Connection, order: OrderRow) -> Shipment | None:
    """How it travelled, if it did."""
    row = await connection.fetchrow(
        """
        SELECT carrier, tracking_number, shipped_at, delivered_at FROM shop_shipments
        WHERE venue_id = $1 AND order_id = $2
        """,
        order.venue_id,
        order.order_id,
    )
    return Shipment(**dict(row)) if row else None


async def ship(connection: asyncpg.Connection, order: OrderRow, carrier: str, tracking_number: str) -> None:
    """It left the house."""
    await connection.execute(
        "INSERT INTO shop_shipments (venue_id, order_id, carrier, tracking_number) VALUES ($1, $2, $3, $4)",
        order.venue_id,
        order.order_id,
        carrier,
        tracking_number,
    )


async def arrive(connection: asyncpg.Connection, order: OrderRow) -> None:
    """It arrived."""
    await connection.execute(
        "UPDATE shop_shipments SET delivered_at = now() WHERE venue_id = $1 AND order_id = $2",
        order.venue_id,
        order.order_id,
    )


async def log_action(
    connection: asyncpg.Connection,
    order: OrderRow,
    *,
    actor: str,
    action: str,
    after: str,
    note: str,
    origin: str,
) -> None:
    """Write down who did what to the order, which stands as it was before."""
    await connection.execute(
        """
        INSERT INTO admin_action_log (venue_id, action_id, order_id, actor, action, before, after, note,
        origin) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) """,
        order.venue_id,
        uuid7(time.time_ns() // 1_000_000, token_bytes(10)),
        order.order_id,
        actor,
        action,
        order.status,
        after,
        note,
        origin,
    )


async def actions_of(connection: asyncpg.Connection, order: OrderRow) -> list[Action]:
    """What was done to an order, in order."""
    rows = await connection.fetch(
        """
        SELECT action_id::text, at, actor, action, before, after, note, origin FROM admin_action_log
        WHERE venue_id = $1 AND order_id = $2 ORDER BY at, action_id
        """,
        order.venue_id,
        order.order_id,
    )
    return [Action(**dict(row)) for row in rows]


async def refunds_of(
    connection: asyncpg.Connection, organisation_id: str, order: OrderRow
) -> list[RefundShown]:
    """Refunds of every payment that came for the order, in the order in which they were asked for."""
    rounds = [f"{order.order_id}.{number}" for number in range(1, order.checkout_round + 1)]
    rows = await connection.fetch(
        """
        SELECT refund_id, amount_minor, reason, by, status, failure, requested_at FROM card_refunds
        WHERE organisation_id = $1 AND payment_id = ANY($2) ORDER BY requested_at, refund_id
        """,
        organisation_id,
        rounds,
    )
    return [RefundShown(**dict(row)) for row in rows]


async def refund_is_known(connection: asyncpg.Connection, organisation_id: str, refund_id: str) -> bool:
    """Whether it was asked for before."""
    found = await connection.fetchval(
        "SELECT 1 FROM card_refunds WHERE organisation_id = $1 AND refund_id = $2", organisation_id, refund_id
    )
    return found is not None


async def runners(connection: asyncpg.Connection, organisation_id: str) -> list[str]:
    """Addresses of those who run the organisation's venues."""
    rows = await connection.fetch(
        "SELECT email FROM users WHERE organisation_id = $1 AND role IN ('owner', 'manager') ORDER BY email",
        organisation_id,
    )
    return [row["email"] for row in rows]
