"""Orders that were paid at a table become the shop's once, a killed cloud loses no payment, and exports
tell all.
"""

import asyncio
import csv
import io
from datetime import UTC, datetime

import asyncpg

from cloud.app import serving
from cloud.config import Config
from firmware_profiles.emulators.stripe.standin import StripeStandIn
from tests.integration.payments.paying import type_in
from tests.integration.shop_orders.shopper import Shopper, Staff, until

_TABLE_ORDER = """
    INSERT INTO table_shop_orders (venue_id, order_id, session_pid, member_pid, guest_name, email,
    design_id, product_id, name, qty, unit_minor, tax_rate_bp, tax_inclusive, total_minor, currency, status,
    placed_ms, version) VALUES ($1, $2, 's', 'm', 'Anshu', 'Anshu@Example.com', $3, 'mug', 'Mug', 2, 1490,
    1900, true, 2980, 'EUR', 'placed', 1, 1)
"""


async def test_an_order_paid_at_a_table_becomes_the_shops_once_and_is_made_and_fetched(
    shopper: Shopper, staff: Staff, sql: asyncpg.Connection
) -> None:
    order_id = "018f0000-0000-7000-8000-0000000000aa"
    await sql.execute(_TABLE_ORDER, shopper.venue.venue_id, order_id, shopper.design_id)
    assert await sql.fetchval("SELECT count(*) FROM shop_orders") == 0, "nobody has paid yet"
    paid = "UPDATE table_shop_orders SET status = 'paid', paid_by = 'cash', paid_ms = 2, version = $1"
    for version in (2, 3):
        await sql.execute(paid, version)
    row = await sql.fetchrow(
        "SELECT source, status, payment_status, total_minor, tax_minor, email FROM shop_orders"
    )
    assert tuple(row) == ("table", "paid", "succeeded", 2980, 476, "anshu@example.com")
    assert await sql.fetchval("SELECT count(*) FROM shop_order_lines") == 1
    assert (await staff.takes(order_id, "shipped"))[0] == 200
    status, answer = await staff.ask(
        "POST", f"/admin/orders/{order_id}/refunds", {"mid": "refund-at-table", "reason": "broken"}
    )
    assert (status, answer["error"]["code"]) == (409, "nothing_to_refund"), "it was paid at the till"


async def test_a_cloud_that_ends_between_payment_and_news_of_it_makes_the_order_all_the_same(
    shopper: Shopper, stripe: StripeStandIn, config: Config, database: str, sql: asyncpg.Connection
) -> None:
    """Postgres throws the first try away as a killed process would; Stripe sends it again, elsewhere."""
    order = await shopper.orders()
    await sql.execute(
        """
        CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM
        pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$; CREATE TRIGGER dies BEFORE UPDATE ON
        shop_orders FOR EACH ROW WHEN (NEW.status = 'paid') EXECUTE FUNCTION die()
        """
    )
    await type_in(shopper.http, await shopper.page(order["order_id"]))
    await until(lambda: _failed(stripe))
    assert (await shopper.order(order["order_id"]))["status"] == "draft"
    assert await sql.fetchval("SELECT count(*) FROM mails") == 0
    await sql.execute("DROP TRIGGER dies ON shop_orders")
    async with serving(config, database) as other:
        stripe.deliveries.url = f"{other.url}/api/stripe/webhook"
        stripe.deliveries.release()
        await shopper.until(order["order_id"], "paid")
    assert await sql.fetchval("SELECT count(*) FROM mails") == 1


async def _failed(stripe: StripeStandIn) -> bool:
    return any(status >= 500 for _, status in stripe.deliveries.answered)


async def test_orders_are_exported_as_csv_whole_and_harmless(shopper: Shopper, staff: Staff) -> None:
    orders = await asyncio.gather(*(shopper.orders(name=f"=cmd|{place}") for place in range(5)))
    today = datetime.now(UTC).date()
    body = {"first": f"{today.year - 1}-01-01", "last": f"{today.year + 1}-12-31"}
    status, job = await staff.ask("POST", "/admin/exports", body)
    assert (status, job["processed_records"]) == (201, 0)
    found = dict(job)

    async def completed() -> bool:
        found.update((await staff.ask("GET", f"/admin/exports/{job['job_id']}"))[1])
        return bool(found["status"] == "completed")

    await until(completed)
    assert found["processed_records"] == 5
    async with staff.http.get(staff.cloud.url + found["file_url"]) as answer:
        rows = list(csv.DictReader(io.StringIO(await answer.text())))
    assert {row["order_id"] for row in rows} == {order["order_id"] for order in orders}
    assert {row["total_minor"] for row in rows} == {"1980"}
    assert all(row["name"].startswith("'=cmd") for row in rows), "a spreadsheet must not run it"
    backwards = {"first": "2026-02-01", "last": "2026-01-01"}
    status, refused = await staff.ask("POST", "/admin/exports", backwards)
    assert (status, refused["error"]["code"]) == (400, "invalid")
