"""What tests of card money share: something to pay, a guest who pays it, and waiting for what follows."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import asyncpg

from cloud.payments.gateway import Line, Wanted
from cloud.store.money.card_payments import CardPayment
from firmware_profiles.emulators.stripe.standin import PUBLISHABLE_KEY, StripeStandIn

#: For conditions that hold soon on a quiet machine.
PATIENCE_S = 60


def wanted(organisation_id: str, payment_id: str = "pay-1", *, page: bool = False, **other: Any) -> Wanted:
    """12.50 for something; with `page` on the provider's own page."""
    lines = (Line("Burger", 1000), Line("Sauce", 125, 2)) if page else ()
    fields: dict[str, Any] = {
        "purpose": "test",
        "subject": "thing-1",
        "amount_minor": 1250,
        "currency": "EUR",
    }
    fields |= {"success_url": "http://shop.example/done?s={CHECKOUT_SESSION_ID}"} if page else {}
    fields |= other
    return Wanted(payment_id=payment_id, organisation_id=organisation_id, lines=lines, **fields)


class Follows:
    """Hears of ends of payments and writes them down in the transaction itself, as real followers do."""

    async def __call__(self, connection: asyncpg.Connection, payment: CardPayment) -> None:
        await connection.execute(
            "INSERT INTO followed (payment_id, status) VALUES ($1, $2)", payment.payment_id, payment.status
        )


async def following(sql: asyncpg.Connection) -> Follows:
    """A follower and its table."""
    await sql.execute("CREATE TABLE followed (payment_id text, status text)")
    return Follows()


async def followed(sql: asyncpg.Connection) -> list[tuple[str, str]]:
    """What followed, in order."""
    return [tuple(row) for row in await sql.fetch("SELECT payment_id, status FROM followed")]


async def confirm(
    http: aiohttp.ClientSession, stripe: StripeStandIn, secret: str, card: str = "pm_card_visa"
) -> tuple[int, dict[str, Any]]:
    """An app confirms the payment at Stripe with the secret it was given."""
    name = secret.partition("_secret_")[0]
    async with http.post(
        f"{stripe.url}/v1/payment_intents/{name}/confirm",
        data={"client_secret": secret, "payment_method": card},
        headers={"Authorization": f"Bearer {PUBLISHABLE_KEY}"},
    ) as answer:
        return answer.status, json.loads(await answer.read())


async def type_in(http: aiohttp.ClientSession, url: str, number: str = "4242 4242 4242 4242") -> str | None:
    """A guest types a card in on the hosted page; where they are sent then, None if it was refused."""
    async with http.post(url, data={"number": number}, allow_redirects=False) as answer:
        return answer.headers.get("Location")


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it holds."""
    ends = time.monotonic() + PATIENCE_S
    while not await holds():
        assert time.monotonic() < ends, holds
        await asyncio.sleep(0.02)


async def status_of(sql: asyncpg.Connection, payment_id: str = "pay-1") -> str:
    """The state of a card payment in the database."""
    status: str = await sql.fetchval("SELECT status FROM card_payments WHERE payment_id = $1", payment_id)
    return status


async def until_status(sql: asyncpg.Connection, status: str, payment_id: str = "pay-1") -> None:
    """Wait for a state."""

    async def there() -> bool:
        return await status_of(sql, payment_id) == status

    await until(there)


async def until_delivered(stripe: StripeStandIn, count: int) -> None:
    """Wait until the endpoint has taken so many deliveries."""

    async def taken() -> bool:
        return sum(200 <= status < 300 for _, status in stripe.deliveries.answered) >= count

    await until(taken)
