"""Carts, orders and what cooks: what may be changed, what it costs, and how the kitchen gets it."""
