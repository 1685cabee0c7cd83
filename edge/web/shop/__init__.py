"""Doors for the shop at the table."""
