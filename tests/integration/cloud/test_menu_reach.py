"""A manager of one venue at the brand's menu, beside somebody who runs all of it."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from cloud.app import Serving
from cloud.owners.people.passwords import hash_in_thread
from cloud.owners.venues import founding
from cloud.owners.venues.founding import NewVenue
from cloud.store.people import accounts
from cloud.store.people.accounts import User
from tests.integration.cloud.conftest import OWNER, PASSWORD
from tests.integration.cloud.test_menu_desk import Manager, ann, other, sent

__all__ = ["ann", "other"]


@pytest.fixture
async def eve(cloud: Serving, venue: NewVenue, other: NewVenue) -> AsyncIterator[Manager]:
    """She runs the first venue and no other."""
    owner = await accounts.find_user(cloud.pool, OWNER)
    assert owner is not None
    hashed = await hash_in_thread(PASSWORD)
    reach = frozenset({venue.venue_id})
    user = User(
        founding.new_id(), owner.organisation_id, "eve@example.com", "manager", hashed, "Eve", reach=reach
    )
    async with cloud.pool.acquire() as connection:
        await accounts.add_user(connection, user)
    async with Manager(cloud.url, "eve@example.com") as manager:
        yield manager


async def _published(ann: Manager, venues: list[str]) -> None:
    draft = (await ann.look())["draft"]
    assert (await ann.save(draft, 0))[0] == 200
    status, answer = await ann.publish(await ann.look(), venues)
    assert status == 200, answer


def _cheaper(venue_id: str, item: int, price_minor: int) -> list[dict[str, object]]:
    return [{"venue_id": venue_id, "items": [{"item": item, "price_minor": price_minor}]}]


async def test_she_publishes_her_price_and_nothing_that_colleagues_are_still_writing(
    ann: Manager, eve: Manager, venue: NewVenue, other: NewVenue, sql: asyncpg.Connection
) -> None:
    own, elsewhere = venue.venue_id, other.venue_id
    await _published(ann, [own, elsewhere])
    seen = await ann.look()
    draft, item = seen["draft"], seen["draft"]["menu"]["items"][0]["id"]
    draft["menu"]["items"][1]["name"] = "Half an idea"
    draft["overrides"] = _cheaper(elsewhere, item, 111)
    assert (await ann.save(draft, 1))[0] == 200

    hers = await eve.look()
    assert [row["venue_id"] for row in hers["venues"]] == [own]
    assert hers["draft"] == hers["published"]
    assert "Half an idea" not in str(hers)
    assert elsewhere not in str(hers)
    hers["draft"]["overrides"] = _cheaper(own, item, 222)
    assert await eve.save(hers["draft"], 2) == (200, {"draft_version": 3})
    status, answer = await eve.publish(await eve.look(), [elsewhere])
    assert (status, answer["code"]) == (404, "unknown_venue")
    status, answer = await eve.publish(await eve.look(), [own])
    assert (status, answer["version"]) == (200, 2), answer

    menus = await sent(sql, own)
    assert menus[-1].items[0].price_minor == 222
    assert menus[-1].items[1].name != "Half an idea"
    assert len(await sent(sql, elsewhere)) == 1
    seen = await ann.look()
    rows = {row["venue_id"]: row["items"] for row in seen["draft"]["overrides"]}
    assert {where: items[0]["price_minor"] for where, items in rows.items()} == {elsewhere: 111, own: 222}
    assert seen["draft"]["menu"]["items"][1]["name"] == "Half an idea"
    assert elsewhere not in str((await eve.version(2))[1])


@pytest.mark.parametrize("touch", ["price", "category", "common plan", "other venue"])
async def test_what_is_not_hers_is_refused_and_nothing_is_changed(
    ann: Manager, eve: Manager, venue: NewVenue, other: NewVenue, touch: str
) -> None:
    await _published(ann, [venue.venue_id])
    before = (await ann.look())["draft"]
    draft = (await eve.look())["draft"]
    item = draft["menu"]["items"][0]["id"]
    if touch == "price":
        draft["menu"]["items"][0]["price_minor"] += 1
    elif touch == "category":
        draft["menu"]["categories"].append("Hers")
    elif touch == "common plan":
        draft["price_changes"] = [{"item": item, "price_minor": 1, "at": "2027-01-01T00:00"}]
    else:
        draft["overrides"] = _cheaper(other.venue_id, item, 1)
    status, error = await eve.save(draft, 1)
    assert (status, error["code"]) == (403, "beyond_reach")
    assert (await ann.look())["draft"] == before


async def test_before_the_brand_is_published_there_is_nothing_for_her_to_say(
    ann: Manager, eve: Manager, venue: NewVenue
) -> None:
    status, error = await eve.save((await eve.look())["draft"], 0)
    assert (status, error["code"]) == (403, "beyond_reach")
    assert (await ann.save((await ann.look())["draft"], 0))[0] == 200
    status, error = await eve.publish(await eve.look(), [venue.venue_id])
    assert (status, error["code"]) == (403, "beyond_reach")


async def test_who_works_on_a_menu_that_was_published_anew_gets_the_newer_one_along(
    ann: Manager, eve: Manager, venue: NewVenue
) -> None:
    await _published(ann, [venue.venue_id])
    hers = await eve.look()
    seen = await ann.look()
    seen["draft"]["menu"]["items"][0]["name"] = "New on the menu"
    assert (await ann.save(seen["draft"], 1))[0] == 200
    assert (await ann.publish(await ann.look(), [venue.venue_id]))[0] == 200
    body = {"draft": hers["draft"], "draft_version": 2, "published_version": 1}
    status, error = await eve.ask("PUT", f"{eve.path}/draft", body)
    assert (status, error["code"]) == (409, "draft_changed")
    detail = error["detail"]
    assert (detail["draft_version"], detail["published_version"]) == (2, 2)
    assert detail["draft"]["menu"]["items"][0]["name"] == "New on the menu"
    body |= {"draft": detail["draft"], "published_version": 2}
    assert (await eve.ask("PUT", f"{eve.path}/draft", body))[0] == 200
