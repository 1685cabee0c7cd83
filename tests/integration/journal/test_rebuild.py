"""The tables are what the journal folds into; where they are not, somebody is told which row and how."""

import sqlite3
from pathlib import Path

import pytest

from edge.core.commands import AdoptMenu, AdvanceTicket, ChangeItem, CloseTable, RemoveItem, TakeItemOff
from edge.journal import rebuild as rebuild_module
from edge.journal.rebuild import rebuild
from tests.open_box import OpenBox
from tests.sample_venue import BURGER, CAKE, CHIPS, add, join, menu, place, say_word


async def evening(directory: Path) -> None:
    """Two tables, two orders, a new menu, a closed table: every table of the schema has rows."""
    async with OpenBox(directory) as box:
        await box.opened()
        for command in (
            join("chinu"),
            join("anshu"),
            say_word(),
            add(mid="line-one"),
            add("anshu", CAKE, 2),
            add(dish=CHIPS),
            ChangeItem("s1", "chinu", 1, 1, qty=3, note="no salt"),
            RemoveItem("s1", "chinu", 3, 1),
            place(),
            AdvanceTicket("K-1", "grill", "preparing", "cook"),
            TakeItemOff(BURGER, True, "cook"),
            AdoptMenu(menu(2, burger_minor=990)),
            add("anshu", CHIPS),
            place("anshu"),
            CloseTable("s1", "left", "staff:ann"),
            join("bela", "s2"),
        ):
            await box.accept(command)


def spoil(directory: Path, *statements: str) -> None:
    """Write to the file behind the box's back, guards and all switched off."""
    connection = sqlite3.connect(directory / "journal.sqlite3", isolation_level=None)
    for statement in ("DROP TRIGGER journal_is_append_only", *statements):
        connection.execute(statement)
    connection.close()


async def test_an_evening_rebuilds_to_the_same_rows(tmp_path: Path) -> None:
    await evening(tmp_path)
    rebuilt = rebuild(tmp_path)
    assert (rebuilt.problems, rebuilt.differences) == ((), ())
    assert rebuilt.agrees
    connection = sqlite3.connect(tmp_path / "journal.sqlite3")
    assert connection.execute("SELECT seq, hash FROM journal ORDER BY seq DESC").fetchone() == (
        rebuilt.tail_seq,
        rebuilt.chain_hash,
    )
    assert rebuilt.facts == rebuilt.tail_seq > 20
    connection.close()


async def test_a_box_at_work_can_be_rebuilt(tmp_path: Path) -> None:
    await evening(tmp_path)
    async with OpenBox(tmp_path) as box:
        waiting = box.together(say_word("bela", "s2"))
        assert rebuild(tmp_path).agrees
        await waiting[0]
        assert rebuild(tmp_path).agrees


async def test_states_that_left_the_memory_are_folded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuild_module, "_MOST_STATES", 1)
    monkeypatch.setattr(rebuild_module, "_FACTS_A_BATCH", 3)
    await evening(tmp_path)
    assert rebuild(tmp_path).agrees


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE cart_items SET qty = 9 WHERE id = 1", "cart_items 1: qty is 9, the journal says 3"),
        ("DELETE FROM stock WHERE menu_item = 17", "stock 17 is in the journal, but missing from the table"),
        (
            "INSERT INTO stock VALUES (99, 1, 0, 1)",
            "stock 99 is in the table, but not in the journal",
        ),
        (
            "UPDATE table_members SET name = 'Zoe' WHERE member_pid = 'anshu'",
            "table_members s1/anshu: name is 'Zoe', the journal says 'Anshu'",
        ),
        (
            "UPDATE orders SET total_minor = NULL, total_minor = 1 WHERE number = 2",
            "orders ORD-7-2: total_minor is 1, the journal says 325",
        ),
        ("DELETE FROM menus WHERE menu_version = 1", "menus 1 is in the journal, but missing from the table"),
    ],
)
async def test_a_row_that_was_tampered_with_is_named(tmp_path: Path, statement: str, sentence: str) -> None:
    await evening(tmp_path)
    spoil(tmp_path, statement)
    rebuilt = rebuild(tmp_path)
    assert rebuilt.differences == (sentence,)
    assert not rebuilt.agrees


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (
            "UPDATE journal SET record = replace(record, 'no salt', 'pepper')",
            "hash chain breaks",
        ),
        ("DELETE FROM journal WHERE seq IN (7, 8)", "facts 7 to 8 are missing"),
        (
            "UPDATE journal SET aggregate = 'cart:s9' WHERE seq = 12",
            "the columns beside the record say otherwise",
        ),
        ("UPDATE journal SET mid = 'other-mid' WHERE mid = 'line-one'", "the mid beside the record"),
        ("UPDATE journal SET record = '{}' WHERE seq = 12", "cannot be folded"),
    ],
)
async def test_a_journal_that_was_tampered_with_is_noticed(
    tmp_path: Path, statement: str, problem: str
) -> None:
    await evening(tmp_path)
    spoil(tmp_path, statement)
    rebuilt = rebuild(tmp_path)
    assert any(problem in each for each in rebuilt.problems), rebuilt.problems
    assert not rebuilt.agrees


async def test_many_differences_are_counted_and_some_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuild_module, "MOST_TOLD", 2)
    await evening(tmp_path)
    spoil(tmp_path, "UPDATE menu_items SET name = upper(name)")
    rebuilt = rebuild(tmp_path)
    assert len(rebuilt.differences) == 2
    assert rebuilt.differing_rows == 12
