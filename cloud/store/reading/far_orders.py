"""Orders as guests far away are told them: whole, with how far the kitchen has come.

A line is refused when all tickets of its kitchen station are; where a station has several, of which some are
cooked, nobody can say here which lines those were, and only that something was refused is told.
"""

from collections.abc import Collection, Set
from typing import Any

import asyncpg
import msgspec

from protocol.cart_snapshot import OrderMessage
from protocol.facts.order import OrderPart
from protocol.far_table import FarOrder
from protocol.money import to_major
from protocol.news import LineMessage, PartMessage
from protocol.table import iso, kitchen_word

_names = msgspec.json.Decoder(tuple[str, ...])
_parts = msgspec.json.Decoder(tuple[OrderPart, ...])


async def named(
    connection: asyncpg.Connection, venue_id: str, order_ids: Collection[str]
) -> dict[str, FarOrder]:
    """By id; those that the venue has not told of yet are missing."""
    if not order_ids:
        return {}
    wanted = venue_id, list(order_ids)
    orders = await connection.fetch(
        "SELECT * FROM orders WHERE venue_id = $1 AND order_id = ANY($2::text[])", *wanted
    )
    lines, tickets = _by_order(orders), _by_order(orders)
    for row in await connection.fetch(
        "SELECT * FROM order_lines WHERE venue_id = $1 AND order_id = ANY($2::text[]) ORDER BY id", *wanted
    ):
        lines[row["order_id"]].append(row)
    for row in await connection.fetch(
        "SELECT order_id, station, state FROM tickets WHERE venue_id = $1 AND order_id = ANY($2::text[])",
        *wanted,
    ):
        tickets[row["order_id"]].append(row)
    return {row["order_id"]: _order(row, lines[row["order_id"]], tickets[row["order_id"]]) for row in orders}


def _by_order(orders: list[Any]) -> dict[str, list[Any]]:
    return {row["order_id"]: [] for row in orders}


def _order(row: Any, lines: list[Any], tickets: list[Any]) -> FarOrder:
    states: dict[str, set[str]] = {}
    for ticket in tickets:
        states.setdefault(ticket["station"], set()).add(ticket["state"])
    told = OrderMessage(
        order_id=row["order_id"],
        ticket=row["ticket"],
        status=_status(row["status"], {ticket["state"] for ticket in tickets}),
        total=to_major(row["total_minor"], row["currency"]),
        total_minor=row["total_minor"],
        currency=row["currency"],
        placed_at=iso(row["placed_ms"]),
        member=row["member"],
        special_instructions=row["special_instructions"],
        items=tuple(_line(line) for line in lines),
    )
    partly = any("rejected" in each for each in states.values())
    refused = tuple(line["id"] for line in lines if states.get(line["station"]) == {"rejected"})
    return FarOrder(told, partly, refused, row["failure"] if row["status"] == "failed" else None)


def _status(status: str, states: Set[str]) -> str:
    """How far that is which the kitchen makes; `rejected` where it makes none of it."""
    return kitchen_word(status, states - {"rejected"} or states)


def _line(row: Any) -> LineMessage:
    parts = _parts.decode(row["parts"])
    return LineMessage(
        id=row["id"],
        menu_item=row["menu_item"],
        name=row["name"],
        qty=row["qty"],
        price_minor=row["price_minor"],
        member=row["member"],
        note=row["note"],
        modifiers=_names.decode(row["modifiers"]),
        takeaway=row["takeaway"],
        of="",
        parts=tuple(PartMessage(part.menu_item, part.name, part.modifiers) for part in parts),
    )
