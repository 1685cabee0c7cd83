"""How much of a counted menu item is left, and whether the kitchen has taken an item off.

The box owns stock: facts are deltas and counts made at the venue. `qty` None means that nobody counts.
An order takes stock in the same transaction that places it, so two tables can never both get the last one.
"""

import msgspec

from protocol.facts.fact import Fact, Row, shape


class StockCounted(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """Somebody counted, or a menu brought a first count; None stops counting."""

    menu_item: int
    qty: int | None = None


class StockTaken(msgspec.Struct, frozen=True, tag=True):
    """An order took `qty`."""

    menu_item: int
    qty: int
    order_id: str


class StockReturned(msgspec.Struct, frozen=True, tag=True):
    """An order that was abandoned gave `qty` back."""

    menu_item: int
    qty: int
    order_id: str


class ItemTakenOff(msgspec.Struct, frozen=True, tag=True):
    """The kitchen is out of it (`off`), or has it again."""

    menu_item: int
    off: bool


StockEvent = StockCounted | StockTaken | StockReturned | ItemTakenOff


class Stock(msgspec.Struct, frozen=True):
    """The state that the events fold into."""

    version: int
    menu_item: int
    qty: int | None
    off: bool

    @property
    def sold_out(self) -> bool:
        """Whether a guest can not have it now."""
        return self.off or (self.qty is not None and self.qty <= 0)


def moved(stock: Stock | None, event: StockEvent, fact: Fact[StockEvent]) -> Stock:
    """The level after any stock event."""
    stock = stock or Stock(0, event.menu_item, None, False)
    qty, off = stock.qty, stock.off
    if isinstance(event, StockCounted):
        qty = event.qty
    elif isinstance(event, ItemTakenOff):
        off = event.off
    elif qty is not None:
        qty += event.qty if isinstance(event, StockReturned) else -event.qty
    return Stock(fact.version, stock.menu_item, qty, off)


EVOLVE = {StockCounted: moved, StockTaken: moved, StockReturned: moved, ItemTakenOff: moved}

SHAPES = (shape("stock", "menu_item", "menu_item:int qty:int taken_off:bool version:int"),)


def rows(stock: Stock, _fact: Fact[StockEvent]) -> list[Row]:
    """The item's level."""
    return [("stock", (stock.menu_item, stock.qty, stock.off, stock.version))]
