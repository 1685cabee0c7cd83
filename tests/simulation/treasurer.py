"""The owner's money: a wallet that is topped up, set aside for two venues, asked back, and collected from.

The product's own functions (`cloud/store/money`) run in a process of the cloud that may die at either side of
the commit, so whoever asks asks again under the same `mid`. What was paid in is remembered here and nowhere
else, because it lies in a drawer: no database that is restored can forget it.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, cast

import asyncpg

from cloud.store.money import credits, wallets
from cloud.store.money.credits import EmptyWallet, NothingOwed
from cloud.store.money.wallets import Overdrawn
from cloud.store.pool import GONE
from protocol.facts.fold import SHAPES
from tests.simulation import menus, sometimes
from tests.simulation.clouds import Clouds
from tests.simulation.sheets import Key
from tests.simulation.shift import Shift
from tests.simulation.statements import Statements

ORGANISATION = "organisation"
CURRENCY = "EUR"
_BY = "owner:o@example.com"
OFTEN_S = 9.0
#: For guests who pay nothing in at the counter, either.
SELDOM_S = 30.0
_STATUS = SHAPES["venue_credits"].column_names.index("status")

Ask = Callable[[asyncpg.Connection], Awaitable[object]]


class Treasurer:
    """Of one organisation with so many venues; money moves every so many seconds."""

    def __init__(
        self, clouds: Clouds, venues: list[str], dice: random.Random, often_s: float = OFTEN_S
    ) -> None:
        self._often_s = often_s
        self._clouds = clouds
        self._venues = venues
        self._dice = dice
        #: `mid` -> amount, of everything that was paid in.
        self.paid_in: dict[str, int] = {}
        clouds.books.all["wallet", menus.REGULAR] = CURRENCY
        for venue_id in venues:
            clouds.books.all["venue", venue_id] = CURRENCY

    async def run(self, shift: Shift) -> None:
        """Move money now and then."""
        await self._top_up()
        while True:
            often_s = OFTEN_S if self._debts() else self._often_s
            await asyncio.sleep(self._dice.expovariate(1 / often_s))
            if not shift.open:
                return
            usual = (self._grant,) * 5 + (self._ask_back,) * 2 + (self._top_up, self._collect)
            await self._dice.choice(usual + (self._collect,) * (9 if self._debts() else 0))()

    def _mid(self, what: str) -> str:
        return f"{what}-{self._dice.getrandbits(48):x}"

    async def insist(self, ask: Ask) -> None:
        """Until the page says that it worked, as it stands or once more to be sure."""
        sure = self._dice.random() < 0.8
        while True:
            with suppress(OSError, *GONE):
                async with self._clouds.view().transaction() as page:
                    await ask(cast(asyncpg.Connection, Statements(page)))
                if sure:
                    return
                sure = True
            await asyncio.sleep(1.0)

    async def _top_up(self) -> None:
        mid, amount_minor = self._mid("top-up"), self._dice.randrange(500, 4_000)
        self.paid_in[mid] = amount_minor
        await self.insist(lambda connection: self._paid(connection, mid))

    async def _paid(self, connection: asyncpg.Connection, mid: str) -> None:
        await wallets.top_up(connection, ORGANISATION, menus.REGULAR, self.paid_in[mid], mid)

    async def write_up(self) -> None:
        """Everything that was paid in, once more: books that were restored may have forgotten some."""
        for mid in self.paid_in:
            await self.insist(lambda connection, mid=mid: self._paid(connection, mid))  # type: ignore[misc]

    async def _grant(self) -> None:
        venue_id, mid = self._dice.choice(self._venues), self._mid("grant")
        amount_minor = self._dice.randrange(100, 2_500)

        async def ask(connection: asyncpg.Connection) -> None:
            name = menus.REGULAR
            await wallets.grant(connection, ORGANISATION, venue_id, name, amount_minor, mid, _BY)

        with suppress(Overdrawn):
            await self.insist(ask)
            self._clouds.chronicle.saw(sometimes.SET_ASIDE)
            return
        self._clouds.chronicle.saw(sometimes.OVERDRAWN)

    async def _ask_back(self) -> None:
        venue_id, mid, amount_minor = (
            self._dice.choice(self._venues),
            self._mid("back"),
            self._dice.randrange(100, 2_000),
        )

        async def ask(connection: asyncpg.Connection) -> None:
            await wallets.ask_back(connection, venue_id, menus.REGULAR, amount_minor, mid, _BY)

        await self.insist(ask)

    def _debts(self) -> list[Key]:
        """What guests owe venues, as far as the cloud has heard."""
        books = self._clouds.books.all.items()
        return [key for key, row in books if key[0] == "venue_credits" and row[_STATUS] == "open"]

    async def _collect(self) -> None:
        """Ask the wallet again for what a guest owes a venue."""
        debts = self._debts()
        if not debts:
            return
        key: Any = self._dice.choice(debts[-4:])
        mid = self._mid("collect")

        async def ask(connection: asyncpg.Connection) -> None:
            await credits.collect(connection, str(key[1]), key[2], mid, _BY)

        with suppress(NothingOwed, EmptyWallet):
            await self.insist(ask)
            self._clouds.chronicle.saw(sometimes.COLLECTED)
