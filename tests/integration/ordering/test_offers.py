"""Combos, what is taken away, dishes by the hour and recalled dishes, over real sockets and a real disk."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import msgspec
import pytest

from edge.core.commands import AdoptMenu, TakeItemOff
from edge.journal.writer import Accepted
from protocol.facts.menu import ComboChoice, ComboSlot, Menu, MenuItem
from protocol.serving_hours import ServingHours
from tests.integration.ordering.venue import Phone, Served, serving, sign_in
from tests.sample_venue import BURGER, CHIPS, STEAK, T1, WINE, menu

LUNCH, NEVER = 50, 51
SLOTS = (
    ComboSlot(1, "Main", (ComboChoice(BURGER), ComboChoice(STEAK, 800))),
    ComboSlot(2, "Drink", (ComboChoice(WINE),)),
)


def offers(version: int, **of_burger: Any) -> Menu:
    """The sample menu with a combo, and the burger as it is by then."""
    plain = menu(version)
    items = (
        msgspec.structs.replace(item, **of_burger) if item.id == BURGER else item for item in plain.items
    )
    combo = MenuItem(LUNCH, "Lunch", "Deals", 1200, slots=SLOTS, takeaway_price_minor=1100)
    return msgspec.structs.replace(plain, items=(*items, combo))


class Scene(NamedTuple):
    """A box with those offers, and Chinu's phone at T1."""

    box: Served
    http: aiohttp.ClientSession
    chinu: Phone

    async def adopt(self, menu: Menu) -> None:
        """The owner publishes a menu."""
        assert isinstance(await self.box.app.writer.execute(AdoptMenu(menu)), Accepted)

    async def menu(self) -> dict[str, Any]:
        """What `GET /menu` says, dishes by id."""
        async with self.http.get(f"{self.box.url}/menu") as answer:
            body = await answer.json()
        return {**body, "items": {item["id"]: item for item in body["items"]}}

    async def lunch(self, main: int = BURGER, modifiers: tuple[int, ...] = (), **more: Any) -> None:
        """A combo into the cart."""
        choices = [{"slot": 1, "menu_item": main, "modifiers": modifiers}, {"slot": 2, "menu_item": WINE}]
        wanted = {"type": "cart_mutate", "op": "create", "menu_item": LUNCH, "qty": 1, "choices": choices}
        await self.chinu.send({**wanted, **more})


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """Seated, with the word said."""
    async with AsyncExitStack() as stack:
        box = await stack.enter_async_context(serving(tmp_path))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        assert isinstance(await box.app.writer.execute(AdoptMenu(offers(2))), Accepted)
        chinu = await stack.enter_async_context(await Phone.join(http, box.url))
        await chinu.say_word()
        yield Scene(box, http, chinu)


async def test_a_combo_goes_to_its_stations_and_its_stock(scene: Scene) -> None:
    await scene.lunch(takeaway=True)
    line = (await scene.chinu.hears("cart_update"))["item"]
    assert (line["price_minor"], line["takeaway"]) == (1100, True)
    assert line["choices"][0] == {"slot": 1, "menu_item": BURGER, "modifiers": []}
    status, _ = await scene.chinu.order()
    assert status == 201
    fired = (await scene.chinu.hears("order_fired"))["order"]["items"]
    assert [part["name"] for part in fired[0]["parts"]] == ["Burger", "Wine"]
    tickets = {ticket.fired.station: ticket.fired.lines for ticket in scene.box.app.board.tickets()}
    assert {station: [line.name for line in lines] for station, lines in tickets.items()} == {
        "grill": ["Burger"],
        "bar": ["Wine"],
    }
    query = "SELECT takeaway, json_array_length(parts) FROM order_lines"
    assert scene.box.app.reader.execute(query).fetchall() == [(1, 2)]
    assert scene.box.app.reader.execute("SELECT qty FROM stock WHERE menu_item = 22").fetchone() == (39,)


async def test_a_combo_is_out_when_nothing_fills_a_slot(scene: Scene) -> None:
    assert not (await scene.menu())["items"][LUNCH]["sold_out"]
    assert isinstance(await scene.box.app.writer.execute(TakeItemOff(WINE, True, "cook")), Accepted)
    assert (await scene.menu())["items"][LUNCH]["sold_out"]
    await scene.lunch()
    assert (await scene.chinu.hears("error"))["code"] == "sold_out"


async def test_a_slot_that_is_left_open_is_named(scene: Scene) -> None:
    await scene.lunch(main=STEAK)
    refused = await scene.chinu.hears("error")
    assert (refused["code"], "How done" in refused["message"]) == ("invalid", True)
    await scene.lunch(main=STEAK, modifiers=(1,))
    assert (await scene.chinu.hears("cart_update"))["item"]["price_minor"] == 2000


@pytest.mark.parametrize(
    "choices",
    ["lunch", [1], [{"slot": -1, "menu_item": 1}], [{"slot": 1}], [{"slot": 1, "menu_item": 17}] * 21],
)
async def test_nonsense_in_the_slots_is_refused_and_changes_nothing(scene: Scene, choices: Any) -> None:
    before = scene.box.app.writer.seq
    await scene.chinu.send({"type": "cart_mutate", "op": "create", "menu_item": LUNCH, "choices": choices})
    assert (await scene.chinu.hears("error"))["code"] == "invalid"
    assert scene.box.app.writer.seq == before


async def test_outside_of_its_hours_a_dish_is_shown_and_refused(scene: Scene) -> None:
    clock = scene.box.app.clock
    clock.learn(clock().wall_ms)
    local = clock().wall_ms // 60_000 % (24 * 60)
    begins, ends = (f"{(local + later) // 60 % 24:02}:{(local + later) % 60:02}" for later in (180, 240))
    plain = offers(3)
    late = MenuItem(NEVER, "Late Soup", "Mains", 500, "", "grill", hours=(ServingHours(begins, ends),))
    await scene.adopt(msgspec.structs.replace(plain, items=(*plain.items, late)))
    shown = (await scene.menu())["items"]
    assert (shown[NEVER]["available"], shown[NEVER]["hours"]) == (False, f"{begins}-{ends}")
    assert shown[BURGER]["available"]
    await scene.chinu.send({"type": "cart_mutate", "op": "create", "menu_item": NEVER, "qty": 1})
    assert (await scene.chinu.hears("error"))["code"] == "not_available"


async def test_a_recalled_line_is_flagged_and_holds_the_order_until_somebody_agrees(scene: Scene) -> None:
    await scene.chinu.add(BURGER)
    await scene.chinu.add(CHIPS)
    await scene.adopt(offers(3, allergens=("nuts",), price_minor=1000))
    await scene.chinu.hears("menu_changed")
    snapshot = await scene.chinu.snapshot()
    assert snapshot["recalled"] == [{"id": 1, "reason": "changed"}]
    status, body = await scene.chinu.order()
    assert (status, body["error"]["code"]) == (409, "recalled")
    assert body["error"]["lines"] == [{"id": 1, "reason": "changed"}]
    await scene.chinu.send({"type": "cart_mutate", "op": "update", "id": 1, "version": 1, "confirm": True})
    line = (await scene.chinu.hears("cart_update", 3))["item"]
    assert (line["version"], line["price_minor"], line["menu_version"]) == (2, 1000, 3)
    assert (await scene.chinu.snapshot())["recalled"] == []
    status, _ = await scene.chinu.order()
    assert status == 201


async def test_a_box_that_restarts_still_knows_what_a_line_was(tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as http:
        async with serving(tmp_path) as box, await Phone.join(http, box.url) as chinu:
            await chinu.say_word()
            await chinu.add(BURGER)
            await chinu.add(CHIPS)
            for each in (offers(2, name="Bean Burger"), offers(3, name="Bean Burger", price_minor=1)):
                assert isinstance(await box.app.writer.execute(AdoptMenu(each)), Accepted)
            token = chinu.token
        async with (
            serving(tmp_path) as box,
            await Phone.join(http, box.url, token=token) as chinu,
        ):
            assert (await chinu.snapshot())["recalled"] == [{"id": 1, "reason": "changed"}]
            status, body = await chinu.order()
            assert (status, body["error"]["code"]) == (409, "recalled")


async def test_staff_orders_a_combo_for_a_guest(scene: Scene) -> None:
    headers = await sign_in(scene.http, scene.box.url, "ann")
    choices = [{"slot": 1, "menu_item": BURGER, "modifiers": []}, {"slot": 2, "menu_item": WINE}]
    body = {"menu_item": LUNCH, "takeaway": True, "choices": choices}
    url = f"{scene.box.url}/api/v1/tables/{T1}/items"
    async with scene.http.post(url, json=body, headers=headers) as answer:
        assert answer.status == 201
        assert (await answer.json())["items"][0]["price_minor"] == 1100
