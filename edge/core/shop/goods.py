"""What becomes of orders of the shop when the bill changes on which they stand.

An order whose line was voided is cancelled, one whose bill is paid is paid; both in the transaction that
changed the bill, because `receipts.conclude` asks here whatever the way was.
"""

from edge.core.view import Proposal, VenueView
from protocol.facts.bill import Bill
from protocol.facts.bill_events import BillLine
from protocol.facts.shop_order import ShopOrder, ShopOrderCancelled, ShopOrderPaid, aggregate_of

#: `BillLine.source` of such lines; their `ref` is the order's id.
SHOP_LINE = "shop_order"


def follow(view: VenueView, after: Bill) -> list[Proposal]:
    """What the bill, as it is after a change, means for the orders on it."""
    found: list[Proposal] = []
    for line in after.lines.values():
        order = view.shop_order(line.ref) if line.source == SHOP_LINE and line.moved_to is None else None
        if order is not None and order.status == "placed":
            found.extend(_follows(after, line, order))
    return found


def _follows(bill: Bill, line: BillLine, order: ShopOrder) -> list[Proposal]:
    aggregate, wanted = aggregate_of(order.placed.order_id), line.qty - line.voided
    if wanted == 0:
        return [(aggregate, ShopOrderCancelled("taken off the bill"))]
    if bill.status != "settled":
        return []
    return [(aggregate, ShopOrderPaid(paid_by(bill, line), wanted))]


def paid_by(bill: Bill, line: BillLine) -> str:
    """By what means; `house` for what nobody had to pay."""
    methods = {each.method.lower() for each in bill.payments.values() if each.state == "settled"}
    if line.left == 0 or not methods:
        return "house"
    return methods.pop() if len(methods) == 1 else "mixed"
