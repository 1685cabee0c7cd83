"""Makes drafts: looks at the designs as they are, freezes them, and gives the whole a price.

Rule of the file: whoever orders twice under one `mid` has one order; a price is worked out in the
transaction in which it is written down. Counterparts: `pricing.py` calculates, `cloud/store/shop/designs.py`
keeps the designs.
"""

import time
from collections.abc import Sequence
from secrets import token_bytes

import asyncpg
import msgspec

from cloud.shop.orders import pricing, shipping
from cloud.shop.orders.messages import Address, Wanted
from cloud.shop.orders.pricing import Price, Thing
from cloud.shop.orders.shipping import Rules
from cloud.store.shop import designs
from cloud.store.shop import orders as shop_orders
from cloud.store.shop import rules as shop_rules
from cloud.store.shop.designs import Frozen
from cloud.store.shop.orders import LineRow, NewOrder, OrderRow
from cloud.store.venues import Venue
from protocol.errors import Refused, refuse
from protocol.identity import uuid7


class Buyer(msgspec.Struct, frozen=True, kw_only=True):
    """Who orders, where to, and under which `mid`."""

    guest_digest: str
    mid: str
    email: str | None
    name: str
    note: str = ""
    address: Address | None = None
    original_order_id: str | None = None


def new_id() -> str:
    """A fresh UUIDv7."""
    return uuid7(time.time_ns() // 1_000_000, token_bytes(10))


async def rules_of(connection: asyncpg.Connection, venue_id: str) -> Rules:
    """How the venue's things get to people."""
    return msgspec.json.decode((await shop_rules.read(connection, venue_id))[1], type=Rules)


async def priced(
    connection: asyncpg.Connection,
    venue: Venue,
    guest_digest: str,
    wanted: Sequence[Wanted],
    country: str | None,
) -> tuple[list[Frozen], Price]:
    """The designs as they are and what so many of them cost.

    Raises `Refused` with `unknown_design`, `not_on_sale`, `variant_unavailable`, `not_shipped_there`,
    `collect_only`, `parcel_too_heavy`, `not_collected` or `order_too_large`.
    """
    found = [await _design(connection, venue, guest_digest, each.design_id) for each in wanted]
    things = [
        Thing(
            each.quantity,
            design.unit_minor,
            design.weight_g,
            design.tax_rate_bp,
            design.tax_inclusive,
            design.carriage,
        )
        for each, design in zip(wanted, found, strict=True)
    ]
    return found, _price(things, await rules_of(connection, venue.venue_id), country)


async def _design(connection: asyncpg.Connection, venue: Venue, guest_digest: str, design_id: str) -> Frozen:
    design = await designs.frozen(connection, venue.venue_id, design_id)
    if design is None or design.guest_digest != guest_digest:
        raise Refused(refuse("unknown_design"))
    if not design.on_sale:
        raise Refused(refuse("not_on_sale"))
    if not design.available:
        raise Refused(refuse("variant_unavailable"))
    return design


def _price(things: list[Thing], rules: Rules, country: str | None) -> Price:
    if country is None and not rules.collect:
        raise Refused(refuse("not_collected"))
    try:
        return pricing.price(things, rules, country)
    except shipping.NotShippedThere as error:
        raise Refused(refuse("not_shipped_there")) from error
    except shipping.CollectOnly as error:
        raise Refused(refuse("collect_only")) from error
    except shipping.TooHeavy as error:
        raise Refused(refuse("parcel_too_heavy")) from error
    except pricing.TooMuch as error:
        raise Refused(refuse("order_too_large")) from error


async def drafted(
    connection: asyncpg.Connection, venue: Venue, buyer: Buyer, wanted: Sequence[Wanted]
) -> OrderRow:
    """A draft whose designs cannot change any more, or the one that was made under this `mid` before.

    Raises `Refused` as `priced` does, and with `mid_reused`.
    """
    before = await shop_orders.of_mid(connection, venue.venue_id, buyer.guest_digest, buyer.mid)
    if before is not None:
        return await _the_same(connection, before, wanted)
    country = buyer.address.country if buyer.address else None
    found, price = await priced(connection, venue, buyer.guest_digest, wanted, country)
    for design in {design.design_id: design for design in found}.values():
        await designs.finalized(connection, venue.venue_id, design.design_id)
    order = _new(venue, buyer, price)
    lines = [
        _line(place, each, design, price)
        for place, (each, design) in enumerate(zip(wanted, found, strict=True))
    ]
    await shop_orders.add(connection, order, lines)
    row = await shop_orders.of_mid(connection, venue.venue_id, buyer.guest_digest, buyer.mid)
    if row is None:
        raise LookupError(order.order_id)
    return row


async def _the_same(connection: asyncpg.Connection, before: OrderRow, wanted: Sequence[Wanted]) -> OrderRow:
    lines = await shop_orders.lines_of(connection, before)
    if [(line.design_id, line.quantity) for line in lines] != [
        (each.design_id.lower(), each.quantity) for each in wanted
    ]:
        raise Refused(refuse("mid_reused"))
    return before


def _new(venue: Venue, buyer: Buyer, price: Price) -> NewOrder:
    return NewOrder(
        venue_id=venue.venue_id,
        order_id=new_id(),
        mid=buyer.mid,
        guest_digest=buyer.guest_digest,
        email=buyer.email.lower() if buyer.email else None,
        name=buyer.name.strip(),
        note=buyer.note.strip(),
        address=msgspec.json.encode(buyer.address).decode() if buyer.address else None,
        currency=venue.currency,
        items_minor=price.items_minor,
        shipping_minor=price.shipping_minor,
        tax_minor=price.tax_minor,
        total_minor=price.total_minor,
        weight_g=price.weight_g,
        taxes=msgspec.json.encode(price.taxes).decode(),
        original_order_id=buyer.original_order_id,
    )


def _line(place: int, wanted: Wanted, design: Frozen, price: Price) -> LineRow:
    return LineRow(
        line=place + 1,
        design_id=design.design_id,
        design_version=design.version,
        product_id=design.product_id,
        name=design.name,
        params=msgspec.json.encode(design.parameters).decode(),
        quantity=wanted.quantity,
        unit_minor=design.unit_minor,
        weight_g=design.weight_g,
        tax_rate_bp=design.tax_rate_bp,
        tax_minor=price.lines[place].tax_minor,
        gross_minor=price.lines[place].gross_minor,
    )
