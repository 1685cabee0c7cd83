"""Who works at a venue: changed by managers one after the other, and on its way to the box each time."""

import asyncio
from typing import Any

import aiohttp
import asyncpg
import msgspec
import pytest
from argon2 import PasswordHasher

from cloud.app import Serving
from protocol.facts.venue import StaffAccount, VenueConfig
from tests.integration.cloud.organisation import Organisation, enter, found

BO = {"user": "bo", "name": "Bo Berg", "role": "waiter", "pin": "4711"}


@pytest.fixture
async def harbour(cloud: Serving) -> Organisation:
    return await found(cloud, "harbour")


class Manager:
    """Somebody who runs the venue."""

    def __init__(self, http: aiohttp.ClientSession, url: str, headers: dict[str, str]) -> None:
        self._http, self._url, self._headers = http, url, headers

    async def __call__(self, method: str, user: str = "", body: object = None) -> tuple[int, Any]:
        url = f"{self._url}/{user}" if user else self._url
        async with self._http.request(method, url, json=body, headers=self._headers) as response:
            answer = await response.json()
        return response.status, answer["error"]["code"] if "error" in answer else answer


@pytest.fixture
async def manager(cloud: Serving, harbour: Organisation, http: aiohttp.ClientSession) -> Manager:
    key = await enter(cloud, harbour, "manager")
    url = f"{cloud.url}/api/venues/{harbour.ids['venue_id']}/staff"
    return Manager(http, url, {**key.headers, "X-CSRF-Token": key.csrf})


async def _sent(sql: asyncpg.Connection, harbour: Organisation) -> list[tuple[StaffAccount, ...]]:
    """The staff in each configuration that the box is sent, oldest first; everything else stays as it is."""
    rows = await sql.fetch(
        "SELECT body FROM down_entries WHERE venue_id = $1 AND stream = 'config' ORDER BY seq",
        harbour.ids["venue_id"],
    )
    configs = [msgspec.json.decode(row["body"], type=VenueConfig) for row in rows]
    assert len({msgspec.json.encode(msgspec.structs.replace(config, staff=())) for config in configs}) == 1
    return [config.staff for config in configs]


async def test_somebody_is_added_changed_and_removed(
    manager: Manager, harbour: Organisation, sql: asyncpg.Connection
) -> None:
    cook = harbour.ids["user"]
    assert await manager("POST", body=BO) == (201, {"user": "bo", "name": "Bo Berg", "role": "waiter"})
    assert (await manager("POST", body=BO)) == (409, "staff_taken")
    assert (await manager("PATCH", "bo", {"role": "manager", "pin": "123456"}))[0] == 200
    assert (await manager("DELETE", cook))[0] == 200
    assert await manager("DELETE", cook) == (404, "unknown_staff")
    _, answer = await manager("GET")
    assert answer["staff"] == [{"user": "bo", "name": "Bo Berg", "role": "manager"}]
    history = await _sent(sql, harbour)
    assert [[each.user for each in staff] for staff in history] == [
        [cook],
        [cook, "bo"],
        [cook, "bo"],
        ["bo"],
    ]
    assert PasswordHasher().verify(history[-1][0].pin_hash, "123456")


async def test_what_changes_nothing_is_not_sent_and_takes_no_place(
    manager: Manager, harbour: Organisation, sql: asyncpg.Connection
) -> None:
    await manager("POST", body=BO)
    assert (await manager("PATCH", "bo", {"name": "Bo Berg", "role": "waiter"}))[0] == 200
    assert (await manager("PATCH", "bo", {"role": "manager"}))[0] == 200
    assert [staff[-1].role for staff in await _sent(sql, harbour)][1:] == ["waiter", "manager"]
    places = await sql.fetch(
        "SELECT seq FROM down_entries WHERE venue_id = $1 AND stream = 'config' ORDER BY seq",
        harbour.ids["venue_id"],
    )
    assert [row["seq"] for row in places] == list(range(places[0]["seq"], places[0]["seq"] + 3))


async def test_changes_at_the_same_moment_do_not_undo_each_other(
    manager: Manager, harbour: Organisation, sql: asyncpg.Connection
) -> None:
    users = [f"w{number}" for number in range(5)]
    await asyncio.gather(*(manager("POST", body={**BO, "user": user}) for user in users))
    assert {each.user for each in (await _sent(sql, harbour))[-1]} == {harbour.ids["user"], *users}


@pytest.mark.parametrize(
    "wrong",
    [
        {"user": ""},
        {"user": "a b"},
        {"user": "ä"},
        {"name": " "},
        {"role": "king"},
        {"pin": "123"},
        {"pin": "12a4"},
        {"pin": "١٢٣٤"},
    ],
)
async def test_what_cannot_be_meant_changes_nothing(
    manager: Manager, harbour: Organisation, sql: asyncpg.Connection, wrong: dict[str, str]
) -> None:
    assert await manager("POST", body={**BO, **wrong}) == (400, "invalid")
    assert len(await _sent(sql, harbour)) == 1


async def test_no_pin_is_in_the_audit_or_in_an_answer(
    manager: Manager, harbour: Organisation, sql: asyncpg.Connection
) -> None:
    await manager("POST", body=BO)
    await manager("PATCH", "bo", {"pin": "90210"})
    told = await sql.fetchval("SELECT string_agg(a::text, '') FROM audit a") + str(await manager("GET"))
    assert "staff added" in told
    assert "staff PIN changed" in told
    assert not any(secret in told for secret in ("4711", "90210", "argon2"))
