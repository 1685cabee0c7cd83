"""What an order comes to: things, shipping and tax, in whole minor units.

Rule of the file: pure; the same order and the same rules have the same price wherever it is worked out, and
the parts add up to the whole whichever way they are summed (`protocol/taxes.py`). A draft keeps the price
it was given; ordering again prices anew.
"""

from collections.abc import Sequence

import msgspec

from cloud.shop.orders import shipping
from cloud.shop.orders.shipping import Rules
from protocol.facts.shop_config import Carriage
from protocol.taxes import Charge, TaxGroup, assess

#: What people pay stays below what a card payment can be (Stripe: eight digits of the minor unit).
MOST_MINOR = 99_999_999


class Thing(msgspec.Struct, frozen=True):
    """`quantity` of a product as it is sold just now."""

    quantity: int
    unit_minor: int
    weight_g: int
    tax_rate_bp: int
    tax_inclusive: bool = True
    carriage: Carriage = "parcel"


class LinePrice(msgspec.Struct, frozen=True):
    """One line: what it is listed at, the tax in or on it, and what people pay for it."""

    listed_minor: int
    tax_minor: int
    gross_minor: int


class Price(msgspec.Struct, frozen=True):
    """`items_minor + shipping_minor == total_minor`, all with tax; `tax_minor` of it is tax."""

    lines: tuple[LinePrice, ...]
    items_minor: int
    shipping_minor: int
    tax_minor: int
    total_minor: int
    taxes: tuple[TaxGroup, ...]
    weight_g: int


class TooMuch(Exception):
    """More than one card payment can be."""


def price(things: Sequence[Thing], rules: Rules, country: str | None) -> Price:
    """The price of things that go to `country`; None where they are collected.

    Shipping is listed as the things are: with its tax if the first of them is. Raises
    `shipping.NotShippedThere`, `shipping.CollectOnly`, `shipping.TooHeavy` or `TooMuch`.
    """
    if country is not None and any(thing.carriage == "collect" for thing in things):
        raise shipping.CollectOnly
    weight_g = sum(thing.quantity * thing.weight_g for thing in things)
    charges = [
        Charge(thing.quantity * thing.unit_minor, thing.tax_rate_bp, thing.tax_inclusive) for thing in things
    ]
    worth_minor = sum(charge.amount_minor for charge in charges)
    bulky = sum(thing.quantity for thing in things if thing.carriage == "bulky")
    carried = shipping.cost_minor(rules, country, weight_g, worth_minor, bulky) if country is not None else 0
    inclusive = charges[0].inclusive if charges else True
    assessed = assess([*charges, Charge(carried, rules.tax_rate_bp, inclusive)])
    if assessed.total_minor > MOST_MINOR:
        raise TooMuch
    *items, shipped = assessed.lines
    lines = tuple(
        LinePrice(charge.amount_minor, taxed.tax_minor, taxed.gross_minor)
        for charge, taxed in zip(charges, items, strict=True)
    )
    return Price(
        lines=lines,
        items_minor=sum(line.gross_minor for line in lines),
        shipping_minor=shipped.gross_minor,
        tax_minor=assessed.tax_minor,
        total_minor=assessed.total_minor,
        taxes=assessed.groups,
        weight_g=weight_g,
    )
