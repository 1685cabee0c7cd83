"""Menus from draft to box: saved without losing a word, published to all venues or none, prices on time."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import msgspec
import pytest

from cloud.app import Serving
from cloud.owners.menu.publishing import PriceClock
from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.owners.venues.founding import NewVenue
from cloud.store.pool import open_pool
from protocol.facts.menu import Menu
from tests.integration.cloud.conftest import OWNER, PASSWORD


class Manager:
    """Somebody at the menu editor, with a browser of their own."""

    def __init__(self, url: str, email: str = OWNER) -> None:
        self._url = url
        self._email = email
        self._http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self._csrf = ""
        self.path = ""

    async def __aenter__(self) -> "Manager":
        _, answer = await self.ask("POST", "/api/login", {"email": self._email, "password": PASSWORD})
        self._csrf = answer["csrf"]
        _, answer = await self.ask("GET", "/api/brands")
        self.path = f"/api/brands/{answer['brands'][0]['brand_id']}/menu"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and answer; of a refusal what stands under `error`."""
        headers = {"X-CSRF-Token": self._csrf, "Content-Type": "application/json"}
        data = None if body is None else io.BytesIO(msgspec.json.encode(body))
        async with self._http.request(method, self._url + path, data=data, headers=headers) as response:
            answer = await response.json()
        return response.status, answer.get("error", answer)

    async def look(self) -> Any:
        status, answer = await self.ask("GET", self.path)
        assert status == 200, answer
        return answer

    async def save(self, draft: Any, version: int) -> tuple[int, Any]:
        return await self.ask("PUT", f"{self.path}/draft", {"draft": draft, "draft_version": version})

    async def publish(self, seen: Any, venues: list[str], note: str = "") -> tuple[int, Any]:
        body = {
            "draft_version": seen["draft_version"],
            "published_version": seen["published_version"],
            "venues": venues,
            "note": note,
        }
        return await self.ask("POST", f"{self.path}/publish", body)

    async def version(self, number: object) -> tuple[int, Any]:
        return await self.ask("GET", f"{self.path}/versions/{number}")


@pytest.fixture
async def other(cloud: Serving, venue: NewVenue) -> NewVenue:
    """A second venue of the same brand; the first one's menu came from a file."""
    await founding.import_menu(cloud.pool, venue.venue_id, sample("menu.csv"), "test")
    return await founding.create_venue(cloud.pool, OWNER, "Pier 9", venue_file.load(sample("venue.json")))


@pytest.fixture
async def ann(cloud: Serving, other: NewVenue) -> AsyncIterator[Manager]:
    async with Manager(cloud.url) as manager:
        yield manager


@pytest.fixture
async def bob(cloud: Serving, other: NewVenue) -> AsyncIterator[Manager]:
    async with Manager(cloud.url) as manager:
        yield manager


async def sent(sql: asyncpg.Connection, venue_id: str) -> list[Menu]:
    """What the venue's menu stream holds, oldest first."""
    rows = await sql.fetch(
        "SELECT seq, body FROM down_entries WHERE venue_id = $1 AND stream = 'menu' ORDER BY seq", venue_id
    )
    found = [msgspec.json.decode(row["body"], type=Menu) for row in rows]
    assert [menu.menu_version for menu in found] == [row["seq"] for row in rows]
    return found


async def test_the_first_draft_is_what_the_venue_has_and_is_published_to_all(
    ann: Manager, venue: NewVenue, other: NewVenue, sql: asyncpg.Connection
) -> None:
    seen = await ann.look()
    assert (seen["draft_version"], seen["published"], len(seen["venues"])) == (0, None, 2)
    assert [row["by_hand"] for row in seen["venues"]] == [False, True]
    draft = seen["draft"]
    draft["menu"]["items"][0]["price_minor"] = 12_345
    assert await ann.save(draft, 0) == (200, {"draft_version": 1})
    seen = await ann.look()
    status, answer = await ann.publish(seen, [venue.venue_id, other.venue_id], "Winter")
    assert (status, answer["version"]) == (200, 1), answer
    assert answer["menu_versions"] == {venue.venue_id: 2, other.venue_id: 1}
    for each in (venue, other):
        assert (await sent(sql, each.venue_id))[-1].items[0].price_minor == 12_345
    seen = await ann.look()
    assert seen["published"] == seen["draft"]
    assert [(row["version"], row["by_hand"]) for row in seen["venues"]] == [(1, False), (1, False)]
    assert (seen["versions"][0]["note"], seen["versions"][0]["published_by"]) == ("Winter", OWNER)
    assert (await ann.version(1))[1]["body"] == draft
    for number in (2, 0, "x", "9" * 30):
        assert (await ann.version(number))[0] == 404


async def test_whoever_saves_from_an_older_draft_gets_the_newer_one_along(ann: Manager, bob: Manager) -> None:
    seen = await ann.look()
    draft = seen["draft"]
    assert (await ann.save(draft, 0))[0] == 200
    mine = {**draft, "menu": {**draft["menu"], "categories": [*draft["menu"]["categories"], "Bob's"]}}
    status, error = await bob.save(mine, 0)
    assert (status, error["code"]) == (409, "draft_changed")
    assert (error["detail"]["draft_version"], error["detail"]["draft"]) == (1, draft)
    assert error["detail"]["saved_by"] == OWNER
    assert await bob.save(mine, 1) == (200, {"draft_version": 2})


async def test_of_many_first_savers_one_is_first(ann: Manager, bob: Manager) -> None:
    draft = (await ann.look())["draft"]
    answers = await asyncio.gather(*(who.save(draft, 0) for who in (ann, bob, ann, bob)))
    assert sorted(status for status, _ in answers) == [200, 409, 409, 409]


async def test_two_managers_publish_at_once_and_the_second_is_told_by_name(
    ann: Manager, bob: Manager, venue: NewVenue, sql: asyncpg.Connection
) -> None:
    draft = (await ann.look())["draft"]
    await ann.save(draft, 0)
    seen = await ann.look()
    answers = await asyncio.gather(*(who.publish(seen, [venue.venue_id]) for who in (ann, bob)))
    assert sorted(status for status, _ in answers) == [200, 409]
    error = next(answer for status, answer in answers if status == 409)
    assert (error["code"], error["detail"]["version"], error["detail"]["published_by"]) == (
        "menu_conflict",
        1,
        OWNER,
    )
    assert len(await sent(sql, venue.venue_id)) == 2
    # Nothing of the second one's work is gone: saved on top, compared anew, published.
    draft["menu"]["items"][0]["name"] = "Renamed"
    assert (await bob.save(draft, 1))[0] == 200
    assert (await bob.publish(seen, [venue.venue_id]))[1]["code"] == "menu_conflict"
    status, answer = await bob.publish(await bob.look(), [venue.venue_id])
    assert (status, answer["version"]) == (200, 2)
    assert (await sent(sql, venue.venue_id))[-1].items[0].name == "Renamed"


async def test_publishing_what_was_not_looked_at_is_refused(
    ann: Manager, bob: Manager, venue: NewVenue
) -> None:
    seen = await ann.look()
    assert (await ann.publish(seen, [venue.venue_id]))[1]["code"] == "draft_changed", "nothing is saved yet"
    await ann.save(seen["draft"], 0)
    stale = await ann.look()
    await bob.save(seen["draft"], 1)
    assert (await ann.publish(stale, [venue.venue_id]))[1]["code"] == "draft_changed"


async def test_a_menu_that_does_not_fit_one_venue_goes_to_none(
    ann: Manager, venue: NewVenue, other: NewVenue, sql: asyncpg.Connection
) -> None:
    draft = (await ann.look())["draft"]
    draft["overrides"] = [
        {"venue_id": other.venue_id, "items": [{"item": draft["menu"]["items"][0]["id"], "station": "moon"}]}
    ]
    await ann.save(draft, 0)
    status, error = await ann.publish(await ann.look(), [venue.venue_id, other.venue_id])
    assert (status, error["code"]) == (400, "menu_flawed")
    assert any("Pier 9 has no station “moon”" in sentence for sentence in error["detail"]["complaints"])
    assert (len(await sent(sql, venue.venue_id)), len(await sent(sql, other.venue_id))) == (1, 0)
    assert (await ann.look())["published_version"] == 0
    assert (await ann.publish(await ann.look(), []))[1]["code"] == "invalid"
    strange = "018f0000-0000-7000-8000-000000000000"
    assert (await ann.publish(await ann.look(), [venue.venue_id, strange]))[1]["code"] == "unknown_venue"


async def test_planned_prices_come_once_whatever_the_number_of_processes(
    ann: Manager, cloud: Serving, venue: NewVenue, other: NewVenue, sql: asyncpg.Connection, database: str
) -> None:
    draft = (await ann.look())["draft"]
    item = draft["menu"]["items"][0]["id"]
    draft["price_changes"] = [
        {"item": item, "price_minor": 111, "at": "2020-01-01T00:00"},
        {"item": item, "price_minor": 999, "at": "2090-01-01T00:00"},
    ]
    await ann.save(draft, 0)
    assert (await ann.publish(await ann.look(), [venue.venue_id, other.venue_id]))[0] == 200
    for each in (venue, other):
        assert (await sent(sql, each.venue_id))[-1].items[0].price_minor == 111
    assert all(row["next_due_at"].startswith("20") for row in (await ann.look())["venues"])
    # Let the moment come: the stored document is moved into the past, as waiting would.
    await sql.execute("UPDATE menu_versions SET body = replace(body, '2090', '2021')")
    await sql.execute("UPDATE menu_publications SET next_due_at = now() - interval '1 s'")
    async with open_pool(database, 2) as second:
        clocks = [PriceClock(cloud.pool), PriceClock(second), PriceClock(second)]
        ticks = await asyncio.gather(*(clock.tick() for clock in clocks))
        while await clocks[0].tick():
            pass
    assert sum(ticks) <= 2
    for each, entries in ((venue, 3), (other, 2)):
        menus = await sent(sql, each.venue_id)
        assert (len(menus), menus[-1].items[0].price_minor) == (entries, 999)
    assert await sql.fetchval("SELECT count(*) FROM audit WHERE actor = 'price schedule'") == 2


async def test_a_menu_that_was_sent_by_hand_since_is_left_alone_by_the_plan(
    ann: Manager, cloud: Serving, venue: NewVenue, sql: asyncpg.Connection
) -> None:
    draft = (await ann.look())["draft"]
    change = {"item": draft["menu"]["items"][0]["id"], "price_minor": 1, "at": "2090-01-01T00:00"}
    await ann.save({**draft, "price_changes": [change]}, 0)
    await ann.publish(await ann.look(), [venue.venue_id])
    await founding.import_menu(cloud.pool, venue.venue_id, sample("menu.csv"), "test")
    await sql.execute("UPDATE menu_publications SET next_due_at = now() - interval '1 s'")
    while await PriceClock(cloud.pool).tick():
        pass
    assert len(await sent(sql, venue.venue_id)) == 3
    row = next(each for each in (await ann.look())["venues"] if each["venue_id"] == venue.venue_id)
    assert (row["by_hand"], row["next_due_at"]) == (True, None)


async def test_a_large_menu_is_saved_and_a_larger_one_refused(ann: Manager) -> None:
    draft = (await ann.look())["draft"]
    item = {**draft["menu"]["items"][0], "description": "x" * 400}
    many = {**draft, "menu": {**draft["menu"], "items": [{**item, "id": n} for n in range(1, 2001)]}}
    assert (await ann.save(many, 0))[0] == 200
    item["description"] = "x" * 2000
    more = {**draft, "menu": {**draft["menu"], "items": [{**item, "id": n} for n in range(1, 2001)]}}
    status, error = await ann.save(more, 1)
    assert (status, error["code"]) == (413, "too_large")


async def test_a_brand_without_any_menu_begins_with_an_empty_one(
    cloud: Serving, venue: NewVenue, tmp_path: Path
) -> None:
    async with Manager(cloud.url) as ann:
        seen = await ann.look()
        assert seen["draft"]["menu"] == {"menu_version": 0, "currency": "EUR", "categories": [], "items": []}
