"""Holds a box's digest against the cloud's tables, and mends these from the facts where they differ.

The facts are the box's word and equal on both sides by their hash chain. So when digests differ, the cloud
folds the bucket anew: rows of its own that are not what the facts say are written again, and somebody is
told. If its rows were right all along, the box's tables are wrong; then the box is told to be examined.
"""

from typing import Literal

import msgspec

from cloud.ingest.books import Books, Page
from cloud.store.link.facts import UNFIT, Uuid
from cloud.store.link.nodes import Node
from protocol.bucket import Key, Row, bucket_of, digest, keys_of, newest_tells, rows_of
from protocol.facts.fact import ImpossibleFact
from protocol.facts.fold import BadRecord, UnknownEvent
from protocol.link import Digest

#: `later`: the cursors are not equal, or part of the bucket is set aside.
Outcome = Literal["equal", "mended", "yours", "later"]


class Compared(msgspec.Struct, frozen=True):
    """What came of a digest; `rows` of the cloud's were written anew."""

    outcome: Outcome
    rows: int = 0


async def compare(books: Books, node: Node, told: Digest) -> Compared:
    """Hold a digest against the tables. Raises one of `pool.GONE`."""
    venue_id, log_id = Uuid(node.venue_id), Uuid(node.log_id)
    async with books.transaction() as page:
        held = await page.lock(node.venue_id, node.node_id)
        if held.durable_seq != told.seq:
            return Compared("later")
        touched = await page.touched(venue_id, log_id, told.since_seq, told.seq)
        names = {name for name in touched if bucket_of(name) == told.bucket}
        if names & await page.quarantined(venue_id):
            return Compared("later")
        records = await page.records_of(venue_id, names)
        try:
            keys = {key for name, own in records.items() for key in keys_of(name, _seen(name, own))}
            actual = await _rows(page, venue_id, keys)
            if digest(actual) == told.hash:
                return Compared("equal")
            expected = {key: row for name, own in records.items() for key, row in rows_of(name, own).items()}
        except (BadRecord, UnknownEvent, ImpossibleFact):
            return Compared("later")
        wrong = {key: row for key, row in expected.items() if key in keys and actual[key] != row}
        return await _mend(page, venue_id, wrong)


def _seen(aggregate: str, records: list[bytes]) -> list[bytes]:
    return records[-1:] if newest_tells(aggregate) else records


async def _rows(page: Page, venue_id: Uuid, keys: set[Key]) -> dict[Key, Row | None]:
    by_table: dict[str, list[Row]] = {}
    for table, key in keys:
        by_table.setdefault(table, []).append(key)
    found: dict[Key, Row | None] = dict.fromkeys(keys)
    for table, wanted in by_table.items():
        found.update(await page.rows_at(venue_id, table, wanted))
    return found


async def _mend(page: Page, venue_id: Uuid, wrong: dict[Key, Row]) -> Compared:
    """Write what the facts say; nothing is wrong here if there is nothing to write."""
    if not wrong:
        return Compared("yours")
    by_table: dict[str, list[Row]] = {}
    for (table, _), row in wrong.items():
        by_table.setdefault(table, []).append(row)
    try:
        async with page.savepoint():
            for table, of_table in by_table.items():
                await page.replace(venue_id, table, of_table)
    except UNFIT:
        return Compared("later")
    return Compared("mended", len(wrong))
