"""Brings a database to the present schema, whoever starts first.

After the steps `tenancy.sql` puts whatever is new behind the wall between organisations.
All of it runs in one transaction under one advisory lock: of several processes that start together one
migrates and the rest find it done, and a step that fails leaves the database as it was.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

#: Any constant does, as long as nothing else in this database locks the same one.
_LOCK = 0x486F_6C64
_TENANCY = Path(__file__).with_name("tenancy.sql")


def run_script(connection: Connection, script: Path) -> None:
    """Run a file of statements; the driver takes many at once only outside its prepared statements."""
    sql = script.read_text()
    connection.connection.run_async(lambda driver: driver.execute(sql))


async def migrate(url: str) -> None:
    """Apply what is missing. `url` as in DATABASE_URL."""
    engine = create_async_engine(
        url.replace("postgres://", "postgresql://").replace("://", "+asyncpg://", 1), poolclass=NullPool
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    run_script(connection, _TENANCY)
