"""Orders, kitchen tickets and the shelf, as a journal tells them.

An order is what was in the cart when it was locked, in number, price and sum. It is confirmed at most once,
its tickets cover it exactly, and no two orders get the last piece of anything.
"""

import hashlib
from collections import defaultdict
from typing import ClassVar

from tests.simulation.cart_check import CartReader
from tests.simulation.reading import Complaints, Json, Reader

#: Ticket state -> states that may follow (contract, Kitchen).
_TICKETS: dict[str, set[str]] = {
    "fired": {"received", "accepted", "preparing", "rejected"},
    "received": {"accepted", "preparing", "ready", "rejected"},
    "accepted": {"preparing", "ready", "rejected"},
    "preparing": {"ready", "rejected"},
    "ready": {"served", "recalled"},
    "served": {"recalled"},
    "recalled": {"preparing", "ready"},
    "rejected": set(),
}


class OrderReader(Reader):
    """Reads what becomes of carts."""

    EVENTS: ClassVar = {
        "OrderPlaced": "_placed",
        "OrderRetried": "_retried",
        "PosAsked": "_asked",
        "OrderConfirmed": "_confirmed",
        "OrderFailed": "_failed",
        "TicketFired": "_fired",
        "TicketAdvanced": "_advanced",
        "StockCounted": "_counted",
        "StockTaken": "_taken",
        "StockReturned": "_returned",
    }

    def __init__(self, said: Complaints, carts: CartReader) -> None:
        super().__init__(said)
        self._carts = carts
        self.placed: dict[str, Json] = {}
        self._last_number = 0
        self.confirmed: set[str] = set()
        self.by_till: set[str] = set()
        self.failed: set[str] = set()
        self._asked_about: set[str] = set()
        self._state: dict[str, str] = {}
        self._tickets: dict[str, str] = {}
        self._lines_fired: dict[str, list[int]] = defaultdict(list)
        self._stock: dict[int, int | None] = {}

    def leave_out(self, numbers: int) -> None:
        """The next order has a number that is so much higher."""
        self._last_number += numbers

    # ── orders ───────────────────────────────────────────────────────────────────────────────────

    def _placed(self, order_id: str, event: Json, _fact: Json) -> None:
        number = self._last_number = self._last_number + 1
        self._say(event["number"] == number, f"{order_id} has number {event['number']} instead of {number}")
        self._say(order_id not in self.placed, f"{order_id} was placed twice")
        self.placed[order_id] = event
        self._state[order_id] = "processing"
        self._compare(order_id, event)

    def _compare(self, order_id: str, event: Json) -> None:
        """With the cart that is locked for it."""
        lines = self._carts.lines[event["session_pid"]].values()
        held = {line["id"]: line for line in lines if line["state"] == "locked"}
        ordered = {line["id"]: line for line in event["lines"]}
        self._say(ordered.keys() == held.keys(), f"{order_id} is not what was in the cart")
        for number, line in ordered.items():
            mine = held.get(number, line)
            same = all(
                line[name] == mine[name] for name in ("qty", "price_minor", "menu_version", "menu_item")
            )
            self._say(same, f"{order_id}: line {number} differs from the cart's")
        total = sum(line["qty"] * line["price_minor"] for line in event["lines"])
        self._say(event["total_minor"] == total, f"{order_id} comes to {event['total_minor']}, not {total}")
        text = ",".join(_hashed(held[number]) for number in sorted(held))
        digest = hashlib.sha256(f"[{text}]".encode()).hexdigest()
        self._say(event["cart_hash"] == digest, f"{order_id} names another cart than it took")

    def _retried(self, order_id: str, _event: Json, _fact: Json) -> None:
        self._move(order_id, "failed", "processing")
        self._asked_about.discard(order_id)  # the box may be its own till by now
        self._compare(order_id, self.placed[order_id])

    def _asked(self, order_id: str, _event: Json, _fact: Json) -> None:
        self._asked_about.add(order_id)

    def _confirmed(self, order_id: str, event: Json, _fact: Json) -> None:
        self._move(order_id, "processing", "confirmed")
        self.confirmed.add(order_id)
        if order_id in self._asked_about:
            self.by_till.add(order_id)
        stations = {line["station"] for line in self.placed[order_id]["lines"]}
        self._say(
            set(event["stations"]) == stations, f"{order_id} goes to {event['stations']}, not {stations}"
        )

    def _failed(self, order_id: str, _event: Json, _fact: Json) -> None:
        self._move(order_id, "processing", "failed")
        self.failed.add(order_id)

    def _move(self, order_id: str, before: str, after: str) -> None:
        found = self._state.get(order_id)
        self._say(found == before, f"{order_id} became {after} while it was {found}")
        self._state[order_id] = after

    # ── kitchen and shelf ────────────────────────────────────────────────────────────────────────

    def _fired(self, name: str, event: Json, _fact: Json) -> None:
        self._say(name not in self._tickets, f"{name} was fired twice")
        self._tickets[name] = "fired"
        self._lines_fired[event["order_id"]] += [line["id"] for line in event["lines"]]

    def _advanced(self, name: str, event: Json, _fact: Json) -> None:
        before, after = self._tickets.get(name, "rejected"), event["state"]
        self._say(after in _TICKETS[before], f"{name} went from {before} to {after}")
        self._tickets[name] = after

    def _counted(self, _name: str, event: Json, _fact: Json) -> None:
        self._stock[event["menu_item"]] = event.get("qty")

    def _taken(self, _name: str, event: Json, _fact: Json) -> None:
        item, left = event["menu_item"], self._stock.get(event["menu_item"])
        if left is not None:
            self._stock[item] = left - event["qty"]
            self._say(left >= event["qty"], f"{event['qty']} of dish {item} were sold, {left} were there")

    def _returned(self, _name: str, event: Json, _fact: Json) -> None:
        left = self._stock.get(event["menu_item"])
        if left is not None:
            self._stock[event["menu_item"]] = left + event["qty"]

    def finish(self) -> None:
        """Every order came to an end, and the kitchen was told of it exactly."""
        open_orders = sorted(order for order, state in self._state.items() if state == "processing")
        self._say(not open_orders, f"orders are under way for ever: {open_orders}")
        for order_id, placed in self.placed.items():
            wanted = sorted(line["id"] for line in placed["lines"]) if order_id in self.confirmed else []
            fired = sorted(self._lines_fired.get(order_id, ()))
            self._say(fired == wanted, f"the kitchen was told {fired} of {order_id} instead of {wanted}")


def _hashed(line: Json) -> str:
    return f'{{"id":{line["id"]},"qty":{line["qty"]},"version":{line["version"]}}}'
