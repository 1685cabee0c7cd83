"""Bookings of stations: spans that never overlap, deposits, and what becomes of both."""
