"""The orders that wait for a point of sale: a read model over committed facts.

Read once from the folded tables (the partial index `orders_under_way`, so a long journal costs nothing),
then kept by the batches that the writer commits. Where the box is its own point of sale an order is placed
and confirmed in one commit and never stands here.

Counterpart: `edge/effects/orders/point_of_sale.py` sees each of them through.
"""

import sqlite3
from collections.abc import Callable

from edge.journal.hot import Hot
from edge.journal.writer import Committed
from protocol.facts.order import Order

#: Gets the id of an order that has moved, also of one that has just ended.
OrderListener = Callable[[str], None]

_UNDER_WAY = "SELECT order_id FROM orders WHERE status = 'processing' ORDER BY number"


class OrdersUnderWay:
    """Make it before the writer runs and hand `follow` to `Writer.listen`, so that no batch is missed."""

    def __init__(self, reader: sqlite3.Connection, hot: Hot) -> None:
        self._hot = hot
        self._ids: dict[str, None] = dict.fromkeys(row[0] for row in reader.execute(_UNDER_WAY).fetchall())
        self._listeners: list[OrderListener] = []

    def ids(self) -> list[str]:
        """Ids of the orders, longest under way first."""
        return list(self._ids)

    def get(self, order_id: str) -> Order | None:
        """The order as it is on disk, while it is under way."""
        order = self._hot.committed(f"order:{order_id}") if order_id in self._ids else None
        return order if isinstance(order, Order) else None

    def listen(self, listener: OrderListener) -> None:
        """Tell `listener` of every change from now on."""
        self._listeners.append(listener)

    def follow(self, batch: list[Committed]) -> None:
        """Take in what was committed; an order that came and went within a batch was never waiting."""
        moved = {each.state.order_id: each.state for each in batch if isinstance(each.state, Order)}
        for order_id, order in moved.items():
            known = order_id in self._ids
            if order.status == "processing":
                self._ids[order_id] = None
            elif known:
                del self._ids[order_id]
            if known or order.status == "processing":
                for listener in tuple(self._listeners):
                    listener(order_id)
