"""The webhook's door: what is not signed changes nothing, what is cut off in the middle is not half done."""

import json
import time
from typing import Any

import aiohttp
import asyncpg
import pytest

from cloud.app import Serving
from cloud.store.money.card_payments import CardPayment
from firmware_profiles.emulators.stripe.deliveries import signature
from firmware_profiles.emulators.stripe.standin import WEBHOOK_SECRET, StripeStandIn
from tests.integration.payments.paying import confirm, status_of, until, until_status, wanted


async def _send(
    http: aiohttp.ClientSession, cloud: Serving, body: bytes, signed: str
) -> tuple[int, dict[str, Any]]:
    headers = {"Stripe-Signature": signed, "Content-Type": "application/json"}
    async with http.post(f"{cloud.url}/api/stripe/webhook", data=body, headers=headers) as answer:
        return answer.status, await answer.json()


def _succeeded(organisation_id: str, event_id: str = "evt_1") -> bytes:
    metadata = {"organisation_id": organisation_id, "payment_id": "pay-1"}
    paid: dict[str, Any] = {
        "object": "payment_intent",
        "id": "pi_1",
        "status": "succeeded",
        "metadata": metadata,
    }
    paid |= {"amount_received": 1250, "currency": "eur"}
    data = {"object": paid}
    event = {"id": event_id, "object": "event", "type": "payment_intent.succeeded", "data": data}
    return json.dumps({**event, "created": int(time.time())}).encode()


@pytest.mark.parametrize("flaw", ["none", "nonsense", "other secret", "other body", "too old", "ünïcode"])
async def test_what_stripe_did_not_sign_changes_nothing(
    cloud: Serving,
    stripe: StripeStandIn,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
    organisation_id: str,
    flaw: str,
) -> None:
    stripe.whims.lost = True
    await cloud.cards.begin(wanted(organisation_id))
    body, now = _succeeded(organisation_id), int(time.time())
    signed = {
        "none": "",
        "nonsense": "t=soon,v1=trust me",
        "other secret": signature("whsec_guessed", body, now),
        "other body": signature(WEBHOOK_SECRET, body + b" ", now),
        "too old": signature(WEBHOOK_SECRET, body, now - 3600),
        "ünïcode": "t=1,v1=ü",
    }[flaw]
    status, said = await _send(http, cloud, body, signed)
    assert (status, said["error"]["code"]) == (400, "bad_signature")
    assert await status_of(sql) == "PENDING"
    assert await sql.fetchval("SELECT count(*) FROM stripe_event_log") == 0


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b"not json",
        b'{"id":"evt_9","type":"x","created":1,"data":{"object":{}}}',
        b'{"id":"evt_8","type":"x","created":1,"data":{"object":{"object":"refund","metadata":null}}}',
        b'{"id":"evt_7","type":"x","created":1,"data":{"object":{"object":"payment_intent","id":"pi_x",'
        b'"metadata":{"organisation_id":"nobody","payment_id":"1"}}}}',
    ],
)
async def test_signed_words_that_mean_nothing_are_taken_and_change_nothing(
    cloud: Serving, http: aiohttp.ClientSession, sql: asyncpg.Connection, body: bytes
) -> None:
    status, said = await _send(http, cloud, body, signature(WEBHOOK_SECRET, body, int(time.time())))
    assert (status, said["received"]) == (200, True)
    assert await sql.fetchval("SELECT count(*) FROM card_payments") == 0


async def test_a_body_as_large_as_a_picture_is_refused(cloud: Serving, http: aiohttp.ClientSession) -> None:
    status, said = await _send(http, cloud, b" " * 300_000, "t=1,v1=x")
    assert (status, said["error"]["code"]) == (413, "too_large")


async def test_one_event_takes_effect_once_however_often_it_comes(
    cloud: Serving, http: aiohttp.ClientSession, sql: asyncpg.Connection, organisation_id: str
) -> None:
    await cloud.cards.begin(wanted(organisation_id))
    body = _succeeded(organisation_id)
    signed = signature(WEBHOOK_SECRET, body, int(time.time()))
    outcomes = [(await _send(http, cloud, body, signed))[1]["outcome"] for _ in range(3)]
    assert outcomes == ["COMPLETED", "known", "known"]


async def test_a_process_that_dies_in_the_middle_has_done_nothing_and_hears_again(
    cloud: Serving,
    stripe: StripeStandIn,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
    organisation_id: str,
) -> None:
    """The connection is killed by Postgres after the event was written down and before the commit."""
    deaths = 0

    async def dies(connection: asyncpg.Connection, payment: CardPayment) -> None:
        nonlocal deaths
        if deaths < 2:
            deaths += 1
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    cloud.cards.purposes.on("test", dies)
    opened = await cloud.cards.begin(wanted(organisation_id))
    assert opened.client_secret is not None
    await confirm(http, stripe, opened.client_secret)
    await until_status(sql, "COMPLETED")
    assert deaths == 2

    async def all_written_down() -> bool:
        written: int = await sql.fetchval("SELECT count(*) FROM stripe_event_log")
        return written == len(stripe.books.things["event"])

    await until(all_written_down)
    assert {status for _, status in stripe.deliveries.answered} == {200, 503}
