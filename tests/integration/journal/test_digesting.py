"""The box's digest is of its tables as they are: what its facts say, and different once a row is not."""

from pathlib import Path

import pytest

from edge.journal import digesting
from edge.journal.database import open_reader, read_head
from protocol import bucket
from protocol.facts.fold import decode_record
from tests.open_box import OpenBox


async def _evening(directory: Path) -> int:
    async with OpenBox(directory) as box:
        await box.opened()
    reader = open_reader(directory)
    seq, _ = read_head(reader)
    reader.close()
    return seq


def _of_facts(directory: Path, of_bucket: int) -> bytes | None:
    """The digest that facts alone come to."""
    by_aggregate: dict[str, list[bytes]] = {}
    reader = open_reader(directory)
    for (record,) in reader.execute("SELECT record FROM journal ORDER BY seq"):
        by_aggregate.setdefault(decode_record(record).aggregate, []).append(record.encode())
    reader.close()
    found: dict[bucket.Key, bucket.Row | None] = {}
    for name, records in by_aggregate.items():
        if bucket.bucket_of(name) == of_bucket:
            seen = records[-1:] if bucket.newest_tells(name) else records
            rows = bucket.rows_of(name, records)
            found.update((key, rows[key]) for key in bucket.keys_of(name, seen))
    return bucket.digest(found) if found else None


async def test_a_digest_of_the_tables_is_what_the_facts_come_to(tmp_path: Path) -> None:
    seq = await _evening(tmp_path)
    digests = [digesting.take(tmp_path, seq, each) for each in range(bucket.BUCKETS)]
    assert any(digests)
    assert [told and told.hash for told in digests] == [
        _of_facts(tmp_path, each) for each in range(bucket.BUCKETS)
    ]


async def test_a_row_that_somebody_changed_shows(tmp_path: Path) -> None:
    seq = await _evening(tmp_path)
    before = [digesting.take(tmp_path, seq, each) for each in range(bucket.BUCKETS)]
    box = OpenBox(tmp_path)
    box.connection.execute("UPDATE venue_configs SET body = '{}'")
    box.connection.close()
    box.reader.close()
    assert [digesting.take(tmp_path, seq, each) for each in range(bucket.BUCKETS)] != before


@pytest.mark.parametrize("away", [-1, 1])
async def test_there_is_none_once_the_journal_has_gone_on(tmp_path: Path, away: int) -> None:
    seq = await _evening(tmp_path)
    assert [digesting.take(tmp_path, seq + away, each) for each in range(bucket.BUCKETS)] == [None] * 16
