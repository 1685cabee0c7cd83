"""The connections of one process, and what every one of them promises.

`synchronous_commit` is set on each connection and not left to the server's file: an acknowledgement to a
box means that its facts survive a power cut of this machine too.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

#: A statement that takes longer is ended by the server, and one that hangs by the client.
STATEMENT_TIMEOUT_S = 30
_CLOSE_WITHIN_S = 5

#: What a caller meets when Postgres is away or going away; all of it passes, nothing of it is its fault.
GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    # What the driver says when a connection died between two of its own steps.
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)

SERVER_SETTINGS = {
    "application_name": "holdfast-cloud",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "statement_timeout": str(STATEMENT_TIMEOUT_S * 1000),
    "idle_in_transaction_session_timeout": "60000",
    # Look-ups and bulk writes by key: compiling them costs more than it saves.
    "jit": "off",
}


@asynccontextmanager
async def open_pool(url: str, connections: int) -> AsyncIterator[asyncpg.Pool]:
    """A pool for as long as the block lasts; at its end, running statements get a few seconds."""
    pool = await asyncpg.create_pool(
        url,
        min_size=0,
        max_size=connections,
        command_timeout=STATEMENT_TIMEOUT_S + 5,
        server_settings=SERVER_SETTINGS,
    )
    try:
        yield pool
    finally:
        try:
            async with asyncio.timeout(_CLOSE_WITHIN_S):
                await pool.close()
        except TimeoutError:
            pool.terminate()
