"""Plugs, routers and printers: which serves what, and what each should be doing now."""
