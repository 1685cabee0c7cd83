"""The cloud: what owners see of their venues, and the other end of every venue's link.

Any number of equal, stateless processes share one Postgres. `app.py`, with its parts beside it, wires the
rooms together; `ingest` takes facts in, `owners` serves people, `store` is the only place with SQL.
"""
