"""A phone that was not heard asks again under the same `mid`: one effect, and an answer that is true now.

The answer that got lost was true when it was given. Meanwhile the line may have been changed, taken out or
ordered by somebody else, or the box may have been killed and started again.
"""

import asyncio
from pathlib import Path

import pytest

from tests.integration.faults.pair import Person, person
from tests.integration.faults.phone import new_mid
from tests.integration.faults.programs import Server
from tests.open_box import OpenBox
from tests.sample_venue import BURGER, CHIPS, add, join, say_word

pytestmark = pytest.mark.xdist_group("faults")

Pair = tuple[Person, Person]


async def _again(who: Person, mid: str, menu_item: int = BURGER) -> tuple[str, int, str]:
    """Create the same line again; what is answered of it: op, version, state."""
    await who.mutate("create", menu_item=menu_item, mid=mid)
    answer = await who.hear("cart_update", mid=mid)
    return answer["op"], answer["item"]["version"], answer["item"]["state"]


async def test_a_line_is_told_as_it_is_now(pair: Pair) -> None:
    chinu, anshu = pair
    line = await anshu.create(BURGER)
    mid, number = line["mid"], line["item"]["id"]
    assert await _again(anshu, mid) == ("create", 1, "pending")
    await chinu.hear("cart_update", mid=await chinu.mutate("update", id=number, version=1, qty=5))
    await anshu.hear("cart_update", op="update")
    assert await _again(anshu, mid) == ("create", 2, "pending")
    assert len((await anshu.snapshot())["items"]) == 1


async def test_a_line_that_was_taken_out_does_not_come_back(pair: Pair) -> None:
    chinu, anshu = pair
    line = await anshu.create(BURGER)
    await chinu.hear("cart_update", mid=await chinu.mutate("delete", id=line["item"]["id"], version=1))
    await anshu.hear("cart_update", op="delete")
    assert await _again(anshu, line["mid"]) == ("delete", 2, "removed")
    change = await anshu.mutate("update", id=line["item"]["id"], version=1, qty=2)
    refusal = await anshu.hear("error", mid=change)
    assert (refusal["code"], refusal["item"]["state"]) == ("version_conflict", "removed")


async def test_a_line_that_was_ordered_does_not_come_back(pair: Pair) -> None:
    chinu, anshu = pair
    line = await anshu.create(BURGER)
    change = await anshu.mutate("update", id=line["item"]["id"], version=1, qty=2)
    await anshu.hear("cart_update", mid=change)
    assert (await chinu.order((await chinu.snapshot())["cart_hash"]))[0] == 201
    await anshu.hear("order_fired")
    assert await _again(anshu, line["mid"]) == ("delete", 2, "ordered")
    await anshu.mutate("update", id=line["item"]["id"], version=1, qty=2, mid=change)
    assert (await anshu.hear("cart_update", mid=change))["op"] == "delete"
    assert (await anshu.snapshot())["items"] == []


async def test_answers_outlive_a_kill(box: Server) -> None:
    async with person(box.url, "TABLE1", "Chinu") as chinu:
        await chinu.create(CHIPS)
        line = await chinu.create(BURGER)
        pressed = (await chinu.snapshot())["cart_hash"]
        first = await chinu.order(pressed)
        mid = await chinu.say(type="place_order", cart_items=[])
        assert (await chinu.hear("error", mid=mid))["code"] == "cart_empty"
        await chinu.create(CHIPS)
        second = await chinu.say(type="place_order", cart_items=[])
        confirmed = await chinu.hear("order_confirmed", order_id="ORD-7-2")
        seat = chinu.seat
    box.kill()
    await box.up()
    async with person(box.url, "TABLE1", "Chinu", seat) as chinu:
        assert await chinu.order(pressed) == first == (201, {"order_id": "ORD-7-1", "ticket": "K-1"})
        await chinu.say(type="place_order", cart_items=[], mid=second)
        assert await chinu.hear("order_confirmed") == confirmed
        assert await _again(chinu, line["mid"]) == ("delete", 1, "ordered")
        orders = (await chinu.snapshot())["orders"]
        assert [order["order_id"] for order in orders] == ["ORD-7-1", "ORD-7-2"]


async def test_a_mid_is_good_for_one_thing_and_one_person(pair: Pair) -> None:
    chinu, anshu = pair
    line = await anshu.create(BURGER)
    for who, message in (
        (chinu, {"op": "create", "menu_item": BURGER}),
        (anshu, {"op": "delete", "id": line["item"]["id"], "version": 1}),
    ):
        mid = await who.say(type="cart_mutate", mid=line["mid"], **message)
        assert (await who.hear("error", mid=mid))["code"] == "mid_reused"
    assert len((await anshu.snapshot())["items"]) == 1


async def test_news_is_not_overtaken_by_the_answer_to_a_repeat(tmp_path: Path) -> None:
    """The answer carries the cart's latest version, so a phone would take news that follows it for old."""
    async with OpenBox(tmp_path / "box") as box:
        await box.opened()
        for command in (join("chinu"), join("anshu"), say_word()):
            await box.accept(command)
        mid = new_mid()
        (first,) = await box.accept(add(mid=mid))
        told: list[int] = []
        box.writer.listen(lambda batch: told.extend(each.fact.seq for each in batch))
        answered = asyncio.Event()

        def answer(_outcome: object) -> None:
            told.append(first.seq)
            answered.set()

        box.writer.submit(add(mid=mid), answer)
        (news,) = box.together(add("anshu", CHIPS))
        await asyncio.gather(answered.wait(), news)
    assert told == [first.seq + 1, first.seq]
