"""The one writer on a real disk: groups, answers after the commit, idempotency, counters, eviction."""

import asyncio
from pathlib import Path

import pytest

from edge.core.commands import (
    AdvanceTicket,
    ChangeItem,
    CloseTable,
    Command,
    CountStock,
    JoinTable,
    RemoveItem,
    TakeItemOff,
)
from edge.journal import hot as hot_module
from edge.journal.database import LinkCursor, open_reader, read_link
from edge.journal.hot import Hot
from edge.journal.writer import MOST_WAITING, Accepted
from protocol.errors import Refusal
from protocol.facts.cart import Cart, cart_hash
from protocol.facts.stock import Stock
from tests.open_box import OpenBox, until
from tests.sample_venue import BURGER, CAKE, T1, add, join, place, say_word


async def seated(box: OpenBox) -> OpenBox:
    """Chinu, the host, and Anshu at T1; the word was said."""
    await box.opened()
    await box.accept(join("chinu"))
    await box.accept(join("anshu"))
    await box.accept(say_word())
    return box


async def test_what_was_answered_is_on_the_disk(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await seated(box)
        facts = await box.accept(add())
        assert box.rows("SELECT max(seq) FROM journal") == [(facts[-1].seq,)]
        assert box.rows("SELECT id, qty, version, state FROM cart_items") == [(1, 1, 1, "pending")]


async def test_commands_that_wait_together_are_decided_one_after_the_other(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await seated(box)
        await box.accept(add(mid="first-line"))
        change, stale, remove = await asyncio.gather(
            *box.together(
                ChangeItem("s1", "chinu", 1, 1, qty=2),
                ChangeItem("s1", "chinu", 1, 1, qty=3),
                RemoveItem("s1", "chinu", 1, 2),
            )
        )
        assert isinstance(change, Accepted)
        assert isinstance(remove, Accepted)
        assert isinstance(stale, Refusal)
        assert stale.code == "version_conflict"
        assert box.rows("SELECT version, state, qty FROM cart_items") == [(3, "removed", 2)]


async def test_two_who_order_in_the_same_instant_get_one_order(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await seated(box)
        await box.accept(add())
        cart = box.hot.committed("cart:s1")
        assert isinstance(cart, Cart)
        seen = cart_hash(cart.live())
        outcomes = await asyncio.gather(
            *box.together(place("chinu", seen, "press-by-chinu"), place("anshu", seen, "press-by-anshu"))
        )
        codes = [each.code for each in outcomes if isinstance(each, Refusal)]
        assert codes == ["order_in_progress"]
        assert box.rows("SELECT count(*), max(order_id) FROM orders") == [(1, "ORD-7-1")]


async def test_nothing_staged_is_seen_before_the_commit(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await seated(box)
        told_before = len(box.told)
        future = box.together(add())[0]
        seen: list[tuple[bool, Cart | None, int]] = []
        while not future.done():
            cart = box.hot.committed("cart:s1")
            assert cart is None or isinstance(cart, Cart)
            on_disk = bool(box.rows("SELECT 1 FROM carts"))
            if cart is not None:
                assert on_disk
            seen.append((on_disk, cart, len(box.told) - told_before))
            await asyncio.sleep(0)
        assert all(told == 0 for on_disk, _, told in seen if not on_disk)


async def test_a_repeated_mid_gets_the_first_answer(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await seated(box)
        first, second = await asyncio.gather(*box.together(add(mid="same-mid"), add(mid="same-mid")))
        third = await box.do(add(mid="same-mid"))
        assert isinstance(first, Accepted)
        assert second == third == Accepted(first.facts, repeated=True)
        assert box.rows("SELECT count(*) FROM cart_items") == [(1,)]


async def test_a_repeated_mid_gets_the_first_answer_after_a_restart(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await seated(box)
        await box.accept(add(mid="add-burger"))
        ordered = await box.accept(place(mid="press-order"))
    async with OpenBox(tmp_path, boot="boot-2") as box:
        assert await box.do(place(mid="press-order")) == Accepted(tuple(ordered), repeated=True)
        assert isinstance(await box.do(add(mid="add-burger")), Accepted)
        assert box.rows("SELECT count(*) FROM orders") == [(1,)]
        assert box.rows("SELECT count(*) FROM cart_items") == [(1,)]


@pytest.mark.parametrize(
    "other",
    [
        add("anshu", mid="used-before"),
        place(mid="used-before"),
        RemoveItem("s1", "chinu", 1, 1, mid="used-before"),
    ],
)
async def test_a_mid_of_somebody_or_something_else_is_refused(tmp_path: Path, other: Command) -> None:
    async with OpenBox(tmp_path) as box:
        await seated(box)
        await box.accept(add(mid="used-before"))
        assert await box.refused(other) == "mid_reused"
        assert box.rows("SELECT count(*), max(version) FROM cart_items") == [(1, 1)]


async def test_neighbours_with_the_same_mid_keep_their_own_outcomes(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await box.opened()
        first = await box.accept(join("chinu", mid="mid-of-both"))
        await box.accept(say_word())
        second, third = await asyncio.gather(
            *box.together(join("anshu", "s2", "TABLE2", mid="mid-of-both"), add(mid="mid-of-both"))
        )
        assert isinstance(second, Accepted)
        assert isinstance(third, Accepted)
        again = await box.do(join("anshu", "s2", "TABLE2", mid="mid-of-both"))
        assert again == Accepted(second.facts, repeated=True)
        assert await box.do(join("chinu", mid="mid-of-both")) == Accepted(tuple(first), repeated=True)


async def test_a_repeated_join_is_the_same_member(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await box.opened()
        first = await box.accept(join("chinu", mid="join-of-chinu"))
        again = await box.do(JoinTable(T1, "Chinu", "s9", "m9", "0" * 64, "join-of-chinu"))
        assert again == Accepted(tuple(first), repeated=True)
        assert box.rows("SELECT member_pid, host FROM table_members") == [("chinu", 1)]


async def test_mids_beyond_the_memory_are_found_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hot_module, "MOST_MIDS", 3)
    async with OpenBox(tmp_path) as box:
        await seated(box)
        firsts = [await box.accept(add(mid=f"line-number-{n}")) for n in range(8)]
        for n, facts in enumerate(firsts):
            assert await box.do(add(mid=f"line-number-{n}")) == Accepted(tuple(facts), repeated=True)
        assert box.rows("SELECT count(*) FROM cart_items") == [(8,)]


async def test_mids_of_stock_are_found_after_a_restart(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await box.opened()
        facts = await box.accept(CountStock(CAKE, 9, "ann", mid="count-cakes"))
        await box.accept(TakeItemOff(CAKE, True, "ann", mid="cakes-are-off"))
    async with OpenBox(tmp_path) as box:
        assert await box.do(CountStock(CAKE, 9, "ann", mid="count-cakes")) == Accepted(tuple(facts), True)
        assert box.hot.committed(f"stock:{CAKE}") == Stock(3, CAKE, 9, True)


async def test_a_batch_without_facts_is_answered_and_writes_nothing(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await seated(box)
        before = box.rows("SELECT count(*) FROM journal")
        repeat, stranger = await asyncio.gather(*box.together(say_word(), add("stranger")))
        assert repeat == Accepted(())
        assert isinstance(stranger, Refusal)
        assert box.rows("SELECT count(*) FROM journal") == before


async def test_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await seated(box)
        await box.accept(add())
        await box.accept(place())
    async with OpenBox(tmp_path, boot="boot-2") as box:
        await box.accept(add())
        await box.accept(place())
        assert box.rows("SELECT order_id, ticket FROM orders ORDER BY number") == [
            ("ORD-7-1", "K-1"),
            ("ORD-7-2", "K-2"),
        ]
        assert box.rows("SELECT id FROM cart_items") == [(1,), (2,)]


async def test_a_table_opened_and_closed_in_one_batch_is_closed(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await box.opened()
        opened, closed, again = await asyncio.gather(
            *box.together(join("chinu", "s1"), CloseTable("s1", "left", "staff:ann"), join("anshu", "s2"))
        )
        assert isinstance(opened, Accepted)
        assert isinstance(closed, Accepted)
        assert isinstance(again, Accepted)
        assert box.hot.open_session_at(T1) == "s2"
        assert box.rows("SELECT session_pid, status FROM table_sessions ORDER BY 1") == [
            ("s1", "closed"),
            ("s2", "open"),
        ]


async def test_a_closed_table_leaves_the_memory_and_can_still_be_read(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await seated(box)
        await box.accept(add(mid="the-only-line"))
        await box.accept(place())
        before = {name: box.hot.committed(name) for name in ("cart:s1", "order:ORD-7-1", "ticket:K-1@grill")}
        await box.accept(CloseTable("s1", "left", "staff:ann", mid="close-the-table"))
        assert not any("s1" in name or "K-1" in name for name in box.hot.in_memory())
        assert {name: box.hot.committed(name) for name in before} == before
        assert await box.refused(add(mid="after-closing")) == "session_closed"
        served = [AdvanceTicket("K-1", "grill", state, "cook") for state in ("preparing", "ready", "served")]
        for command in served:
            await box.accept(command)
        assert box.rows("SELECT state FROM tickets WHERE ticket = 'K-1'") == [("served",)]


async def test_what_passes_through_memory_does_not_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hot_module, "MOST_PASSING", 4)
    async with OpenBox(tmp_path) as box:
        await box.opened()
        for n in range(10):
            await box.accept(join("chinu", f"s{n}"))
            await box.accept(CloseTable(f"s{n}", "left", "staff:ann", mid=f"closing-{n}"))
        for n in range(10):
            assert box.hot.committed(f"table:s{n}") is not None
        assert len([name for name in box.hot.in_memory() if name.startswith("table:")]) <= 4


async def test_memory_read_from_the_disk_equals_memory_that_was_there(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await seated(box)
        await box.accept(add(dish=CAKE, qty=2))
        await box.accept(place())
        await box.accept(TakeItemOff(BURGER, True, "cook"))
        names = [*box.hot.in_memory(), "stock:999", "cart:nobody"]
        reader = open_reader(tmp_path)
        fresh = Hot(reader)
        assert {name: fresh.committed(name) for name in names} == {
            name: box.hot.committed(name) for name in names
        }
        assert fresh.open_session_at(T1) == "s1"
        assert (fresh.next_item_id, fresh.next_order_number, fresh.next_ticket_number) == (2, 2, 2)
        reader.close()


async def test_the_links_cursor_is_written_when_it_is_quiet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.journal.writer.QUIET_S", 0.001)
    async with OpenBox(tmp_path) as box:
        cursor = LinkCursor(0, b"\x01" * 32, 5, "incarnation-1")
        box.writer.remember_link(cursor)
        await until(lambda: read_link(box.reader) == cursor)


async def test_the_links_cursor_is_written_at_the_end(tmp_path: Path) -> None:
    cursor = LinkCursor(0, b"\x01" * 32, 5, "incarnation-1")
    async with OpenBox(tmp_path) as box:
        box.writer.remember_link(cursor)
    reader = open_reader(tmp_path)
    assert read_link(reader) == cursor
    reader.close()


async def test_a_crowd_is_told_to_wait_instead_of_growing_the_queue(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await box.opened()
        refused: list[str] = []
        for _ in range(MOST_WAITING + 5):
            box.writer.submit(
                CountStock(404, 1, "ann"), lambda each: refused.append(getattr(each, "code", ""))
            )
        assert refused == ["rate_limited"] * 5


async def test_who_comes_after_the_stop_is_told_so(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await seated(box)
        waiting = box.together(add())
        box.writer.stop()
        assert await box.refused(add()) == "rate_limited"
        assert isinstance(await waiting[0], Accepted)


async def test_an_aggregate_with_a_long_history_is_not_read_fact_by_fact(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await box.opened()
        for count in range(40):
            await box.accept(CountStock(CAKE, count, "ann"))
    async with OpenBox(tmp_path) as box:
        read: list[str] = []
        box.reader.set_trace_callback(read.append)
        assert box.hot.committed(f"stock:{CAKE}") == Stock(41, CAKE, 39, False)
        assert box.hot.committed_menu() is not None
        assert not [query for query in read if "ORDER BY version" in query and "LIMIT 1" not in query]
