"""Work that is done later: exports, mails, summaries, alerts, renders.

Rule of the room: what a job was asked to do and what became of it stands in `jobs`; PGQueuer only brings it
to a worker. A job may be started again at any time (its worker was killed, Postgres was away), so what it
does either is the same the second time or is written down piece by piece. How one is added: `registry.py`.

Counterpart: `cloud/store/jobs/queue.py` has the statements.
"""
