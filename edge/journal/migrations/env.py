"""Runs migrations on one SQLite file, the whole upgrade in one transaction.

The `sqlite3` driver would commit before DDL; with `isolation_level=None` and our own BEGIN it does not, so
a power cut in the middle of an upgrade leaves the old schema.
"""

import sqlite3

from alembic import context
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import NullPool

path = context.config.attributes["path"]
engine = create_engine(
    "sqlite://", poolclass=NullPool, creator=lambda: sqlite3.connect(path, isolation_level=None)
)


@event.listens_for(engine, "begin")
def begin(connection: Connection) -> None:
    """Take the write lock at once, before the first DDL statement."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


with engine.begin() as connection:
    context.configure(connection=connection, transactional_ddl=True)
    context.run_migrations()
