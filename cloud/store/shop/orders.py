"""Orders of the shop: written once with their price, then moved from state to state, one version at a time.

Rule of the file: an order is locked before it is moved, so of two who move it the second sees what the
first did. Lines and prices never change after they were written; Postgres refuses it. Counterpart:
`cloud/shop/orders/states.py` says what may follow what.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it stands. `address` and `taxes` are JSON; no address means that the guest collects."""

    venue_id: str
    order_id: str
    number: int
    source: str
    guest_digest: str | None
    email: str | None
    name: str
    note: str
    address: str | None
    currency: str
    items_minor: int
    shipping_minor: int
    tax_minor: int
    total_minor: int
    weight_g: int
    taxes: str
    status: str
    payment_status: str
    paid_minor: int
    refunded_minor: int
    stripe_checkout_session_id: str | None
    checkout_round: int
    stripe_payment_intent_id: str | None
    payment_id: str | None
    original_order_id: str | None
    version: int
    created_at: datetime
    changed_at: datetime
    paid_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    cancelled_at: datetime | None


class LineRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line with its frozen design; `params` is JSON."""

    line: int
    design_id: str
    design_version: int
    product_id: str
    name: str
    params: str
    quantity: int
    unit_minor: int
    weight_g: int
    tax_rate_bp: int
    tax_minor: int
    gross_minor: int


class NewOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A draft to write down, priced."""

    venue_id: str
    order_id: str
    mid: str
    guest_digest: str
    email: str | None
    name: str
    note: str
    address: str | None
    currency: str
    items_minor: int
    shipping_minor: int
    tax_minor: int
    total_minor: int
    weight_g: int
    taxes: str
    original_order_id: str | None


_COLUMNS = ", ".join(
    f"{name}::text" if name.endswith(("venue_id", "order_id")) else name
    for name in OrderRow.__struct_fields__
)
_LINE_COLUMNS = ", ".join(
    f"{name}::text" if name == "design_id" else name for name in LineRow.__struct_fields__
)
#: What `moved` may change besides version and time of change.
_MOVABLE = frozenset(
    {
        *("status", "payment_status", "paid_minor", "refunded_minor", "stripe_checkout_session_id"),
        *("checkout_round", "stripe_payment_intent_id", "payment_id"),
    }
)
#: States whose beginning is kept.
_STAMPS = {
    "paid": "paid_at",
    "shipped": "shipped_at",
    "delivered": "delivered_at",
    "cancelled": "cancelled_at",
}


def _order(row: Any) -> OrderRow:
    return OrderRow(**dict(row))


async def add(connection: asyncpg.Connection, order: NewOrder, lines: Sequence[LineRow]) -> bool:
    """Write a draft down with its lines; False if this guest made one under this `mid` before."""
    values = msgspec.structs.asdict(order)
    places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
    added = await connection.fetchval(
        f"""
        INSERT INTO shop_orders ({", ".join(values)}, number, source, status, payment_status)
        VALUES ({places}, next_shop_number($1), 'web', 'draft', 'unpaid')
        ON CONFLICT (venue_id, guest_digest, mid) DO NOTHING RETURNING 1
        """,
        *values.values(),
    )
    if added is None:
        return False
    rows = [(order.venue_id, order.order_id, *msgspec.structs.astuple(line)) for line in lines]
    fields = ", ".join(LineRow.__struct_fields__)
    places = ", ".join(f"${place}" for place in range(1, len(LineRow.__struct_fields__) + 3))
    await connection.executemany(
        f"INSERT INTO shop_order_lines (venue_id, order_id, {fields}) VALUES ({places})", rows
    )
    return True


async def of_mid(
    connection: asyncpg.Connection, venue_id: str, guest_digest: str, mid: str
) -> OrderRow | None:
    """The order that this guest made under this `mid`."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM shop_orders WHERE venue_id = $1 AND guest_digest = $2 AND mid = $3",
        venue_id,
        guest_digest,
        mid,
    )
    return _order(row) if row else None


async def find(connection: asyncpg.Connection, order_id: str, *, lock: bool = False) -> OrderRow | None:
    """The order; with `lock` held until the transaction ends."""
    locking = " FOR UPDATE" if lock else ""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM shop_orders WHERE order_id = $1{locking}", order_id
    )
    return _order(row) if row else None


async def lines_of(connection: asyncpg.Connection, order: OrderRow) -> list[LineRow]:
    """Its lines, in order."""
    rows = await connection.fetch(
        f"SELECT {_LINE_COLUMNS} FROM shop_order_lines WHERE venue_id = $1 AND order_id = $2 ORDER BY line",
        order.venue_id,
        order.order_id,
    )
    return [LineRow(**dict(row)) for row in rows]


async def moved(connection: asyncpg.Connection, order: OrderRow, **changes: Any) -> OrderRow:
    """The order with `changes`, one version on. It has to be locked; raises nothing but what Postgres
    refuses.
    """
    unknown = changes.keys() - _MOVABLE
    if unknown:
        raise ValueError(f"{min(unknown)} of an order never changes")
    sets = [f"{name} = ${place}" for place, name in enumerate(changes, 3)]
    stamp = _STAMPS.get(changes.get("status", ""))
    if stamp and changes["status"] != order.status:
        sets.append(f"{stamp} = now()")
    row = await connection.fetchrow(
        f"""
        UPDATE shop_orders SET {", ".join([*sets, "version = version + 1", "changed_at = now()"])}
        WHERE venue_id = $1 AND order_id = $2 RETURNING {_COLUMNS}
        """,
        order.venue_id,
        order.order_id,
        *changes.values(),
    )
    return _order(row)


async def of_guest(
    connection: asyncpg.Connection, venue_id: str, guest_digest: str, most: int
) -> list[OrderRow]:
    """What a browser may see: what it ordered itself, and orders of the addresses that it proved to be its
    own.
    """
    rows = await connection.fetch(
        f"""
        SELECT {_COLUMNS} FROM shop_orders WHERE venue_id = $1 AND (guest_digest = $2 OR email IN ( SELECT
        email FROM shop_mailboxes WHERE venue_id = $1 AND guest_digest = $2 AND expires_at > now())) ORDER
        BY created_at DESC, order_id LIMIT $3 """,
        venue_id,
        guest_digest,
        most,
    )
    return [_order(row) for row in rows]


async def is_of(connection: asyncpg.Connection, order: OrderRow, guest_digest: str) -> bool:
    """Whether a browser may see and pay the order."""
    if order.guest_digest == guest_digest:
        return True
    found = await connection.fetchval(
        """
        SELECT 1 FROM shop_mailboxes
        WHERE venue_id = $1 AND guest_digest = $2 AND email = $3 AND expires_at > now()
        """,
        order.venue_id,
        guest_digest,
        order.email,
    )
    return found is not None


async def long_unpaid(connection: asyncpg.Connection, days: float, most: int) -> list[str]:
    """Drafts in which nothing has happened for so long, and whose payment page has ended."""
    rows = await connection.fetch(
        """
        SELECT order_id::text FROM shop_orders
        WHERE status = 'draft' AND changed_at < now() - make_interval(secs => $1)
            AND payment_status IN ('unpaid', 'expired', 'failed')
        ORDER BY changed_at LIMIT $2
        """,
        days * 86_400,
        most,
    )
    return [row["order_id"] for row in rows]
