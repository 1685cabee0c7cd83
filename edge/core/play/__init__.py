"""Paid time at stations: beginnings, more of it, and every way to an end."""
