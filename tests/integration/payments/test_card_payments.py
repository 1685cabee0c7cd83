"""Card payments, Stripe behaving or not: money moves once and states never go back."""

import aiohttp
import asyncpg
import pytest

from cloud.app import Serving
from cloud.payments.asking import Asking
from cloud.payments.refunding import Refunding, RefundWanted
from firmware_profiles.emulators.stripe.standin import StripeStandIn
from protocol.errors import Refused
from tests.integration.payments.paying import (
    confirm,
    followed,
    following,
    status_of,
    type_in,
    until_delivered,
    until_status,
    wanted,
)


async def test_an_app_confirms_with_its_secret_and_the_webhook_settles(
    cloud: Serving,
    stripe: StripeStandIn,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
    organisation_id: str,
) -> None:
    cloud.cards.purposes.on("test", await following(sql))
    opened = await cloud.cards.begin(wanted(organisation_id))
    assert (opened.payment.status, opened.url) == ("PENDING", None)
    assert opened.client_secret is not None
    again = await cloud.cards.begin(wanted(organisation_id))
    assert again.client_secret == opened.client_secret
    assert (await confirm(http, stripe, opened.client_secret))[0] == 200
    await until_status(sql, "COMPLETED")
    await until_delivered(stripe, 3)
    assert await followed(sql) == [("pay-1", "COMPLETED")]
    assert len(stripe.books.things["charge"]) == 1
    outcomes = dict(await sql.fetch("SELECT type, outcome FROM stripe_event_log"))
    # Stripe's word that there is one may come before the answer to whoever asked for it.
    assert outcomes.pop("payment_intent.created") in ("nothing new", "PENDING")
    assert outcomes == {"charge.succeeded": "not for us", "payment_intent.succeeded": "COMPLETED"}


async def test_the_same_id_never_stands_for_other_money(cloud: Serving, organisation_id: str) -> None:
    await cloud.cards.begin(wanted(organisation_id))
    with pytest.raises(Refused) as refused:
        await cloud.cards.begin(wanted(organisation_id, amount_minor=1))
    assert refused.value.refusal.code == "mid_reused"


async def test_a_refused_card_may_be_followed_by_another_on_the_hosted_page(
    cloud: Serving,
    stripe: StripeStandIn,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
    organisation_id: str,
) -> None:
    opened = await cloud.cards.begin(wanted(organisation_id, page=True))
    assert opened.url is not None
    assert await type_in(http, opened.url, "4000 0000 0000 9995") is None
    tried = await cloud.cards.look(organisation_id, "pay-1")
    assert (tried.status, tried.code) == ("PENDING", "insufficient_funds")
    back = await type_in(http, opened.url)
    assert back == f"http://shop.example/done?s={tried.session}"
    # The guest is back before the webhook, or after it: both ask the same question.
    assert (await cloud.cards.look(organisation_id, "pay-1")).status == "COMPLETED"
    assert len([each for each in stripe.books.things["charge"].values() if each["paid"]]) == 1


async def test_a_bank_that_asks_first_is_asked(
    cloud: Serving,
    http: aiohttp.ClientSession,
    stripe: StripeStandIn,
    sql: asyncpg.Connection,
    organisation_id: str,
) -> None:
    opened = await cloud.cards.begin(wanted(organisation_id, page=True))
    assert opened.url is not None
    bank = await type_in(http, opened.url, "4000 0025 0000 3155")
    assert bank is not None
    assert bank.startswith(f"{stripe.url}/authenticate/")
    assert await status_of(sql) == "PENDING"
    async with http.post(bank, data={"agreed": "yes"}, allow_redirects=False) as answer:
        assert answer.status == 303
    await until_status(sql, "COMPLETED")


async def test_whoever_hears_first_the_outcome_follows_once(
    cloud: Serving,
    stripe: StripeStandIn,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
    organisation_id: str,
) -> None:
    """Redirect and webhooks race; webhooks come twice and in any order."""
    cloud.cards.purposes.on("test", await following(sql))
    stripe.whims.twice = stripe.whims.shuffled = stripe.whims.hold = True
    opened = await cloud.cards.begin(wanted(organisation_id, page=True))
    assert opened.url is not None
    await type_in(http, opened.url, "4000 0000 0000 0002")
    await type_in(http, opened.url)
    stripe.deliveries.release()
    await cloud.cards.look(organisation_id, "pay-1")
    await until_delivered(stripe, 2 * len(stripe.books.things["event"]))
    assert await status_of(sql) == "COMPLETED"
    assert await followed(sql) == [("pay-1", "COMPLETED")]
    assert await sql.fetchval("SELECT count(*) FROM stripe_event_log") == len(stripe.books.things["event"])


async def test_money_of_another_amount_settles_nothing(
    cloud: Serving,
    stripe: StripeStandIn,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
    organisation_id: str,
) -> None:
    cloud.cards.purposes.on("test", await following(sql))
    opened = await cloud.cards.begin(wanted(organisation_id))
    assert opened.client_secret is not None
    (intent,) = stripe.books.things["payment_intent"].values()
    intent["amount"] = 1
    await confirm(http, stripe, opened.client_secret)
    await until_status(sql, "UNKNOWN")
    assert await sql.fetchval("SELECT trouble FROM card_payments") == "1 came instead of 1250"
    assert (await cloud.cards.look(organisation_id, "pay-1")).status == "UNKNOWN"
    assert await followed(sql) == []


async def test_a_charge_whose_answer_was_lost_is_asked_about_and_never_repeated(
    cloud: Serving,
    stripe: StripeStandIn,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
    organisation_id: str,
) -> None:
    stripe.faults.lose_answers = True
    lost = await cloud.cards.begin(wanted(organisation_id))
    assert lost.payment.status == "UNKNOWN"
    stripe.faults.lose_answers = False
    opened = await cloud.cards.begin(wanted(organisation_id))
    assert opened.client_secret is not None
    assert len(stripe.books.things["payment_intent"]) == 1
    stripe.whims.lost = True
    await confirm(http, stripe, opened.client_secret)
    stripe.faults.hang()
    assert (await cloud.cards.look(organisation_id, "pay-1")).status == "UNKNOWN"
    stripe.faults.answer()
    stripe.broken = True
    assert (await cloud.cards.look(organisation_id, "pay-1")).status == "UNKNOWN"
    stripe.broken = False
    await sql.execute("UPDATE card_payments SET ask_at = now()")
    await Asking(cloud.cards, Refunding(cloud.cards), 1).turn()
    assert await status_of(sql) == "COMPLETED"
    assert len(stripe.books.things["charge"]) == 1


async def test_what_is_called_off_cannot_be_paid_and_what_is_paid_cannot_be_called_off(
    cloud: Serving, http: aiohttp.ClientSession, stripe: StripeStandIn, organisation_id: str
) -> None:
    opened = await cloud.cards.begin(wanted(organisation_id, page=True))
    assert opened.url is not None
    assert (await cloud.cards.cancel(organisation_id, "pay-1")).status == "FAILED"
    assert await type_in(http, opened.url) is None
    other = await cloud.cards.begin(wanted(organisation_id, "pay-2"))
    assert other.client_secret is not None
    await confirm(http, stripe, other.client_secret)
    assert (await cloud.cards.cancel(organisation_id, "pay-2")).status == "COMPLETED"


def _back(organisation_id: str, refund_id: str, amount_minor: int | None) -> RefundWanted:
    return RefundWanted(organisation_id, refund_id, "pay-1", amount_minor, "cold", "ada@example.com", "owner")


async def test_refunds_race_and_never_exceed_the_payment(
    cloud: Serving,
    stripe: StripeStandIn,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
    organisation_id: str,
) -> None:
    cloud.cards.purposes.on("test", await following(sql))
    refunding = Refunding(cloud.cards)
    opened = await cloud.cards.begin(wanted(organisation_id))
    assert opened.client_secret is not None
    await confirm(http, stripe, opened.client_secret)
    await until_status(sql, "COMPLETED")
    stripe.faults.lose_answers = stripe.whims.lost = True
    lost = await refunding.give_back(_back(organisation_id, "back-1", 1000))
    assert lost.status == "UNKNOWN"
    stripe.faults.lose_answers = False
    with pytest.raises(Refused) as refused:
        await refunding.give_back(_back(organisation_id, "back-2", 1000))
    assert refused.value.refusal.code == "refund_too_high"
    await sql.execute("UPDATE card_refunds SET ask_at = now()")
    await Asking(cloud.cards, refunding, 1).turn()
    assert await sql.fetchval("SELECT status FROM card_refunds") == "COMPLETED"
    assert (await refunding.give_back(_back(organisation_id, "back-3", None))).amount_minor == 250
    assert await status_of(sql) == "REFUNDED"
    assert sum(each["amount"] for each in stripe.books.things["refund"].values()) == 1250
    assert await followed(sql) == [("pay-1", "COMPLETED"), ("pay-1", "REFUNDED")]


async def test_a_refund_made_at_stripe_comes_before_its_payment_was_heard_of(
    cloud: Serving,
    stripe: StripeStandIn,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
    organisation_id: str,
) -> None:
    opened = await cloud.cards.begin(wanted(organisation_id))
    assert opened.client_secret is not None
    stripe.whims.lost = True
    await confirm(http, stripe, opened.client_secret)
    stripe.whims.lost = False
    (intent,) = stripe.books.things["payment_intent"]
    stripe.books.refund(intent, 250, None, {})
    await until_delivered(stripe, 3)
    assert await status_of(sql) == "COMPLETED"
    assert await sql.fetchval("SELECT refunded_minor FROM card_payments") == 250
    assert await sql.fetchval("SELECT by FROM card_refunds") == "stripe"
