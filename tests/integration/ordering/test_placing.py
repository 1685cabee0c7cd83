"""Ordering as phones see it, over HTTP and sockets, with a till that is quick, slow or says no.

The scenarios are those of seed 002 §9; the browser shows them again in `tests/browser`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

import aiohttp
import pytest

from protocol.facts.venue import PosConfig, Simulation
from tests.integration.ordering.box import ID, till_at
from tests.integration.ordering.till import Till, answers, answers_late, takes_and_dies
from tests.integration.ordering.venue import Phone, Served, serving, sign_in
from tests.open_box import until
from tests.sample_venue import BURGER, CAKE, CHIPS, T2

DOWN = answers(503)
ORDERED = ["cart_locked", "order_processing", "order_confirmed", "order_fired", "cart_unlocked"]
BACK = {"cart_locked": False, "locked_by_member": None, "pending_order_id": None}


class Evening(NamedTuple):
    """A served box, its till, and two phones at one table with a burger and a cake in the cart."""

    box: Served
    till: Till
    http: aiohttp.ClientSession
    chinu: Phone
    anshu: Phone


async def seated(stack: AsyncExitStack, http: aiohttp.ClientSession, url: str) -> tuple[Phone, Phone]:
    """Chinu hosts, gives the word and adds; Anshu sits down."""
    chinu = await stack.enter_async_context(await Phone.join(http, url))
    await chinu.say_word()
    await chinu.add(BURGER)
    await chinu.add(CAKE)
    anshu = await stack.enter_async_context(await Phone.join(http, url, "Anshu"))
    return chinu, anshu


@pytest.fixture
async def evening(tmp_path: Path) -> AsyncIterator[Evening]:
    """The stage is set."""
    async with AsyncExitStack() as stack:
        till = await stack.enter_async_context(Till())
        box = await stack.enter_async_context(serving(tmp_path, till_at(till.url)))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        yield Evening(box, till, http, *await seated(stack, http, box.url))


def ordering(phone: Phone) -> list[str]:
    """What a phone heard of the order, in order."""
    return [kind for kind in phone.types() if kind.startswith(("order_", "cart_")) and kind != "cart_update"]


# ── 9.1, 9.2: it works, on every phone ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("pos", ["builtin", "simulator"])
async def test_an_order_goes_through(tmp_path: Path, pos: str) -> None:
    simulated = PosConfig("simulator", simulation=Simulation(0.01, 1.0))
    async with AsyncExitStack() as stack:
        kind = simulated if pos == "simulator" else PosConfig()
        box = await stack.enter_async_context(serving(tmp_path, kind))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        chinu, anshu = await seated(stack, http, box.url)
        assert await chinu.order() == (201, {"order_id": ID, "ticket": "K-1"})
        await anshu.hears("cart_unlocked")
        assert ordering(chinu) == ordering(anshu) == ORDERED


async def test_everyone_sees_the_lock_the_ticket_and_an_empty_cart(evening: Evening) -> None:
    _, till, _, chinu, anshu = evening
    till.fates = [answers_late]
    async with asyncio.TaskGroup() as group:
        placing = group.create_task(chinu.order())
        locked = await anshu.hears("cart_locked")
        assert (locked["locked_by_member"], locked["order_id"]) == (chinu.member_pid, ID)
        processing = await anshu.snapshot()
        till.let_go.set()
    assert {name: processing[name] for name in BACK} == {
        "cart_locked": True,
        "locked_by_member": chinu.member_pid,
        "pending_order_id": ID,
    }
    assert processing["order_processing_status"] == "processing"
    assert (len(processing["items"]), processing["orders"]) == (2, [])
    assert placing.result() == (201, {"order_id": ID, "ticket": "K-1"})
    await anshu.hears("cart_unlocked")
    assert ordering(anshu) == ordering(chinu) == ORDERED
    after = await anshu.snapshot()
    assert {name: after[name] for name in BACK} == BACK
    assert (after["items"], after["order_processing_status"]) == ([], "idle")
    assert [(order["order_id"], order["ticket"]) for order in after["orders"]] == [(ID, "K-1")]
    await anshu.add(CHIPS)
    assert (await anshu.order())[0] == 201


async def test_by_socket_it_is_the_same(evening: Evening) -> None:
    _, till, _, chinu, anshu = evening
    cart_items = [{"menu_item_id": BURGER, "qty": 1}, {"menu_item_id": CAKE, "qty": 1, "note": ""}]
    await chinu.send(
        {"type": "place_order", "cart_items": cart_items, "total": 13.60, "mid": "press-the-button"}
    )
    await anshu.hears("cart_unlocked")
    assert ordering(anshu) == ORDERED
    await chinu.send(
        {"type": "place_order", "cart_items": cart_items, "total": 13.60, "mid": "press-the-button"}
    )
    again = await chinu.hears("order_confirmed", 2)
    assert (again["order_id"], again["ticket"]) == (ID, "K-1")
    assert list(till.taken) == [ID]


# ── 9.4, 5.2: it takes long ──────────────────────────────────────────────────────────────────────


async def test_after_ten_seconds_the_answer_is_202_and_the_box_carries_on(
    evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, till, _, chinu, anshu = evening
    till.fates = [answers_late]
    seen = (await chinu.snapshot())["cart_hash"]
    with monkeypatch.context() as hurried:
        hurried.setattr("edge.web.guests.ordering.ORDER_TIMEOUT_S", 0.2)
        for mid in (None, None):
            status, body = await chinu.order(cart_hash=seen, mid=mid)
            assert (status, body) == (202, {"order_id": ID, "status": "processing"})
    till.let_go.set()
    await anshu.hears("order_confirmed")
    assert await chinu.order(cart_hash=seen) == (201, {"order_id": ID, "ticket": "K-1"})
    assert till.calls == [("POST", ID, 1)]


async def test_while_an_order_is_under_way_nobody_changes_or_orders_anything(evening: Evening) -> None:
    _, till, _, chinu, anshu = evening
    till.fates = [answers_late]
    async with asyncio.TaskGroup() as group:
        placing = group.create_task(chinu.order())
        await anshu.hears("order_processing")
        status, body = await anshu.order()
        await anshu.send(
            {"type": "cart_mutate", "op": "create", "menu_item": CHIPS, "qty": 1, "mid": "too-late-now"}
        )
        refused = await anshu.hears("error")
        await anshu.send({"type": "place_order", "mid": "me-too-please"})
        second = await anshu.hears("error", 2)
        till.let_go.set()
    assert (status, body["error"]["code"], body["error"]["order_id"]) == (409, "order_in_progress", ID)
    assert body["error"]["message"] == "Order already being processed."
    assert (refused["code"], refused["mid"]) == ("cart_locked", "too-late-now")
    assert (second["code"], second["mid"]) == ("order_in_progress", "me-too-please")
    assert placing.result()[0] == 201


async def test_of_many_who_press_at_once_one_orders(evening: Evening) -> None:
    _, till, _, chinu, anshu = evening
    seen = (await chinu.snapshot())["cart_hash"]
    async with asyncio.TaskGroup() as group:
        pressed = [
            group.create_task(phone.order(cart_hash=seen, mid=f"{name}-{number:04}"))
            for number in range(20)
            for name, phone in (("chinu", chinu), ("anshu", anshu))
        ]
    answers_got = [task.result() for task in pressed]
    assert sorted({status for status, _ in answers_got}) == [201, 409]
    assert {body["order_id"] for status, body in answers_got if status == 201} == {ID}
    assert {body["error"]["code"] for status, body in answers_got if status == 409} == {"order_in_progress"}
    assert list(till.taken) == [ID]
    assert len((await anshu.snapshot())["orders"]) == 1


# ── 9.3: it fails ────────────────────────────────────────────────────────────────────────────────


async def test_a_failure_is_told_to_everyone_and_pressing_again_is_the_same_order(evening: Evening) -> None:
    _, till, _, chinu, anshu = evening
    till.fates = [DOWN] * 4
    status, body = await chinu.order()
    assert (status, body["error"]) == (
        502,
        {
            "code": "order_failed",
            "message": "Order failed: POS system unavailable.",
            "order_id": ID,
            "reason": "POS system unavailable",
            "allow_retry": True,
        },
    )
    failed = await anshu.hears("order_failed")
    assert failed == {
        "type": "order_failed",
        "order_id": ID,
        "error": "POS system unavailable",
        "message": "Order failed. Please try again.",
        "allow_retry": True,
        "code": "pos_unavailable",
        "retry_after_s": None,
    }
    await anshu.hears("cart_unlocked")
    tries = ["cart_locked", *["order_processing"] * 4, "order_failed", "cart_unlocked"]
    assert ordering(anshu) == tries
    words = [each["message"] for each in anshu.heard if each["type"] == "order_processing"]
    assert words[1:] == ["POS system unavailable. Trying again..."] * 3
    left = await anshu.snapshot()
    assert {name: left[name] for name in BACK} == BACK
    assert (left["order_processing_status"], len(left["items"]), left["orders"]) == ("failed", 2, [])
    assert left["order_failure"] == {
        "order_id": ID,
        "error": "POS system unavailable",
        "code": "pos_unavailable",
        "allow_retry": True,
    }
    assert await anshu.order() == (201, {"order_id": ID, "ticket": "K-1"})
    assert till.calls == [("POST", ID, attempt) for attempt in range(1, 6)]


async def test_a_retry_by_socket_is_the_same_order_too(evening: Evening) -> None:
    _, till, _, chinu, _ = evening
    till.fates = [DOWN] * 4
    await chinu.send({"type": "place_order"})
    await chinu.hears("order_failed")
    await chinu.send({"type": "place_order"})
    assert (await chinu.hears("order_confirmed"))["order_id"] == ID
    assert till.taken.keys() == {ID}


async def test_a_repeat_of_the_very_same_press_says_how_that_press_ended(evening: Evening) -> None:
    _, till, _, chinu, _ = evening
    till.fates = [DOWN] * 4
    seen = (await chinu.snapshot())["cart_hash"]
    assert (await chinu.order(cart_hash=seen, mid="press-number-1"))[0] == 502
    assert (await chinu.order(cart_hash=seen, mid="press-number-1"))[0] == 502
    assert len(till.calls) == 4
    assert (await chinu.order(cart_hash=seen, mid="press-number-2"))[0] == 201
    assert (await chinu.order(cart_hash=seen, mid="press-number-1"))[1]["order_id"] == ID


async def test_a_changed_cart_is_a_new_order_and_only_confirmed_ones_are_history(evening: Evening) -> None:
    _, till, _, chinu, anshu = evening
    till.fates = [DOWN] * 4
    await chinu.order()
    await anshu.add(CHIPS)
    changed = await anshu.snapshot()
    assert (changed["order_processing_status"], changed["order_failure"]) == ("idle", None)
    assert await anshu.order() == (201, {"order_id": "ORD-7-2", "ticket": "K-1"})
    after = await chinu.snapshot()
    assert [order["order_id"] for order in after["orders"]] == ["ORD-7-2"]
    assert (await anshu.hears("order_status"))["status"] == "abandoned"
    assert list(till.taken) == ["ORD-7-2"]


async def test_another_table_orders_while_one_waits(evening: Evening) -> None:
    box, till, http, chinu, _ = evening
    async with await Phone.join(http, box.url, "Bela", T2) as bela:
        await bela.say_word()
        await bela.add(BURGER)
        till.fates = [answers_late]
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(chinu.order())
            await chinu.hears("order_processing")
            assert await bela.order() == (201, {"order_id": "ORD-7-2", "ticket": "K-1"})
            till.let_go.set()
        assert waiting.result() == (201, {"order_id": ID, "ticket": "K-2"})


# ── 9.3, 5.1: connections and boxes that go away ─────────────────────────────────────────────────


async def test_who_comes_back_finds_the_order_where_it_is(evening: Evening) -> None:
    box, till, http, chinu, anshu = evening
    till.fates = [answers_late]
    await chinu.send({"type": "place_order"})
    await chinu.hears("order_processing")
    again = await Phone.join(http, box.url, "Chinu", token=chinu.token)
    assert again.member_pid == chinu.member_pid
    waiting = await again.snapshot()
    assert (waiting["cart_locked"], waiting["order_processing_message"]) == (
        True,
        "Your order is being processed...",
    )
    async with again:
        till.let_go.set()
        await again.hears("order_confirmed")
    await anshu.hears("order_fired")


async def test_an_owner_who_leaves_for_good_gives_the_cart_back(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        till = await stack.enter_async_context(Till())
        settings = serving(tmp_path, till_at(till.url), pace=1000.0, owner_grace_s=0.3)
        box = await stack.enter_async_context(settings)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        anshu = await stack.enter_async_context(await Phone.join(http, box.url, "Anshu"))
        await anshu.say_word()
        till.fates = [DOWN]
        async with await Phone.join(http, box.url) as chinu:
            await chinu.add(BURGER)
            await chinu.send({"type": "place_order"})
            await anshu.hears("order_processing", 2)
        failed = await anshu.hears("order_failed")
        assert (failed["code"], failed["error"]) == ("owner_gone", "POS system unavailable")
        await anshu.hears("cart_unlocked")
        await anshu.add(CHIPS)
        assert (await anshu.order())[0] == 201


async def test_a_box_that_restarts_in_the_middle_tells_the_truth(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        till = await stack.enter_async_context(Till())
        http = await stack.enter_async_context(aiohttp.ClientSession())
        async with serving(tmp_path, till_at(till.url)) as box:
            till.fates = [takes_and_dies]
            till.questions = [answers(500)] * 10_000
            chinu = await Phone.join(http, box.url)
            async with chinu:
                await chinu.say_word()
                await chinu.add(BURGER)
                await chinu.send({"type": "place_order"})
                await until(lambda: ("GET", ID, 1) in till.calls)
        till.questions = [answers(500)] * 3
        async with serving(tmp_path) as box:
            back = await Phone.join(http, box.url, token=chinu.token)
            assert back.member_pid == chinu.member_pid
            async with back:
                state = await back.snapshot()
                if state["order_processing_status"] == "processing":
                    assert (state["cart_locked"], state["pending_order_id"]) == (True, ID)
                    await back.hears("order_confirmed")
                done = await back.snapshot()
        assert [order["order_id"] for order in done["orders"]] == [ID]
        assert [call[0] for call in till.calls].count("POST") == 1


# ── staff ────────────────────────────────────────────────────────────────────────────────────────


async def test_staff_end_a_doubt_that_the_till_never_will(evening: Evening) -> None:
    box, till, http, chinu, anshu = evening
    till.fates, till.questions = [takes_and_dies], [answers(500)] * 10_000
    await chinu.send({"type": "place_order"})
    await until(lambda: ("GET", ID, 1) in till.calls)
    path = f"{box.url}/api/v1/orders/{{}}/settle"
    for user, order_id, expected in (
        ("carl", ID, 403),
        ("ann", "ORD-7-9", 404),
        ("ann", ID, 200),
        ("ann", ID, 409),
    ):
        headers = await sign_in(http, box.url, user)
        async with http.post(path.format(order_id), json={"taken": True}, headers=headers) as answer:
            assert answer.status == expected, await answer.text()
    await anshu.hears("order_confirmed")
    assert (await anshu.snapshot())["cart_locked"] is False
