"""What the box tells phones and kitchen screens, message by message.

Each shape here is one `type` on a WebSocket, named as in seed 000, seed 002 §4 and contract.md. The same
structs are encoded for the phones, described in AsyncAPI and turned into the TypeScript of the pages, so the
three cannot drift apart. Names are the seeds', letter by letter, also where they are camel case.

Counterpart: `table.py` makes them from committed facts and holds what phones send.
"""

from typing import Literal

import msgspec

from protocol.play_time import PlayTimeMessage


class ChoiceMessage(msgspec.Struct, frozen=True):
    """What fills a slot of a combo; `modifiers` are option ids."""

    slot: int
    menu_item: int
    modifiers: tuple[int, ...]


class ItemMessage(msgspec.Struct, frozen=True):
    """A cart line on the wire. `choices` fill the slots of a combo."""

    id: int
    menu_item: int
    name: str
    qty: int
    version: int
    member: str
    price_minor: int
    note: str
    modifiers: tuple[int, ...]
    state: str
    menu_version: int
    takeaway: bool
    choices: tuple[ChoiceMessage, ...]


class PartMessage(msgspec.Struct, frozen=True):
    """One dish of an ordered combo; `modifiers` are names."""

    menu_item: int
    name: str
    modifiers: tuple[str, ...]


class LineMessage(msgspec.Struct, frozen=True):
    """An ordered line, for phones and kitchens; `modifiers` are names.

    A combo has `parts` where guests see it; in the kitchen each part is a line of its own, `of` the combo.
    """

    id: int
    menu_item: int
    name: str
    qty: int
    price_minor: int
    member: str
    note: str
    modifiers: tuple[str, ...]
    takeaway: bool
    of: str
    parts: tuple[PartMessage, ...]


class MemberMessage(msgspec.Struct, frozen=True):
    """A person at the table, as the others see them."""

    member_pid: str
    name: str
    host: bool


class CartUpdate(msgspec.Struct, frozen=True, tag="cart_update", tag_field="type"):
    """To everyone at the table. `tmpId` is for the author's phone; clients ignore versions they have."""

    op: Literal["create", "update", "delete"]
    item: ItemMessage
    tmpId: str | None  # noqa: N815 - the seed's name
    cart_version: int
    mid: str | None


class CartLockedMessage(msgspec.Struct, frozen=True, tag="cart_locked", tag_field="type"):
    """Somebody is ordering; nobody may change the cart until it is unlocked."""

    locked_by_member: str
    order_id: str
    message: str
    timestamp: str


class CartUnlockedMessage(msgspec.Struct, frozen=True, tag="cart_unlocked", tag_field="type"):
    """The cart may be changed again; `reason` is `ordered` or why the order did not go through."""

    order_id: str
    reason: str


class OrderProcessingMessage(msgspec.Struct, frozen=True, tag="order_processing", tag_field="type"):
    """The order is on its way to the point of sale; told again, in other words, before it is tried again."""

    order_id: str
    message: str


class OrderConfirmedMessage(msgspec.Struct, frozen=True, tag="order_confirmed", tag_field="type"):
    """The kitchen has the order under the name `ticket`."""

    order_id: str
    ticket: str
    message: str


class FiredOrder(msgspec.Struct, frozen=True):
    """The order within `order_fired` (seed 000 §5)."""

    id: str
    ticket: str
    items: tuple[LineMessage, ...]


class OrderFiredMessage(msgspec.Struct, frozen=True, tag="order_fired", tag_field="type"):
    """What the kitchen got."""

    order: FiredOrder


class OrderFailedMessage(msgspec.Struct, frozen=True, tag="order_failed", tag_field="type"):
    """The order did not go through. `error` is the reason in words, `code` the same for programs.

    With `retry_after_s` the phone that asked may try again by itself after so many seconds.
    """

    order_id: str
    error: str
    message: str
    allow_retry: bool
    code: str
    retry_after_s: int | None


class OrderStatusMessage(msgspec.Struct, frozen=True, tag="order_status", tag_field="type"):
    """How far the kitchen is."""

    order_id: str
    status: str


class MemberJoinedMessage(msgspec.Struct, frozen=True, tag="member_joined", tag_field="type"):
    """One more at the table."""

    member: MemberMessage


class PassValidatedMessage(msgspec.Struct, frozen=True, tag="pass_validated", tag_field="type"):
    """The pass word was given; everyone at the table may change the cart."""

    member_pid: str


class TableClosedMessage(msgspec.Struct, frozen=True, tag="table_closed", tag_field="type"):
    """The guests have left; the tokens of this table no longer count."""

    reason: str


class TableMovedMessage(msgspec.Struct, frozen=True, tag="table_moved", tag_field="type"):
    """`members` sit elsewhere now: they go on under `session_pid`, with the token that they have.

    `table_name` is null where the session has to be asked for it.
    """

    session_pid: str
    members: tuple[str, ...]
    table_name: str | None


class BillChangedMessage(msgspec.Struct, frozen=True, tag="bill_changed", tag_field="type"):
    """The table's bill stands so now; `/bill` has the lines."""

    total_minor: int
    paid_minor: int
    due_minor: int
    currency: str


class MenuChangedMessage(msgspec.Struct, frozen=True, tag="menu_changed", tag_field="type"):
    """Another menu is in force, or it is the hour of other dishes; fetch `/menu`."""

    menu_version: int


class SoldOutMessage(msgspec.Struct, frozen=True, tag="sold_out", tag_field="type"):
    """A dish is out, or back again."""

    menu_item: int
    sold_out: bool


class PongMessage(msgspec.Struct, frozen=True, tag="pong", tag_field="type"):
    """The box is there."""


class ErrorMessage(msgspec.Struct, frozen=True, tag="error", tag_field="type", omit_defaults=True):
    """A refusal, to its author only. `item` stands beside `version_conflict`: how the line is now.

    Further details stand beside `code` for some codes: `order_id`, `cart_hash`, `menu_item` and `left`,
    `state`, `ticket`.
    """

    code: str
    message: str
    mid: str | None
    tmpId: str | None = None  # noqa: N815 - the seed's name
    item: ItemMessage | None = None
    retry_after_s: int | None = None


TableNews = (
    CartUpdate
    | CartLockedMessage
    | CartUnlockedMessage
    | OrderProcessingMessage
    | OrderConfirmedMessage
    | OrderFiredMessage
    | OrderFailedMessage
    | OrderStatusMessage
    | MemberJoinedMessage
    | PassValidatedMessage
    | TableClosedMessage
    | TableMovedMessage
    | BillChangedMessage
    | MenuChangedMessage
    | SoldOutMessage
    | PlayTimeMessage
    | PongMessage
    | ErrorMessage
)
