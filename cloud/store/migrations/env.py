"""Alembic's entry point. `cloud.store.migrate` hands over the connection: all steps share a transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transaction_per_migration=False)
with context.begin_transaction():
    context.run_migrations()
