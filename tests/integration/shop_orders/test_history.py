"""Ordering once more, and seeing one's orders from another browser by a link in a mail."""

import asyncio
import re

import asyncpg

from cloud.app import Serving
from tests.integration.cloud.hours import hold_windows
from tests.integration.jobs.mailbox import Mailbox
from tests.integration.shop_orders.shopper import ADDRESS, Shopper, until


async def test_a_reorder_copies_the_frozen_design_and_has_todays_price(
    shopper: Shopper, sql: asyncpg.Connection
) -> None:
    first = await shopper.paid(quantity=2)
    await sql.execute("UPDATE products SET price_minor = 1600 WHERE product_id = 'mug'")
    path = f"/orders/{first['order_id']}/reorder"
    answers = await asyncio.gather(
        *(shopper.ask("POST", path, {"mid": "again-by-one-tap"}) for _ in range(3))
    )
    assert {status for status, _ in answers} == {201}
    assert len({order["order_id"] for _, order in answers}) == 1
    again = answers[0][1]
    assert (again["original_order_id"], again["items_minor"], again["status"]) == (
        first["order_id"],
        3200,
        "draft",
    )
    assert again["address"]["street"] == ADDRESS["street"]
    copies = await sql.fetch(
        "SELECT original_design_id::text FROM designs WHERE original_design_id IS NOT NULL"
    )
    assert [row[0] for row in copies] == [shopper.design_id]
    assert again["lines"][0]["design_id"] != shopper.design_id
    frozen = await sql.fetch("SELECT DISTINCT params FROM shop_order_lines")
    assert len(frozen) == 1, "it looks as it did"
    await shopper.pays(again["order_id"])
    await shopper.until(again["order_id"], "paid")
    status, answer = await shopper.ask(
        "POST", f"/orders/{again['order_id']}/reorder", {"mid": "again-by-one-tap"}
    )
    assert (status, answer["error"]["code"]) == (409, "mid_reused")


async def test_a_link_lets_another_browser_in_once(
    shopper: Shopper, cloud: Serving, mailbox: Mailbox, sql: asyncpg.Connection
) -> None:
    order = await shopper.paid()
    other = Shopper(cloud, shopper.venue, shopper.http)
    assert (await other.ask("GET", f"/orders/{order['order_id']}"))[0] == 404
    token = await _token(other, mailbox)
    assert token not in str(await sql.fetch("SELECT * FROM shop_links"))
    redeem = {"venue_id": shopper.venue.venue_id, "token": token}
    status, answer = await other.ask("POST", "/orders/history/redeem", redeem)
    assert (status, answer) == (200, {"email": "chinu@example.com"})
    status, answer = await Shopper(cloud, shopper.venue, shopper.http).ask(
        "POST", "/orders/history/redeem", redeem
    )
    assert (status, answer["error"]["code"]) == (404, "link_unknown")
    _, answer = await other.ask("GET", f"/shop/{shopper.venue.venue_id}/history")
    assert [each["order_id"] for each in answer["orders"]] == [order["order_id"]]
    status, again = await other.ask("POST", f"/orders/{order['order_id']}/reorder", {"mid": "from-elsewhere"})
    assert (status, again["email"]) == (201, "chinu@example.com")
    await other.pays(again["order_id"])
    await other.until(again["order_id"], "paid")


async def _token(shopper: Shopper, mailbox: Mailbox) -> str:
    body = {"venue_id": shopper.venue.venue_id, "email": "CHINU@example.com"}
    assert (await shopper.ask("POST", "/orders/history/link", body))[0] == 202
    found: list[str] = []

    async def there() -> bool:
        for mail in mailbox.mails:
            text = mail.get_body(("plain",))
            assert text is not None
            found.extend(re.findall(r"#link/([\w-]+)", text.get_content().replace("=\n", "")))
        return bool(found)

    await until(there)
    return found[0]


async def test_a_link_that_has_run_out_lets_nobody_in(
    shopper: Shopper, mailbox: Mailbox, sql: asyncpg.Connection
) -> None:
    await shopper.paid()
    token = await _token(shopper, mailbox)
    await sql.execute("UPDATE shop_links SET expires_at = now() - interval '1 second'")
    redeem = {"venue_id": shopper.venue.venue_id, "token": token}
    status, answer = await shopper.ask("POST", "/orders/history/redeem", redeem)
    assert (status, answer["error"]["code"]) == (404, "link_unknown")


async def test_nobody_learns_who_has_ordered(
    shopper: Shopper, mailbox: Mailbox, sql: asyncpg.Connection
) -> None:
    await shopper.orders()
    answers = []
    for email in ("nobody@example.com", "chinu@example.com"):
        body = {"venue_id": shopper.venue.venue_id, "email": email}
        answers.append(await shopper.ask("POST", "/orders/history/link", body))
    assert answers[0] == answers[1] == (202, {"minutes": 30})
    await until(lambda: _looked(sql))
    assert await sql.fetchval("SELECT count(*) FROM shop_links") == 1
    assert {mail["To"] for mail in mailbox.mails} <= {"chinu@example.com"}


async def _looked(sql: asyncpg.Connection) -> bool:
    done: int = await sql.fetchval("SELECT count(*) FROM jobs WHERE kind = 'shop-link' AND state = 'done'")
    return done == 2


async def test_one_address_gets_few_links(shopper: Shopper, sql: asyncpg.Connection) -> None:
    await hold_windows(sql)
    body = {"venue_id": shopper.venue.venue_id, "email": "chinu@example.com"}
    statuses = [(await shopper.ask("POST", "/orders/history/link", body))[0] for _ in range(8)]
    assert statuses[0] == 202
    assert 429 in statuses
