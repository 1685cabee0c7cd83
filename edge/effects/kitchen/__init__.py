"""Tickets to the kitchen: its devices, its printers, and a ticket that nobody ordered."""
