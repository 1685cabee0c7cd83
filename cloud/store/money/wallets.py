"""Wallets of guests, what of them is set aside for venues, and the ledger in which every amount stands twice.

    cash ──top up──► wallet ──grant──► grant at a venue ──spent there──► revenue of the venue
                        ◄──given back by the box──┘ ▲──paid in at the counter── till of the venue

The cloud sets money aside for one venue and only that venue can spend it, so two venues without internet
never spend the same money; what is set aside comes back by the box's own word and by nothing else, least of
all by time passing (sync.md, 'wallet'). What a venue did with its grant is posted by a trigger on the
folded entries (`account_entries`), in the transaction that takes the fact in. Every transaction sums to
zero, which Postgres checks when it commits.
"""

import asyncpg
import msgspec

from cloud.store.link import instructions
from protocol.instruction import CreditGrant, Instruction, ReturnGrant

#: A grant is of use for ever.
FOR_EVER_MS = 2**40


class WalletRow(msgspec.Struct, frozen=True):
    """A wallet: what is free in it, and what lies unspent at venues, set aside or paid in there."""

    wallet_id: str
    name: str
    currency: str
    free_minor: int
    granted_minor: int
    email: str | None = None


class Named(msgspec.Struct, frozen=True):
    """What a wallet is called, and in which currency it is."""

    name: str
    currency: str


class Overdrawn(Exception):
    """There is not so much free in the wallet."""


class NoSuchWallet(Exception):
    """The organisation has no wallet of this id."""


class WrongCurrency(Exception):
    """The venue takes another currency."""


async def add(
    connection: asyncpg.Connection, organisation_id: str, wallet_id: str, name: str, currency: str
) -> bool:
    """A new wallet with nothing in it; False if there is one of this id."""
    made = await connection.execute(
        """
        INSERT INTO wallets (organisation_id, wallet_id, name, currency) VALUES ($1, $2, $3, $4)
        ON CONFLICT DO NOTHING
        """,
        organisation_id,
        wallet_id,
        name,
        currency,
    )
    return bool(made == "INSERT 0 1")


async def listed(connection: asyncpg.Connection, organisation_id: str) -> list[WalletRow]:
    """All wallets, by name."""
    rows = await connection.fetch(
        """
        SELECT w.wallet_id, w.name, w.currency, free.minor AS free_minor, granted.minor AS granted_minor,
            w.email
        FROM wallets w
        CROSS JOIN LATERAL (SELECT coalesce(sum(l.amount_minor), 0)::bigint AS minor FROM ledger l
            WHERE l.organisation_id = $1 AND l.account = 'wallet:' || w.wallet_id) AS free
        CROSS JOIN LATERAL (SELECT coalesce(sum(l.amount_minor), 0)::bigint AS minor
            FROM (SELECT g.venue_id FROM grants g WHERE g.wallet_id = w.wallet_id AND g.first
                UNION SELECT a.venue_id FROM venues v JOIN accounts a USING (venue_id)
                WHERE v.organisation_id = $1 AND a.user_id = w.wallet_id) AS at
            JOIN ledger l ON l.account = 'grant:' || at.venue_id || ':' || w.wallet_id
            WHERE l.organisation_id = $1) AS granted
        WHERE w.organisation_id = $1 ORDER BY w.name, w.wallet_id LIMIT 1000
        """,
        organisation_id,
    )
    return [WalletRow(**dict(row)) for row in rows]


async def find(connection: asyncpg.Connection, organisation_id: str, wallet_id: str) -> Named | None:
    """Name and currency of a wallet."""
    row = await connection.fetchrow(
        "SELECT name, currency FROM wallets WHERE organisation_id = $1 AND wallet_id = $2",
        organisation_id,
        wallet_id,
    )
    return None if row is None else Named(**dict(row))


async def _locked(connection: asyncpg.Connection, organisation_id: str, wallet_id: str) -> str:
    """Hold the wallet until the transaction ends; its currency. Raises `NoSuchWallet`."""
    currency: str | None = await connection.fetchval(
        "SELECT currency FROM wallets WHERE organisation_id = $1 AND wallet_id = $2 FOR UPDATE",
        organisation_id,
        wallet_id,
    )
    if currency is None:
        raise NoSuchWallet
    return currency


async def _moved(connection: asyncpg.Connection, organisation_id: str, transaction: str) -> bool:
    found = await connection.fetchval(
        "SELECT 1 FROM ledger WHERE organisation_id = $1 AND transaction = $2 LIMIT 1",
        organisation_id,
        transaction,
    )
    return found is not None


async def _move(
    connection: asyncpg.Connection,
    organisation_id: str,
    transaction: str,
    source: str,
    target: str,
    amount_minor: int,
    currency: str,
) -> None:
    await connection.executemany(
        """
        INSERT INTO ledger (organisation_id, transaction, account, amount_minor, currency)
        VALUES ($1, $2, $3, $4, $5)
        """,
        [
            (organisation_id, transaction, source, -amount_minor, currency),
            (organisation_id, transaction, target, amount_minor, currency),
        ],
    )


async def top_up(
    connection: asyncpg.Connection, organisation_id: str, wallet_id: str, amount_minor: int, mid: str
) -> None:
    """Money came in, once by its `mid`. Raises `NoSuchWallet`."""
    currency = await _locked(connection, organisation_id, wallet_id)
    transaction = f"top up:{wallet_id}:{mid}"
    if await _moved(connection, organisation_id, transaction):
        return
    target = f"wallet:{wallet_id}"
    await _move(connection, organisation_id, transaction, "cash", target, amount_minor, currency)


async def grant(
    connection: asyncpg.Connection,
    organisation_id: str,
    venue_id: str,
    wallet_id: str,
    amount_minor: int,
    mid: str,
    by: str,
) -> str:
    """Set money aside for a venue and tell its box, once by the `mid`; the command's id.

    Raises `NoSuchWallet`, `WrongCurrency` or `Overdrawn`.
    """
    currency = await _locked(connection, organisation_id, wallet_id)
    if await connection.fetchval("SELECT currency FROM venues WHERE venue_id = $1", venue_id) != currency:
        raise WrongCurrency
    command_id = f"grant:{wallet_id}:{mid}"
    if await _moved(connection, organisation_id, f"{command_id}@{venue_id}"):
        return command_id
    free_minor = await connection.fetchval(
        """
        SELECT coalesce(sum(amount_minor), 0)::bigint FROM ledger
        WHERE organisation_id = $1 AND account = $2
        """,
        organisation_id,
        f"wallet:{wallet_id}",
    )
    if free_minor < amount_minor:
        raise Overdrawn
    target = f"grant:{venue_id}:{wallet_id}"
    await connection.execute(
        """
        INSERT INTO grants (venue_id, grant_id, wallet_id, amount_minor, first)
        VALUES ($1, $2, $3, $4, NOT EXISTS (SELECT FROM grants WHERE venue_id = $1 AND wallet_id = $3))
        """,
        venue_id,
        command_id,
        wallet_id,
        amount_minor,
    )
    await _move(
        connection,
        organisation_id,
        f"{command_id}@{venue_id}",
        f"wallet:{wallet_id}",
        target,
        amount_minor,
        currency,
    )
    ask = CreditGrant(wallet_id, command_id, amount_minor)
    await instructions.issue(connection, venue_id, Instruction(command_id, by, FOR_EVER_MS, ask))
    return command_id


async def ask_back(
    connection: asyncpg.Connection, venue_id: str, wallet_id: str, amount_minor: int, mid: str, by: str
) -> str:
    """Ask the box for what is not spent; nothing moves before it has answered. The command's id."""
    command_id = f"return:{wallet_id}:{mid}"
    ask = ReturnGrant(wallet_id, command_id, amount_minor)
    await instructions.issue(connection, venue_id, Instruction(command_id, by, FOR_EVER_MS, ask))
    return command_id
