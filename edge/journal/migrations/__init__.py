"""Alembic's environment for the box's database."""
