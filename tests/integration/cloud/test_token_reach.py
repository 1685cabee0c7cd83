"""Programs whose token is bound to some venues: every route, everything that is listed, and who may bind.

Rule of the file: a token is held to its bounds by the same gate and the same wall as people, so it is walked
over the routes as they are (`test_reach.py`); no route is named but those that make and bind tokens.
"""

from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg
import pytest

from cloud.app import Serving
from cloud.owners.people.roles import SCOPES
from tests.integration.cloud.organisation import (
    Key,
    Organisation,
    address_of,
    annex,
    call,
    enter,
    found,
    token_of,
)
from tests.integration.cloud.test_gate import BODIES, _name, _of_owners
from tests.integration.cloud.test_reach import Reader, _about


@pytest.fixture
async def harbour(cloud: Serving) -> Organisation:
    return await found(cloud, "harbour")


@pytest.fixture
async def second(cloud: Serving, harbour: Organisation) -> Organisation:
    """The same organisation's other venue, which no token here is bound to."""
    return await annex(cloud, harbour, "harbour")


@pytest.fixture
async def owner(cloud: Serving, harbour: Organisation, http: aiohttp.ClientSession) -> Reader:
    return Reader(http, cloud.url, await enter(cloud, harbour, "owner"))


@pytest.mark.parametrize("bound_to", ["venue_id", "brand_id"])
async def test_a_bound_token_may_what_its_scopes_open_at_its_venue(
    cloud: Serving, harbour: Organisation, http: aiohttp.ClientSession, bound_to: str
) -> None:
    await cloud.pool.execute("UPDATE exports SET venues = $1", [harbour.ids["venue_id"]])
    for route in _of_owners(cloud):
        key = await token_of(cloud, harbour, *SCOPES, reach=frozenset({harbour.ids[bound_to]}))
        status, code = await call(http, cloud.url + address_of(route, harbour), route, key)
        if not route.scope:
            assert (status, code) == (403, "forbidden"), _name(route)
        elif route.whole:
            assert (status, code) == (403, "beyond_reach"), _name(route)
        else:
            assert status < 500, (_name(route), status, code)
            assert status not in (401, 403), (_name(route), code)


async def test_a_bound_token_finds_nothing_of_the_other_venue(
    cloud: Serving, harbour: Organisation, second: Organisation, http: aiohttp.ClientSession
) -> None:
    about = [route for route in _of_owners(cloud) if _about(route) and route.scope]
    assert len(about) > 20
    for route in about:
        key = await token_of(cloud, harbour, *SCOPES, reach=frozenset({harbour.ids["venue_id"]}))
        url = cloud.url + address_of(route, second)
        status, code = await call(http, url, route, key, BODIES.get(_name(route)))
        if route.whole:
            assert (status, code) == (403, "beyond_reach"), _name(route)
        else:
            assert (status, code.partition("_")[0]) == (404, "unknown"), (_name(route), code)


def _program(http: aiohttp.ClientSession, cloud: Serving, token: str) -> Reader:
    return Reader(http, cloud.url, Key({"Authorization": f"Bearer {token}"}))


async def _venues(program: Reader) -> set[str]:
    status, answer = await program("/api/venues")
    assert status == 200
    return {row["venue_id"] for row in answer["venues"]}


async def test_a_token_is_bound_when_it_is_made_and_anew_from_its_next_call(
    cloud: Serving,
    harbour: Organisation,
    second: Organisation,
    owner: Reader,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
) -> None:
    own, other = harbour.ids["venue_id"], second.ids["venue_id"]
    wish = {"name": "till", "scopes": ["venues:read", "exports:write"], "reach": [own]}
    status, made = await owner("/api/tokens", "POST", wish)
    assert status == 201
    program = _program(http, cloud, made["token"])
    assert await _venues(program) == {own}
    asked = {"what": "orders", "format": "csv", "first": "2026-03-01", "last": "2026-03-02"}
    status, export = await program("/api/exports", "POST", asked)
    assert (status, export["venue_ids"]) == (201, [own])
    for reach, sees in (([other], {other}), ([harbour.ids["brand_id"]], {own, other}), (None, {own, other})):
        answer = await owner(f"/api/tokens/{made['token_id']}", "PATCH", {"reach": reach})
        assert answer[0] == 200
        assert await _venues(program) == sees
    _, listed = await owner("/api/tokens")
    assert {row["token_id"]: row["reach"] for row in listed["tokens"]}[made["token_id"]] is None
    told = await sql.fetch("SELECT action, after FROM audit WHERE action LIKE 'token%' ORDER BY audit_id")
    assert [row["action"] for row in told] == ["token made", *["token bound"] * 3]
    assert own in told[0]["after"]


async def test_a_token_of_a_brand_without_venues_exports_nothing(
    cloud: Serving, harbour: Organisation, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    brand_id = str(uuid4())
    await sql.execute(
        "INSERT INTO brands (brand_id, organisation_id, name) VALUES ($1, $2, 'Not open yet')",
        *(brand_id, harbour.organisation_id),
    )
    key = await token_of(cloud, harbour, *SCOPES, reach=frozenset({brand_id}))
    days = {"first": "2026-03-01", "last": "2026-03-02"}
    program = Reader(http, cloud.url, key)
    for path, asked in (
        ("/api/exports", {"what": "orders", "format": "csv", **days}),
        ("/admin/exports", days),
    ):
        status, answer = await program(path, "POST", asked)
        assert (status, answer["error"]["code"]) == (404, "unknown_venue"), path


async def test_the_live_socket_tells_a_bound_token_of_its_venue_alone(
    cloud: Serving, harbour: Organisation, second: Organisation, http: aiohttp.ClientSession
) -> None:
    own = second.ids["venue_id"]
    key = await token_of(cloud, harbour, "venues:read", "reports:read", reach=frozenset({own}))
    async with http.ws_connect(f"{cloud.url}/ws/owner", headers=key.headers) as socket:
        told = [await socket.receive_json(timeout=30) for _ in range(3)]
    assert {row["venue_id"] for row in told} == {own}


@pytest.mark.parametrize("reach", [["of another"], [], ["nothing"], "everything"])
async def test_bounds_that_cannot_be_meant(
    cloud: Serving, harbour: Organisation, owner: Reader, reach: Any, sql: asyncpg.Connection
) -> None:
    refusal = (404, "unknown_venue") if reach == ["of another"] else (400, "invalid")
    if reach == ["of another"]:
        reach = [(await found(cloud, "pier")).ids["venue_id"]]
    count = "SELECT count(*) FROM api_tokens WHERE organisation_id = $1"
    before = await sql.fetchval(count, harbour.organisation_id)
    status, answer = await owner(
        "/api/tokens", "POST", {"name": "x", "scopes": ["venues:read"], "reach": reach}
    )
    assert (status, answer["error"]["code"]) == refusal
    status, answer = await owner(f"/api/tokens/{harbour.ids['token_id']}", "PATCH", {"reach": reach})
    assert (status, answer["error"]["code"]) == refusal
    assert await sql.fetchval(count, harbour.organisation_id) == before
    assert await sql.fetchval("SELECT count(*) FROM api_tokens WHERE reach IS NOT NULL") == 0
