"""Webhooks: how many signed events a cloud process takes in a second, each verified, folded and on disk.

Limit beside it: the same bodies inserted by the same number of connections, one transaction each, with no
HTTP, no signature and nothing that follows.
"""

import asyncio
import json
import logging
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import aiohttp
import asyncpg
import msgspec
import structlog

from cloud.app import serving
from cloud.config import Config
from cloud.owners.venues import founding
from cloud.store.embedded_postgres import EmbeddedPostgres
from firmware_profiles.emulators.stripe.deliveries import signature
from firmware_profiles.emulators.stripe.standin import SECRET_KEY, WEBHOOK_SECRET
from tests.bench.rows import Row

EVENTS = 3000
AT_ONCE = 16
_NOBODY = "http://127.0.0.1:9"
_BEGUN = """
    INSERT INTO card_payments (organisation_id, payment_id, purpose, subject, amount_minor, currency, wanted,
        status, reference, ask_at)
    SELECT $1, 'pay-' || n, 'bench', 'x', 1250, 'EUR', '{}', 'PENDING', 'pi_' || n, 'infinity'
    FROM generate_series(1, $2) AS n
"""


async def measure() -> list[Row]:
    """One process, one Postgres beside it; every event completes a payment of its own."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary)
        server = EmbeddedPostgres(directory / "postgres")
        await asyncio.to_thread(server.start)
        try:
            config = msgspec.structs.replace(
                Config(), port=0, stripe_secret=SECRET_KEY, stripe_webhook_secret=WEBHOOK_SECRET,
                stripe_api=_NOBODY, card_ask_every_s=3600, works=False,
            )  # fmt: skip
            async with serving(config, server.url) as cloud:
                organisation_id = await founding.create_owner(
                    cloud.pool, "bench@holdfast.example", "a long pass phrase"
                )
                await cloud.pool.execute(_BEGUN, organisation_id, EVENTS)
                bodies = [_succeeded(organisation_id, number) for number in range(1, EVENTS + 1)]
                ours_s = await _told(f"{cloud.url}/api/stripe/webhook", bodies)
            limit_s = await _inserted(server.url, bodies)
        finally:
            await asyncio.to_thread(server.stop)
    rates = EVENTS / ours_s, EVENTS / limit_s
    return [Row.ratio("webhooks: events taken", *rates, "events/s", "each event", "none set")]


def _succeeded(organisation_id: str, number: int) -> bytes:
    metadata = {"organisation_id": organisation_id, "payment_id": f"pay-{number}"}
    intent = {"object": "payment_intent", "id": f"pi_{number}", "status": "succeeded", "metadata": metadata}
    paid = {**intent, "amount_received": 1250, "currency": "eur"}
    event = {"id": f"evt_{uuid4().hex}", "type": "payment_intent.succeeded", "data": {"object": paid}}
    return json.dumps({**event, "created": int(time.time())}).encode()


async def _each(bodies: list[bytes], act: Callable[[bytes], Awaitable[None]]) -> float:
    """Seconds until everybody has done all; `AT_ONCE` at a time."""
    waiting = iter(bodies)

    async def work() -> None:
        for body in waiting:
            await act(body)

    began_s = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(work())
    return time.monotonic() - began_s


async def _told(url: str, bodies: list[bytes]) -> float:
    async with aiohttp.ClientSession() as http:

        async def tell(body: bytes) -> None:
            headers = {"Stripe-Signature": signature(WEBHOOK_SECRET, body, int(time.time()))}
            async with http.post(url, data=body, headers=headers) as answer:
                said = await answer.json()
                if (answer.status, said["outcome"]) != (200, "COMPLETED"):
                    raise RuntimeError(f"{answer.status} {said}")

        return await _each(bodies, tell)


async def _inserted(url: str, bodies: list[bytes]) -> float:
    async with asyncpg.create_pool(url, min_size=AT_ONCE, max_size=AT_ONCE) as pool:
        await pool.execute("CREATE TABLE bare (LIKE stripe_event_log INCLUDING ALL)")

        async def insert(body: bytes) -> None:
            await pool.execute(
                "INSERT INTO bare (event_id, type, made_at, outcome, body) VALUES ($1, 'x', now(), 'x', $2)",
                uuid4().hex,
                body.decode(),
            )

        return await _each(bodies, insert)
