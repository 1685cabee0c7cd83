"""What phones asked for and what they were told: the evidence that a box is held to after its crashes.

Rule of the file: a diary only writes down. `evidence.py` compares it with the journal.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec


class Heard(msgspec.Struct, frozen=True):
    """A `cart_update`. `mine` when it carries a mid of this phone, and so may be the answer to a repeat."""

    session_pid: str
    cart_version: int
    op: str
    id: int
    version: int
    qty: int
    mid: str
    mine: bool


class Seen(msgspec.Struct, frozen=True):
    """A snapshot's cart: its version and (id, version, qty) of each line."""

    session_pid: str
    cart_version: int
    lines: tuple[tuple[int, int, int], ...]


class Diary:
    """Of all phones of a test. Every answer moves `answers` on, which a test can wait for."""

    def __init__(self) -> None:
        #: mid of every mutation and order that was asked for -> what was asked.
        self.asked: dict[str, str] = {}
        #: mid of a join -> every (session, member) it was answered with.
        self.joined: dict[str, set[tuple[str, str]]] = {}
        self.done: dict[str, Heard] = {}
        self.refused: dict[str, str] = {}
        self.heard: list[Heard] = []
        self.seen: set[Seen] = set()
        #: mid of an order -> every (order id, ticket) it was answered with.
        self.ordered: dict[str, set[tuple[str, str]]] = {}
        #: Every (order id, ticket) that was told to anybody.
        self.orders: set[tuple[str, str]] = set()
        #: Answers to something that had been sent before on another connection.
        self.repeats = 0
        self.answers = 0
        self._moved = asyncio.Event()

    def update(self, session_pid: str, message: dict[str, Any], mine: bool) -> Heard:
        """A `cart_update` came."""
        item = message["item"]
        heard = Heard(
            session_pid=session_pid,
            cart_version=message["cart_version"],
            op=message["op"],
            id=item["id"],
            version=item["version"],
            qty=item["qty"],
            mid=message["mid"],
            mine=mine,
        )
        self.heard.append(heard)
        return heard

    def snapshot(self, session_pid: str, body: dict[str, Any]) -> None:
        """A snapshot came."""
        lines = tuple(sorted((item["id"], item["version"], item["qty"]) for item in body["items"]))
        self.seen.add(Seen(session_pid, body["cart_version"], lines))
        self.orders |= {(order["order_id"], order["ticket"]) for order in body["orders"]}

    def settle(self, *, repeated: bool) -> None:
        """Somebody was answered."""
        self.answers += 1
        self.repeats += repeated
        self.move()

    def move(self) -> None:
        """Something changed that somebody may wait for."""
        self._moved.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition` holds; it is looked at whenever a phone has heard something."""
        while not condition():
            self._moved.clear()
            await self._moved.wait()
