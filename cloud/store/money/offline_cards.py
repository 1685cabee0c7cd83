"""What a venue's terminals have stored and not sent, as its box has told it.

Rule of the file: reading only; the rows are folded from facts. Counterpart: `protocol/facts/terminal.py`.
"""

import asyncpg
import msgspec


class Unsent(msgspec.Struct, frozen=True):
    """So many payments, in all, and for how long the cloud was away when that was told."""

    unsent: int = 0
    unsent_minor: int = 0
    cut_off_s: int = 0


async def unsent(connection: asyncpg.Connection, venue_id: str) -> Unsent:
    """The sum; nothing for a venue that never stored a card."""
    row = await connection.fetchrow(
        "SELECT unsent, unsent_minor, cut_off_s FROM terminals WHERE venue_id = $1", venue_id
    )
    return Unsent() if row is None else Unsent(**dict(row))
