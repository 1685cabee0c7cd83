"""Reads a whole journal as JSON and checks it against rules of its own.

Independent on purpose: nothing of `protocol.facts` or `edge` is used, so a mistake in how facts fold or how
prices are made is not made here a second time. Here are the envelopes; each reader that the events are handed
to knows one part of the venue: `cart_check.py`, `order_check.py`, `money_check.py`, `play_check.py`,
`remote_check.py`.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from tests.simulation.cart_check import CartReader
from tests.simulation.money_check import MoneyReader
from tests.simulation.order_check import OrderReader
from tests.simulation.play_check import PlayReader
from tests.simulation.reading import Complaints
from tests.simulation.remote_check import RemoteReader


class JournalCheck:
    """Goes through the records once; `complaints` says what is wrong."""

    def __init__(self, records: Iterable[bytes]) -> None:
        self._said = Complaints()
        #: mid -> seqs of its facts.
        self.effects: dict[str, list[int]] = defaultdict(list)
        self._versions: dict[str, int] = {}
        self._carts = CartReader(self._said)
        self._orders = OrderReader(self._said, self._carts)
        money, play = MoneyReader(self._said, self._orders), PlayReader(self._said)
        self._remote = RemoteReader(self._said)
        self._readers = (self._carts, self._orders, money, play, self._remote)
        for seq, record in enumerate(records, 1):
            self._take(seq, json.loads(record))
        for reader in self._readers:
            reader.finish()

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
        """Events that commands from the cloud came to."""
        return self._remote.endings

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
