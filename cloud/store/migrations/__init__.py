"""Alembic's home: every step that a database in the field has gone through, oldest first, never rewritten."""
