"""What of the menu can be had now, for phones and for the clock that tells them when that changes.

Counterparts: `edge/core/orders/pricing.py` decides by the same stock and hours, `protocol/menu_message.py`
says it.
"""

from edge.core.clock import Now
from edge.core.orders.pricing import served
from edge.journal.hot import Hot
from protocol.facts.menu import MenuBook
from protocol.facts.stock import Stock
from protocol.menu_message import Offer


def offer(hot: Hot, book: MenuBook, now: Now) -> Offer:
    """By what is on disk and by the venue's clock."""
    levels = (hot.committed(f"stock:{item_id}") for item_id in book.items)
    sold_out = frozenset(each.menu_item for each in levels if isinstance(each, Stock) and each.sold_out)
    return Offer(sold_out, not_now(hot, book, now))


def not_now(hot: Hot, book: MenuBook, now: Now) -> frozenset[int]:
    """Ids of dishes whose hour it is not."""
    return frozenset(item.id for item in book.menu.items if item.hours and not served(hot, item, now))
