"""Cards, wallets, the ledger, and the provider's books beside it."""
