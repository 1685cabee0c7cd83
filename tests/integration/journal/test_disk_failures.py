"""When the disk says no: everybody is told, nothing has changed, and work goes on once it is well again."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from edge.core.commands import AdoptMenu, CountStock
from edge.journal.database import LinkCursor, read_link
from edge.journal.writer import Accepted
from protocol.errors import Refusal
from protocol.facts.menu import Menu, MenuItem
from tests.full_disk import full_disk
from tests.open_box import OpenBox, until
from tests.sample_venue import CAKE, add, join, place, say_word


async def seated(box: OpenBox) -> OpenBox:
    """One guest who may order, with one line in the cart."""
    await box.opened()
    for command in (join("chinu"), say_word(), add(mid="the-first-line")):
        await box.accept(command)
    return box


def everything(box: OpenBox) -> list[object]:
    """State in memory, counters, and the journal on the disk."""
    hot = box.hot
    numbers = (hot.next_item_id, hot.next_order_number, hot.next_ticket_number)
    return [
        {name: hot.committed(name) for name in ("cart:s1", "table:s1", f"stock:{CAKE}")},
        hot.committed_orders_of("s1"),
        hot.open_session_at("TABLE1"),
        hot.open_session_at("TABLE2"),
        numbers,
        box.writer.durable_seq,
        box.rows("SELECT seq, hash FROM journal"),
        len(box.told),
    ]


async def test_a_commit_that_fails_changes_nothing_and_everybody_is_told(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await seated(box)
        before = everything(box)
        with full_disk():
            waiting = box.together(add(), place(), join("anshu", "s2", "TABLE2"), add("stranger"))
            outcomes = await asyncio.gather(*waiting)
            assert [getattr(each, "code", None) for each in outcomes] == ["storage_failed"] * 4
            assert box.writer.failure == "disk I/O error"
            assert everything(box) == before
        facts = await box.accept(add())
        assert not box.writer.failure
        assert facts[0].seq == box.rows("SELECT count(*) FROM journal")[0][0]


async def test_the_same_mid_goes_through_after_the_disk_is_well(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await seated(box)
        with full_disk():
            assert await box.refused(place(mid="press-order")) == "storage_failed"
        placed = await box.accept(place(mid="press-order"))
        assert await box.do(place(mid="press-order")) == Accepted(tuple(placed), repeated=True)


async def test_a_full_database_refuses_and_works_again(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await seated(box)
        before = everything(box)
        pages = box.connection.execute("PRAGMA page_count").fetchone()[0]
        box.connection.execute(f"PRAGMA max_page_count = {pages}")
        bulk = [CountStock(CAKE, n, "ann") for n in range(400)]
        outcomes = await asyncio.gather(*box.together(*bulk))
        assert {getattr(each, "code", None) for each in outcomes} == {"storage_failed"}
        assert box.writer.failure == "database or disk is full"
        assert everything(box) == before
        box.connection.execute("PRAGMA max_page_count = 1000000")
        assert isinstance(await box.do(add()), Accepted)


async def test_a_disk_that_works_again_is_noticed_without_a_guest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.journal.writer.RETRY_S", 0.001)
    async with OpenBox(tmp_path) as box:
        await seated(box)
        with full_disk():
            assert await box.refused(add()) == "storage_failed"
            for _ in range(20):
                await asyncio.sleep(0.002)
                assert box.writer.failure is not None
        await until(lambda: box.writer.failure is None)


async def test_the_links_cursor_survives_a_failed_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.journal.writer.RETRY_S", 0.001)
    async with OpenBox(tmp_path) as box:
        await seated(box)
        cursor = LinkCursor(3, b"\x02" * 32, 7, "incarnation-1")
        with full_disk():
            box.writer.remember_link(cursor)
            assert await box.refused(add()) == "storage_failed"
        await until(lambda: read_link(box.reader) == cursor)


async def test_a_database_locked_by_a_stranger_refuses_and_works_again(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await seated(box)
        before = everything(box)
        box.connection.execute("PRAGMA busy_timeout = 0")
        stranger = sqlite3.connect(tmp_path / "journal.sqlite3", isolation_level=None)
        stranger.execute("BEGIN IMMEDIATE")
        assert await box.refused(add()) == "storage_failed"
        assert everything(box) == before
        stranger.execute("ROLLBACK")
        stranger.close()
        assert isinstance(await box.do(add()), Accepted)


@pytest.mark.parametrize("which", ["connection", "reader"])
async def test_a_connection_that_is_gone_refuses_and_never_hangs(tmp_path: Path, which: str) -> None:
    async with OpenBox(tmp_path) as box:
        await box.opened()
        getattr(box, which).close()
        outcomes = await asyncio.gather(*box.together(join("chinu"), join("anshu", "s2", "TABLE2")))
        assert [getattr(each, "code", None) for each in outcomes] == ["storage_failed"] * 2
        assert await box.refused(join("chinu")) == "storage_failed"


async def test_only_the_command_that_a_guard_refuses_is_refused(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await seated(box)
        box.connection.execute(
            "CREATE TRIGGER unlucky BEFORE INSERT ON cart_items WHEN NEW.qty = 13 "
            "BEGIN SELECT RAISE(ABORT, 'unlucky'); END"
        )
        commands = [add(qty=1, mid="qty-one"), add(qty=13), add(qty=2), add(qty=1, mid="qty-one")]
        first, unlucky, last, repeat = await asyncio.gather(*box.together(*commands))
        assert isinstance(first, Accepted)
        assert isinstance(last, Accepted)
        assert isinstance(unlucky, Refusal)
        assert unlucky.code == "internal"
        assert repeat == Accepted(first.facts, repeated=True)
        assert box.rows("SELECT qty FROM cart_items ORDER BY id") == [(1,), (1,), (2,)]
        assert box.writer.failure is None


@pytest.mark.parametrize("number", [2**63, 2**70], ids=["too big for SQLite", "too big for JSON"])
async def test_a_number_that_cannot_be_stored_harms_nobody_else(tmp_path: Path, number: int) -> None:
    async with OpenBox(tmp_path) as box:
        await seated(box)
        monster = Menu(2, "EUR", ("Mains",), (MenuItem(number, "Monster", "Mains", 900),))
        refused, added = await asyncio.gather(*box.together(AdoptMenu(monster), add()))
        assert isinstance(refused, Refusal)
        assert refused.code == "internal"
        assert isinstance(added, Accepted)
        book = box.hot.committed_menu()
        assert book is not None
        assert book.menu.menu_version == 1
        assert box.rows("SELECT count(*) = max(seq) FROM journal") == [(1,)]


async def test_a_checkpoint_that_fails_is_told_and_does_not_end_the_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.journal.writer.QUIET_S", 1000.0)
    async with OpenBox(tmp_path) as box:
        await seated(box)
        monkeypatch.setattr("edge.journal.writer.QUIET_S", 0.001)
        with full_disk():
            await box.accept(say_word())  # nothing to write, so it goes through and quiet begins anew
            await until(lambda: box.writer.failure is not None)
        assert isinstance(await box.do(add()), Accepted)
        assert box.writer.failure is None
