"""An ordered line as the bill has it: one line, or for a combo whose dishes are taxed differently one a rate.

A receipt has to tell the tax of food and of drink apart, so such a combo stands on it as several lines, named
after the combo and what of it they pay for. They sum to the combo's price.

Counterpart: `bill.py` charges them and gives stock back by `pieces_of`.
"""

from protocol.facts.bill_events import ORDER_LINE, BillLine
from protocol.facts.order import OrderLine, OrderPart, OrderPlaced

_Rates = tuple[int, int | None]


def order_lines(order_id: str, line: OrderLine, inclusive: bool) -> list[BillLine]:
    """What a line of an order puts on the bill. `inclusive` tells whether prices hold the tax."""
    shares = _shares(line) or [((line.tax_rate_bp, line.takeaway_tax_rate_bp), ())]
    alone = len(shares) == 1
    return [
        BillLine(
            id=_id(line, place),
            source=ORDER_LINE,
            ref=order_id,
            name=line.name if alone else f"{line.name}: {', '.join(part.name for part in parts)}",
            qty=line.qty,
            price_minor=line.price_minor if alone else sum(part.price_minor for part in parts),
            tax_rate_bp=rate_bp,
            takeaway_rate_bp=takeaway_rate_bp,
            takeaway=line.takeaway,
            tax_inclusive=inclusive,
            member=line.member,
            menu_item=line.menu_item,
            modifiers=line.modifiers if not alone or not parts else tuple(part.name for part in parts),
        )
        for place, ((rate_bp, takeaway_rate_bp), parts) in enumerate(shares)
    ]


def pieces_of(charged: BillLine, placed: OrderPlaced) -> list[int]:
    """Menu items of which a piece goes back to the shelf for each piece of a bill line that is voided."""
    for line in placed.lines:
        shares = _shares(line)
        for place, (_, parts) in enumerate(shares):
            if charged.id == _id(line, place):
                return [*([] if place else [line.menu_item]), *(part.menu_item for part in parts)]
        if not shares and charged.id == _id(line, 0):
            return [line.menu_item]
    return []


def _id(line: OrderLine, place: int) -> str:
    return f"{ORDER_LINE}:{line.id}" + (f"/{place + 1}" if place else "")


def _shares(line: OrderLine) -> list[tuple[_Rates, tuple[OrderPart, ...]]]:
    """The parts of a combo by what they are taxed at, in order; nothing for a plain dish."""
    shares: dict[_Rates, tuple[OrderPart, ...]] = {}
    for part in line.parts:
        rates = (part.tax_rate_bp, part.takeaway_tax_rate_bp)
        shares[rates] = (*shares.get(rates, ()), part)
    return list(shares.items())
