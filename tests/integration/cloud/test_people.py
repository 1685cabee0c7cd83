"""Colleagues: invited, let in, promoted, removed; tokens for programs; and all of it in the audit."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import asyncpg
import pytest

from cloud.app import Serving
from tests.integration.cloud.organisation import Key, Organisation, enter, found


@pytest.fixture
async def harbour(cloud: Serving) -> Organisation:
    return await found(cloud, "harbour")


class Caller:
    """Somebody with a key."""

    def __init__(self, http: aiohttp.ClientSession, url: str, key: Key) -> None:
        self._http, self._url, self._key = http, url, key

    async def __call__(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        headers = {**self._key.headers, "X-CSRF-Token": self._key.csrf}
        async with self._http.request(method, self._url + path, json=body, headers=headers) as response:
            answer = await response.json()
        return response.status, answer["error"]["code"] if "error" in answer else answer


@pytest.fixture
async def owner(cloud: Serving, harbour: Organisation, http: aiohttp.ClientSession) -> Caller:
    return Caller(http, cloud.url, await enter(cloud, harbour, "owner"))


@pytest.fixture
async def stranger(cloud: Serving) -> AsyncIterator[Caller]:
    """With a browser of their own: whoever is let in gets a cookie."""
    async with aiohttp.ClientSession() as http:
        yield Caller(http, cloud.url, Key({}))


async def test_an_invitation_lets_one_person_in_once(owner: Caller, stranger: Caller) -> None:
    status, answer = await owner(
        "POST", "/api/invitations", {"email": " Eve@Example.com", "role": "accountant"}
    )
    assert status == 201
    token = answer["path"].rpartition("/")[2]
    status, welcome = await stranger("POST", "/api/invitation", {"token": token})
    assert (status, welcome["email"], welcome["role"]) == (200, "eve@example.com", "accountant")
    weak = {"token": token, "name": "Eve", "password": "short"}
    assert await stranger("POST", "/api/invitation/accept", weak) == (400, "weak_password")
    good = {**weak, "password": "long enough for her"}
    answers = await asyncio.gather(*(stranger("POST", "/api/invitation/accept", good) for _ in range(3)))
    assert sorted(status for status, _ in answers) == [200, 404, 404]
    _, people = await owner("GET", "/api/people")
    eve = next(each for each in people["people"] if each["email"] == "eve@example.com")
    assert (eve["name"], eve["role"], eve["you"]) == ("Eve", "accountant", False)
    again = {"email": "eve@example.com", "role": "owner"}
    assert await owner("POST", "/api/invitations", again) == (409, "email_taken")


async def test_an_invitation_can_be_taken_back_and_is_replaced_by_a_newer_one(
    owner: Caller, stranger: Caller
) -> None:
    body = {"email": "eve@example.com", "role": "support"}
    _, first = await owner("POST", "/api/invitations", body)
    _, second = await owner("POST", "/api/invitations", body)
    tokens = [each["path"].rpartition("/")[2] for each in (first, second)]
    assert (await stranger("POST", "/api/invitation", {"token": tokens[0]}))[0] == 404
    assert (await stranger("POST", "/api/invitation", {"token": tokens[1]}))[0] == 200
    assert (await owner("DELETE", f"/api/invitations/{second['invitation_id']}"))[0] == 200
    assert (await stranger("POST", "/api/invitation", {"token": tokens[1]}))[0] == 404


@pytest.mark.parametrize(
    "email", ["", "eve", "@example.com", "eve@", "eve@x", "e v@example.com", "a@b@c.d", "\0@e.x"]
)
async def test_what_is_no_address_is_not_invited(owner: Caller, email: str) -> None:
    assert await owner("POST", "/api/invitations", {"email": email, "role": "owner"}) == (400, "invalid")


async def test_two_owners_who_demote_each_other_do_not_both_succeed(
    cloud: Serving, harbour: Organisation, owner: Caller, http: aiohttp.ClientSession
) -> None:
    ada, bob = harbour.people["owner"], harbour.people["manager"]
    assert (await owner("PATCH", f"/api/people/{bob}", {"role": "owner"}))[0] == 200
    second = Caller(http, cloud.url, await enter(cloud, harbour, "manager"))
    answers = await asyncio.gather(
        owner("PATCH", f"/api/people/{bob}", {"role": "support"}), second("DELETE", f"/api/people/{ada}")
    )
    assert 200 in [status for status, _ in answers]
    left = await cloud.pool.fetchval(
        "SELECT count(*) FROM users WHERE organisation_id = $1 AND role = 'owner'", harbour.organisation_id
    )
    assert left == 1


async def test_the_last_owner_stays(owner: Caller, harbour: Organisation) -> None:
    path = f"/api/people/{harbour.people['owner']}"
    assert await owner("PATCH", path, {"role": "manager"}) == (409, "last_owner")
    assert await owner("DELETE", path) == (409, "last_owner")
    assert await owner("PATCH", path, {"role": "king"}) == (400, "invalid")


async def test_somebody_is_bound_to_venues_when_invited_and_afterwards(
    owner: Caller, stranger: Caller, harbour: Organisation, cloud: Serving
) -> None:
    venue_id, brand_id = harbour.ids["venue_id"], harbour.ids["brand_id"]
    body = {"email": "eve@example.com", "role": "manager", "reach": [venue_id]}
    _, answer = await owner("POST", "/api/invitations", body)
    _, people = await owner("GET", "/api/people")
    pending = next(each for each in people["invitations"] if each["email"] == "eve@example.com")
    assert pending["reach"] == [venue_id]
    acceptance = {
        "token": answer["path"].rpartition("/")[2],
        "name": "Eve",
        "password": "long enough for her",
    }
    assert (await stranger("POST", "/api/invitation/accept", acceptance))[0] == 200
    eve = await _colleague(owner, "eve@example.com")
    assert eve["reach"] == [venue_id]
    path = f"/api/people/{eve['user_id']}"
    # Another role does not set her free by the way; only saying so does.
    for change, reach in (
        ({"role": "accountant"}, [venue_id]),
        ({"role": "accountant", "reach": [venue_id, brand_id]}, sorted([venue_id, brand_id])),
        ({"role": "accountant", "reach": None}, None),
        ({"role": "support", "reach": [brand_id]}, [brand_id]),
        ({"role": "owner"}, None),
    ):
        assert (await owner("PATCH", path, change))[0] == 200, change
        assert (await _colleague(owner, "eve@example.com"))["reach"] == reach, change


async def _colleague(owner: Caller, email: str) -> Any:
    _, people = await owner("GET", "/api/people")
    return next(each for each in people["people"] if each["email"] == email)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"role": "manager", "reach": []}, (400, "invalid")),
        ({"role": "manager", "reach": ["x"]}, (400, "invalid")),
        ({"role": "manager", "reach": "everything"}, (400, "invalid")),
        ({"role": "owner", "reach": ["THEIRS"]}, (400, "invalid")),
        ({"role": "manager", "reach": ["018f0000-0000-7000-8000-000000000001"]}, (404, "unknown_venue")),
        ({"role": "manager", "reach": ["THEIRS", "FOREIGN"]}, (404, "unknown_venue")),
    ],
)
async def test_bounds_that_cannot_be_meant(
    cloud: Serving, owner: Caller, harbour: Organisation, change: dict[str, Any], refusal: tuple[int, str]
) -> None:
    pier = await found(cloud, "pier")
    named = {"THEIRS": harbour.ids["venue_id"], "FOREIGN": pier.ids["venue_id"]}
    if isinstance(change["reach"], list):
        change = {**change, "reach": [named.get(each, each) for each in change["reach"]]}
    assert await owner("PATCH", f"/api/people/{harbour.people['support']}", change) == refusal
    assert await owner("POST", "/api/invitations", {"email": "eve@example.com", **change}) == refusal


async def test_whoever_is_removed_is_out_at_once(
    cloud: Serving, harbour: Organisation, owner: Caller, http: aiohttp.ClientSession
) -> None:
    manager = Caller(http, cloud.url, await enter(cloud, harbour, "manager"))
    assert (await manager("GET", "/api/me"))[0] == 200
    assert (await owner("DELETE", f"/api/people/{harbour.people['manager']}"))[0] == 200
    assert (await manager("GET", "/api/me"))[0] == 401


async def test_a_token_is_told_once_and_works_until_it_is_revoked(
    cloud: Serving, owner: Caller, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    status, made = await owner("POST", "/api/tokens", {"name": "Till", "scopes": ["venues:read"], "days": 30})
    assert (status, made["token"][:3]) == (201, "hf_")
    program = Caller(http, cloud.url, Key({"Authorization": f"Bearer {made['token']}"}))
    status, answer = await program("GET", "/api/venues")
    assert (status, len(answer["venues"])) == (200, 1)
    _, listed = await owner("GET", "/api/tokens")
    row = next(each for each in listed["tokens"] if each["token_id"] == made["token_id"])
    assert row["last_used_at"]
    assert made["token"] not in str(listed) + await sql.fetchval(
        "SELECT string_agg(t::text, '') FROM api_tokens t"
    )
    await sql.execute("UPDATE api_tokens SET expires_at = now() WHERE token_id = $1", made["token_id"])
    assert (await program("GET", "/api/venues"))[0] == 401
    await sql.execute("UPDATE api_tokens SET expires_at = NULL WHERE token_id = $1", made["token_id"])
    assert (await program("GET", "/api/venues"))[0] == 200
    assert (await owner("DELETE", f"/api/tokens/{made['token_id']}"))[0] == 200
    assert (await program("GET", "/api/venues"))[0] == 401


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "scopes": ["venues:read"]},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["everything"]},
        {"name": "x", "scopes": ["venues:read"], "days": 0},
        {"name": "x", "scopes": ["venues:read"], "days": 10**9},
    ],
)
async def test_tokens_that_cannot_be_meant(owner: Caller, body: object) -> None:
    assert await owner("POST", "/api/tokens", body) == (400, "invalid")


async def test_the_audit_tells_who_changed_what_and_from_where(
    cloud: Serving, owner: Caller, harbour: Organisation
) -> None:
    support = harbour.people["support"]
    await owner("PATCH", f"/api/people/{support}", {"role": "manager"})
    for number in range(60):
        await owner("POST", "/api/tokens", {"name": f"t{number}", "scopes": ["venues:read"]})
    _, first = await owner("GET", "/api/audit")
    _, second = await owner("GET", f"/api/audit?before={first['next']}")
    rows = [*first["changes"], *second["changes"]]
    assert (len(first["changes"]), second["next"]) == (50, None)
    assert [row["audit_id"] for row in rows] == sorted((row["audit_id"] for row in rows), reverse=True)
    change = next(row for row in rows if row["action"] == "role changed")
    assert (change["actor"], change["origin"]) == ("owner@harbour.example", "127.0.0.1")
    assert change["before"] == {"user_id": support, "role": "support", "reach": None}
    assert change["after"] == {"user_id": support, "role": "manager", "reach": None}
    for place in ("x", "-1", "9" * 40, ""):
        assert await owner("GET", f"/api/audit?before={place}") == (400, "invalid")
