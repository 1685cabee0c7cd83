"""Balances, wallets, payments and payouts."""
