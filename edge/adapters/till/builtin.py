"""The box as its own point of sale: it takes every order that got this far.

Orders are confirmed in the transaction that places them, so this is asked only for those that were under
way when the venue's configuration changed. Counterpart: `edge/core/orders/point_of_sale.py`.
"""

from edge.core.orders.point_of_sale import Taken
from protocol.facts.order import OrderPlaced


class BuiltInPointOfSale:
    """Implements `PointOfSale`."""

    async def place(self, order: OrderPlaced, attempt: int) -> Taken:
        """See `PointOfSale`."""
        return Taken()

    async def find_out(self, order_id: str, attempt: int) -> Taken:
        """See `PointOfSale`: what was recorded is taken."""
        return Taken()
