"""Growth: what the dashboard asks, with ten million facts of a hundred venues and a year behind it.

Limit: the same question put to orders, payments and sessions themselves (the views `…_counted`); for what has
no sums, a bare round trip to Postgres. Last, how soon a browser that was never there before shows the first
venue, beside how soon it shows the form to log in, which asks nothing. `FACTS=100000` for less.
"""

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import asyncpg
from playwright.async_api import Page

from cloud.store.link import facts
from cloud.store.months import sealing
from cloud.store.pool import open_pool
from cloud.store.reading import dashboard, reports, roll_ups
from cloud.store.reading.reports import Span
from cloud.store.tenancy import acting_for
from tests.bench.clouds import OWNER, PASSWORD, Cloud, cloud
from tests.bench.rows import Row
from tests.browser.venue import Browser, open_browser

FACTS = int(os.environ.get("FACTS", "10000000"))
VENUES, DAYS, FACTS_A_VISIT, ROUNDS = 100, 365, 20, 5
_STEP = 10

_VISITS = """
    WITH visits AS (
        SELECT v.venue_id, n, ((extract(epoch FROM now()) - n * 86400.0 * $3 / $2) * 1000)::bigint AS at_ms
        FROM unnest($1::uuid[]) AS v (venue_id), generate_series(1, $2::int) AS n
    )
"""
_PAST = (
    """
    INSERT INTO table_sessions (venue_id, session_pid, table_code, table_name, status, pass_validated,
        opened_ms, closed_ms, version)
    SELECT venue_id, 's' || n, 'T', 'T', 'closed', true, at_ms, at_ms + 3000000, 2 FROM visits
    """,
    """
    INSERT INTO order_lines (venue_id, order_id, id, menu_item, name, qty, price_minor, menu_version,
        tax_rate_bp, member, station, note, modifiers)
    SELECT venue_id, 'ORD-1-' || n, line, 1 + (n * 7 + line) % 60, 'Dish ' || (n * 7 + line) % 60, 1, 500, 1,
        0, 'm', 'kitchen', '', '[]'
    FROM visits, generate_series(1, 3) AS line
    """,
    """
    INSERT INTO orders (venue_id, order_id, number, session_pid, table_name, member, cart_hash,
        total_minor, currency, special_instructions, status, attempts, placed_ms, version)
    SELECT venue_id, 'ORD-1-' || n, n, 's' || n, 'T', 'm', 'h', 1500, 'EUR', '', 'confirmed', 1, at_ms, 2
    FROM visits
    """,
    """
    INSERT INTO payments (venue_id, payment_pid, method, currency, amount_minor, tip_minor,
        rounding_minor, till, status, shift_pid, refunded_minor, refunded_tip_minor, initiated_ms, version)
    SELECT venue_id, 'p' || n, 'CASH', 'EUR', 1500, 0, 0, 'main', 'COMPLETED',
        'd' || (n * $3 / $2), 0, 0, at_ms, 2
    FROM visits
    """,
)
#: Paints are noted where the browser noted them: after the next frame.
_WATCH = """
new MutationObserver((_changes, observer) => {
  if (!document.querySelector("SELECTOR")) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.shownAt_ms = performance.now(); }));
}).observe(document, { childList: true, subtree: true });
"""
#: The page's own policy forbids `wait_for_function`, which evaluates text.
_SHOWN = """
new Promise((shown) => {
  const look = () => (window.shownAt_ms ? shown(window.shownAt_ms) : requestAnimationFrame(look));
  look();
})
"""


async def _venues(pool: asyncpg.Pool) -> list[str]:
    rows = await pool.fetch(
        """
        INSERT INTO venues (venue_id, organisation_id, brand_id, name, currency, timezone)
        SELECT gen_random_uuid(), organisation_id, brand_id, 'Venue ' || n, 'EUR', 'Europe/Berlin'
        FROM brands, generate_series(1, $1::int) AS n RETURNING venue_id
        """,
        VENUES,
    )
    return [str(row["venue_id"]) for row in rows]


async def _fill(pool: asyncpg.Pool, venue_ids: list[str]) -> None:
    """Orders with what belongs to them, then facts into the months in which they would have come."""
    visits = FACTS // VENUES // FACTS_A_VISIT
    for start in range(0, VENUES, _STEP):
        own = venue_ids[start : start + _STEP]
        for statement in _PAST:
            async with pool.acquire() as connection, connection.transaction():
                await connection.execute("SET LOCAL statement_timeout = 0")
                await connection.execute(_VISITS + statement, own, visits, DAYS, timeout=600)
    now = datetime.now(UTC)
    for number in range(DAYS + 31):
        await sealing.make_month(pool, (now - timedelta(days=number)).date().replace(day=1))
    await asyncio.gather(*(_copy(pool, venue_ids[at::4], now) for at in range(4)))


async def _copy(pool: asyncpg.Pool, venue_ids: list[str], now: datetime) -> None:
    each = FACTS // VENUES
    record, live_from = b'{"type":"CartItemAdded","item":17}' * 6, now - timedelta(days=sealing.QUIET_DAYS)
    async with pool.acquire() as connection:
        for venue_id in venue_ids:
            venue = facts.Uuid(venue_id)
            by_part: dict[str, list[tuple[object, ...]]] = {}
            for seq in range(1, each + 1):
                came = now - timedelta(days=DAYS * (1 - seq / each))
                live = came >= live_from
                month = None if live else came.date().replace(day=1)
                part = "facts_live" if month is None else sealing.table_of(month)
                row = (
                    venue,
                    venue,
                    seq,
                    f"cart:{seq // 8}",
                    1 + seq % 8,
                    "ItemAdded",
                    record,
                    record[:32],
                    came,
                )
                by_part.setdefault(part, []).append((*row, month) if month else row)
            for part, rows in by_part.items():
                columns = [
                    *facts.FACT_COLUMNS[:-1],
                    "received_at",
                    *(["month"] if len(rows[0]) == 10 else []),
                ]
                await connection.copy_records_to_table(part, records=rows, columns=columns, timeout=600)


async def _median_s(ask: Callable[[], Awaitable[object]]) -> float:
    took = []
    for _ in range(ROUNDS):
        began_s = time.perf_counter()
        await ask()
        took.append(time.perf_counter() - began_s)
    return statistics.median(took)


async def _questions(pool: asyncpg.Pool, organisation_id: str, venue_id: str) -> list[Row]:
    today = datetime.now(UTC).date()
    year = Span(organisation_id, today - timedelta(days=364), today)
    async with acting_for(pool, organisation_id) as connection:
        trip_s = await _median_s(lambda: connection.fetchval("SELECT 1"))
        found = []
        for name, ask, view in (
            ("sales by hour", lambda: reports.sales_by(connection, year, "hour"), "sales_hours"),
            ("sales by day", lambda: reports.sales_by(connection, year, "day"), "sales_hours"),
            ("sales by item", lambda: reports.sales_by_item(connection, year), "sales_items"),
            ("sales by staff", lambda: reports.sales_by_staff(connection, year), "takings"),
            ("tables in use", lambda: reports.use(connection, year, "tables"), "hours_in_use"),
            ("outages", lambda: reports.outages(connection, year), ""),
            ("all venues live", lambda: dashboard.venues(connection, organisation_id), ""),
            ("orders of a day", lambda: dashboard.orders_of_day(connection, organisation_id, venue_id), ""),
        ):
            limit_s = await _counted_s(pool, organisation_id, view) if view else trip_s
            found.append(Row.latency(f"Growth {name}", await _median_s(ask), limit_s))
    return found


async def _counted_s(pool: asyncpg.Pool, organisation_id: str, table: str) -> float:
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL statement_timeout = 0")
        began_s = time.perf_counter()
        await connection.fetchval(
            f"SELECT count(*) FROM {roll_ups.SUMS[table]} JOIN venues USING (venue_id) "
            "WHERE organisation_id = $1",
            organisation_id,
            timeout=600,
        )
        return time.perf_counter() - began_s


async def _paint_s(browser: Browser, url: str, selector: str, cookie: str | None) -> float:
    took = []
    for _ in range(ROUNDS):
        page: Page = await browser.device({"width": 1280, "height": 800})
        if cookie is not None:
            await page.context.add_cookies([{"name": "holdfast", "value": cookie, "url": url}])
        await page.add_init_script(_WATCH.replace("SELECTOR", selector))
        await page.goto(url)
        took.append(float(await page.evaluate(_SHOWN)) / 1000)
        await page.context.close()
    return statistics.median(took)


async def _login(there: Cloud) -> str:
    async with aiohttp.ClientSession() as http:
        body = {"email": OWNER, "password": PASSWORD}
        async with http.post(f"{there.url}/api/login", json=body) as response:
            assert response.status == 200, await response.text()
            return response.cookies["holdfast"].value


async def measure() -> list[Row]:
    """A row a question, and one for the page."""
    with tempfile.TemporaryDirectory() as scratch:
        async with cloud(Path(scratch)) as there, open_pool(there.database_url, 6) as pool:
            began_s = time.perf_counter()
            venue_ids = await _fill_all(pool)
            print(
                f"  {FACTS:,} facts of {VENUES} venues in {time.perf_counter() - began_s:.0f} s", flush=True
            )
            organisation_id = str(await pool.fetchval("SELECT organisation_id FROM organisations"))
            rows = await _questions(pool, organisation_id, venue_ids[0])
            assert await _wrong(pool, venue_ids[0]) == []
            cookie = await _login(there)
            async with open_browser() as browser:
                ours_s = await _paint_s(browser, there.url, "ul.venues li", cookie)
                form_s = await _paint_s(browser, there.url, "form", None)
    return [*rows, Row.latency("Growth dashboard, first venue", ours_s, form_s)]


async def _fill_all(pool: asyncpg.Pool) -> list[str]:
    venue_ids = await _venues(pool)
    await _fill(pool, venue_ids)
    await pool.execute("ANALYZE", timeout=600)
    return venue_ids


async def _wrong(pool: asyncpg.Pool, venue_id: str) -> list[str]:
    async with pool.acquire() as connection:
        return await roll_ups.differences(connection, venue_id)


if __name__ == "__main__":
    for row in asyncio.run(measure()):
        print(row)
