"""The port through which the box asks a point of sale to take an order.

Rule of the port: there are exactly three ends to a question. *Yes* is returned; *no, for certain* is
`PosUnavailable` (ask again later) or `PosRefused` (do not); everything else is `PosUnknown`, and then
`find_out` asks until one of the other two is the answer. After a *no*, the attempts up to the one asked
about can no longer become a *yes*, however late they are worked on.

Counterparts: `edge/adapters/pos_*.py` speak the languages of points of sale, `settling.py` decides what an
answer means, `edge/effects/orders/point_of_sale.py` asks.
"""

from typing import Protocol

import msgspec

from protocol.facts.order import OrderPlaced


class PosError(Exception):
    """The point of sale did not say yes. `code` is stable; `reason` is told to guests (seed 002 §3)."""

    code = "pos_error"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PosUnavailable(PosError):
    """It is certain that the order was not taken, and another attempt may work."""

    code = "pos_unavailable"


class PosRefused(PosError):
    """The point of sale will not have this order, however often it is asked; somebody there has to act."""

    code = "pos_refused"


class PosUnknown(PosError):
    """The call was cut, or answered with what means nothing: the order may be taken or not."""

    code = "pos_unknown"


class Taken(msgspec.Struct, frozen=True):
    """Yes. `reference` is the point of sale's own name for the order, empty where it has none."""

    reference: str = ""


class PointOfSale(Protocol):
    """Orders go by their id, which the point of sale takes at most once; `attempt` only ever grows.

    Both raise `PosUnavailable`, `PosRefused` or `PosUnknown`.
    """

    async def place(self, order: OrderPlaced, attempt: int) -> Taken:
        """Please take this order."""

    async def find_out(self, order_id: str, attempt: int) -> Taken:
        """Did you take it? If not, no attempt up to `attempt` may take it any more."""
