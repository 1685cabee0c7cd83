"""Which orders wait for a point of sale: from the disk at start, from the commits afterwards."""

from pathlib import Path

from edge.core.commands import AskPointOfSale, ConfirmOrder, FailOrder
from edge.journal.under_way import OrdersUnderWay
from tests.open_box import OpenBox
from tests.sample_venue import TILL, add, join, opening, place, say_word


async def test_it_follows_what_is_committed_and_finds_it_again(tmp_path: Path) -> None:
    heard: list[str] = []
    async with OpenBox(tmp_path) as box:
        under_way = OrdersUnderWay(box.reader, box.hot)
        under_way.listen(heard.append)
        box.writer.listen(under_way.follow)
        for command in (*opening(TILL), join("chinu"), say_word(), add()):
            await box.accept(command)
        assert (under_way.ids(), heard) == ([], [])
        await box.accept(place())
        await box.accept(AskPointOfSale("ORD-7-1", 1))
        order = under_way.get("ORD-7-1")
        assert order is not None
        assert (under_way.ids(), heard, order.asked) == (["ORD-7-1"], ["ORD-7-1"] * 2, 1)
    async with OpenBox(tmp_path) as box:
        under_way = OrdersUnderWay(box.reader, box.hot)
        box.writer.listen(under_way.follow)
        again = under_way.get("ORD-7-1")
        assert again is not None
        assert again.doubt is not None
        await box.accept(FailOrder("ORD-7-1", 1, "pos_down", "down", final=True))
        assert (under_way.ids(), under_way.get("ORD-7-1")) == ([], None)
        await box.accept(place())
        await box.accept(AskPointOfSale("ORD-7-2", 1))
        await box.accept(ConfirmOrder("ORD-7-2", 1))
        assert under_way.ids() == []


async def test_what_the_box_decides_itself_never_waits(tmp_path: Path) -> None:
    heard: list[str] = []
    async with OpenBox(tmp_path) as box:
        under_way = OrdersUnderWay(box.reader, box.hot)
        under_way.listen(heard.append)
        box.writer.listen(under_way.follow)
        for command in (*opening(), join("chinu"), say_word(), add(), place()):
            await box.accept(command)
        assert heard == []


async def test_a_long_journal_costs_nothing_at_start(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await box.opened()
        query = "EXPLAIN QUERY PLAN SELECT order_id FROM orders WHERE status = 'processing' ORDER BY number"
        (plan,) = box.rows(query)
        assert "orders_under_way" in str(plan)
