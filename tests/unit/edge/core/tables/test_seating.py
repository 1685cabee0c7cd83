"""Who sits where: looking after a table, moving its guests, putting tables together and parting them."""

from typing import Any

import msgspec
import pytest

from edge.core.commands import AdvanceTicket, CloseTable, Command
from edge.core.decide import decide
from edge.core.money.bill import charges
from edge.core.money.commands import SplitBill
from edge.core.tables.commands import AttendTable, MergeTables, MoveTable, SplitTable
from edge.core.tables.table import MOST_MEMBERS
from protocol.facts.bill_events import BillMerged, LinesCharged, LinesMoved, Share
from protocol.facts.cart import CartItem, CartLocked
from protocol.facts.table import (
    MemberJoined,
    PassValidated,
    TableMerged,
    TableMoved,
    TableOpened,
    TableSession,
    TableSplit,
)
from protocol.facts.ticket import TicketRedirected
from tests.sample_venue import BURGER, CHIPS, SOUP, T1, T2, WINE, add, join, now, opening, place, say_word
from tests.unit.edge.core.script import Script
from tests.unit.edge.core.tables_that_pay import ANN, BURGERS, FRIES, SOUPS, TOTAL_MINOR, Table, pay

MOVE = MoveTable("s1", T2, ANN)
MERGE = MergeTables("s1", "s2", ANN)


def attend(table: str = T1, *, seat: bool = False, session: str = "s1") -> AttendTable:
    """Ann looks after a table."""
    return AttendTable(table, session, "Ann", ANN, seat)


def at_s2(command: Any) -> Any:
    """The same at the other table."""
    return msgspec.structs.replace(command, session_pid="s2")


def session(venue: Script, session_pid: str) -> TableSession:
    """A table session that is there."""
    found = venue.table(session_pid)
    assert found is not None
    return found


def lines(venue: Script, session_pid: str) -> list[tuple[str, int, str]]:
    """What is in a cart: name, pieces, whose."""
    cart = venue.cart(session_pid)
    return [(item.name, item.qty, item.member) for item in cart.live()] if cart else []


class TestAttending:
    def test_staff_opens_a_table_and_vouches_for_the_guests(self) -> None:
        venue = Script(*opening())
        assert venue.do(attend()) == [TableOpened("s1", T1, "T1"), PassValidated(ANN)]
        assert venue.do(attend()) == []
        (joined,) = venue.do(join("chinu"))
        assert isinstance(joined, MemberJoined)
        assert joined.host
        assert venue.do(add("chinu"))

    def test_staff_orders_for_the_table_and_for_a_guest(self) -> None:
        venue = Script(*opening(), join("chinu"))
        assert venue.do(attend(seat=True)) == [MemberJoined(ANN, "Ann", ""), PassValidated(ANN)]
        assert venue.do(attend(seat=True)) == []
        for member, dish in ((ANN, WINE), ("chinu", SOUP)):
            venue.do(msgspec.structs.replace(add(member, dish), by=ANN))
        assert {fact.by for fact in venue.facts[-2:]} == {ANN}
        assert lines(venue, "s1") == [("Wine", 1, ANN), ("Soup", 1, "chinu")]
        venue.do(msgspec.structs.replace(place(ANN), by=ANN))
        assert session(venue, "s1").host is session(venue, "s1").members["chinu"]
        bill = venue.bill("s1")
        assert bill is not None
        assert bill.total_minor == 640 + 580

    def test_the_host_is_the_first_guest_and_never_the_staff(self) -> None:
        venue = Script(*opening(), attend(seat=True))
        assert session(venue, "s1").host is None
        venue.do(join("chinu"))
        venue.do(join("anshu"))
        assert session(venue, "s1").host is session(venue, "s1").members["chinu"]

    def test_what_cannot_be_attended(self) -> None:
        assert Script().code(attend()) == "not_configured"
        assert Script(*opening()).code(attend("NOSUCH")) == "unknown_table"


class TestMoving:
    def test_guests_move_with_everything_and_the_kitchen_is_told(self) -> None:
        table = Table()
        assert table.do(MOVE) == [TableMoved(T2, "T2"), TicketRedirected("T2")]
        assert (table.open_session_at(T1), table.open_session_at(T2)) == (None, "s1")
        assert session(table, "s1").table_name == "T2"
        ticket = table.ticket("K-1", "grill")
        assert ticket is not None
        assert (ticket.fired.table_name, ticket.state) == ("T2", "fired")
        assert table.do(MOVE) == []
        assert table.do(MoveTable("s1", T1, ANN))

    def test_what_was_served_is_not_redirected(self) -> None:
        table = Table()
        for state in ("preparing", "ready", "served"):
            table.do(AdvanceTicket("K-1", "grill", state, "cook"))
        assert table.do(MOVE) == [TableMoved(T2, "T2")]

    @pytest.mark.parametrize(
        ("before", "command", "code"),
        [
            ([], MOVE, "unknown_session"),
            ([join("chinu")], MoveTable("s1", "NOSUCH", ANN), "unknown_table"),
            ([join("chinu"), join("bela", "s2", T2)], MOVE, "table_taken"),
            ([join("chinu"), CloseTable("s1", "left", ANN)], MOVE, "session_closed"),
        ],
    )
    def test_moves_that_cannot_be(self, before: list[Command], command: MoveTable, code: str) -> None:
        assert Script(*opening(), *before).code(command) == code

    def test_nobody_gets_up_while_an_order_is_under_way(self) -> None:
        venue = Script(*opening(), join("chinu"), say_word(), add(), join("bela", "s2", T2))
        venue.happened("cart:s1", CartLocked("ORD-7-1", "chinu", 1), add())
        for command in (
            MOVE,
            MERGE,
            MergeTables("s2", "s1", ANN),
            SplitTable("s1", T2, "s3", ("chinu",), ANN),
        ):
            assert venue.code(command) == "order_in_progress"
        assert venue.code(SplitTable("s2", T1, "s3", ("bela",), ANN)) == "order_in_progress"


class TestMerging:
    def both(self) -> Table:
        """Anshu and Chinu at T1 with a bill and a line in the cart, Bela at T2."""
        table = Table(add("anshu", WINE), join("bela", "s2", T2))
        table.do(at_s2(say_word("bela")))
        table.do(at_s2(add("bela", CHIPS)))
        return table

    def test_two_tables_become_one_with_one_cart_and_one_bill(self) -> None:
        table = self.both()
        table.do(pay(1000))
        events = table.do(MERGE)
        assert events[0] == TableMerged("s2")
        assert table.open_session_at(T1) is None
        assert (session(table, "s1").status, session(table, "s1").merged_into) == ("closed", "s2")
        there = session(table, "s2")
        assert list(there.members) == ["bela", "chinu", "anshu"]
        assert there.host is there.members["bela"]
        assert there.members["chinu"].token_digest == session(table, "s1").members["chinu"].token_digest
        assert lines(table, "s2") == [("Chips", 1, "bela"), ("Wine", 1, "anshu")]
        assert lines(table, "s1") == []
        here, bill = table.bill("s1"), table.bill("s2")
        assert here is not None
        assert bill is not None
        assert (here.status, here.total_minor, here.due_minor) == ("merged", 0, 0)
        assert (bill.total_minor, bill.paid_minor) == (TOTAL_MINOR, 1000)
        assert TicketRedirected("T2") in events

    def test_a_merged_bill_says_where_it_is_and_takes_nothing(self) -> None:
        table = self.both()
        table.do(MERGE)
        refusal = table.refusal(pay(5))
        assert (refusal.code, refusal.detail) == ("bill_merged", {"session_pid": "s2"})
        table.do(at_s2(pay()))
        bill = table.bill("s2")
        assert bill is not None
        assert bill.status == "settled"

    def test_an_order_that_is_confirmed_late_goes_on_the_bill_that_took_over(self) -> None:
        table = self.both()
        before = dict(table.states)
        table.do(add("chinu", BURGER))
        events = [(aggregate, event) for aggregate, event in _decided(table, place())]
        table.states.clear()
        table.states.update(before)
        table.do(MERGE)
        charged = charges(table, events, table.now)
        assert [aggregate for aggregate, _ in charged] == ["bill:s2"]

    def test_what_is_settled_already_stays_where_it_is(self) -> None:
        table = self.both()
        table.do(pay())
        events = table.do(MERGE)
        assert not any(isinstance(event, BillMerged | LinesCharged) for event in events)
        assert table.paid.status == "settled"

    def test_a_bill_with_money_on_its_way_waits(self) -> None:
        table = self.both()
        table.do(pay(500, method="CARD"))
        assert table.code(MERGE) == "payment_under_way"
        shared = self.both()
        shared.do(SplitBill("s1", "guest", (Share(1, "Anshu", member="anshu"),), ANN))
        shared.do(pay(100, share=1))
        assert shared.code(MERGE) == "bill_part_paid"

    def test_merges_that_cannot_be(self) -> None:
        table = self.both()
        assert table.code(MergeTables("s1", "s1", ANN)) == "invalid"
        assert table.code(MergeTables("s1", "s9", ANN)) == "unknown_session"
        crowd = (join(f"guest{n}", "s2", T2) for n in range(MOST_MEMBERS - 1))
        for each in crowd:
            table.do(each)
        assert table.code(MERGE) == "rate_limited"

    def test_the_word_that_was_given_at_either_table_counts(self) -> None:
        venue = Script(*opening(), join("chinu"), say_word(), join("bela", "s2", T2))
        assert PassValidated(ANN) in venue.do(MERGE)


class TestParting:
    def test_some_leave_with_what_they_ordered(self) -> None:
        table = Table(add("anshu", WINE), add("chinu", SOUP))
        events = table.do(SplitTable("s1", T2, "s2", ("anshu",), ANN))
        assert events[0] == TableSplit("s2", ("anshu",))
        assert TableOpened("s2", T2, "T2") in events
        assert list(session(table, "s1").members) == ["chinu"]
        there = session(table, "s2")
        assert there.host is there.members["anshu"]
        assert there.pass_validated
        assert (lines(table, "s1"), lines(table, "s2")) == ([("Soup", 1, "chinu")], [("Wine", 1, "anshu")])
        bill = table.bill("s2")
        assert bill is not None
        assert (table.paid.total_minor, bill.total_minor) == (TOTAL_MINOR - 325, 325)
        assert table.paid.lines[FRIES].moved_to == "s2"

    def test_when_the_host_leaves_the_next_leads(self) -> None:
        table = Table(join("bela"))
        (split, *_) = table.do(SplitTable("s1", T2, "s2", ("chinu",), ANN))
        assert split == TableSplit("s2", ("chinu",), "anshu")
        assert session(table, "s1").host is session(table, "s1").members["anshu"]

    def test_lines_may_be_named_and_may_come_back(self) -> None:
        table = Table(join("bela", "s2", T2))
        events = table.do(SplitTable("s1", T2, "dropped", (), ANN, lines=(SOUPS, BURGERS)))
        assert LinesMoved((SOUPS, BURGERS), "s2") in events
        assert table.paid.total_minor == 325
        table.do(SplitTable("s2", T1, "dropped", (), ANN, lines=(SOUPS,)))
        bill = table.bill("s2")
        assert bill is not None
        assert (table.paid.total_minor, bill.total_minor) == (325 + 580, 1900)
        assert list(session(table, "s2").members) == ["bela"]

    def test_whoever_leaves_without_lines_leaves_the_bill_alone(self) -> None:
        table = Table()
        table.do(SplitTable("s1", T2, "s2", ("anshu",), ANN, lines=()))
        assert table.paid.total_minor == TOTAL_MINOR
        assert table.bill("s2") is None

    @pytest.mark.parametrize(
        ("command", "code"),
        [
            (SplitTable("s1", T2, "s2", (), ANN), "invalid"),
            (SplitTable("s1", T2, "s2", ("bela",), ANN), "unknown_member"),
            (SplitTable("s1", T1, "s2", ("chinu",), ANN), "unknown_table"),
            (SplitTable("s1", "NOSUCH", "s2", ("chinu",), ANN), "unknown_table"),
            (SplitTable("s1", T2, "s2", (), ANN, lines=("order_line:9",)), "unknown_line"),
            (SplitTable("s9", T2, "s2", ("chinu",), ANN), "unknown_session"),
        ],
    )
    def test_partings_that_cannot_be(self, command: SplitTable, code: str) -> None:
        assert Table().code(command) == code

    def test_what_is_paid_already_stays(self) -> None:
        table = Table(pay(100))
        assert table.code(SplitTable("s1", T2, "s2", ("anshu",), ANN)) == "bill_part_paid"
        assert table.do(SplitTable("s1", T2, "s2", ("anshu",), ANN, lines=()))


def test_a_price_that_was_seen_is_held_at_the_other_table_too() -> None:
    venue = Script(*opening(), join("chinu"), say_word(), add(dish=BURGER), join("bela", "s2", T2))
    venue.do(MERGE)
    cart = venue.cart("s2")
    assert cart is not None
    (item,) = cart.live()
    since: Any = {"agreed_boot": now(1).boot, "agreed_ns": now(1).mono_ns}
    assert item == CartItem(2, BURGER, "Burger", 1, "chinu", 950, 1, **since)


def _decided(venue: Script, command: Command) -> list[Any]:
    """What a command would lead to, not done."""
    proposals = decide(venue, command, venue.now)
    assert isinstance(proposals, list)
    return proposals
