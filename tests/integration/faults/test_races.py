"""Two people do the same thing in the same instant: one wins, the other is told why not and how things stand.

Both requests are written before either answer is read, again and again, so that they meet in one batch of the
writer as well as in two.
"""

import asyncio
from itertools import product
from typing import Any

import pytest

from tests.integration.faults.pair import Person
from tests.sample_venue import BURGER, CHIPS

ROUNDS = 60

pytestmark = pytest.mark.xdist_group("faults")

Pair = tuple[Person, Person]


async def _verdicts(pair: Pair, mids: tuple[str, str]) -> tuple[dict[str, Any], dict[str, Any], int]:
    """The winner's update, the loser's error, and who won."""
    answers = [
        await someone.hear_any(("cart_update", "error"), mid=mid)
        for someone, mid in zip(pair, mids, strict=True)
    ]
    assert sorted(answer["type"] for answer in answers) == ["cart_update", "error"], answers
    winner = 0 if answers[0]["type"] == "cart_update" else 1
    return answers[winner], answers[1 - winner], winner


@pytest.mark.parametrize("ops", list(product(("update", "delete"), repeat=2)), ids="-".join)
async def test_of_two_changes_from_one_version_one_is_made(pair: Pair, ops: tuple[str, str]) -> None:
    chinu, anshu = pair
    for qty in range(ROUNDS):
        line = (await anshu.create(CHIPS))["item"]
        what: list[dict[str, Any]] = [{"qty": 2 + qty}, {"qty": 3 + qty}]
        mids = (
            await chinu.mutate(ops[0], id=line["id"], version=1, **(what[0] if ops[0] == "update" else {})),
            await anshu.mutate(ops[1], id=line["id"], version=1, **(what[1] if ops[1] == "update" else {})),
        )
        won, lost, winner = await _verdicts(pair, mids)
        assert won["op"] == ops[winner]
        assert won["item"]["version"] == 2
        assert lost["code"] == "version_conflict"
        assert lost["item"] == won["item"], "the loser is shown something else than what the winner made"
        if ops[winner] == "update":
            assert won["item"]["qty"] == what[winner]["qty"]
            mid = await chinu.mutate("delete", id=line["id"], version=2)
            await chinu.hear("cart_update", mid=mid)
            await anshu.hear("cart_update", mid=mid)
    assert (await anshu.snapshot())["items"] == []


async def _press(who: Person, way: str, cart: dict[str, Any]) -> tuple[str, str | None]:
    """Order over one of the ways in; `ordered` with the order's id, or a refusal's code with the id in it."""
    if way == "http":
        status, body = await who.order(cart["cart_hash"])
        if status == 201:
            return "ordered", body["order_id"]
        assert status == 409, body
        return body["error"]["code"], body["error"].get("order_id")
    wanted = {"cart_hash": cart["cart_hash"]} if way == "socket" else _as_seed_002_says(cart)
    mid = await who.say(type="place_order", special_instructions="", **wanted)
    answer = await who.hear_any(("order_confirmed", "error"))
    if answer["type"] == "order_confirmed":
        # Everyone at the table is told; who has lost is told so as well, after it or before.
        refusal = await _refusal_of(who, mid)
        return refusal or ("ordered", answer["order_id"])
    assert answer["mid"] == mid
    return answer["code"], answer.get("order_id")


def _as_seed_002_says(cart: dict[str, Any]) -> dict[str, Any]:
    items = [{"menu_item_id": item["menu_item"], "qty": item["qty"]} for item in cart["items"]]
    return {"cart_items": items, "total": cart["total"]}


async def _refusal_of(who: Person, mid: str) -> tuple[str, str] | None:
    """The refusal of a message, if there was one. Nonsense is refused after all that was said before."""
    nonsense = await who.mutate("delete", id=0, version=1)
    answer = await who.hear("error")
    if answer["mid"] == nonsense:
        return None
    assert answer["mid"] == mid
    return answer["code"], answer["order_id"]


@pytest.mark.parametrize("ways", list(product(("http", "socket", "seed"), repeat=2)), ids="-".join)
async def test_of_two_who_order_one_cart_one_orders(pair: Pair, ways: tuple[str, str]) -> None:
    chinu, anshu = pair
    for number in range(1, ROUNDS // 2 + 1):
        await chinu.create(BURGER, 2)
        await anshu.create(CHIPS)
        cart = await chinu.snapshot()
        answers = await asyncio.gather(*(_press(who, way, cart) for who, way in zip(pair, ways, strict=True)))
        order_id = f"ORD-7-{number}"
        assert sorted(answers) == [("order_in_progress", order_id), ("ordered", order_id)]
        after = await anshu.snapshot()
        assert after["items"] == []
        assert [order["order_id"] for order in after["orders"]] == [
            f"ORD-7-{each}" for each in range(1, number + 1)
        ]
