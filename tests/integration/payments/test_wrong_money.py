"""Card money of another amount than was asked for: accepted or given back, once, and the books agree."""

import asyncio
from typing import Any

import aiohttp
import asyncpg
import pytest

from cloud.payments.asking import Asking
from cloud.payments.refunding import Refunding
from cloud.store.money import wallets
from firmware_profiles.emulators.stripe.standin import StripeStandIn
from tests.integration.afar.linked import Linked, eventually
from tests.integration.payments.paying import confirm, until_status, wanted


async def too_little_came(
    stand: Linked, stripe: StripeStandIn, http: aiohttp.ClientSession, sql: asyncpg.Connection, **intent: Any
) -> None:
    """A top-up of 12.50 for Mia, for which something else comes."""
    organisation_id = str(await sql.fetchval("SELECT organisation_id FROM organisations"))
    await wallets.add(sql, organisation_id, "mia", "Mia", "EUR")
    asked = wanted(organisation_id, purpose="top_up", subject="mia")
    opened = await stand.cloud.cards.begin(asked)
    assert opened.client_secret is not None
    next(iter(stripe.books.things["payment_intent"].values())).update(intent)
    await confirm(http, stripe, opened.client_secret)
    await until_status(sql, "UNKNOWN")


async def _decide(stand: Linked, decision: str, mid: str = "decide-0001") -> tuple[int, Any]:
    url = f"{stand.cloud.url}/api/money/payments/pay-1/decision"
    body = {"mid": mid, "decision": decision, "reason": "agreed with the guest"}
    return await stand.call("POST", url, body)


async def _books(sql: asyncpg.Connection) -> dict[str, int]:
    rows = await sql.fetch("SELECT account, sum(amount_minor)::bigint AS minor FROM ledger GROUP BY account")
    return {row["account"]: row["minor"] for row in rows if row["minor"]}


@pytest.mark.parametrize("came", [900, 1500])
async def test_accepted_it_counts_as_asked_for_and_the_rest_is_a_difference(
    stand: Linked, stripe: StripeStandIn, http: aiohttp.ClientSession, sql: asyncpg.Connection, came: int
) -> None:
    await too_little_came(stand, stripe, http, sql, amount=came)
    (row,) = (await stand.call("GET", f"{stand.cloud.url}/api/money"))[1]["differences"]
    assert (row["kind"], row["amount_minor"], row["received_minor"]) == ("look", 1250, came)
    status, said = await _decide(stand, "accept")
    assert (status, said) == (200, {"status": "COMPLETED", "refund_status": None})
    assert await _decide(stand, "accept") == (200, said)
    status, said = await _decide(stand, "give_back", "decide-0002")
    assert (status, said["error"]["code"]) == (409, "payment_final")
    assert await _books(sql) == {"stripe": -came, "wallet:mia": 1250, "differences": came - 1250}
    assert (await stand.call("GET", f"{stand.cloud.url}/api/money"))[1]["differences"] == []
    assert stripe.books.things["refund"] == {}


@pytest.mark.parametrize("came", [900, 1500])
async def test_what_was_accepted_can_go_back_as_much_as_came_and_the_difference_with_it(
    stand: Linked, stripe: StripeStandIn, http: aiohttp.ClientSession, sql: asyncpg.Connection, came: int
) -> None:
    await too_little_came(stand, stripe, http, sql, amount=came)
    await _decide(stand, "accept")
    refunds = f"{stand.cloud.url}/api/money/payments/pay-1/refunds"
    part = {"mid": "refund-01", "reason": "part of it", "amount_minor": 400}
    assert (await stand.call("POST", refunds, part))[1]["status"] == "COMPLETED"
    assert (await _books(sql))["differences"] == came - 1250
    too_much = {"mid": "refund-02", "reason": "more than came", "amount_minor": came - 399}
    assert (await stand.call("POST", refunds, too_much))[1]["error"]["code"] == "refund_too_high"
    status, said = await stand.call("POST", refunds, {"mid": "refund-03", "reason": "the rest"})
    assert (status, said["status"], said["amount_minor"]) == (201, "COMPLETED", came - 400)
    assert sum(each["amount"] for each in stripe.books.things["refund"].values()) == came
    assert await _books(sql) == {}
    row = await sql.fetchrow("SELECT status, refunded_minor FROM card_payments")
    assert row is not None
    assert tuple(row) == ("REFUNDED", came)


async def test_given_back_all_that_came_returns_once_and_nothing_stands_in_the_books(
    stand: Linked, stripe: StripeStandIn, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    await too_little_came(stand, stripe, http, sql, amount=1500)
    stripe.faults.lose_answers = True
    status, said = await _decide(stand, "give_back")
    assert (status, said) == (200, {"status": "FAILED", "refund_status": "UNKNOWN"})
    stripe.faults.lose_answers = False
    assert (await _decide(stand, "give_back"))[0] == 200
    await sql.execute("UPDATE card_refunds SET ask_at = now()")
    await Asking(stand.cloud.cards, Refunding(stand.cloud.cards), 1).turn()

    async def returned() -> bool:
        return [row["status"] for row in await sql.fetch("SELECT status FROM card_refunds")] == ["COMPLETED"]

    await eventually(returned)
    assert [each["amount"] for each in stripe.books.things["refund"].values()] == [1500]
    assert (await _decide(stand, "accept", "decide-0002"))[1]["error"]["code"] == "payment_final"
    assert await _books(sql) == {}
    row = await sql.fetchrow("SELECT status, failure, refunded_minor FROM card_payments")
    assert row is not None
    assert tuple(row) == ("FAILED", "given back: 1500 came instead of 1250", 0)


async def test_of_two_who_decide_at_once_one_is_told(
    stand: Linked, stripe: StripeStandIn, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    await too_little_came(stand, stripe, http, sql, amount=900)
    both = await asyncio.gather(_decide(stand, "accept"), _decide(stand, "give_back", "decide-0002"))
    assert sorted(status for status, _ in both) == [200, 409]
    status = await sql.fetchval("SELECT status FROM card_payments")
    assert status == ("COMPLETED" if both[0][0] == 200 else "FAILED")


async def test_money_of_another_currency_can_only_go_back(
    stand: Linked, stripe: StripeStandIn, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    await too_little_came(stand, stripe, http, sql, currency="usd")
    assert (await _decide(stand, "accept"))[1]["error"]["code"] == "wrong_currency"
    status, said = await _decide(stand, "give_back")
    assert (status, said["refund_status"]) == (200, "COMPLETED")
