"""Cart lines as an order has them, and as the stations of the kitchen get them.

Name, price, tax and options are those of the menu under which a line was added; only who cooks it is today's,
because that says how the kitchen is set up now. The price of a combo is laid on its dishes in proportion to
what they cost alone, so each is taxed at its own rate and the parts sum to the whole.

Counterpart: `order.py` and `settling.py` put these lines into facts.
"""

import msgspec

from edge.core.orders.pricing import Made, line_made
from edge.core.view import VenueView
from protocol.facts.cart import CartItem
from protocol.facts.menu import MenuBook
from protocol.facts.order import OrderLine, OrderPart
from protocol.taxes import allocate

#: A part's line id on a ticket is the line's, with the part's place above all ids that lines ever get.
_PART = 2**40


def order_line(view: VenueView, book: MenuBook, line: CartItem) -> OrderLine:
    """A line of the cart, which is on the menu in force, as it is ordered."""
    own = view.menu_of(line.menu_version) or book
    dish = line_made(own, line) or line_made(book, line)
    assert dish is not None
    parts = _parts(dish, line, book)
    item = dish.item
    return OrderLine(
        id=line.id,
        menu_item=line.menu_item,
        name=line.name,
        qty=line.qty,
        price_minor=line.price_minor,
        menu_version=line.menu_version,
        member=line.member,
        station=parts[0].station if parts else book.items[item.id].station,
        note=line.note,
        modifiers=tuple(option.name for option in dish.options),
        tax_rate_bp=parts[0].tax_rate_bp if parts else item.tax_rate_bp,
        takeaway_tax_rate_bp=parts[0].takeaway_tax_rate_bp if parts else item.takeaway_tax_rate_bp,
        takeaway=line.takeaway,
        parts=parts,
        course="" if line.takeaway else item.course,
    )


def _parts(dish: Made, line: CartItem, book: MenuBook) -> tuple[OrderPart, ...]:
    worth = [
        part.item.price_for(takeaway=line.takeaway) + sum(option.price_minor for option in part.options)
        for part in dish.parts
    ]
    shares = allocate(line.price_minor, [max(0, minor) for minor in worth])
    return tuple(
        OrderPart(
            menu_item=part.item.id,
            name=part.item.name,
            price_minor=share,
            station=book.items[part.item.id].station,
            modifiers=tuple(option.name for option in part.options),
            tax_rate_bp=part.item.tax_rate_bp,
            takeaway_tax_rate_bp=part.item.takeaway_tax_rate_bp,
            course="" if line.takeaway else part.item.course,
        )
        for part, share in zip(dish.parts, shares, strict=True)
    )


def to_cook(lines: tuple[OrderLine, ...]) -> list[OrderLine]:
    """Lines as cooks see them: a combo is the dishes that it consists of, each at its own station."""
    return [cooked for line in lines for cooked in (_cooked(line) if line.parts else [line])]


def _cooked(line: OrderLine) -> list[OrderLine]:
    return [
        msgspec.structs.replace(
            line,
            id=line.id + place * _PART,
            menu_item=part.menu_item,
            name=part.name,
            price_minor=part.price_minor,
            station=part.station,
            modifiers=part.modifiers,
            tax_rate_bp=part.tax_rate_bp,
            takeaway_tax_rate_bp=part.takeaway_tax_rate_bp,
            parts=(),
            of=line.name,
            course=part.course,
        )
        for place, part in enumerate(line.parts)
    ]
