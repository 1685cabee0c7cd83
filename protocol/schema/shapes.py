"""What our pages send, as narrowly as they send it.

`table.CartMutate` is one struct with optional fields, because that is how strangers' messages are parsed; a
page that builds such a message should be told at compile time which fields its `op` needs.
"""

from typing import Literal

import msgspec

from protocol.board import TicketState
from protocol.news import ChoiceMessage


class CartCreate(msgspec.Struct, frozen=True, tag="cart_mutate", tag_field="type"):
    """Put a dish into the cart."""

    op: Literal["create"]
    tmpId: str  # noqa: N815 - the seed's name
    menu_item: int
    qty: int
    note: str
    modifiers: tuple[int, ...]
    takeaway: bool
    choices: tuple[ChoiceMessage, ...]
    mid: str


class CartChange(msgspec.Struct, frozen=True, tag="cart_mutate", tag_field="type", omit_defaults=True):
    """Change a line last seen at `version`: how many, whether it is taken away; or agree to its new terms."""

    op: Literal["update"]
    id: int
    version: int
    mid: str
    qty: int | None = None
    takeaway: bool | None = None
    confirm: bool = False


class CartDelete(msgspec.Struct, frozen=True, tag="cart_mutate", tag_field="type"):
    """Take out a line last seen at `version`."""

    op: Literal["delete"]
    id: int
    version: int
    mid: str


class KitchenAck(msgspec.Struct, frozen=True, tag="ack", tag_field="type"):
    """A cook moved a ticket."""

    ticket: str
    station: str
    state: TicketState
    mid: str


class KitchenBump(msgspec.Struct, frozen=True, tag="bump", tag_field="type"):
    """A cook has one item of a ticket done, or takes that back."""

    ticket: str
    station: str
    line: int
    done: bool
    mid: str


class KitchenFire(msgspec.Struct, frozen=True, tag="fire", tag_field="type"):
    """A cook calls a course of an order."""

    order_id: str
    course: str
    mid: str


CartMutation = CartCreate | CartChange | CartDelete
