"""Acting for one organisation: the transaction in which Postgres itself shows nothing of anybody else.

Rule of the file: whatever a handler asks on behalf of a person goes through `on_behalf_of`, which also names
the brands and venues that the person is bound to. The statements still name the organisation themselves; what
one of them forgets, row-level security does not show. `acting_for` is for the cloud's own work within one
organisation, such as writing an export that somebody was allowed to ask for.

Counterpart: `tenancy.sql` has the role, its grants and the rules, table by table.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import asyncpg

from cloud.store.people.logins import Login, Reach

ROLE = "holdfast_owners"


@asynccontextmanager
async def acting_for(
    pool: asyncpg.Pool, organisation_id: str, reach: Reach = None
) -> AsyncIterator[asyncpg.Connection]:
    """A transaction behind the wall; at the end of the block the connection is itself again."""
    async with pool.acquire() as connection, connection.transaction():
        # Local settings: they end with the transaction, whatever way it ends.
        await connection.execute(
            """
            SELECT set_config('role', $1, true), set_config('holdfast.organisation', $2, true),
                set_config('holdfast.reach', $3, true)
            """,
            ROLE,
            organisation_id,
            "" if reach is None else f"{{{','.join(sorted(reach))}}}",
        )
        yield connection


def on_behalf_of(pool: asyncpg.Pool, login: Login) -> AbstractAsyncContextManager[asyncpg.Connection]:
    """As `acting_for`, as far as the person's login reaches."""
    return acting_for(pool, login.organisation_id, login.reach)
