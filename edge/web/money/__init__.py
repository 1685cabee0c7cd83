"""Doors for money: bills, payments, shifts, and what of them goes on paper."""
