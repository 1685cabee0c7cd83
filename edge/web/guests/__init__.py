"""Doors for guests' phones."""
