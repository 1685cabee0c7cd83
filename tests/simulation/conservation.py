"""Money of a wallet that may be spent at two venues: never more than there is, wherever the line is cut.

What the boxes have taken in and not given back is never more than was paid into the wallet. That is looked at
whenever a grant comes onto any box's disk, and once more account by account when all is settled. A database
that was restored has forgotten what it set aside: until its boxes have said so it may set the same aside
again, so in such a history the books may show less than nothing in a wallet, and still have to fit.
"""

from tests.simulation import menus, sometimes
from tests.simulation.books import MemoryBooks
from tests.simulation.chronicle import Chronicle
from tests.simulation.internet import Internet
from tests.simulation.treasurer import Treasurer
from tests.simulation.witness import JournalWitness


class Conservation:
    """Over the journals of all venues, by venue."""

    def __init__(
        self,
        books: MemoryBooks,
        journals: dict[str, JournalWitness],
        treasurer: Treasurer,
        lines: list[Internet],
        chronicle: Chronicle,
    ) -> None:
        self._books = books
        self._journals = journals
        self._treasurer = treasurer
        self._lines = lines
        self._chronicle = chronicle
        for journal in journals.values():
            journal.money_moved = self.moved

    @property
    def _paid_in(self) -> int:
        return sum(self._treasurer.paid_in.values())

    @property
    def _held(self) -> int:
        """What venues have taken in of the wallet and not given back, spent or not."""
        return sum(journal.check.set_aside_minor for journal in self._journals.values())

    def moved(self) -> None:
        """Something came onto a balance or went off it."""
        if len(self._journals) > 1 and all(
            each.line.up_blocked and each.line.down_blocked for each in self._lines
        ):
            self._chronicle.saw(sometimes.SPENT_CUT_OFF)
        if not self._books.restores:
            fits = self._held <= self._paid_in
            self._chronicle.expect(
                fits, f"venues took {self._held} of a wallet that {self._paid_in} came into"
            )

    def settled(self) -> None:
        """Everything has arrived: the ledger says what the boxes say, and the wallet has the rest."""
        for venue_id, journal in self._journals.items():
            told, found = (
                self._account(f"grant:{venue_id}:{menus.REGULAR}"),
                journal.check.balance_of(menus.REGULAR),
            )
            self._chronicle.expect(
                told == found, f"the ledger has {told} at {journal.name}, which has {found}"
            )
            told, owed = self._account(f"credit:{venue_id}"), journal.check.owed_minor
            self._chronicle.expect(told == -owed, f"guests owe {journal.name} {owed}, the ledger says {told}")
        free, rest = self._account(f"wallet:{menus.REGULAR}"), self._paid_in - self._held
        self._chronicle.expect(free == rest, f"{free} is free in the wallet, {rest} is left of what came in")
        self._chronicle.expect(free >= 0 or self._books.restores > 0, f"a wallet is overdrawn: {free}")
        whole = sum(minor for key, minor in self._books.all.items() if key[0] == "account")
        self._chronicle.expect(not whole, f"the ledger comes to {whole}")
        self._chronicle.figures["wallets settled"] += 1

    def _account(self, name: str) -> int:
        minor: int = self._books.all.get(("account", name), 0)
        return minor
