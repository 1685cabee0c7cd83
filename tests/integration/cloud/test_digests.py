"""Digests at equal cursors: what the cloud shows is what the box said, and is put right where it is not."""

import aiohttp
import asyncpg
import pytest

from cloud.app import Serving
from protocol import bucket, link
from protocol.facts.fold import decode_record
from tests.fake_box import FakeBox, Wire
from tests.integration.cloud.agreement import assert_agrees


def told(box: FakeBox, of_bucket: int) -> link.Digest:
    """The digest of a box whose tables are what its facts say."""
    day, since_seq = box.day, max(0, box.day.tail_seq - bucket.WINDOW)
    by_aggregate: dict[str, list[bytes]] = {}
    touched = set()
    for seq, record in enumerate(day.records, 1):
        aggregate = decode_record(record).aggregate
        by_aggregate.setdefault(aggregate, []).append(record)
        if seq > since_seq and bucket.bucket_of(aggregate) == of_bucket:
            touched.add(aggregate)
    found: dict[bucket.Key, bucket.Row | None] = {}
    for aggregate in touched:
        own = by_aggregate[aggregate]
        keys = bucket.keys_of(aggregate, own[-1:] if bucket.newest_tells(aggregate) else own)
        found.update((key, day.tables[key[0]][key[1]]) for key in keys)
    return link.Digest(day.tail_seq, since_seq, of_bucket, bucket.digest(found))


async def _outcomes(wire: Wire, digests: list[link.Digest]) -> list[str]:
    outcomes = []
    for each in digests:
        await wire.send(each)
        answer = await wire.answer(link.Compared)
        assert isinstance(answer, link.Compared)
        outcomes.append(answer.outcome)
    return outcomes


async def test_equal_tables_have_equal_digests(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession
) -> None:
    box.day.serve(8)
    box.day.play("PS5-1", ends=False)
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()
        outcomes = await _outcomes(wire, [told(box, each) for each in range(bucket.BUCKETS)])
    assert outcomes == ["equal"] * bucket.BUCKETS


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE orders SET total_minor = 1, table_name = 'elsewhere'",
        "DELETE FROM order_lines",
        "UPDATE stock SET qty = 99",
        "UPDATE table_sessions SET table_name = 'nowhere'",
    ],
)
async def test_wrong_rows_of_the_cloud_are_told_of_and_put_right(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection, damage: str
) -> None:
    box.day.serve(8)
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()
        await sql.execute(damage)
        outcomes = await _outcomes(wire, [told(box, each) for each in range(bucket.BUCKETS)])
        assert "mended" in outcomes
        assert set(outcomes) <= {"equal", "mended"}
        assert "figures" in await sql.fetchval("SELECT trouble FROM nodes")
        await assert_agrees(sql, box)
        again = await _outcomes(wire, [told(box, each) for each in range(bucket.BUCKETS)])
    assert again == ["equal"] * bucket.BUCKETS


async def test_a_box_that_shows_other_figures_than_its_journal_is_told_so(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    box.day.serve(2)
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()
        digest = told(box, 3)
        wrong = link.Digest(digest.seq, digest.since_seq, digest.bucket, b"other")
        assert await _outcomes(wire, [wrong]) == ["yours"]
    assert await sql.fetchval("SELECT count(*) FROM quarantine") == 0
    async with box.online(http, cloud.url) as wire:
        await _outcomes(wire, [wrong])
        assert "holdfast-edge doctor" in await sql.fetchval("SELECT trouble FROM nodes")
    await assert_agrees(sql, box)


async def test_nothing_is_compared_at_different_places(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession
) -> None:
    box.day.serve(2)
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()
        early = told(box, 0)
        assert await _outcomes(wire, [link.Digest(early.seq - 1, 0, 0, early.hash)]) == ["later"]
        assert await _outcomes(wire, [link.Digest(2**62, 2**62, 2**62, b"")]) == ["later"]
