"""From a design to a paid order: prices, the payment page, and money that comes early, late, twice or
wrong.
"""

import asyncio

import asyncpg
import pytest

from cloud.app import Serving
from cloud.shop.orders.settling import abandoned
from firmware_profiles.emulators.stripe.standin import StripeStandIn
from tests.integration.cloud.hours import hold_windows
from tests.integration.jobs.mailbox import Mailbox
from tests.integration.payments.paying import type_in
from tests.integration.shop_orders.shopper import Shopper, until


async def test_an_order_is_priced_paid_and_its_picture_asked_for_once(
    shopper: Shopper, sql: asyncpg.Connection, mailbox: Mailbox, stripe: StripeStandIn
) -> None:
    order = await shopper.orders(2)
    assert (order["items_minor"], order["shipping_minor"], order["total_minor"]) == (2980, 490, 3470)
    assert (order["status"], order["payment_status"], order["email"]) == (
        "draft",
        "unpaid",
        "chinu@example.com",
    )
    assert await sql.fetchval("SELECT status FROM designs") != "draft", "nobody changes what is ordered"
    where = await shopper.pays(order["order_id"])
    assert where is not None
    assert where.endswith(f"/shop/{shopper.venue.venue_id}/orders#order/{order['order_id']}")
    paid = await shopper.until(order["order_id"], "paid")
    assert (paid["payment_status"], paid["paid_at"] is not None) == ("succeeded", True)
    assert await sql.fetchval("SELECT count(*) FROM render_jobs WHERE kind = 'final'") == 1
    row = await sql.fetchrow("SELECT * FROM shop_orders")
    assert row["stripe_checkout_session_id"].startswith("cs_")
    assert row["stripe_payment_intent_id"].startswith("pi_")
    await until(lambda: _arrived(mailbox, 1))
    assert mailbox.mails[0]["To"] == "chinu@example.com"
    assert "thank you for order S-1" in mailbox.mails[0]["Subject"]


async def _arrived(mailbox: Mailbox, count: int) -> bool:
    return len(mailbox.mails) >= count


async def test_what_is_ordered_keeps_its_price_and_a_new_order_has_the_new_one(
    shopper: Shopper, sql: asyncpg.Connection
) -> None:
    order = await shopper.orders()
    await sql.execute("UPDATE products SET price_minor = 2000 WHERE product_id = 'mug'")
    assert (await shopper.order(order["order_id"]))["items_minor"] == 1490
    with pytest.raises(asyncpg.CheckViolationError):
        await sql.execute("UPDATE shop_orders SET items_minor = 1, total_minor = 491")
    with pytest.raises(asyncpg.CheckViolationError):
        await sql.execute("UPDATE shop_order_lines SET unit_minor = 1")
    await shopper.designs()
    assert (await shopper.orders())["items_minor"] == 2000


async def test_a_quote_is_what_the_order_will_cost(shopper: Shopper) -> None:
    lines = [{"design_id": shopper.design_id, "quantity": 3}]
    for country, total in (("DE", 4470 + 690), ("FR", 4470 + 1590), (None, 4470)):
        body = {"lines": lines, "country": country}
        path = f"/shop/{shopper.venue.venue_id}/quotes"
        status, quote = await shopper.ask("POST", path, body)
        assert (status, quote["total_minor"]) == (200, total)
    status, delivery = await shopper.ask("GET", f"/shop/{shopper.venue.venue_id}/delivery")
    assert (status, delivery["collect"], len(delivery["destinations"])) == (200, True, 2)


async def test_a_repeated_order_is_one_order_and_a_reused_mid_is_refused(
    shopper: Shopper, sql: asyncpg.Connection
) -> None:
    body = shopper.wants(mid="mid-of-one-tap")
    answers = await asyncio.gather(*(shopper.ask("POST", "/orders", body) for _ in range(4)))
    assert {status for status, _ in answers} == {201}
    assert len({order["order_id"] for _, order in answers}) == 1
    assert await sql.fetchval("SELECT count(*) FROM shop_orders") == 1
    status, answer = await shopper.ask("POST", "/orders", shopper.wants(7, mid="mid-of-one-tap"))
    assert (status, answer["error"]["code"]) == (409, "mid_reused")


#: What is wrong with a body, and how it is refused.
FLAWS: list[tuple[dict[str, object], int, str]] = [
    ({"lines": []}, 400, "invalid"),
    ({"lines": [{"design_id": "00000000-0000-7000-8000-000000000000"}]}, 404, "unknown_design"),
    ({"lines": [{"design_id": "1' OR '1'='1"}]}, 400, "invalid"),
    ({"venue_id": "00000000-0000-7000-8000-000000000000"}, 404, "unknown_venue"),
    ({"email": "nobody"}, 400, "invalid"),
    ({"email": "a@b.example\r\nBcc: all@b.example"}, 400, "invalid"),
    ({"name": "   "}, 400, "invalid"),
    ({"name": "x\u0000"}, 400, "invalid"),
    ({"address": {"street": "x", "postal_code": "1", "city": "y", "country": "Germany"}}, 400, "invalid"),
    ({"mid": "short"}, 400, "invalid"),
]


async def test_orders_that_cannot_be_meant_change_nothing(shopper: Shopper, sql: asyncpg.Connection) -> None:
    for change, status, code in FLAWS:
        answer = await shopper.ask("POST", "/orders", shopper.wants() | change)
        assert (answer[0], answer[1]["error"]["code"]) == (status, code), change
    assert await sql.fetchval("SELECT count(*) FROM shop_orders") == 0
    assert await sql.fetchval("SELECT status FROM designs") == "draft"


async def test_nobody_sees_orders_or_designs_of_somebody_else(shopper: Shopper, cloud: Serving) -> None:
    order = await shopper.orders()
    stranger = Shopper(cloud, shopper.venue, shopper.http)
    stranger.design_id = shopper.design_id
    for method, path in (
        ("GET", f"/orders/{order['order_id']}"),
        ("POST", f"/orders/{order['order_id']}/checkout"),
        ("POST", f"/orders/{order['order_id']}/look"),
        ("GET", "/orders/not-an-id"),
    ):
        status, answer = await stranger.ask(method, path)
        assert (status, answer["error"]["code"]) == (404, "unknown_order"), path
    status, answer = await stranger.ask("POST", "/orders", stranger.wants())
    assert (status, answer["error"]["code"]) == (404, "unknown_design")
    async with shopper.http.get(f"{cloud.url}/orders/{order['order_id']}") as nobody:
        assert nobody.status == 401


async def test_whoever_asks_twice_gets_the_same_page(shopper: Shopper, stripe: StripeStandIn) -> None:
    order = await shopper.orders()
    pages = await asyncio.gather(*(shopper.page(order["order_id"]) for _ in range(4)))
    assert len({*pages, await shopper.page(order["order_id"])}) == 1
    assert len(stripe.books.newest("session")) == 1


async def test_webhooks_that_come_twice_and_out_of_order_pay_once(
    shopper: Shopper, stripe: StripeStandIn, sql: asyncpg.Connection, mailbox: Mailbox
) -> None:
    stripe.whims.twice = stripe.whims.shuffled = True
    order = await shopper.paid()
    await until(lambda: _told(stripe, 4))
    assert (await shopper.order(order["order_id"]))["status"] == "paid"
    assert await sql.fetchval("SELECT count(*) FROM mails") == 1
    assert await sql.fetchval("SELECT count(*) FROM render_jobs WHERE kind = 'final'") == 1


async def _told(stripe: StripeStandIn, count: int) -> bool:
    return len([status for _, status in stripe.deliveries.answered if status == 200]) >= count


async def test_the_redirect_may_be_quicker_than_the_webhook(
    shopper: Shopper, stripe: StripeStandIn, sql: asyncpg.Connection
) -> None:
    stripe.whims.hold = True
    order = await shopper.orders()
    await shopper.pays(order["order_id"])
    looks = [shopper.ask("POST", f"/orders/{order['order_id']}/look") for _ in range(3)]
    assert {answer["status"] for _, answer in await asyncio.gather(*looks)} == {"paid"}
    stripe.deliveries.release()
    await until(lambda: _told(stripe, 2))
    assert await sql.fetchval("SELECT count(*) FROM mails") == 1
    assert await sql.fetchval("SELECT version FROM shop_orders") == 4, "opened, named, paid, and no more"


async def test_a_page_that_ran_out_is_replaced_and_the_new_one_is_paid(
    shopper: Shopper, stripe: StripeStandIn
) -> None:
    order = await shopper.orders()
    first = await shopper.page(order["order_id"])
    stripe.books.expire_session(stripe.books.newest("session")[0]["id"])
    await shopper.until(order["order_id"], "expired", "payment_status")
    second = await shopper.page(order["order_id"])
    assert second != first
    assert await type_in(shopper.http, first) is None, "nobody pays on the old one"
    await type_in(shopper.http, second)
    await shopper.until(order["order_id"], "paid")


async def test_a_payment_whose_news_comes_after_the_order_was_given_up_still_counts(
    shopper: Shopper, stripe: StripeStandIn, cloud: Serving, sql: asyncpg.Connection
) -> None:
    """The page ran out for us and not for the guest: they had paid in its last second."""
    order = await shopper.orders()
    stripe.whims.hold = True
    await shopper.pays(order["order_id"])
    await sql.execute("UPDATE shop_orders SET payment_status = 'expired'")
    async with cloud.pool.acquire() as connection, connection.transaction():
        assert await abandoned(connection, order["order_id"])
    assert (await shopper.order(order["order_id"]))["status"] == "abandoned"
    stripe.deliveries.release()
    paid = await shopper.until(order["order_id"], "paid")
    assert paid["payment_status"] == "succeeded"


async def test_money_of_another_amount_waits_for_a_person_who_is_told(
    shopper: Shopper, stripe: StripeStandIn, sql: asyncpg.Connection, mailbox: Mailbox
) -> None:
    order = await shopper.orders()
    page = await shopper.page(order["order_id"])
    session = stripe.books.newest("session")[0]
    session["amount_total"] -= 100
    await type_in(shopper.http, page)
    waits = await shopper.until(order["order_id"], "mismatch", "payment_status")
    assert waits["status"] == "draft", "nothing is made of it"
    await until(lambda: _arrived(mailbox, 1))
    assert mailbox.mails[0]["To"] == "owner@example.com"
    assert "needs a look" in mailbox.mails[0]["Subject"]
    status, answer = await shopper.ask("POST", f"/orders/{order['order_id']}/checkout")
    assert (status, answer["error"]["code"]) == (409, "order_paid")


async def test_money_for_an_order_that_is_paid_already_goes_back(
    shopper: Shopper, stripe: StripeStandIn, sql: asyncpg.Connection
) -> None:
    """Two pages of one order, both paid: the news of the first comes after that of the second."""
    order = await shopper.orders()
    stripe.whims.hold = True
    first = await shopper.page(order["order_id"])
    await sql.execute("UPDATE shop_orders SET payment_status = 'expired'")
    await type_in(shopper.http, await shopper.page(order["order_id"]))
    await type_in(shopper.http, first)
    stripe.deliveries.release()
    await shopper.until(order["order_id"], "paid")
    await until(lambda: _refunded(sql, 1))
    row = await sql.fetchrow("SELECT amount_minor, reason FROM card_refunds")
    assert tuple(row) == (order["total_minor"], "the order was paid already")
    assert await sql.fetchval("SELECT count(*) FROM mails") == 1


async def _refunded(sql: asyncpg.Connection, count: int) -> bool:
    found: int = await sql.fetchval("SELECT count(*) FROM card_refunds")
    return found >= count


async def test_a_card_that_is_refused_can_be_followed_by_another(shopper: Shopper) -> None:
    order = await shopper.orders()
    assert await shopper.pays(order["order_id"], "4000 0000 0000 0002") is None
    assert (await shopper.order(order["order_id"]))["status"] == "draft"
    await shopper.pays(order["order_id"])
    await shopper.until(order["order_id"], "paid")


async def test_without_stripe_an_order_can_be_made_and_not_paid(
    shopper: Shopper, stripe: StripeStandIn
) -> None:
    order = await shopper.orders()
    stripe.broken = True
    status, answer = await shopper.ask("POST", f"/orders/{order['order_id']}/checkout")
    assert (status, answer["error"]["code"]) == (503, "card_unavailable")
    stripe.broken = False
    await shopper.pays(order["order_id"])
    await shopper.until(order["order_id"], "paid")
    assert len(stripe.books.newest("session")) == 1


async def test_what_costs_nothing_needs_no_card(shopper: Shopper, sql: asyncpg.Connection) -> None:
    await sql.execute("UPDATE products SET price_minor = 0 WHERE product_id = 'mug'")
    order = await shopper.orders(address=None)
    url = await shopper.page(order["order_id"])
    assert f"#order/{order['order_id']}" in url
    assert (await shopper.order(order["order_id"]))["status"] == "paid"


async def test_too_many_orders_from_one_address_are_slowed_down(
    shopper: Shopper, sql: asyncpg.Connection
) -> None:
    await hold_windows(sql)
    statuses = []
    for _ in range(31):
        status, _answer = await shopper.ask("POST", "/orders", {})
        statuses.append(status)
    assert statuses.index(429) == 30
