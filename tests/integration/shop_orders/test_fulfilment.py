"""At the venue: steps of the table and no others, two people at once, mails once, money back, and papers."""

import asyncio
import io

import asyncpg
import pytest
from PIL import Image
from pypdf import PdfReader

from cloud.app import Serving
from cloud.shop.orders.states import ORDER, PAYMENT
from firmware_profiles.emulators.stripe.standin import StripeStandIn
from tests.integration.jobs.mailbox import Mailbox
from tests.integration.shop_orders.shopper import ADDRESS, Shopper, Staff, until


async def _arrived(mailbox: Mailbox, count: int) -> bool:
    return len(mailbox.mails) >= count


async def test_an_order_is_made_shipped_and_delivered_and_each_mail_comes_once(
    shopper: Shopper, staff: Staff, mailbox: Mailbox, sql: asyncpg.Connection
) -> None:
    order_id = (await shopper.paid())["order_id"]
    parcel = {"carrier": "DHL", "tracking_number": "JD0146000012", "note": "wrapped twice"}
    for status, more in (("in_production", {}), ("shipped", parcel), ("delivered", {})):
        answer = await staff.takes(order_id, status, **more)
        assert (answer[0], answer[1]["order"]["status"]) == (200, status)
    seen = await shopper.order(order_id)
    assert seen["parcel"] == {"carrier": "DHL", "tracking_number": "JD0146000012"}
    assert seen["shipped_at"] <= seen["delivered_at"]
    await until(lambda: _arrived(mailbox, 3))
    assert [str(mail["Subject"]).partition(": ")[2] for mail in mailbox.mails] == [
        "thank you for order S-1",
        "order S-1 is on its way",
        "order S-1 has arrived",
    ]
    body = mailbox.mails[1].get_body(("plain",))
    assert body is not None
    assert "JD0146000012" in body.get_content()
    whole = await staff.order(order_id)
    assert [(each["action"], each["before"], each["after"]) for each in whole["actions"]] == [
        ("in_production", "paid", "in_production"),
        ("shipped", "in_production", "shipped"),
        ("delivered", "shipped", "delivered"),
    ]
    assert {each["actor"] for each in whole["actions"]} == {"owner@example.com"}
    assert await sql.fetchval("SELECT count(*) FROM audit WHERE action LIKE 'shop order %'") == 3
    with pytest.raises(asyncpg.CheckViolationError):
        await sql.execute("DELETE FROM admin_action_log")


async def test_steps_that_are_not_in_the_table_are_refused_and_change_nothing(
    shopper: Shopper, staff: Staff, sql: asyncpg.Connection
) -> None:
    draft = (await shopper.orders())["order_id"]
    paid = (await shopper.paid())["order_id"]
    for order_id, status in ((draft, "shipped"), (draft, "delivered"), (paid, "delivered")):
        code, answer = await staff.takes(order_id, status)
        assert (code, answer["error"]["code"]) == (409, "illegal_transition")
        assert answer["error"]["message"].startswith("Invalid status transition")
    for status in ("paid", "draft", "eaten"):
        code, answer = await staff.takes(paid, status)
        assert (code, answer["error"]["code"]) == (400, "invalid")
    assert await sql.fetchval("SELECT count(*) FROM admin_action_log") == 0


async def test_of_two_people_who_take_an_order_on_at_once_one_does(
    shopper: Shopper, staff: Staff, mailbox: Mailbox, sql: asyncpg.Connection
) -> None:
    order_id = (await shopper.paid())["order_id"]
    version = (await staff.order(order_id))["version"]
    bodies = [
        {"status": "shipped", "version": version, "tracking_number": "one"},
        {"status": "cancelled", "version": version},
        {"status": "shipped", "version": version, "tracking_number": "two"},
    ]
    answers = await asyncio.gather(*(staff.ask("PUT", f"/admin/orders/{order_id}", body) for body in bodies))
    assert sorted(status for status, _ in answers) == [200, 409, 409]
    lost = [answer["error"] for status, answer in answers if status == 409]
    assert {error["code"] for error in lost} <= {"order_changed", "illegal_transition"}
    now = await staff.order(order_id)
    assert all(
        error["detail"]["order"]["version"] == now["version"] for error in lost if "order" in error["detail"]
    )
    assert await sql.fetchval("SELECT count(*) FROM admin_action_log") == 1
    assert await sql.fetchval("SELECT count(*) FROM mails") == 2


@pytest.mark.parametrize("name", ["status", "payment_status"])
async def test_postgres_holds_the_very_pairs_of_the_table(
    shopper: Shopper, sql: asyncpg.Connection, name: str
) -> None:
    order_id = (await shopper.orders())["order_id"]
    table = ORDER if name == "status" else PAYMENT
    await sql.execute("ALTER TABLE shop_orders DISABLE TRIGGER USER")
    for before in table:
        for after in table:
            change = sql.transaction()
            await change.start()
            await sql.execute(f"UPDATE shop_orders SET {name} = $1", before)
            await sql.execute("ALTER TABLE shop_orders ENABLE TRIGGER USER")
            try:
                await sql.execute(f"UPDATE shop_orders SET {name} = $1 WHERE order_id = $2", after, order_id)
                went = True
            except asyncpg.CheckViolationError:
                went = False
            await change.rollback()
            assert went == (after == before or after in table[before].values()), (before, after)


async def test_some_and_then_all_of_the_money_goes_back_and_the_guest_is_told(
    shopper: Shopper, staff: Staff, cloud: Serving, mailbox: Mailbox, stripe: StripeStandIn
) -> None:
    order = await shopper.paid()
    path = f"/admin/orders/{order['order_id']}/refunds"
    part = {"mid": "refund-part-1", "reason": "a scratch", "amount_minor": 500}
    for _ in range(2):
        status, answer = await staff.ask("POST", path, part)
        assert (status, answer["refundable_minor"]) == (202, order["total_minor"] - 500)
    seen = await shopper.until(order["order_id"], "partially_refunded", "payment_status")
    assert (seen["refunded_minor"], seen["status"]) == (500, "paid")
    status, answer = await staff.ask(
        "POST", path, {"mid": "refund-much", "reason": "too much", "amount_minor": 10**6}
    )
    assert (status, answer["error"]["code"]) == (409, "refund_too_high")
    assert (await staff.ask("POST", path, {"mid": "refund-rest", "reason": "lost by the post"}))[0] == 202
    await shopper.until(order["order_id"], "refunded", "payment_status")
    await until(lambda: _arrived(mailbox, 3))
    subjects = [str(mail["Subject"]) for mail in mailbox.mails[1:]]
    assert ["5.00 EUR" in subjects[0], "goes back to you" in subjects[1]] == [True, True]
    assert len(stripe.books.newest("refund")) == 2


async def test_a_cancelled_order_gives_everything_back_and_takes_no_more_steps(
    shopper: Shopper, staff: Staff, cloud: Serving, sql: asyncpg.Connection
) -> None:
    order = await shopper.paid()
    assert (await staff.takes(order["order_id"], "cancelled", note="sold out"))[0] == 200
    seen = await shopper.until(order["order_id"], "refunded", "payment_status")
    assert (seen["status"], seen["refunded_minor"]) == ("cancelled", order["total_minor"])
    assert (await staff.takes(order["order_id"], "shipped"))[0] == 409


async def test_a_draft_has_no_money_to_give_back(shopper: Shopper, staff: Staff) -> None:
    order = await shopper.orders()
    body = {"mid": "refund-nothing", "reason": "because"}
    status, answer = await staff.ask("POST", f"/admin/orders/{order['order_id']}/refunds", body)
    assert (status, answer["error"]["code"]) == (409, "nothing_to_refund")


async def test_lists_find_what_is_looked_for(shopper: Shopper, staff: Staff) -> None:
    paid = await shopper.paid()
    draft = await shopper.orders(name="100% Anshu_", email="anshu@example.com")
    status, everything = await staff.ask("GET", "/admin/orders")
    assert [each["order_id"] for each in everything["orders"]] == [draft["order_id"], paid["order_id"]]
    assert everything["waiting"] == {"paid": 1}
    for query, found in (
        ("status=paid,shipped", [paid]),
        ("q=chinu", [paid]),
        ("q=S-2", [draft]),
        ("q=0%25%20A", [draft]),
        ("q=h_nu", []),
        ("payment=unpaid", [draft]),
        (f"venue={shopper.venue.venue_id}&status=draft", [draft]),
        ("venue=00000000-0000-7000-8000-000000000000", []),
    ):
        _, answer = await staff.ask("GET", f"/admin/orders?{query}")
        assert [each["order_id"] for each in answer["orders"]] == [each["order_id"] for each in found], query
    for query in ("status=eaten", "venue=x", "before=yesterday", "before=2026-01-01T00:00:00"):
        status, answer = await staff.ask("GET", f"/admin/orders?{query}")
        assert (status, answer["error"]["code"]) == (400, "invalid"), query


async def test_papers_say_what_is_in_the_parcel_and_show_the_final_picture(
    shopper: Shopper, staff: Staff, sql: asyncpg.Connection
) -> None:
    order = await shopper.paid(quantity=2, note="Happy birthday, Jürgen! Ελλάδα, Привет.")
    path = f"/admin/orders/{order['order_id']}"
    slip = await _pdf(staff, f"{path}/packing_slip.pdf")
    words = "\n".join(page.extract_text() for page in slip.pages)
    for expected in ("Chinu", "Am Kai 7", "20457 Hamburg", "2 ×", "Mug", "S-1", "Hafenstraße 1", "Привет"):
        assert expected in words, expected
    assert "€" not in words
    assert "EUR" not in words, "a present carries no price"
    await until(lambda: _painted(sql))
    sheet = await _pdf(staff, f"{path}/production_sheet.pdf")
    assert "2 × Mug" in sheet.pages[0].extract_text()
    assert "Moin!" in sheet.pages[0].extract_text()
    async with staff.http.get(staff.cloud.url + f"{path}/picture?line=1") as answer:
        assert (answer.status, answer.content_type) == (200, "image/png")
        size = Image.open(io.BytesIO(await answer.read())).size
    assert [image.image.size for image in sheet.pages[0].images if image.image] == [size]


async def _pdf(staff: Staff, path: str) -> PdfReader:
    async with staff.http.get(staff.cloud.url + path) as answer:
        assert (answer.status, answer.content_type) == (200, "application/pdf"), await answer.text()
        return PdfReader(io.BytesIO(await answer.read()))


async def _painted(sql: asyncpg.Connection) -> bool:
    """The worker has painted the final picture."""
    return bool(await sql.fetchval("SELECT status FROM designs") == "ready")


async def test_of_two_who_change_the_shipping_the_second_is_asked(shopper: Shopper, staff: Staff) -> None:
    path = f"/api/venues/{shopper.venue.venue_id}/shipping"
    _, before = await staff.ask("GET", path)
    assert before["version"] == 1
    change = before | {"rules": before["rules"] | {"packaging_g": 250}}
    answers = await asyncio.gather(*(staff.ask("PUT", path, change) for _ in range(3)))
    assert sorted(status for status, _ in answers) == [200, 409, 409]
    flawed = {"version": 2, "rules": {"collect": False, "zones": []}}
    status, answer = await staff.ask("PUT", path, flawed)
    assert (status, answer["error"]["code"]) == (400, "rules_contradict")
    assert (await shopper.orders(2, address=ADDRESS))["shipping_minor"] == 690, "760 g and 250 g of packaging"
