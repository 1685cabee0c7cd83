"""A digest of the box's tables for the cloud to compare with its own.

Rule of the file: one read transaction, so rows and journal are of the same moment; small enough for a quiet
second. Counterpart: `cloud/ingest/digesting.py`; `protocol/bucket.py` says what is hashed.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from edge.journal.database import open_reader, read_floor, read_head
from edge.journal.hot import FACTS_OF
from protocol.bucket import WINDOW, Key, Row, bucket_of, digest, keys_of, newest_tells
from protocol.facts.fold import SHAPES
from protocol.link import Digest

_NEWEST = "SELECT seq, mid, record FROM heads JOIN journal USING (seq) WHERE heads.aggregate = ?"
_TOUCHED = "SELECT DISTINCT aggregate FROM journal WHERE seq > ? AND seq <= ?"


def take(directory: Path, seq: int, bucket: int) -> Digest | None:
    """The digest of a bucket at `seq`; None if the journal has gone on, or there is nothing to look at."""
    with closing(open_reader(directory)) as reader:
        return _take(reader, seq, bucket)


def _take(reader: sqlite3.Connection, seq: int, bucket: int) -> Digest | None:
    reader.execute("BEGIN")
    try:
        if read_head(reader)[0] != seq:
            return None
        since_seq = max(read_floor(reader).seq, seq - WINDOW)
        touched = [
            name for (name,) in reader.execute(_TOUCHED, (since_seq, seq)) if bucket_of(name) == bucket
        ]
        found: dict[Key, Row | None] = {}
        for aggregate in touched:
            query = _NEWEST if newest_tells(aggregate) else FACTS_OF
            records = [record.encode() for _, _, record in reader.execute(query, (aggregate,))]
            found.update((key, _row(reader, key)) for key in keys_of(aggregate, records))
        return Digest(seq, since_seq, bucket, digest(found)) if found else None
    finally:
        reader.execute("COMMIT")


def _row(reader: sqlite3.Connection, key: Key) -> Row | None:
    table, values = key
    shape = SHAPES[table]
    where = " AND ".join(f"{name} = ?" for name in shape.key)
    query = f"SELECT {', '.join(shape.column_names)} FROM {table} WHERE {where}"
    row: Row | None = reader.execute(query, values).fetchone()
    return row
