"""Where tickets and receipts go: a broker, and printers."""
