"""Wallets of the simulation are those of Postgres: the same movements, refusals and balances.

The product's functions run over both. What a box tells comes in as rows of folded tables, which triggers of
the schema post; `tests/simulation/wallets.py` does that in memory.
"""

from collections.abc import Awaitable, Callable
from typing import cast

import asyncpg

from cloud.app import Serving
from cloud.ingest.books import Books
from cloud.owners.venues.founding import NewVenue
from cloud.store.link.facts import Uuid
from cloud.store.money import credits, wallets
from cloud.store.money.credits import EmptyWallet, NothingOwed
from cloud.store.money.wallets import NoSuchWallet, Overdrawn
from cloud.store.postgres import PostgresBooks
from protocol.facts.fold import SHAPES
from tests.simulation.books import CalmBooks, MemoryBooks
from tests.simulation.statements import Statements

MIA, OWNER = "mia", "owner:o@example.com"
Ask = Callable[[asyncpg.Connection], Awaitable[object]]
Doing = Callable[[Ask], Awaitable[None]]


class Side:
    """One of the two: what owners ask, what boxes tell, and what the ledger comes to."""

    def __init__(self, books: Books, doing: Doing, organisation: str, venue_id: str) -> None:
        self.books = books
        self.doing = doing
        self.organisation = organisation
        self.venue_id = venue_id
        self.said: list[str] = []
        self._numbers = 0

    async def ask(self, ask: Ask) -> None:
        """Whatever is refused is told by its name."""
        try:
            await self.doing(ask)
            self.said.append("done")
        except (Overdrawn, NoSuchWallet, NothingOwed, EmptyWallet) as refused:
            self.said.append(type(refused).__name__)

    async def top_up(self, amount_minor: int, mid: str, wallet_id: str = MIA) -> None:
        """Pay in."""
        await self.ask(lambda each: wallets.top_up(each, self.organisation, wallet_id, amount_minor, mid))

    async def grant(self, amount_minor: int, mid: str) -> None:
        """Set aside."""
        where = self.organisation, self.venue_id
        await self.ask(lambda each: wallets.grant(each, *where, MIA, amount_minor, mid, OWNER))

    async def collect(self, entry: str, mid: str) -> None:
        """Ask the wallet again."""
        await self.ask(lambda each: credits.collect(each, self.venue_id, entry, mid, OWNER))

    async def told(self, table: str, values: dict[str, object], how: str = "add") -> None:
        """A row as a box's fact leaves it; what is not named is empty."""
        shape = SHAPES[table]
        empty = {"text": "", "int": 0, "bool": False}
        row = tuple(values.get(name, empty[kind]) for name, kind in shape.columns)
        async with self.books.transaction() as page:
            await getattr(page, how)(Uuid(self.venue_id), table, [row])

    async def entry(self, reason: str, amount_minor: int, entry: str = "") -> None:
        """Something came onto Mia's balance or went off it."""
        self._numbers += 1
        number = self._numbers
        told = {"user_id": MIA, "number": number, "reason": reason, "amount_minor": amount_minor}
        await self.told("account_entries", {**told, "entry": entry or f"entry-{number}"})


async def _story(side: Side) -> None:
    await side.top_up(5_000, "first")
    await side.top_up(5_000, "first")
    await side.top_up(100, "nobody's", "nobody")
    for amount_minor, mid in ((3_000, "one"), (3_000, "one"), (2_001, "two"), (1_500, "three")):
        await side.grant(amount_minor, mid)
    await side.entry("granted", 3_000, "grant:mia:one")
    for reason, amount_minor in (("play", -700), ("counter", 250), ("refund", 100), ("given_back", -400)):
        await side.entry(reason, amount_minor)
    await side.entry("paid_out", -150)
    refused = {
        "kind": "credit_grant",
        "command_id": "grant:mia:three",
        "status": "REFUSED",
        "seq": 1,
        "version": 1,
    }
    await side.told("command_outcomes", refused)
    await side.told("command_outcomes", {**refused, "version": 2}, "upsert")
    # The box has taken what a restored database knows nothing of.
    await side.entry("granted", 900, "grant:mia:forgotten")
    await side.grant(900, "forgotten")
    await side.entry("granted", 50, "collect:forgotten")
    await side.entry("granted", 0, "grant:mia:nothing")
    lent = {"user_id": MIA, "amount_minor": 600, "status": "open", "version": 1, "currency": "EUR"}
    await side.entry("venue_credit", 600)
    await side.told("venue_credits", {**lent, "entry": "debt-1"})
    await side.entry("granted", 600, "credit:debt-1")
    await side.entry("credit_repaid", -600)
    await side.told("venue_credits", {**lent, "entry": "debt-2", "amount_minor": 9_000})
    await side.collect("debt-2", "again")
    await side.top_up(40, "second")
    await side.collect("debt-2", "again")
    await side.collect("debt-9", "never")
    off = {**lent, "amount_minor": 9_000, "written_off_minor": 9_000, "status": "written_off", "version": 2}
    await side.told("venue_credits", {**off, "entry": "debt-2"}, "upsert")


async def test_both_move_money_alike(cloud: Serving, venue: NewVenue, sql: asyncpg.Connection) -> None:
    organisation = str(await sql.fetchval("SELECT organisation_id FROM venues"))
    await wallets.add(sql, organisation, MIA, "Mia", "EUR")

    async def really(ask: Ask) -> None:
        async with cloud.pool.acquire() as connection, connection.transaction():
            await ask(connection)

    memory = MemoryBooks("incarnation")
    memory.all.update({("wallet", MIA): "EUR", ("venue", venue.venue_id): "EUR"})

    async def in_memory(ask: Ask) -> None:
        async with CalmBooks(memory).transaction() as page:
            await ask(cast(asyncpg.Connection, Statements(page)))

    real = Side(PostgresBooks(cloud.pool), really, organisation, venue.venue_id)
    simulated = Side(CalmBooks(memory), in_memory, organisation, venue.venue_id)
    for side in (real, simulated):
        await _story(side)
    assert real.said == simulated.said
    assert {"done", "Overdrawn", "NoSuchWallet", "NothingOwed"} <= set(real.said)
    rows = await sql.fetch("SELECT account, sum(amount_minor)::bigint AS minor FROM ledger GROUP BY account")
    theirs = {row["account"]: row["minor"] for row in rows}
    assert theirs == {key[1]: minor for key, minor in memory.all.items() if key[0] == "account"}
    assert sum(theirs.values()) == 0
    handed = await sql.fetch("SELECT body FROM down_entries WHERE stream = 'commands' ORDER BY seq")
    assert len(handed) == memory.all["head", venue.venue_id, "commands"]


async def test_a_grant_that_a_restored_cloud_has_forgotten_is_not_free_again(
    cloud: Serving, venue: NewVenue, sql: asyncpg.Connection
) -> None:
    """The box has it and may have spent it: whoever grants it once more, to whichever venue, is refused."""
    organisation = str(await sql.fetchval("SELECT organisation_id FROM venues"))
    await wallets.add(sql, organisation, MIA, "Mia", "EUR")

    async def really(ask: Ask) -> None:
        async with cloud.pool.acquire() as connection, connection.transaction():
            await ask(connection)

    side = Side(PostgresBooks(cloud.pool), really, organisation, venue.venue_id)
    await side.top_up(1_000, "first")
    await side.entry("granted", 800, "grant:mia:forgotten")
    await side.grant(300, "too-much")
    await side.grant(800, "forgotten")
    assert side.said == ["done", "Overdrawn", "done"]
    (wallet,) = await wallets.listed(sql, organisation)
    assert (wallet.free_minor, wallet.granted_minor) == (200, 800)
