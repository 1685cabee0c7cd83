"""What a guest feels like doing next: a small cart that is changed all the time and ordered now and then."""

import random
from typing import Any

import msgspec

#: A cart larger than this is thinned out before anything is added.
_MOST_LINES = 8


class Line(msgspec.Struct, frozen=True):
    """A line of the cart as a phone last heard of it."""

    id: int
    version: int
    qty: int
    member: str


class Whims:
    """One guest's, drawn from a seed."""

    def __init__(self, seed: str, order_every: int = 12) -> None:
        self._random = random.Random(seed)
        self._order_every = order_every
        self.dishes: list[int] = []

    def mutation(self, own: list[Line], others: list[Line], total: int, mid: str) -> dict[str, Any]:
        """A `cart_mutate` about a new line or a present one; `total` lines are in the cart.

        Now and then it is about a line of somebody else, which only the host may touch.
        """
        dice = self._random.random()
        free = others if self._random.random() < 0.1 else own
        if not free or (total < _MOST_LINES and dice < 0.15):
            return self._create(mid)
        line = self._random.choice(free)
        about = {"type": "cart_mutate", "id": line.id, "version": line.version, "mid": mid}
        if dice > 0.9 or total > _MOST_LINES:
            return {**about, "op": "delete"}
        return {**about, "op": "update", "qty": self._random.randint(1, 9)}

    def _create(self, mid: str) -> dict[str, Any]:
        dish, qty = self._random.choice(self.dishes), self._random.randint(1, 3)
        new = {"op": "create", "tmpId": f"c{mid[-6:]}", "menu_item": dish, "qty": qty}
        return {"type": "cart_mutate", **new, "mid": mid}

    def hungry(self) -> bool:
        """Whether to order now."""
        return self._random.randrange(self._order_every) == 0

    def by_socket(self) -> bool:
        """Whether to order over the socket rather than by HTTP."""
        return self._random.random() < 0.5

    def looks_first(self) -> bool:
        """Whether an order over the socket says which cart was seen."""
        return self._random.random() < 0.4

    def names_its_order(self) -> bool:
        """Whether an order by HTTP carries a `mid`; without one, member and hash must do."""
        return self._random.random() < 0.7
