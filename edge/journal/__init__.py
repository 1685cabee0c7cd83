"""The box's disk: one SQLite file, one writer, everything folded from one journal of facts.

`writer.py` owns the only writing connection and commits in groups; `hot.py` is the state in memory that
decisions look at; `schema.sql` is the present truth of the tables and `migrations/` how older boxes get
there; `rebuild.py` proves that tables and journal agree; `reading.py` is for everybody else.
"""
