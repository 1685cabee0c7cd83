"""The whole of a table in one answer: `GET /cart_snapshot`, from which a phone draws everything anew.

Shapes only. Counterparts: `table.py` makes their parts from states, `edge/web/guests/snapshots.py` the whole.
"""

from typing import Literal

import msgspec

from protocol.news import ItemMessage, LineMessage, MemberMessage

#: How far the last order is, as seed 002 §2A names it.
OrderProcessing = Literal["idle", "processing", "confirmed", "failed"]


class OrderMessage(msgspec.Struct, frozen=True):
    """An order in a snapshot. `status` is the kitchen's progress once the order is confirmed."""

    order_id: str
    ticket: str | None
    status: str
    total: float | int
    total_minor: int
    currency: str
    placed_at: str
    member: str
    special_instructions: str
    items: tuple[LineMessage, ...]


class OrderFailure(msgspec.Struct, frozen=True):
    """Why the cart's order did not go through; `error` is the reason in words, `code` for programs."""

    order_id: str
    error: str
    code: str
    allow_retry: bool


class RecalledLine(msgspec.Struct, frozen=True):
    """A line that is no longer what was added: `withdrawn` has to be taken out, any other agreed to.

    A `repriced` one is the same dish at another price, which is not held any longer.
    """

    id: int
    reason: Literal["withdrawn", "changed", "repriced"]


class CartSnapshot(msgspec.Struct, frozen=True):
    """Answer to `GET /cart_snapshot`: everything a phone needs to draw the table anew.

    `order_failure` is there while the cart still is what the failed order asked for. `location_policy` says
    whether an order has to bring `gps`.
    """

    items: tuple[ItemMessage, ...]
    members: tuple[MemberMessage, ...]
    orders: tuple[OrderMessage, ...]
    cart_version: int
    cart_hash: str
    total: float | int
    total_minor: int
    currency: str
    pass_validated: bool
    cart_locked: bool
    locked_by_member: str | None
    pending_order_id: str | None
    order_processing_status: OrderProcessing
    order_processing_message: str | None
    order_failure: OrderFailure | None
    location_policy: Literal["off", "ip", "gps", "either"]
    last_updated: str
    menu_version: int
    table_name: str
    venue_name: str
    recalled: tuple[RecalledLine, ...]
