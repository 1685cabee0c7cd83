"""Doors for the staff's screens."""
