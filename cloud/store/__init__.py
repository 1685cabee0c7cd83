"""Postgres: the schema, its migrations and every query. No other room of the cloud contains SQL.

Each module holds the questions of one subject. Functions take a connection or a pool, so callers decide
what shares a transaction. Text that identifies is UUID in the database and `str` everywhere else.
"""
