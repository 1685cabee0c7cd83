"""The point of sale over real HTTP: yes, no, nothing, late, twice, half; there is one order or none."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from edge.core.commands import AddItem, ConfigureVenue, PlaceOrder, SettleOrder
from protocol.facts.cart import Cart
from protocol.facts.stock import Stock
from tests.full_disk import full_disk
from tests.integration.ordering.box import BRISK, ID, PosBox, till_at
from tests.integration.ordering.till import (
    Fate,
    Till,
    answers,
    answers_late,
    answers_twice,
    breaks_off,
    dies,
    hangs,
    says,
    takes_and_dies,
    takes_and_hangs,
)
from tests.open_box import until
from tests.sample_venue import BURGER, CAKE, add, config, join, place, say_word

UNAVAILABLE = answers(503)
#: Nothing that a till can do to a call makes it wait longer than this.
HASTY_S = 0.3


@pytest.fixture
async def till() -> AsyncIterator[Till]:
    """A till that works."""
    async with Till() as opened:
        yield opened


@pytest.fixture
async def box(tmp_path: Path, till: Till) -> AsyncIterator[PosBox]:
    """A table with two burgers and a cake in its cart, at a venue with that till; its calls are running."""
    async with PosBox(tmp_path) as opened:
        await opened.furnish(till_at(till.url, HASTY_S))
        async with opened.calling():
            yield opened


def settled(box: PosBox, till: Till) -> None:
    """Whatever happened: the till has what the box has confirmed, and the cart is not locked."""
    confirmed = [
        order_id
        for order_id in ("ORD-7-1", "ORD-7-2")
        if box.rows("SELECT 1 FROM orders WHERE order_id = ? AND status = 'confirmed'", order_id)
    ]
    assert sorted(till.taken) == confirmed
    cart = box.hot.committed("cart:s1")
    assert isinstance(cart, Cart)
    assert cart.lock is None
    tickets = box.rows("SELECT count(DISTINCT order_id), count(DISTINCT ticket) FROM tickets")
    assert tickets == [(len(confirmed), len(confirmed))]


async def test_yes(box: PosBox, till: Till) -> None:
    await box.order()
    order = await box.ends("confirmed")
    assert (order.ticket, order.pos_reference, order.asked) == ("K-1", "till-1", 1)
    assert box.kinds() == ["OrderPlaced", "PosAsked", "OrderConfirmed"]
    (told,) = till.bodies
    assert {name: told[name] for name in ("order_id", "attempt", "table", "currency", "total_minor")} == {
        "order_id": ID,
        "attempt": 1,
        "table": "T1",
        "currency": "EUR",
        "total_minor": 2 * 950 + 410,
    }
    assert [(line["name"], line["qty"]) for line in told["lines"]] == [("Burger", 2), ("Cake", 1)]
    settled(box, till)


@pytest.mark.parametrize("nos", [1, 3])
async def test_no_is_asked_again_under_the_same_id(box: PosBox, till: Till, nos: int) -> None:
    till.fates = [UNAVAILABLE] * nos
    await box.order()
    order = await box.ends("confirmed")
    assert till.calls == [("POST", ID, attempt) for attempt in range(1, nos + 2)]
    assert (order.asked, order.attempts) == (nos + 1, 1)
    settled(box, till)


async def test_four_times_no_fails_and_pressing_again_asks_on(box: PosBox, till: Till) -> None:
    till.fates = [UNAVAILABLE] * 4
    await box.order()
    order = await box.ends("failed")
    assert (order.failure, order.allow_retry, len(till.calls)) == ("POS system unavailable", True, 4)
    settled(box, till)
    assert await box.accept(place("anshu"))
    order = await box.ends("confirmed")
    assert (order.order_id, order.asked, order.attempts) == (ID, 5, 2)
    settled(box, till)


async def test_a_till_that_is_switched_off_was_not_asked(box: PosBox, till: Till) -> None:
    await till.shut()
    await box.order()
    assert (await box.ends("failed")).error == "pos_unavailable"
    assert box.kinds().count("PosDeclined") == 3
    await till.open()
    await box.order()
    await box.ends("confirmed")
    settled(box, till)


async def test_the_till_refuses_the_order_itself(box: PosBox, till: Till) -> None:
    till.fates = [answers(422, {"status": "refused", "message": "No burgers\0 today"})]
    await box.order()
    order = await box.ends("failed")
    assert (order.failure, order.allow_retry, order.error) == ("No burgers today", False, "pos_refused")
    assert len(till.calls) == 1
    await box.order()
    await box.ends("confirmed", "ORD-7-2")
    assert box.state().status == "abandoned"
    settled(box, till)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413])
async def test_what_http_says_was_not_done_was_not_done(box: PosBox, till: Till, status: int) -> None:
    till.fates = [answers(status)]
    await box.order()
    order = await box.ends("failed")
    assert (order.error, len(till.calls)) == ("pos_refused", 1)
    settled(box, till)


async def test_a_till_with_another_key_takes_nothing(box: PosBox, till: Till) -> None:
    till.key = "another key"
    await box.order()
    assert (await box.ends("failed")).error == "pos_refused"
    assert till.calls == []
    settled(box, till)


OPEN: dict[str, tuple[Fate, bool]] = {
    "dies": (dies, False),
    "hangs": (hangs, False),
    "says it may have": (answers(500), False),
    "conflict": (answers(409), False),
    "a proxy gave up": (answers(504), False),
    "asks for patience": (answers(202, {"status": "pending"}), False),
    "no JSON": (says("<html>taken</html>"), False),
    "no status": (says("{}"), False),
    "a list": (says("[1]"), False),
    "redirects": (answers(302), False),
    "too long": (says('{"status":"taken","reference":"' + "x" * 70_000 + '"}'), False),
    "takes and dies": (takes_and_dies, True),
    "takes and hangs": (takes_and_hangs, True),
    "breaks off": (breaks_off, True),
}


@pytest.mark.parametrize("fate", OPEN)
async def test_what_is_unknown_is_asked_about_before_anything_is_repeated(
    box: PosBox, till: Till, fate: str
) -> None:
    happening, taken = OPEN[fate]
    till.fates = [happening]
    await box.order()
    order = await box.ends("confirmed")
    asked = [("POST", ID, 1), ("GET", ID, 1)]
    assert till.calls == (asked if taken else [*asked, ("DELETE", ID, 1), ("POST", ID, 2)])
    assert order.pos_reference == "till-1"
    settled(box, till)


async def test_a_till_that_cannot_close_is_taken_at_its_word(box: PosBox, till: Till) -> None:
    till.closes = False
    till.fates = [dies]
    await box.order()
    await box.ends("confirmed")
    assert [call[0] for call in till.calls] == ["POST", "GET", "DELETE", "POST"]
    settled(box, till)


async def test_a_late_order_finds_its_door_closed(box: PosBox, till: Till) -> None:
    till.fates = [answers_late, *[UNAVAILABLE] * 3]
    await box.order()
    await box.ends("failed")
    assert till.closed == {ID: 1}
    till.let_go.set()
    await until(lambda: len(till.calls) == 6)
    settled(box, till)
    await box.order()
    await box.ends("confirmed")
    settled(box, till)


async def test_a_late_order_that_got_in_is_found(box: PosBox, till: Till) -> None:
    till.fates = [answers_late]
    till.questions = [answers(200, {"status": "pending"})] * 2
    await box.order()
    await box.until(lambda order: order.doubt is not None)
    await until(lambda: len(till.calls) >= 2)
    till.let_go.set()
    order = await box.ends("confirmed")
    assert order.asked == 1
    settled(box, till)


async def test_a_second_answer_is_not_heard(box: PosBox, till: Till) -> None:
    till.fates = [answers_twice]
    await box.order()
    assert (await box.ends("confirmed")).pos_reference == "till-1"
    assert len(till.calls) == 1
    settled(box, till)


async def test_while_nobody_knows_the_cart_stays_locked_and_the_till_is_asked(
    box: PosBox, till: Till
) -> None:
    till.fates = [takes_and_dies]
    till.questions = [answers(500), dies, hangs, says("?"), answers(200, {"status": "pending"})]
    await box.order()
    await until(lambda: not till.questions)
    order = await box.ends("confirmed")
    assert order.asked == 1
    assert box.kinds() == ["OrderPlaced", "PosAsked", "OrderConfirmed"]
    settled(box, till)


async def test_a_till_that_never_says_is_settled_by_a_person(tmp_path: Path, till: Till) -> None:
    async with PosBox(tmp_path, replace(BRISK, doubt_alarm_s=0.0)) as box:
        await box.furnish(till_at(till.url, HASTY_S))
        async with box.calling():
            till.fates, till.questions = [takes_and_dies], [answers(500)] * 10_000
            await box.order()
            await until(lambda: bool(box.alarms.current()))
            (alarm,) = box.alarms.current()
            assert (alarm.code, alarm.detail) == ("pos_in_doubt", {"order_id": ID})
            assert await box.refused(add()) == "cart_locked"
            await box.accept(SettleOrder(ID, True, "staff:ann"))
            await until(lambda: not box.alarms.current())
            settled(box, till)


async def test_a_change_of_tills_does_not_confuse_whom_to_ask(box: PosBox, till: Till) -> None:
    async with Till() as other:
        till.fates, till.questions = [takes_and_dies], [answers(500)] * 3
        await box.order()
        await box.until(lambda order: order.doubt is not None)
        await box.accept(ConfigureVenue(config(pos=till_at(other.url))))
        await box.ends("confirmed")
        assert other.calls == []
        settled(box, till)
        await box.accept(add())
        await box.order()
        await box.ends("confirmed", "ORD-7-2")
        assert (list(till.taken), list(other.taken)) == ([ID], ["ORD-7-2"])


async def test_stock_is_back_when_an_order_fails_and_gone_when_it_is_confirmed(
    box: PosBox, till: Till
) -> None:
    def left() -> int | None:
        stock = box.hot.committed(f"stock:{CAKE}")
        assert isinstance(stock, Stock)
        return stock.qty

    till.fates = [UNAVAILABLE] * 4
    await box.order()
    assert left() == 2
    await box.ends("failed")
    assert left() == 3
    await box.order()
    await box.ends("confirmed")
    assert left() == 2


async def test_an_owner_who_has_gone_leaves_the_cart_to_the_others(tmp_path: Path, till: Till) -> None:
    async with PosBox(tmp_path, replace(BRISK, owner_grace_s=10.0, pace=1000.0)) as box:
        await box.furnish(till_at(till.url))
        async with box.calling():
            till.fates = [UNAVAILABLE]
            await box.order()
            await box.until(lambda order: order.error is not None)
            assert await box.refused(add("anshu")) == "cart_locked"
            box.away_s = 10.0
            await box.accept(ConfigureVenue(config("The Pier", pos=till_at(till.url))))
    async with PosBox(tmp_path, replace(BRISK, owner_grace_s=10.0, pace=1000.0)) as box:
        box.away_s = 10.0
        async with box.calling():
            order = await box.ends("failed")
            assert (order.error, order.failure) == ("owner_gone", "POS system unavailable")
            await box.accept(add("anshu"))


async def test_a_yes_that_cannot_be_written_is_not_forgotten(box: PosBox, till: Till) -> None:
    till.fates = [answers_late]
    await box.order()
    await till.called.wait()
    with full_disk():
        till.let_go.set()
        await until(lambda: box.writer.failure is not None)
        assert box.state().doubt is not None
    await box.ends("confirmed")
    assert till.calls == [("POST", ID, 1)]
    settled(box, till)


async def test_no_call_is_made_that_could_not_be_recorded(tmp_path: Path, till: Till) -> None:
    async with PosBox(tmp_path) as box:
        await box.furnish(till_at(till.url))
        await box.order()
        async with box.calling():
            with full_disk():
                await until(lambda: box.writer.failure is not None)
                assert (till.calls, box.state().asked) == ([], 0)
            await box.ends("confirmed")
            settled(box, till)


async def test_two_tables_are_asked_about_at_the_same_time(box: PosBox, till: Till) -> None:
    for command in (join("bela", "s2", "TABLE2"), say_word("bela", "s2"), AddItem("s2", "bela", BURGER, 1)):
        await box.accept(command)
    till.fates = [hangs]
    await box.order()
    await till.called.wait()
    await box.accept(PlaceOrder("s2", "bela"))
    await box.ends("confirmed", "ORD-7-2")
    assert box.state().status == "processing"
    await box.ends("confirmed")
