"""Exports are whole: whoever is killed, whoever races, every row is in the file once."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import msgspec
import pytest

from cloud.app import Serving, serving
from cloud.jobs import exporting
from cloud.jobs.blobs import Blobs
from cloud.jobs.exporting import EXPORT
from cloud.jobs.registry import Work
from cloud.store.jobs import exports, queue
from cloud.store.jobs.export_sets import IN_ORDER, SETS
from tests.integration.cloud import conftest as clouds
from tests.integration.cloud.conftest import OWNER, PASSWORD
from tests.integration.faults.programs import Program
from tests.integration.jobs.conftest import CONFIG, Workers, until

ROWS = 12_345
DAY_MS = 1_767_261_600_000  # 2026-01-01 at 10 o'clock UTC


@pytest.fixture
async def cloud(database: str, tmp_path: Path) -> AsyncIterator[Serving]:
    """A process that serves and does no jobs, with the store that the workers of these tests have."""
    config = msgspec.structs.replace(clouds.CONFIG, data=tmp_path)
    async with serving(config, database) as served:
        yield served


@pytest.fixture
async def owner(cloud: Serving, venue: Any, http: aiohttp.ClientSession) -> aiohttp.ClientSession:
    """The owner of the sample venue, logged in, with orders that begin with a formula now and then."""
    async with http.post(f"{cloud.url}/api/login", json={"email": OWNER, "password": PASSWORD}) as answer:
        http.headers["X-CSRF-Token"] = (await answer.json())["csrf"]
    await cloud.pool.execute(
        """
        INSERT INTO orders (venue_id, order_id, number, session_pid, table_name, member, cart_hash,
            total_minor, currency, special_instructions, status, attempts, placed_ms, version)
        SELECT $1, 'ORD-1-' || n, n, 's', 'T' || n % 9, 'm', 'h',
            n, 'EUR', CASE n % 100 WHEN 0 THEN '=1+1' ELSE '' END, 'confirmed', 1, $2::bigint + n / 7, 1
        FROM generate_series(1, $3) AS n
        """,
        venue.venue_id,
        DAY_MS,
        ROWS,
    )
    return http


async def ask(cloud: Serving, owner: aiohttp.ClientSession, **more: Any) -> dict[str, Any]:
    body = {"what": "orders", "format": "csv", "first": "2026-01-01", "last": "2026-01-02", **more}
    async with owner.post(f"{cloud.url}/api/exports", json=body) as answer:
        found: dict[str, Any] = await answer.json()
        assert answer.status == 201, found
        return found


async def look(cloud: Serving, owner: aiohttp.ClientSession, export: dict[str, Any]) -> dict[str, Any]:
    async with owner.get(f"{cloud.url}/api/exports/{export['export_id']}") as answer:
        found: dict[str, Any] = await answer.json()
        return found


async def fetched(cloud: Serving, owner: aiohttp.ClientSession, export: dict[str, Any]) -> bytes:
    """The file, once it is there."""

    async def completed() -> bool:
        found = await look(cloud, owner, export)
        assert found["state"] in ("queued", "processing", "completed"), found
        return bool(found["state"] == "completed")

    await until(completed)
    async with owner.get(f"{cloud.url}/api/exports/{export['export_id']}/file") as answer:
        assert answer.status == 200
        assert "attachment" in answer.headers["Content-Disposition"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        return await answer.read()


def ids(content: bytes) -> list[str]:
    return [row["order_id"] for row in csv.DictReader(io.StringIO(content.decode(), newline=""))]


def everything() -> list[str]:
    """In the order of moments and keys."""
    return sorted((f"ORD-1-{n}" for n in range(1, ROWS + 1)), key=lambda each: (int(each[6:]) // 7, each))


async def test_an_owner_asks_watches_fetches_and_removes(
    cloud: Serving, owner: aiohttp.ClientSession, workers: Workers, blobs: Blobs, tmp_path: Path
) -> None:
    async with owner.ws_connect(f"{cloud.url}/ws/owner", origin=cloud.url) as page:
        export = await ask(cloud, owner)
        assert (export["state"], export["processed_records"], export["file_url"]) == ("queued", 0, None)
        async with owner.get(f"{cloud.url}/api/exports/{export['export_id']}/file") as answer:
            assert answer.status == 409
        async with workers(EXPORT), asyncio.timeout(60):
            while (await page.receive_json()).get("about") != "exports":
                pass
            content = await fetched(cloud, owner, export)
    assert ids(content) == everything()
    assert b",'=1+1" in content
    found = await look(cloud, owner, export)
    assert (found["processed_records"], found["size_bytes"]) == (ROWS, len(content))
    (kept,) = blobs_in(tmp_path)
    assert kept.name == "file"
    async with owner.delete(f"{cloud.url}/api/exports/{export['export_id']}") as answer:
        assert answer.status == 200
    assert not kept.exists()
    async with owner.get(f"{cloud.url}/api/exports") as answer:
        assert (await answer.json())["exports"] == []


async def test_what_cannot_be_meant_is_refused(cloud: Serving, owner: aiohttp.ClientSession) -> None:
    good = {"what": "orders", "format": "csv", "first": "2026-01-01", "last": "2026-01-02"}
    bad: list[tuple[dict[str, Any], str]] = [
        ({"what": "secrets"}, "invalid"),
        ({"format": "xls"}, "invalid"),
        ({"last": "2025-01-01"}, "invalid"),
        ({"first": "0001-01-01"}, "invalid"),
        ({"venue_ids": ["nowhere"]}, "unknown_venue"),
        ({"venue_ids": ["018f0000-0000-7000-8000-000000000001"]}, "unknown_venue"),
    ]
    for change, code in bad:
        async with owner.post(f"{cloud.url}/api/exports", json=good | change) as answer:
            assert (await answer.json())["error"]["code"] == code, change
    for _ in range(10):
        await ask(cloud, owner)
    async with owner.post(f"{cloud.url}/api/exports", json=good) as answer:
        assert (await answer.json())["error"]["code"] == "too_many_exports"


_SETS = ("sales", "payments", "sessions", "bookings", "shifts")


async def test_every_set_can_be_written_in_every_format(
    cloud: Serving, owner: aiohttp.ClientSession, workers: Workers
) -> None:
    asked = [await ask(cloud, owner, what=what) for what in _SETS]
    asked += [await ask(cloud, owner, format=form) for form in ("jsonl", "parquet")]
    async with workers(EXPORT):
        files = [await fetched(cloud, owner, export) for export in asked]
    assert all(file.startswith(b"venue,") for file in files[:-2])
    assert files[-2].count(b"\n") == ROWS
    assert files[-1][:4] == b"PAR1"


async def test_a_booking_that_moves_meanwhile_is_written_once(
    cloud: Serving,
    owner: aiohttp.ClientSession,
    workers: Workers,
    venue: Any,
    sql: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After each page every booking that it had moves to the end of the day, ahead of any place in time."""
    await sql.execute(
        """
        INSERT INTO bookings (venue_id, booking_id, station_id, status, zone, name, phone, note, party,
            starts_ms, ends_ms, currency, deposit_minor, deposit, deposit_method, free_until_ms, reason,
            made_ms, version)
        SELECT $1, 'b' || n, 'pc-1', 'CONFIRMED', '', 'Anna', '', '', 2, $2::bigint - n * 60000,
            $2::bigint, 'EUR', 0, '', '', 0, '', 0, 1
        FROM generate_series(1, 9) AS n
        """,
        venue.venue_id,
        DAY_MS,
    )
    count, pages = exports.move, []

    async def moved_after(*where: Any, **page: Any) -> bool:
        pages.append(page["records"])
        counted = await count(*where, **page)
        passed = f"b{sum(pages)}"
        await sql.execute(
            "UPDATE bookings SET starts_ms = starts_ms + 3600000 WHERE booking_id <= $1", passed
        )
        return counted

    monkeypatch.setattr(exports, "move", moved_after)
    monkeypatch.setattr(exporting, "ROWS_A_PAGE", 4)
    export = await ask(cloud, owner, what="bookings")
    async with workers(EXPORT):
        content = await fetched(cloud, owner, export)
    rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    assert pages == [4, 4, 1]
    assert [row["booking_id"] for row in rows] == ["b4", "b3", "b2", "b1", "b8", "b7", "b6", "b5", "b9"]


async def test_payments_say_what_was_paid(
    cloud: Serving, owner: aiohttp.ClientSession, workers: Workers, venue: Any
) -> None:
    """Money on a balance is a payment again when it is spent, so whoever sums them has to tell it apart."""
    await cloud.pool.execute(
        """
        INSERT INTO payments (venue_id, payment_pid, method, currency, amount_minor, tip_minor,
            rounding_minor, session_pid, till, status, refunded_minor, refunded_tip_minor, initiated_ms,
            version)
        SELECT $1, pid, 'CASH', 'EUR', 700, 0, 0, session_pid, 'main', 'COMPLETED', 0, 0, $2, 1
        FROM (VALUES ('paid-in', NULL), ('of-a-bill', 's'), ('code-KB7T', NULL)) AS p (pid, session_pid)
        """,
        venue.venue_id,
        DAY_MS,
    )
    export = await ask(cloud, owner, what="payments")
    async with workers(EXPORT):
        content = await fetched(cloud, owner, export)
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    assert rows[0][-1] == "for"
    assert {row[1]: row[-1] for row in rows[1:]} == {
        "paid-in": "balance",
        "of-a-bill": "bill",
        "code-KB7T": "code",
    }


async def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(
    cloud: Serving, owner: aiohttp.ClientSession, database: str, tmp_path: Path, sql: asyncpg.Connection
) -> None:
    """`kill -9` while a page is stored and not yet counted; another process goes on from there."""
    environment = {"DATABASE_URL": database, "HOLDFAST_CLOUD_DATA": str(tmp_path)}
    first, second = (
        Program(tmp_path / f"{name}.log", ["-m", "cloud", "worker"], environment) for name in ("one", "two")
    )
    holding = sql.transaction()
    await holding.start()
    await sql.execute("LOCK TABLE export_parts IN SHARE MODE")
    export = await ask(cloud, owner)
    try:
        first.start()
        await until(lambda: _has_part(blobs_in(tmp_path)))
        first.kill()
        await holding.rollback()
        assert (await look(cloud, owner, export))["processed_records"] == 0
        await sql.execute("UPDATE pgqueuer SET heartbeat = now() - interval '1 hour'")
        second.start()
        content = await fetched(cloud, owner, export)
        assert second.stop() == 0
    finally:
        first.kill()
        second.kill()
    assert ids(content) == everything()
    assert await sql.fetchval("SELECT run FROM jobs WHERE kind = 'export'") == 2


def blobs_in(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]


async def _has_part(found: list[Path]) -> bool:
    return any("parts" in path.parts for path in found)


async def test_two_workers_at_one_export_write_it_once(
    cloud: Serving, owner: aiohttp.ClientSession, pool: asyncpg.Pool, blobs: Blobs, venue: Any
) -> None:
    """The first was thought dead and is not: both run, and each page counts for one of them."""
    export = await ask(cloud, owner)
    job_id = str(await pool.fetchval("SELECT job_id FROM jobs WHERE kind = 'export'"))
    async with asyncio.TaskGroup() as group:
        for _ in range(2):
            begun = await queue.begin(pool, job_id)
            assert begun is not None
            work = Work(
                config=CONFIG,
                pool=pool,
                blobs=blobs,
                job_id=job_id,
                run=begun.run,
                attempt=1,
                organisation_id=begun.organisation_id,
                stopping=asyncio.Event(),
            )
            group.create_task(_run(work, export))
    assert ids(await fetched(cloud, owner, export)) == everything()
    assert (await look(cloud, owner, export))["processed_records"] == ROWS


async def _run(work: Work, export: dict[str, Any]) -> None:
    await EXPORT.do(work, exporting.Export(export["export_id"]))


@pytest.mark.parametrize("name", [name for name, each in SETS.items() if each.statement])
async def test_a_page_costs_what_is_on_it(pool: asyncpg.Pool, name: str) -> None:
    """Young tables that nobody has counted: the next page is walked to along an index, never sorted for."""
    venue_id = "018f0000-0000-7000-8000-000000000001"
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(IN_ORDER)
        plan = await connection.fetch(
            f"EXPLAIN {SETS[name].statement}", venue_id, "Mole", 0, DAY_MS, 5, "x", 100
        )
    lines = [row[0].strip().removeprefix("->").strip() for row in plan]
    assert any(line.startswith(("Incremental Sort", "Index Scan")) for line in lines), lines
    assert not any(line.startswith(("Sort  (", "Seq Scan", "Bitmap")) for line in lines), lines


async def test_an_export_that_is_removed_meanwhile_leaves_nothing(
    cloud: Serving,
    owner: aiohttp.ClientSession,
    workers: Workers,
    sql: asyncpg.Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Removed while a page is stored and not yet counted."""
    count, stored = exports.move, []

    async def removed_before(*where: Any, **page: Any) -> bool:
        stored.extend(blobs_in(tmp_path))
        await sql.execute("DELETE FROM exports")
        return await count(*where, **page)

    monkeypatch.setattr(exports, "move", removed_before)
    export = await ask(cloud, owner)
    async with workers(EXPORT):

        async def ended() -> bool:
            return bool(await cloud.pool.fetchval("SELECT state = 'done' FROM jobs WHERE kind = 'export'"))

        await until(ended)
    assert len(stored) == 1
    assert blobs_in(tmp_path) == []
    assert (await look(cloud, owner, export))["error"]["code"] == "unknown_export"


async def test_an_export_that_fails_says_why(
    cloud: Serving, owner: aiohttp.ClientSession, workers: Workers
) -> None:
    export = await ask(cloud, owner)
    await cloud.pool.execute("UPDATE exports SET what = 'gone'")

    async def failed() -> bool:
        return bool((await look(cloud, owner, export))["state"] == "failed")

    async with workers(EXPORT):
        await until(failed)
    assert "gone" in (await look(cloud, owner, export))["failure_reason"]


async def test_files_do_not_stay_for_ever(
    cloud: Serving, owner: aiohttp.ClientSession, workers: Workers, pool: asyncpg.Pool, tmp_path: Path
) -> None:
    export = await ask(cloud, owner)
    async with workers(EXPORT, exporting.EXPIRE):
        await fetched(cloud, owner, export)
        await pool.execute("UPDATE exports SET expires_at = now()")
        async with pool.acquire() as connection, connection.transaction():
            await exporting.EXPIRE.ask(connection, msgspec.convert({}, exporting.EXPIRE.body), None)

        async def expired() -> bool:
            done = await pool.fetchval("SELECT state FROM jobs WHERE kind = 'expire-exports'")
            return bool(done == "done")

        await until(expired)
    assert (await look(cloud, owner, export))["state"] == "expired"
    assert blobs_in(tmp_path) == []
