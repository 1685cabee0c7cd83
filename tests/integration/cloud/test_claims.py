"""Claiming: a code binds one box to one venue, once, and a lost answer can be asked for again."""

from base64 import b64encode
from uuid import uuid4

import aiohttp
import asyncpg
import pytest

from cloud.app import Serving
from cloud.owners.venues.founding import NewVenue
from tests.fake_box import FakeBox
from tests.integration.cloud.hours import hold_windows

GOOD = {
    "code": "WRNG-2345-2345",
    "public_key": b64encode(bytes(range(32))).decode(),
    "node_id": str(uuid4()),
    "log_id": str(uuid4()),
}


async def test_a_code_works_once(
    cloud: Serving, venue: NewVenue, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    box = FakeBox()
    status, answer = await box.claim(http, cloud.url, venue.claim_code.lower().replace("-", " "))
    assert status == 200
    assert answer == {"venue_id": venue.venue_id, "restaurant_id": venue.restaurant_id, "epoch": 1}
    assert await box.claim(http, cloud.url, venue.claim_code) == (200, answer)
    status, answer = await FakeBox().claim(http, cloud.url, venue.claim_code)
    assert (status, answer["error"]["code"]) == (409, "claim_used")
    box.log_id = str(uuid4())
    assert (await box.claim(http, cloud.url, venue.claim_code))[0] == 409
    assert await sql.fetchval("SELECT count(*) FROM nodes") == 1


async def test_a_code_runs_out(
    cloud: Serving, venue: NewVenue, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    await sql.execute("UPDATE claim_codes SET expires_at = now() - interval '1 second'")
    status, answer = await FakeBox().claim(http, cloud.url, venue.claim_code)
    assert (status, answer["error"]["code"]) == (404, "claim_unknown")


async def test_the_code_itself_is_not_kept(venue: NewVenue, sql: asyncpg.Connection) -> None:
    kept = await sql.fetchval("SELECT string_agg(row_to_json(c)::text, '') FROM claim_codes c")
    assert venue.claim_code not in kept
    assert venue.claim_code.replace("-", "") not in kept


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (GOOD, 404, "claim_unknown"),
        ({**GOOD, "public_key": "***"}, 400, "invalid"),
        ({**GOOD, "public_key": b64encode(bytes(31)).decode()}, 400, "invalid"),
        ({**GOOD, "node_id": "7"}, 400, "invalid"),
        ({**GOOD, "log_id": 7}, 400, "invalid"),
        ({**GOOD, "code": None}, 400, "invalid"),
        ({"code": "X"}, 400, "invalid"),
        ([], 400, "invalid"),
    ],
)
async def test_refusals(
    cloud: Serving, http: aiohttp.ClientSession, body: object, status: int, code: str
) -> None:
    async with http.post(f"{cloud.url}/api/edge/claim", json=body) as response:
        answer = await response.json()
    assert (response.status, answer["error"]["code"]) == (status, code)
    assert answer["error"]["message"]


async def test_guessing_is_limited_for_all_processes_together(
    cloud: Serving, venue: NewVenue, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    await hold_windows(sql)
    statuses = []
    for _ in range(21):
        async with http.post(f"{cloud.url}/api/edge/claim", json=GOOD) as response:
            statuses.append(response.status)
    assert statuses == [404] * 20 + [429]
    assert 0 < int(response.headers["Retry-After"]) <= 300
    async with http.post(f"{cloud.url}/api/edge/claim", json={**GOOD, "code": venue.claim_code}) as response:
        assert response.status == 429
