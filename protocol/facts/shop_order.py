"""An order of the shop that was placed at a table: one design, some pieces, a line on the table's bill.

    (none) --ShopOrderPlaced--> placed --ShopOrderPaid--> paid
                                   `-----ShopOrderCancelled--> cancelled

It is paid when the bill is, in cash, by card or from a balance, by whatever means the counter knows; it is
cancelled when its line is taken off the bill. The cloud makes an order of its shop of every paid one.
"""

import msgspec

from protocol.facts.fact import Fact, ImpossibleFact, Row, shape

TRANSITIONS: dict[str, dict[str, str]] = {
    "placed": {"ShopOrderPaid": "paid", "ShopOrderCancelled": "cancelled"},
    "paid": {},
    "cancelled": {},
}


class ShopOrderPlaced(msgspec.Struct, frozen=True, tag=True):
    """A member of a table ordered `qty` pieces with a design on them, at the price of that moment."""

    order_id: str
    session_pid: str
    member_pid: str
    guest_name: str
    design_id: str
    product_id: str
    name: str
    qty: int
    unit_minor: int
    tax_rate_bp: int
    tax_inclusive: bool
    currency: str
    email: str | None = None


class ShopOrderPaid(msgspec.Struct, frozen=True, tag=True):
    """The bill it stands on was paid for `qty` pieces, `paid_by` cash, card or balance.

    `mixed` is by several of these, `house` by nobody.
    """

    paid_by: str
    qty: int


class ShopOrderCancelled(msgspec.Struct, frozen=True, tag=True):
    """It was taken off the bill."""

    reason: str


ShopOrderEvent = ShopOrderPlaced | ShopOrderPaid | ShopOrderCancelled


class ShopOrder(msgspec.Struct, frozen=True):
    """The state that the events fold into."""

    version: int
    placed: ShopOrderPlaced
    status: str
    qty: int
    placed_ms: int
    paid_by: str | None = None
    paid_ms: int | None = None


def aggregate_of(order_id: str) -> str:
    """`shop:{order id}`."""
    return f"shop:{order_id}"


def placed(order: ShopOrder | None, event: ShopOrderPlaced, fact: Fact[ShopOrderEvent]) -> ShopOrder:
    """Ordered and not yet paid."""
    if order is not None:
        raise ImpossibleFact(f"{fact.aggregate} was placed twice")
    return ShopOrder(fact.version, event, "placed", event.qty, fact.wall_ms)


def _next(order: ShopOrder | None, fact: Fact[ShopOrderEvent]) -> ShopOrder:
    name = type(fact.event).__name__
    if order is None or name not in TRANSITIONS[order.status]:
        raise ImpossibleFact(f"{name} on {fact.aggregate}")
    return msgspec.structs.replace(order, version=fact.version, status=TRANSITIONS[order.status][name])


def paid(order: ShopOrder | None, event: ShopOrderPaid, fact: Fact[ShopOrderEvent]) -> ShopOrder:
    """Paid at the venue."""
    after = _next(order, fact)
    return msgspec.structs.replace(after, qty=event.qty, paid_by=event.paid_by, paid_ms=fact.wall_ms)


def cancelled(order: ShopOrder | None, _event: ShopOrderCancelled, fact: Fact[ShopOrderEvent]) -> ShopOrder:
    """Nobody wants it."""
    return _next(order, fact)


EVOLVE = {ShopOrderPlaced: placed, ShopOrderPaid: paid, ShopOrderCancelled: cancelled}

SHAPES = (
    shape(
        "table_shop_orders",
        "order_id",
        "order_id =session_pid =member_pid =guest_name =email =design_id =product_id =name qty:int "
        "=unit_minor:int =tax_rate_bp:int =tax_inclusive:bool total_minor:int =currency status paid_by "
        "=placed_ms:int paid_ms:int version:int",
    ),
)


def rows(order: ShopOrder, _fact: Fact[ShopOrderEvent]) -> list[Row]:
    """How the order stands."""
    first = order.placed
    who = first.order_id, first.session_pid, first.member_pid, first.guest_name, first.email
    what = first.design_id, first.product_id, first.name, order.qty
    price = first.unit_minor, first.tax_rate_bp, first.tax_inclusive, order.qty * first.unit_minor
    ends = order.paid_by, order.placed_ms, order.paid_ms, order.version
    return [("table_shop_orders", (*who, *what, *price, first.currency, order.status, *ends))]
