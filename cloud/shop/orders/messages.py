"""What guests of the shop say about orders, and what they are told: the shapes of `/orders` and of a history.

Money is in minor units of the order's currency, times are RFC 3339. Counterparts: `ordering.py` and
`history.py` answer with these, `cloud/pages/orders` shows them, seed 004 §1 and §4 name the addresses.
"""

from datetime import datetime
from typing import Annotated

import msgspec

from cloud.shop.orders.pricing import LinePrice
from protocol.taxes import TaxGroup

#: One line of text as people type it: no NUL, no line breaks, nothing that could end a header or a label.
_LINE = r"^[^\x00-\x1f\x7f]+$"
_LINE_OR_NOTHING = r"^[^\x00-\x1f\x7f]*$"

Id = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
Mid = Annotated[str, msgspec.Meta(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_.-]+$")]
Email = Annotated[
    str,
    msgspec.Meta(
        min_length=3, max_length=254, pattern=r"^[^\x00-\x20\x7f<>,;:\"@]+@[^\x00-\x20\x7f<>,;:\"@]+$"
    ),
]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=_LINE)]
Country = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$")]
Words = Annotated[str, msgspec.Meta(max_length=280, pattern=r"^[^\x00]*$")]
_Short = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=_LINE)]
_Maybe = Annotated[str, msgspec.Meta(max_length=100, pattern=_LINE_OR_NOTHING)]

MOST_LINES = 20
MOST_PIECES = 100


class Address(msgspec.Struct, frozen=True):
    """Where a parcel goes; the name on it is the order's."""

    street: _Short
    postal_code: Annotated[str, msgspec.Meta(min_length=1, max_length=12, pattern=_LINE)]
    city: _Short
    country: Country
    more: _Maybe = ""
    region: _Maybe = ""


class Wanted(msgspec.Struct, frozen=True):
    """So many pieces of a design."""

    design_id: Id
    quantity: Annotated[int, msgspec.Meta(ge=1, le=MOST_PIECES)] = 1


class QuoteRequest(msgspec.Struct, frozen=True):
    """What would this cost? Without a country it is collected."""

    lines: Annotated[tuple[Wanted, ...], msgspec.Meta(min_length=1, max_length=MOST_LINES)]
    country: Country | None = None


class Quote(msgspec.Struct, frozen=True):
    """What it costs just now; an order made now has this price."""

    currency: str
    lines: tuple[LinePrice, ...]
    items_minor: int
    shipping_minor: int
    tax_minor: int
    total_minor: int
    taxes: tuple[TaxGroup, ...]


class OrderRequest(msgspec.Struct, frozen=True):
    """A draft: it freezes the designs and their price. The same `mid` is the same order.

    Without an address the guest collects at the venue.
    """

    venue_id: Id
    lines: Annotated[tuple[Wanted, ...], msgspec.Meta(min_length=1, max_length=MOST_LINES)]
    email: Email
    name: Name
    mid: Mid
    address: Address | None = None
    note: Words = ""


class ReorderRequest(msgspec.Struct, frozen=True):
    """The same things once more, at today's price. The same `mid` is the same order.

    What is left out is as it was before; `collect` drops the address.
    """

    mid: Mid
    address: Address | None = None
    collect: bool = False


class OrderLine(msgspec.Struct, frozen=True):
    """A line as it was frozen."""

    line: int
    design_id: str
    product_id: str
    name: str
    quantity: int
    unit_minor: int
    gross_minor: int


class Parcel(msgspec.Struct, frozen=True):
    """How it travels."""

    carrier: str
    tracking_number: str


class OrderAnswer(msgspec.Struct, frozen=True):
    """An order as its guest sees it."""

    order_id: str
    venue_id: str
    venue: str
    number: int
    source: str
    status: str
    payment_status: str
    name: str
    email: str | None
    note: str
    address: Address | None
    currency: str
    lines: list[OrderLine]
    items_minor: int
    shipping_minor: int
    tax_minor: int
    total_minor: int
    refunded_minor: int
    taxes: list[TaxGroup]
    original_order_id: str | None
    parcel: Parcel | None
    created_at: datetime
    paid_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    cancelled_at: datetime | None


class CheckoutAnswer(msgspec.Struct, frozen=True):
    """Where to pay: the same page for as long as it can be paid on."""

    url: str


class Destination(msgspec.Struct, frozen=True):
    """Countries that cost the same to reach, and how long it takes in the owner's words."""

    name: str
    countries: tuple[str, ...]
    takes: str


class Delivery(msgspec.Struct, frozen=True):
    """How things of a venue get to people."""

    venue: str
    currency: str
    collect: bool
    destinations: list[Destination]


class HistoryRequest(msgspec.Struct, frozen=True):
    """Let me see what I ordered under this address."""

    venue_id: Id
    email: Email


class HistoryPromise(msgspec.Struct, frozen=True):
    """Said to everybody alike: if there is anything under that address, a mail is on its way."""

    minutes: int


class Redeem(msgspec.Struct, frozen=True):
    """The token out of the link in the mail."""

    venue_id: Id
    token: Annotated[str, msgspec.Meta(min_length=20, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]


class Redeemed(msgspec.Struct, frozen=True):
    """This browser now sees what was ordered under the address."""

    email: str


class HistoryAnswer(msgspec.Struct, frozen=True):
    """What this browser may see, newest first."""

    orders: list[OrderAnswer]
