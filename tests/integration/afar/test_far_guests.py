"""Guests off the venue's network: the same order over two paths is one, and nothing is fired late by
itself.
"""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import aiohttp
import msgspec
import pytest

from edge.core.commands import AdvanceTicket, ConfigureVenue
from protocol.facts.venue import Fence, LocationConfig
from tests.integration.afar.linked import Linked, eventually

DISH = 17
BEER = 63
HERE = {"lat": 53.5436, "lon": 9.9665, "accuracy_m": 5.0}


async def far(stand: Linked, method: str, path: str, body: object = None, token: str = "") -> tuple[int, Any]:
    """A phone asks the cloud."""
    return await stand.call(method, f"{stand.cloud.url}/v/{stand.venue.venue_id}/{path}", body, token)


async def became(stand: Linked, command_id: str, *statuses: str) -> dict[str, Any]:
    """What has become of a request, once it is one of these."""
    wanted = statuses or ("DONE", "REFUSED", "EXPIRED")
    told: dict[str, Any] = {}

    async def so() -> bool:
        _, answer = await far(stand, "GET", f"outcomes/{command_id}")
        told.update(answer)
        return answer["status"] in wanted

    await eventually(so)
    return told


def order_of(seat: dict[str, Any], **more: object) -> dict[str, object]:
    """One dish, under mids that are the phone's own."""
    line = {"mid": f"line-{uuid4()}", "menu_item": DISH, "qty": 2}
    mine = {"session_pid": seat["session_pid"], "member_pid": seat["member_pid"]}
    return {**mine, "mid": f"order-{uuid4()}", "lines": [line], **more}


def orders(stand: Linked) -> list[tuple[object, ...]]:
    return stand.box.app.reader.execute("SELECT order_id, status, total_minor FROM orders").fetchall()


async def test_a_phone_sits_down_and_orders_from_outside(stand: Linked) -> None:
    table = stand.venue.tables[1].code
    body = {"table": table, "name": "Bela", "mid": str(uuid4()), "word": stand.venue.pass_word}
    status, seat = await far(stand, "POST", "session/join", body)
    assert status == 202
    assert (await far(stand, "POST", "session/join", body))[1] == seat
    joined = await became(stand, seat["command_id"])
    assert joined["status"] == "DONE", joined
    seat |= joined["result"]
    order = order_of(seat)
    status, sent = await far(stand, "POST", "orders", order, seat["ws_token"])
    assert status == 202
    done = await became(stand, sent["command_id"])
    assert done["status"] == "DONE", done
    assert [row[0] for row in orders(stand)] == [done["result"]["order_id"]]
    url = f"{stand.box.url}/cart_snapshot?session_pid={seat['session_pid']}"
    status, _ = await stand.call("GET", url, token=seat["ws_token"])
    assert status == 200, "the token of afar opens the table on the venue's own network, too"
    await stand.agree()


async def test_the_same_order_over_both_paths_is_one_order(stand: Linked) -> None:
    seat = await stand.sit_down()
    token = seat["ws_token"]
    order = order_of(seat)
    first = (await far(stand, "POST", "orders", order, token))[1]["command_id"]
    assert (await became(stand, first))["status"] == "DONE"
    near = {"session_pid": seat["session_pid"], "mid": order["mid"], "cart_hash": "0" * 64}
    status, answer = await stand.call("POST", f"{stand.box.url}/orders", near, token)
    assert status == 201, answer
    assert (await far(stand, "POST", "orders", order, token))[1]["command_id"] == first
    assert [row[0] for row in orders(stand)] == [answer["order_id"]]
    await stand.agree()


async def test_an_order_that_was_made_nearby_is_found_again_from_afar(stand: Linked) -> None:
    """The phone ordered over the Wi-Fi and lost it before the answer: it asks again by way of the cloud."""
    seat = await stand.sit_down()
    token, order = seat["ws_token"], order_of(seat)
    first = (await far(stand, "POST", "orders", {**order, "mid": f"order-{uuid4()}"}, token))[1]["command_id"]
    placed = (await became(stand, first))["result"]["order_id"]
    again = (await far(stand, "POST", "orders", {**order, "lines": []}, token))[1]["command_id"]
    refused = await became(stand, again)
    assert (refused["status"], refused["code"]) == ("REFUSED", "cart_empty")
    assert [row[0] for row in orders(stand)] == [placed]


@pytest.mark.parametrize("approve", [True, False])
async def test_an_order_that_came_during_an_outage_waits_for_the_staff(stand: Linked, approve: bool) -> None:
    seat = await stand.sit_down()
    await stand.offline()
    sent = (await far(stand, "POST", "orders", order_of(seat), seat["ws_token"]))[1]["command_id"]
    await stand.aged(60)
    assert (await became(stand, sent, "WAITING"))["status"] == "WAITING"
    await stand.online()
    assert (await became(stand, sent, "HELD"))["status"] == "HELD"
    assert orders(stand) == []
    items = (await stand.owner("GET", "reconciliation"))["items"]
    assert [each["kind"] for each in items] == ["approval"]
    (held,) = (await stand.staff("GET", "approvals"))["orders"]
    assert (held["guest"], held["lines"][0]["qty"], held["waited_s"] >= 60) == ("Chinu", 2, True)
    for _ in range(2):
        await stand.staff("POST", f"approvals/{sent}", {"approve": approve})
    outcome = await became(stand, sent)
    assert outcome["status"] == ("DONE" if approve else "REFUSED")
    assert len(orders(stand)) == int(approve)
    assert (await stand.staff("GET", "approvals"))["orders"] == []
    await stand.agree()


async def test_an_order_is_not_fired_by_a_restart(stand: Linked) -> None:
    """It was taken and not yet placed when the power went: from then on somebody has to look."""
    seat = await stand.sit_down()
    await stand.offline()
    sent = (await far(stand, "POST", "orders", order_of(seat), seat["ws_token"]))[1]["command_id"]
    stand.hold_up("errands")
    await stand.online()
    assert (await became(stand, sent, "TAKEN"))["status"] == "TAKEN"
    await stand.restart()
    assert (await became(stand, sent, "HELD"))["message"].startswith("The box was restarted")
    assert orders(stand) == []
    await stand.staff("POST", f"approvals/{sent}", {"approve": True})
    assert (await became(stand, sent))["status"] == "DONE"
    assert len(orders(stand)) == 1
    await stand.agree()


async def test_an_order_that_nobody_can_want_any_more_is_expired(stand: Linked) -> None:
    seat = await stand.sit_down()
    await stand.offline()
    sent = (await far(stand, "POST", "orders", order_of(seat), seat["ws_token"]))[1]["command_id"]
    await stand.aged(3600)
    await stand.online()
    assert (await became(stand, sent))["status"] == "EXPIRED"
    assert orders(stand) == []


async def test_strangers_order_nothing(stand: Linked) -> None:
    seat = await stand.sit_down()
    token = str(seat["ws_token"])
    forged = token[:-4] + ("AAAA" if not token.endswith("AAAA") else "BBBB")
    sent = (await far(stand, "POST", "orders", order_of(seat), forged))[1]["command_id"]
    refused = await became(stand, sent)
    assert (refused["status"], refused["code"]) == ("REFUSED", "token_invalid")
    nobody = {"session_pid": "s-9", "member_pid": "m-9"}
    sent = (await far(stand, "POST", "orders", order_of(nobody), token))[1]["command_id"]
    assert (await became(stand, sent))["code"] == "unknown_session"
    status, answer = await far(stand, "POST", "orders", order_of(seat))
    assert (status, answer["error"]["code"]) == (401, "unauthenticated")
    assert orders(stand) == []


@pytest.mark.parametrize("venue", ["nowhere", "00000000-0000-0000-0000-000000000000"])
async def test_a_venue_that_is_not_there_is_unknown(stand: Linked, venue: str) -> None:
    status, answer = await stand.call("GET", f"{stand.cloud.url}/v/{venue}/outcomes/x")
    assert (status, answer["error"]["code"]) == (404, "unknown_venue")


async def test_what_owners_asked_is_not_told_to_guests(stand: Linked) -> None:
    command_id = await stand.ask({"kind": "tell_staff", "text": "The safe is open."})
    status, answer = await far(stand, "GET", f"outcomes/{command_id}")
    assert (status, answer["error"]["code"]) == (404, "unknown_command")


async def test_a_name_that_no_table_can_hold_is_not_known(stand: Linked) -> None:
    status, answer = await far(stand, "GET", "outcomes/a%00b")
    assert (status, answer["error"]["code"]) == (404, "unknown_command")
    async with stand.http.ws_connect(f"{stand.cloud.url}/v/{stand.venue.venue_id}/live") as socket:
        await socket.send_json({"type": "follow", "commands": ["a\0b"]})
        while (message := await socket.receive(timeout=60)).type is aiohttp.WSMsgType.TEXT:
            continue
        assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 4429)


async def test_a_far_phone_sees_the_menu_and_whether_the_venue_is_reached(stand: Linked) -> None:
    code = stand.venue.tables[0].code
    status, table = await far(stand, "GET", f"tables/{code}")
    assert (status, table["table_name"], table["reached"]) == (200, stand.venue.tables[0].name, True)
    await stand.outcome(await stand.ask({"kind": "mark_sold_out", "menu_item": DISH}))
    await stand.agree()
    status, menu = await far(stand, "GET", "menu")
    dish = next(each for each in menu["items"] if each["id"] == DISH)
    near = (await stand.call("GET", f"{stand.box.url}/menu"))[1]
    assert (status, dish["sold_out"], menu["menu_version"]) == (200, True, near["menu_version"])
    assert menu["items"] == near["items"]
    await stand.offline()
    table = (await far(stand, "GET", f"tables/{code}"))[1]
    assert (table["reached"], table["silent_s"] >= 0) == (False, True)
    status, answer = await far(stand, "GET", "tables/NOWHERE")
    assert (status, answer["error"]["code"]) == (404, "unknown_table")


async def test_what_was_put_in_for_a_refused_order_does_not_stay_for_the_next(stand: Linked) -> None:
    seat = await stand.sit_down()
    await stand.outcome(await stand.ask({"kind": "mark_sold_out", "menu_item": DISH}))
    first, second = ({"mid": f"line-{uuid4()}", "menu_item": dish, "qty": 1} for dish in (23, DISH))
    sent = (await far(stand, "POST", "orders", order_of(seat, lines=[first, second]), seat["ws_token"]))[1]
    refused = await became(stand, sent["command_id"])
    assert (refused["status"], refused["code"]) == ("REFUSED", "sold_out")
    assert stand.state(f"cart:{seat['session_pid']}").live() == []
    sent = (await far(stand, "POST", "orders", order_of(seat, lines=[first]), seat["ws_token"]))[1]
    assert orders(stand) == []
    refused = await became(stand, sent["command_id"])
    assert refused["code"] == "cart_empty", "under a mid that was used and taken back nothing comes again"
    await stand.agree()


async def test_rules_of_place_hold_for_far_guests_too(stand: Linked) -> None:
    seat = await stand.sit_down()
    venue = stand.box.app.hot.committed_venue()
    assert venue is not None
    fence = Fence(53.5436, 9.9665, 80.0)
    config = msgspec.structs.replace(venue.config, location=LocationConfig("gps", fence=fence))
    await stand.box.app.writer.execute(ConfigureVenue(config))
    token = seat["ws_token"]
    for gps, status in ((None, "REFUSED"), ({"lat": 48.1, "lon": 11.6}, "REFUSED"), (HERE, "DONE")):
        more = {} if gps is None else {"gps": gps}
        sent = (await far(stand, "POST", "orders", order_of(seat, **more), token))[1]
        told = await became(stand, sent["command_id"])
        assert told["status"] == status, told
        assert status == "DONE" or told["code"] == "not_at_venue"
    assert len(orders(stand)) == 1


def first_order(stand: Linked, word: str | None, **more: object) -> dict[str, Any]:
    """Sit down at the second table and order one dish, in one."""
    seat = {"table": stand.venue.tables[1].code, "name": "Bela", "mid": str(uuid4()), "word": word}
    line = {"mid": f"line-{uuid4()}", "menu_item": DISH, "qty": 1}
    return {"seat": seat, "mid": f"order-{uuid4()}", "lines": [{**line, **more}]}


def members(stand: Linked) -> list[tuple[object, ...]]:
    return stand.box.app.reader.execute("SELECT name, host FROM table_members").fetchall()


async def test_a_guest_who_came_in_an_outage_sits_down_with_the_order_that_the_staff_accepts(
    stand: Linked,
) -> None:
    """Whoever says yes vouches for them; the seat is theirs from then on."""
    await stand.offline()
    body = first_order(stand, "not today's")
    status, first = await far(stand, "POST", "session/order", body)
    assert (status, await far(stand, "POST", "session/order", body)) == (202, (202, first))
    await stand.aged(60)
    await stand.online()
    assert (await became(stand, first["command_id"], "HELD"))["order"] is None
    assert (orders(stand), members(stand)) == ([], [])
    (held,) = (await stand.staff("GET", "approvals"))["orders"]
    assert (held["guest"], held["table"], held["word"]) == ("Bela", stand.venue.tables[1].name, "wrong")
    await stand.staff("POST", f"approvals/{first['command_id']}", {"approve": True})
    done = await became(stand, first["command_id"])
    assert (done["status"], len(orders(stand)), members(stand)) == ("DONE", 1, [("Bela", 1)]), done
    seat = {**first["seat"], **done["result"]}
    sent = (await far(stand, "POST", "orders", order_of(seat), seat["ws_token"]))[1]
    assert (await became(stand, sent["command_id"]))["status"] == "DONE"
    await stand.agree()


async def test_a_wrong_word_seats_nobody_where_nobody_vouches(stand: Linked) -> None:
    for word, code in (("not today's", "wrong_pass"), (None, "pass_required")):
        _, first = await far(stand, "POST", "session/order", first_order(stand, word))
        refused = await became(stand, first["command_id"])
        assert (refused["status"], refused["code"]) == ("REFUSED", code)
        assert (orders(stand), members(stand)) == ([], [])
    join = {"table": stand.venue.tables[2].code, "name": "Eve", "mid": str(uuid4()), "word": "guess"}
    _, seat = await far(stand, "POST", "session/join", join)
    assert (await became(stand, seat["command_id"]))["code"] == "wrong_pass"
    assert [name for name, _ in members(stand) if name == "Eve"] == []
    await stand.agree()


async def test_a_join_and_an_order_that_brings_the_same_seat_are_one_guest(stand: Linked) -> None:
    body = first_order(stand, stand.venue.pass_word)
    _, seat = await far(stand, "POST", "session/join", body["seat"])
    _, first = await far(stand, "POST", "session/order", body)
    assert first["seat"] == seat
    assert (await became(stand, seat["command_id"]))["status"] == "DONE"
    assert (await became(stand, first["command_id"]))["status"] == "DONE"
    assert (len(orders(stand)), members(stand)) == (1, [("Bela", 1)])
    await stand.agree()


async def test_nobody_is_charged_more_than_their_phone_showed(stand: Linked) -> None:
    seat = await stand.sit_down()
    price_minor = next(
        each["price_minor"] for each in (await far(stand, "GET", "menu"))[1]["items"] if each["id"] == DISH
    )
    for shown, status in ((price_minor - 1, "REFUSED"), (price_minor, "DONE"), (price_minor + 1, "DONE")):
        line = {"mid": f"line-{uuid4()}", "menu_item": DISH, "qty": 1, "price_minor": shown}
        sent = (await far(stand, "POST", "orders", order_of(seat, lines=[line]), seat["ws_token"]))[1]
        told = await became(stand, sent["command_id"])
        assert told["status"] == status, told
        assert status == "DONE" or (told["code"], stand.state(f"cart:{seat['session_pid']}").live()) == (
            "price_lapsed",
            [],
        )
    assert [row[2] for row in orders(stand)] == [price_minor, price_minor]


async def test_an_order_is_told_as_the_kitchen_goes_on_with_it(stand: Linked) -> None:
    """By request and over the socket: two kitchens, one of which cannot make its part."""
    seat = await stand.sit_down()
    lines = [{"mid": f"line-{uuid4()}", "menu_item": dish, "qty": 1} for dish in (DISH, BEER)]
    sent = (await far(stand, "POST", "orders", order_of(seat, lines=lines), seat["ws_token"]))[1]
    command_id = sent["command_id"]
    address = f"{stand.cloud.url}/v/{stand.venue.venue_id}/live"
    async with stand.http.ws_connect(address) as socket:
        await socket.send_json({"type": "follow", "commands": [command_id, "somebody-else's"]})
        told = await hear(socket, lambda news: bool(news["outcome"]["order"]))
        assert told["outcome"]["order"]["order"]["status"] == "confirmed"
        tickets = stand.box.app.reader.execute("SELECT ticket, station FROM tickets ORDER BY station")
        bar, kitchen = tickets.fetchall()
        await stand.box.app.writer.execute(AdvanceTicket(bar[0], bar[1], "rejected", "bar"))
        await stand.box.app.writer.execute(AdvanceTicket(kitchen[0], kitchen[1], "preparing", "cook"))
        told = await hear(socket, lambda news: news["outcome"]["order"]["order"]["status"] == "preparing")
        order = told["outcome"]["order"]
        named = {line["id"]: line["menu_item"] for line in order["order"]["items"]}
        assert (order["partly"], [named[each] for each in order["refused"]]) == (True, [BEER])
        assert (await became(stand, command_id))["order"] == order
        await socket.send_json({"type": "ping"})
        await hear(socket, lambda _: True, "pong")
        await stand.offline()
        told = await hear(socket, lambda news: news["reached"] is False, "reach")
        await socket.send_json({"type": "follow", "commands": "all of them"})
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
    await stand.agree()


async def hear(socket: Any, so: Callable[[dict[str, Any]], bool], kind: str = "outcome") -> dict[str, Any]:
    """The next news of that kind of which it is so."""
    async with asyncio.timeout(60):
        while True:
            news = await socket.receive_json()
            if news["type"] == kind and so(news):
                return dict(news)


async def test_a_dish_is_taken_away_at_its_own_price(stand: Linked) -> None:
    seat = await stand.sit_down()
    menu = (await far(stand, "GET", "menu"))[1]
    dish = next(each for each in menu["items"] if each["takeaway_price_minor"] != each["price_minor"])
    line = {"mid": f"line-{uuid4()}", "menu_item": dish["id"], "qty": 1, "takeaway": True}
    order = order_of(seat, lines=[{**line, "choices": choices_of(menu, dish)}])
    sent = (await far(stand, "POST", "orders", order, seat["ws_token"]))[1]
    done = await became(stand, sent["command_id"])
    assert done["status"] == "DONE", done
    assert done["order"]["order"]["items"][0]["takeaway"]
    assert done["order"]["order"]["total_minor"] == dish["takeaway_price_minor"]


def choices_of(menu: dict[str, Any], combo: dict[str, Any]) -> list[dict[str, object]]:
    """The first of each slot, with the first options that it asks for; none of it costs anything more."""
    dishes = {dish["id"]: dish for dish in menu["items"]}
    groups = {group["id"]: group for group in menu["modifier_groups"]}
    filled = []
    for slot in combo["slots"]:
        asked = [groups[each] for each in dishes[slot["choices"][0]["menu_item"]]["modifier_groups"]]
        options = [option["id"] for group in asked for option in group["options"][: group["least"]]]
        choice = {"menu_item": slot["choices"][0]["menu_item"], "modifiers": options}
        filled.append({"slot": slot["id"], **choice})
    return filled


async def test_a_picture_of_another_organisation_s_dish_is_not_there(stand: Linked) -> None:
    for blob in ("0" * 64, "nonsense", "..%2F..%2Fetc"):
        status, answer = await far(stand, "GET", f"dishes/{blob}")
        assert (status, answer["error"]["code"]) == (404, "unknown_picture")
