"""Facts that are put away by month: nothing is lost, doubled or out of reach, and months go and come back."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from cloud.app import Serving
from cloud.ingest import doctor
from cloud.owners.venues.founding import NewVenue
from cloud.store.months import archives, sealing
from cloud.store.reading import roll_ups
from tests.fake_box import FakeBox
from tests.integration.cloud.agreement import assert_agrees, tables_of
from tests.venue_day import VenueDay

LONG_AGO = datetime(2025, 1, 20, tzinfo=UTC)


async def _sell(box: FakeBox, http: aiohttp.ClientSession, url: str, visits: int = 6) -> None:
    box.day.serve(visits)
    async with box.online(http, url) as wire:
        await wire.catch_up()


async def _put_all_away(cloud: Serving) -> None:
    """Until nothing old is left; another process may be at it, as the cloud itself is when it starts."""
    old = "SELECT 1 FROM facts_live WHERE received_at < now() - interval '100 days' LIMIT 1"
    async with asyncio.timeout(60):
        while await cloud.pool.fetchval(old):
            await sealing.seal(cloud.pool)


async def _age(sql: asyncpg.Connection, first_s: int = 0) -> None:
    """As if what is there had come half an hour a fact, beginning long ago."""
    await sql.execute(
        "UPDATE facts SET received_at = $1::timestamptz + make_interval(mins => 30 * seq::int, secs => $2)",
        LONG_AGO,
        first_s,
    )


@pytest.fixture
async def aged(
    cloud: Serving,
    box: FakeBox,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> FakeBox:
    """A box whose facts came over more than a month, put away in small steps; and one day more since then."""
    monkeypatch.setattr(sealing, "FACTS_A_STEP", 700)
    await _sell(box, http, cloud.url, 100)
    await _age(sql)
    await _put_all_away(cloud)
    await _sell(box, http, cloud.url)
    return box


async def _parts(sql: asyncpg.Connection) -> dict[str, int]:
    rows = await sql.fetch("SELECT tableoid::regclass::text AS part, count(*) AS facts FROM facts GROUP BY 1")
    return {row["part"]: row["facts"] for row in rows}


async def test_what_is_old_is_put_away_and_nothing_else_changes(
    cloud: Serving, aged: FakeBox, sql: asyncpg.Connection
) -> None:
    parts = await _parts(sql)
    assert len(parts) > 2, "several months and the live part"
    assert sum(parts.values()) == aged.day.tail_seq
    sealed = await sql.fetchval("SELECT sealed_seq FROM nodes")
    assert sealed == aged.day.tail_seq - parts["facts_live"]
    assert await sql.fetchval("SELECT min(seq) FROM facts_live") == sealed + 1
    for month in await sealing.months(sql):
        dates = await sql.fetchrow(
            f"SELECT min(received_at), max(received_at), max(seq) FROM {sealing.table_of(month)}"
        )
        if dates[0] is not None:  # made ahead
            assert (dates[0].month, dates[1].month) == (month.month, month.month)
            assert dates[2] <= sealed
    await assert_agrees(sql, aged)
    assert {each.verdict for each in await doctor.examine(cloud.pool)} == {"ok"}
    assert (await sealing.seal(cloud.pool)).facts == 0


async def test_a_day_that_was_put_away_cannot_be_taken_in_again(
    cloud: Serving, aged: FakeBox, venue: NewVenue, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    """Not by a cursor that goes back, and not aggregate by aggregate under another log."""
    with pytest.raises(asyncpg.CheckViolationError):
        await sql.execute("UPDATE nodes SET durable_seq = sealed_seq - 1")
    held = await sql.fetchval("SELECT count(*) FROM facts WHERE NOT set_aside")
    tables = await tables_of(sql, aged.venue_id)
    again = FakeBox(aged.seed)
    again.key, again.node_id, again.venue_id, again.epoch = aged.key, aged.node_id, aged.venue_id, aged.epoch
    again.day = VenueDay(again.log_id, venue.restaurant_id, aged.seed)
    again.day.serve(100)
    assert again.day.tables["orders"].keys() <= aged.day.tables["orders"].keys(), "the very same aggregates"
    await sql.execute(
        "UPDATE nodes SET log_id = $1, sealed_seq = 0, durable_seq = 0, durable_hash = $2",
        again.log_id,
        again.day.hashes[0],
    )
    await again.persist(http, cloud.url)
    assert await sql.fetchval("SELECT count(*) FROM facts WHERE NOT set_aside") == held
    assert await sql.fetchval("SELECT count(*) FROM facts WHERE set_aside") == again.day.tail_seq
    assert await tables_of(sql, aged.venue_id) == tables
    assert await roll_ups.differences(sql, aged.venue_id) == []


async def test_boxes_send_while_facts_are_put_away(
    cloud: Serving,
    box: FakeBox,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sealing, "FACTS_A_STEP", 40)
    await _sell(box, http, cloud.url, 40)
    await _age(sql)
    box.day.serve(30)
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(_put_all_away(cloud))
        group.create_task(box.persist(http, cloud.url))
    await assert_agrees(sql, box)
    assert {each.verdict for each in await doctor.examine(cloud.pool)} == {"ok"}


def _damaged(path: Path) -> Path:
    """A copy that lacks its end."""
    copy = path.with_suffix(".short")
    copy.write_bytes(path.read_bytes()[:-20])
    return copy


async def test_a_month_goes_into_a_file_and_comes_back(
    cloud: Serving, aged: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection, tmp_path: Path
) -> None:
    (first, *_) = await sealing.months(sql)
    before = await sql.fetch("SELECT * FROM facts ORDER BY log_id, seq")
    taken = await archives.archive(cloud.pool, first, tmp_path)
    assert taken.facts > taken.kept > 0, "stock, menu and configuration stay, whatever has ended goes"
    assert await sql.fetchval("SELECT count(*) FROM facts") == aged.day.tail_seq - taken.facts
    assert first not in await sealing.months(sql)
    findings = await doctor.examine(cloud.pool)
    assert {each.verdict for each in findings} == {"ok"}, findings
    assert any("in archives" in each.words for each in findings)
    await _sell(aged, http, cloud.url)

    path = Path(taken.file)
    with pytest.raises(archives.BadArchive):
        await archives.unarchive(cloud.pool, _damaged(path))
    assert await archives.unarchive(cloud.pool, path) == (first, taken.facts)
    await assert_agrees(sql, aged)
    after = await sql.fetch("SELECT * FROM facts ORDER BY log_id, seq")
    kept = {"month"}
    for old, new in zip(before, after, strict=False):
        assert [value for name, value in old.items() if name not in kept] == [
            value for name, value in new.items() if name not in kept
        ]
    assert {each.verdict for each in await doctor.examine(cloud.pool)} == {"ok"}


async def test_facts_that_an_archive_does_not_account_for_are_missed(
    cloud: Serving, aged: FakeBox, sql: asyncpg.Connection, tmp_path: Path
) -> None:
    (first, *_) = await sealing.months(sql)
    await archives.archive(cloud.pool, first, tmp_path)
    await sql.execute("DELETE FROM facts_live WHERE seq = (SELECT min(seq) FROM facts_live)")
    assert "bad" in {each.verdict for each in await doctor.examine(cloud.pool)}


async def test_an_archive_that_cannot_be_written_leaves_the_month_alone(
    cloud: Serving, aged: FakeBox, sql: asyncpg.Connection, tmp_path: Path
) -> None:
    (first, *_) = await sealing.months(sql)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="file"):
        await archives.archive(cloud.pool, first, tmp_path / "file")
    await assert_agrees(sql, aged)
    assert first in await sealing.months(sql)


async def test_months_are_there_before_they_are_wanted(cloud: Serving, sql: asyncpg.Connection) -> None:
    asked = datetime.now(UTC).date().replace(day=1)
    await sealing.prepare(cloud.pool)
    there = datetime.now(UTC).date().replace(day=1)  # a month may have begun meanwhile
    first, *more = await sealing.months(sql)
    assert first in (asked, there)
    assert more == [(first + timedelta(days=32)).replace(day=1)]


def test_which_months_are_old_enough() -> None:
    months = [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]
    assert archives.due(months, 2, date(2026, 4, 30)) == [date(2025, 12, 1), date(2026, 1, 1)]
    assert archives.due(months, 13, date(2027, 2, 1)) == [date(2025, 12, 1)]
