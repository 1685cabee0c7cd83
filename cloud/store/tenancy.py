"""Acting for one organisation: the transaction in which Postgres itself shows nothing of anybody else.

Rule of the file: whatever a handler asks on behalf of a person goes through `acting_for`. The statements
still name the organisation themselves; what one of them forgets, row-level security does not show.

Counterpart: `tenancy.sql` has the role, its grants and the rules, table by table.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

ROLE = "holdfast_owners"


@asynccontextmanager
async def acting_for(pool: asyncpg.Pool, organisation_id: str) -> AsyncIterator[asyncpg.Connection]:
    """A transaction behind the wall; at the end of the block the connection is itself again."""
    async with pool.acquire() as connection, connection.transaction():
        # Local settings: they end with the transaction, whatever way it ends.
        await connection.execute(
            "SELECT set_config('role', $1, true), set_config('holdfast.organisation', $2, true)",
            ROLE,
            organisation_id,
        )
        yield connection
