"""Brings a database to the present schema, whoever starts first, while others work with the former one.

Each step is a transaction of its own, so that a look at all facts holds no lock of the step before it. A
step waits for a lock no longer than `_LOCK_WITHIN`, because everybody else would wait behind it; it is tried
again.
Of several processes that start together one migrates under an advisory lock and the rest find it done.

A step whose module says `phase = "post"` takes away what the former release still uses. It is left out at a
start and done by `holdfast-cloud migrate --finish`, or with the next release's steps. After the steps
`tenancy.sql` puts whatever is new behind the wall between organisations. A process that starts after the next
release has been here leaves all of it alone: what that added, this one can live with.
"""

import asyncio
import random
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

#: Any constant does, as long as nothing else in this database locks the same one.
_LOCK = 0x486F_6C64
_TENANCY = Path(__file__).with_name("tenancy.sql")
_LOCK_WITHIN = "2s"
_TRIES = 60
_PAUSE_S = 1.0


def run_script(connection: Connection, script: Path) -> None:
    """Run a file of statements; the driver takes many at once only outside its prepared statements."""
    sql = script.read_text()
    connection.connection.run_async(lambda driver: driver.execute(sql))


async def migrate(url: str, *, finish: bool = False) -> None:
    """Apply what is missing; with `finish` also what the former release could not have lived with.

    `url` as in DATABASE_URL. Raises `DBAPIError` when a step fails, or never gets its locks.
    """
    engine = create_async_engine(
        url.replace("postgres://", "postgresql://").replace("://", "+asyncpg://", 1), poolclass=NullPool
    )
    try:
        async with engine.connect() as connection:
            # Of the session, not of a transaction: it goes with the connection, however this ends.
            await connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
            await connection.execute(text(f"SET lock_timeout = '{_LOCK_WITHIN}'"))
            await connection.commit()
            await _patiently(connection, finish)
    finally:
        await engine.dispose()


async def _patiently(connection: AsyncConnection, finish: bool) -> None:
    for tries_left in reversed(range(_TRIES)):
        try:
            await connection.run_sync(_upgrade, finish)
            await connection.commit()
            return
        except DBAPIError as error:
            await connection.rollback()
            if tries_left == 0 or not _waits_for_others(error):
                raise
        await asyncio.sleep(random.uniform(0, _PAUSE_S))


def _waits_for_others(error: DBAPIError) -> bool:
    cause: BaseException | None = error.orig
    while cause is not None:
        if isinstance(cause, asyncpg.LockNotAvailableError | asyncpg.DeadlockDetectedError):
            return True
        cause = cause.__cause__
    return False


def goal(scripts: ScriptDirectory, *, finish: bool) -> str:
    """The revision to go to: the newest one, or the newest that the former release can live with."""
    for step in scripts.walk_revisions():
        if finish or getattr(step.module, "phase", "pre") == "pre":
            return step.revision
    raise ValueError("there are no migrations")


def _upgrade(connection: Connection, finish: bool) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    scripts = ScriptDirectory.from_config(config)
    if _is_of_a_later_release(connection, scripts):
        return
    command.upgrade(config, goal(scripts, finish=finish))
    run_script(connection, _TENANCY)


def _is_of_a_later_release(connection: Connection, scripts: ScriptDirectory) -> bool:
    """Whether steps were taken that only come after all of ours: nothing is left to do for this release."""
    here, newest = MigrationContext.configure(connection).get_current_revision(), scripts.get_current_head()
    return here is not None and here.isdecimal() and newest is not None and here > newest
