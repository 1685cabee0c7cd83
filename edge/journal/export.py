"""The journal as JSON Lines: one record a line, byte for byte as it was hashed and sent.

Somebody with the log id can check the chain over the lines (`protocol/facts/fact.py`), so an export is as
good a witness as the journal. It is read in one transaction and never held in memory whole.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec

from edge.journal.database import open_reader, read_box

_FACTS_A_READ = 1000


class Exported(msgspec.Struct, frozen=True):
    """What was written: the log, the facts `first_seq` to `last_seq`, and the chain hash after the last."""

    log_id: str
    facts: int
    first_seq: int
    last_seq: int
    chain_hash: str


def export(directory: Path, write: Callable[[bytes], object], after_seq: int = 0) -> Exported:
    """Hand every record after `after_seq` to `write`, each with a line feed. Raises `sqlite3.Error`."""
    reader = open_reader(directory)
    try:
        reader.execute("BEGIN")
        cursor = reader.execute(
            "SELECT seq, CAST(record AS BLOB), hash FROM journal WHERE seq > ? ORDER BY seq", (after_seq,)
        )
        count, seq, chain_hash = 0, after_seq, b""
        while block := cursor.fetchmany(_FACTS_A_READ):
            write(b"".join(record + b"\n" for _, record, _ in block))
            count += len(block)
            seq, _, chain_hash = block[-1]
        return Exported(read_box(reader).log_id, count, seq - count + 1, seq, chain_hash.hex())
    finally:
        reader.close()
