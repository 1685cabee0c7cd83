"""Reads a journal as JSON, fact by fact as it is committed, and checks it against rules of its own.

Independent on purpose: nothing of `protocol.facts` or `edge` is used, so a mistake in how facts fold or how
prices are made is not made here a second time. Here are the envelopes; each reader that the events are handed
to knows one part of the venue: `cart_check.py`, `order_check.py`, `money_check.py`, `play_check.py`,
`booking_check.py`, `remote_check.py`, `cards_check.py`, `refund_check.py`.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from tests.simulation.booking_check import BookingReader
from tests.simulation.cards_check import CardReader
from tests.simulation.cart_check import CartReader
from tests.simulation.money_check import MoneyReader
from tests.simulation.order_check import OrderReader
from tests.simulation.play_check import PlayReader
from tests.simulation.reading import Complaints
from tests.simulation.refund_check import RefundReader
from tests.simulation.remote_check import RemoteReader

#: Numbers of orders that a new box leaves out (docs/sync.md, *Replacing a box*).
NUMBERS_LEFT_OUT = 10_000


class JournalCheck:
    """Takes the records in, one after the other; `complaints` says what is wrong so far."""

    def __init__(self, records: Iterable[bytes] = ()) -> None:
        self._said = Complaints()
        #: mid -> seqs of its facts.
        self.effects: dict[str, list[int]] = defaultdict(list)
        self._versions: dict[str, int] = {}
        self._carts = CartReader(self._said)
        self._orders = OrderReader(self._said, self._carts)
        money, play = MoneyReader(self._said, self._orders), PlayReader(self._said)
        self._remote = RemoteReader(self._said)
        self._cards, self._refunds = CardReader(self._said), RefundReader(self._said)
        self.bookings = BookingReader(self._said)
        given = self._cards, self._refunds, self.bookings
        self._readers = (self._carts, self._orders, money, play, self._remote, *given)
        self._seq = 0
        for record in records:
            self.take(record)

    def take(self, record: bytes) -> None:
        """The next one."""
        self._seq += 1
        self._take(self._seq, json.loads(record))

    def succeeded(self) -> None:
        """Another box goes on; numbers that the former may have given out unseen are left out."""
        self._orders.leave_out(NUMBERS_LEFT_OUT)

    def rest(self) -> None:
        """A transaction is over, and what it wrote has to fit together."""
        self.bookings.rest()

    def finish(self) -> list[str]:
        """The journal is over, for now; all that is wrong with it."""
        for reader in self._readers:
            reader.finish()
        return self.complaints

    @property
    def complaints(self) -> list[str]:
        """Sentences, in the order of the journal."""
        return self._said.sentences

    @property
    def carts(self) -> dict[tuple[str, int], tuple[tuple[int, int, int], ...]]:
        """(session, cart version) -> the lines that were in the cart then: id, version, quantity."""
        return self._carts.versions

    @property
    def taken(self) -> set[str]:
        """Commands of the cloud that reached the box."""
        return set(self._remote.taken)

    @property
    def endings(self) -> set[str]:
        """What commands of the cloud came to, and what else is rare, by the name of what tells of it."""
        return self._remote.endings | self._cards.rarities | self._refunds.rarities | self.bookings.rarities

    @property
    def set_aside_minor(self) -> int:
        """What came here out of wallets and has not gone back to them."""
        return self._remote.set_aside_minor

    @property
    def owed_minor(self) -> int:
        """What guests owe the venue."""
        return self._remote.owed_minor

    def balance_of(self, user: str) -> int:
        """What somebody may spend here."""
        return self._remote.balances[user]

    @property
    def stored_ends(self) -> dict[str, bool]:
        """Payments that the terminal had stored and has sent -> whether the money came."""
        return self._cards.ends

    @property
    def by_till(self) -> set[str]:
        """Orders that were confirmed after a till had been asked."""
        return self._orders.by_till

    @property
    def settled_by_hand(self) -> set[str]:
        """Orders of which no till was the judge in the end."""
        return self._orders.failed

    def _take(self, seq: int, fact: dict[str, Any]) -> None:
        aggregate, event = fact["aggregate"], fact["event"]
        version = self._versions[aggregate] = self._versions.get(aggregate, 0) + 1
        self._said.unless(fact["seq"] == seq, f"fact {seq} calls itself {fact['seq']}")
        self._said.unless(
            fact["version"] == version,
            f"fact {seq} is version {fact['version']} of {aggregate}, not {version}",
        )
        if fact.get("mid"):
            self._take_mid(fact["mid"], seq)
        for reader in self._readers:
            reader.take(aggregate.partition(":")[2], event, fact)

    def _take_mid(self, mid: str, seq: int) -> None:
        """One command's facts follow each other; a second batch of them is a second effect."""
        seqs = self.effects[mid]
        once = not seqs or seqs[-1] == seq - 1
        self._said.unless(once, f"DOUBLED: {mid} took effect at {seqs[:1]} and again at {seq}")
        seqs.append(seq)
