"""Alembic's entry point. `cloud.store.migrate` hands over the connection; each step is a transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
