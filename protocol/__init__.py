"""What the box, the cloud, the phones and the kitchen say to each other, and what it means.

This package is pure: standard library and msgspec only. No clock, no asyncio, no SQL, no I/O.
Both sides of every wire import it, so a message or a fact has one definition and one meaning.
"""
