"""Paid time: ends and warnings at their second, and agents that have gone."""
