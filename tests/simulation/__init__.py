"""Venue-days in virtual time: the real box, the real link, the real ingest, and everything that can go wrong.

One seed is one history. Read `history.py` for how a history goes, `trouble.py` for what befalls it,
`invariants.py` for what must hold, `guards.py` for the proof that somebody is looking.
"""
