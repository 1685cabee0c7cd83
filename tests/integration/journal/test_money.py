"""Money on a real disk: two who pay at once, repeats after a crash, no gaps in numbers, tables that agree."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from edge.core.commands import AdoptMenu, CloseTable, Command, ConfigureVenue
from edge.core.money.commands import AdvancePayment, CloseShift, MoveCash, OpenShift, SplitBill
from edge.core.tables.commands import AttendTable, MergeTables, MoveTable, SplitTable
from edge.journal.rebuild import rebuild
from edge.journal.writer import Accepted
from protocol.errors import Refusal
from protocol.facts.bill import Bill
from protocol.facts.bill_events import Share
from tests.open_box import OpenBox
from tests.sample_venue import CAKE, T1, T2, WINE, add, config, join, menu, place, say_word
from tests.unit.edge.core.tables_that_pay import (
    ANN,
    BURGERS,
    FRIES,
    TOTAL_MINOR,
    comp,
    discount,
    ordered,
    pay,
    refund,
    takeaway,
    void,
)


async def seated(box: OpenBox) -> OpenBox:
    """A table with a bill of 28.05."""
    for command in ordered(config()):
        await box.accept(command)
    return box


def committed(box: OpenBox, session_pid: str = "s1") -> Bill:
    """The bill on disk."""
    bill = box.hot.committed(f"bill:{session_pid}")
    assert isinstance(bill, Bill)
    return bill


async def test_two_who_pay_the_whole_bill_at_once_pay_it_once(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await seated(box)
        outcomes = await asyncio.gather(*box.together(*(pay(TOTAL_MINOR) for _ in range(5))))
        codes = [each.code for each in outcomes if isinstance(each, Refusal)]
        assert codes == ["overpays"] * 4
        assert box.rows("SELECT total_minor, paid_minor, status FROM bills") == [
            (TOTAL_MINOR, TOTAL_MINOR, "settled")
        ]
        assert box.rows("SELECT count(*) FROM payments") == [(1,)]


async def test_parts_that_come_at_once_never_sum_to_more_than_is_owed(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await seated(box)
        await asyncio.gather(*box.together(*(pay(700) for _ in range(6))))
        assert box.rows("SELECT sum(amount_minor), count(*) FROM payments") == [(2800, 4)]
        assert committed(box).due_minor == 5


async def test_a_repeated_payment_takes_nothing_and_says_the_same_after_a_crash(tmp_path: Path) -> None:
    once = pay(tip_minor=100, mid="pay-at-the-till")
    async with OpenBox(tmp_path) as box:
        await seated(box)
        facts = await box.accept(once)
    async with OpenBox(tmp_path, boot="boot-2") as box:
        again = await box.do(msgspec.structs.replace(once, payment_pid="another", shift_pid="another"))
        assert again == Accepted(tuple(facts), repeated=True)
        assert box.rows("SELECT count(*), sum(tip_minor) FROM payments") == [(1, 100)]
        assert box.rows("SELECT expected_minor FROM shifts") == [(TOTAL_MINOR + 100,)]
        stranger = msgspec.structs.replace(once, by="staff:mia")
        assert await box.refused(stranger) == "mid_reused"


async def test_receipts_go_on_counting_over_tables_and_restarts(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await seated(box)
        await box.accept(pay())
        await box.accept(CloseTable("s1", "left", ANN))
    for number in (2, 3):
        async with OpenBox(tmp_path, boot=f"boot-{number}") as box:
            session = f"s{number}"
            host = f"host{number}"
            for command in (join(host, session), say_word(host, session), add(host, WINE), place(host)):
                await box.accept(_at(command, session))
            await box.accept(_at(pay(), session))
            await box.accept(CloseTable(session, "left", ANN))
            assert committed(box, session).receipts[0].number == number
    async with OpenBox(tmp_path, boot="boot-4") as box:
        assert box.rows("SELECT number FROM receipts ORDER BY number") == [(1,), (2,), (3,)]
        assert committed(box).status == "settled"


def _at(command: Command, session: str) -> Command:
    """The same at another table session."""
    return (
        msgspec.structs.replace(command, session_pid=session) if hasattr(command, "session_pid") else command
    )


async def test_a_table_that_moved_is_found_where_it_is_after_a_restart(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await seated(box)
        await box.accept(MoveTable("s1", T2, ANN))
        assert await box.refused(MoveTable("s1", "NOSUCH", ANN)) == "unknown_table"
        assert (box.hot.open_session_at(T1), box.hot.open_session_at(T2)) == (None, "s1")
    async with OpenBox(tmp_path, boot="boot-2") as box:
        assert (box.hot.open_session_at(T1), box.hot.open_session_at(T2)) == (None, "s1")
        await box.accept(join("bela", "s2", T1))
        moved = await asyncio.gather(*box.together(MergeTables("s2", "s1", ANN), join("cara", "s3", T1)))
        assert all(isinstance(each, Accepted) for each in moved)
        assert (box.hot.open_session_at(T1), box.hot.open_session_at(T2)) == ("s3", "s1")
        assert box.rows("SELECT table_name, state FROM tickets") == [("T2", "fired")]


@pytest.mark.parametrize("together", [False, True], ids=["one by one", "in one batch"])
async def test_an_evening_of_money_rebuilds_to_the_same_rows(tmp_path: Path, together: bool) -> None:
    """Every table of money has rows, and the journal alone gives the same ones."""
    card = pay(300, method="CARD")
    declined = pay(50, method="CARD")
    cash = pay(1000, tip_minor=50)
    commands: list[Command] = [
        OpenShift("m1", "main", 5000, ANN),
        void(),
        comp(FRIES),
        discount(1000),
        takeaway(True, BURGERS),
        SplitBill("s1", "guest", (Share(1, "Anshu", member="anshu"),), ANN),
        cash,
        card,
        declined,
        AdvancePayment(declined.payment_pid, "FAILED", ANN, "x", reason="declined"),
        AdvancePayment(card.payment_pid, "UNKNOWN", ANN, "x", reason="no answer"),
        AdvancePayment(card.payment_pid, "COMPLETED", ANN, "x", "tx-1"),
        refund(cash.payment_pid, 400),
        add("anshu", CAKE, 2),
        place("anshu"),
        pay(),
        refund(cash.payment_pid),
        AttendTable(T2, "s2", "Ann", ANN, seat=True),
        SplitTable("s1", T2, "dropped", ("anshu",), ANN, lines=()),
        add("chinu", WINE),
        place("chinu"),
        MergeTables("s2", "s1", ANN),
        MoveTable("s1", T2, ANN),
        pay(),
        MoveCash("m1", "c1", -500, "ice", ANN),
        CloseShift("m1", 6000, ANN),
        AttendTable(T1, "s4", "Ann", ANN),
        CloseTable("s1", "left", ANN),
    ]
    async with OpenBox(tmp_path) as box:
        await seated(box)
        if together:
            outcomes = await asyncio.gather(*box.together(*commands))
            assert [each for each in outcomes if isinstance(each, Refusal)] == []
        else:
            for command in commands:
                await box.accept(command)
    rebuilt = rebuild(tmp_path)
    assert (rebuilt.problems, rebuilt.differences) == ((), ())
    async with OpenBox(tmp_path, boot="boot-2") as box:
        for name in ("bills", "bill_lines", "bill_adjustments", "receipts", "payments", "refunds", "shifts"):
            assert box.rows(f"SELECT count(*) FROM {name}") > [(0,)], name
        assert box.rows("SELECT status, balance_minor FROM bills WHERE session_pid = 's1'") == [
            ("settled", 0)
        ]
        assert box.rows("SELECT z_number, difference_minor = counted_minor - expected_minor FROM shifts") == [
            (1, 1)
        ]
        assert committed(box).status == "settled"


async def test_a_menu_that_changes_leaves_the_bill_as_it_is(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await seated(box)
        before = committed(box)
        await box.accept(AdoptMenu(menu(2, burger_minor=5000)))
        await box.accept(ConfigureVenue(msgspec.structs.replace(config(), tax_inclusive=False)))
        assert committed(box) == before
