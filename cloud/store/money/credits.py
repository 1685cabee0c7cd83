"""What guests owe venues that let them play on credit in an outage, and asking their wallets again.

When a debt is first heard of, a trigger sets as much of the wallet aside for the venue as is free, in the
transaction that takes the fact in (`grant_for_credit`); the box pays the debt with it before anything else.
So the box alone says what was collected. Here the same is asked for once more, after the guest has paid in.
"""

import asyncpg
import msgspec


class Debt(msgspec.Struct, frozen=True):
    """Whose it is and what is left of it, in minor units."""

    user_id: str
    owed_minor: int


class NothingOwed(Exception):
    """There is no such debt, or it is settled."""


class EmptyWallet(Exception):
    """Nothing is free in the guest's wallet, or there is none in this currency."""


async def find(connection: asyncpg.Connection, venue_id: str, entry: str) -> Debt:
    """An open debt, as far as the cloud knows. Raises `NothingOwed`."""
    row = await connection.fetchrow(
        """
        SELECT user_id, amount_minor - collected_minor - written_off_minor AS owed_minor
        FROM venue_credits WHERE venue_id = $1 AND entry = $2 AND status = 'open'
        """,
        venue_id,
        entry,
    )
    if row is None:
        raise NothingOwed
    return Debt(row["user_id"], row["owed_minor"])


async def collect(connection: asyncpg.Connection, venue_id: str, entry: str, mid: str, by: str) -> str:
    """Set what is free in the wallet aside for the debt, once by the `mid`; the command's id.

    Raises `NothingOwed` or `EmptyWallet`. What is too much by then stays the guest's balance at the venue.
    """
    command_id = f"collect:{mid}"
    known = await connection.fetchval(
        "SELECT 1 FROM grants WHERE venue_id = $1 AND grant_id = $2", venue_id, command_id
    )
    if known is not None:
        return command_id
    debt = await find(connection, venue_id, entry)
    given_minor = await connection.fetchval(
        "SELECT grant_for_credit($1, $2, $3, $4, $5)",
        venue_id,
        debt.user_id,
        debt.owed_minor,
        command_id,
        by,
    )
    if given_minor is None:
        raise EmptyWallet
    return command_id
