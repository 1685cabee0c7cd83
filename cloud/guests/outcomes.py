"""What became of what guests asked by way of the cloud, with the orders that came of it.

Whoever has the id of a request may ask: it is drawn from the guest's own token and ids, so nobody guesses it.
Of orders nothing is told that the box's facts do not say. Used by `desk.py` and `live.py`.
"""

from collections.abc import Collection

import asyncpg

from cloud.store.link import instructions
from cloud.store.reading import far_orders
from protocol.far_table import FarOutcome


async def outcomes_of(
    connection: asyncpg.Connection, venue_id: str, command_ids: Collection[str]
) -> dict[str, FarOutcome]:
    """By the request's id; requests that are not known, and those of owners, are missing."""
    rows = await instructions.of_guests(connection, venue_id, command_ids) if command_ids else []
    placed = {row.command_id: row.result["order_id"] for row in rows if row.result.get("order_id")}
    orders = await far_orders.named(connection, venue_id, set(placed.values()))
    return {
        row.command_id: FarOutcome(
            row.status, row.code, row.message, row.result, orders.get(placed.get(row.command_id, ""))
        )
        for row in rows
    }
