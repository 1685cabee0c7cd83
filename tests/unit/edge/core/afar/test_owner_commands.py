"""Commands of the owner: taken once, in time or not at all, each with an outcome; what is too late is
owed.
"""

from typing import Any

import pytest

from edge.core.afar.commands import AcceptExtend, FinishCommand, ReleaseCommand, TakeCommand
from edge.core.afar.handed_down import command_of
from edge.core.commands import AskPointOfSale
from edge.core.play import commands as play_commands
from protocol import instruction
from protocol.facts import owner_command as facts
from protocol.facts.order import Order
from protocol.facts.owner_command import OwnerCommand
from protocol.facts.play import PlaySession
from protocol.facts.refund_request import RefundRequest, RefundRequested
from protocol.instruction import (
    AskBackup,
    CancelOrder,
    CreditGrant,
    ExtendSession,
    GuestLine,
    GuestOrder,
    MarkSoldOut,
    ReturnGrant,
    StartDrill,
    StopSession,
    TellStaff,
)
from protocol.link import Entry
from tests.sample_venue import (
    BURGER,
    CAKE,
    TILL,
    add,
    extend,
    join,
    now,
    opening,
    place,
    say_word,
    start,
    told,
)
from tests.unit.edge.core.script import Script

ORDER = GuestOrder("s1", "chinu", "x", "mid-1", lines=(GuestLine("mid-0", BURGER, 1),))


def venue(*commands: Any) -> Script:
    """Open for business, with somebody playing for an hour."""
    return Script(*opening(), join("chinu"), say_word(), start(), *commands)


def outcome(script: Script, command_id: str = "c1") -> tuple[str, str]:
    """How a command stands, and the code under which it was refused."""
    state = script.states[facts.aggregate_of(command_id)]
    assert isinstance(state, OwnerCommand)
    return state.status, state.code


def session(script: Script) -> PlaySession:
    state = script.states["play:play-1"]
    assert isinstance(state, PlaySession)
    return state


def order(script: Script) -> Order:
    state = script.states["order:ORD-7-1"]
    assert isinstance(state, Order)
    return state


def refunds(script: Script) -> list[RefundRequest]:
    return [state for state in script.states.values() if isinstance(state, RefundRequest)]


@pytest.mark.parametrize(
    "ask",
    [
        MarkSoldOut(CAKE),
        ExtendSession("play-1", 1800, 0, "x1"),
        StopSession("play-1"),
        StartDrill(5),
        TellStaff("Close at ten."),
        CreditGrant("mia", "g1", 500),
    ],
    ids=instruction.kind_of,
)
def test_what_the_journal_can_do_is_done_in_one_step(ask: instruction.Ask) -> None:
    """Record, deed and outcome are one transaction: there is nothing in between to be cut."""
    script = venue()
    events = script.do(told(ask))
    assert isinstance(events[0], facts.CommandTaken)
    assert isinstance(events[-1], facts.CommandDone)
    assert len(events) > 2
    assert outcome(script) == ("DONE", "")


def test_a_command_that_comes_again_does_nothing() -> None:
    script = venue(told(ExtendSession("play-1", 1800, 0, "x1")))
    before = session(script).entitled_s
    assert script.do(told(ExtendSession("play-1", 1800, 0, "x1"))) == []
    assert script.do(told(StopSession("play-1"), seq=9)) == []
    assert session(script).entitled_s == before == 5400


@pytest.mark.parametrize("left_ms", [0, -5_000])
def test_one_that_comes_too_late_does_nothing_and_says_so(left_ms: int) -> None:
    script = venue()
    script.do(told(StopSession("play-1"), left_ms=left_ms))
    assert outcome(script) == ("EXPIRED", "")
    assert session(script).live


def test_its_time_is_counted_on_the_boxs_own_clock() -> None:
    """A disk that could not be written for a minute is as good as a link that was down for one."""
    script = venue()
    script.now = now(62)
    script.do(told(StopSession("play-1"), arrived_ns=1_000_000_000))
    assert outcome(script)[0] == "EXPIRED"
    script.do(told(StopSession("play-1"), "c2", boot="boot-0", arrived_ns=-(10**18)))
    assert outcome(script, "c2")[0] == "DONE"


def test_a_wall_clock_that_jumps_expires_nothing() -> None:
    script = venue()
    script.now = now(2)
    script.now = type(script.now)(script.now.boot, script.now.mono_ns, 10**15, False)
    script.do(told(StopSession("play-1")))
    assert outcome(script)[0] == "DONE"


@pytest.mark.parametrize(
    ("ask", "kind"),
    [
        (b'{"kind":"paint_walls","colour":"red"}', "paint_walls"),
        (b'{"kind":"tell_staff","text":"\xff\xfe"}', "tell_staff"),
        (b'{"kind":17}', "unknown"),
        (b"[]", "unknown"),
        (b"null", "unknown"),
    ],
    ids=["newer", "no text", "no name", "a list", "nothing"],
)
def test_one_that_this_release_cannot_read_gets_an_outcome_too(ask: bytes, kind: str) -> None:
    script = venue()
    body = b'{"command_id":"c1","by":"owner:o","ttl_ms":1000,"ask":' + ask + b"}"
    command = command_of("commands", Entry(1, body), script.now)
    assert isinstance(command, TakeCommand)
    assert (command.kind, command.ask) == (kind, None)
    script.do(command)
    assert outcome(script) == ("REFUSED", "not_understood")


def test_a_grant_counts_once_whatever_command_brings_it() -> None:
    script = venue()
    script.do(told(CreditGrant("mia", "g1", 500)))
    script.do(told(CreditGrant("mia", "g1", 500), "c2"))
    assert script.states["account:mia"].balance_minor == 500  # type: ignore[union-attr]
    assert outcome(script, "c2") == ("DONE", "")
    script.do(told(ReturnGrant("mia", "b1", 200), "c3"))
    script.do(told(ReturnGrant("mia", "b1", 200), "c4"))
    assert script.states["account:mia"].balance_minor == 300  # type: ignore[union-attr]
    assert outcome(script, "c4") == ("DONE", "")


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (MarkSoldOut(999), "unknown_menu_item"),
        (StopSession("play-9"), "unknown_play_session"),
        (ExtendSession("play-9", 1800, 0, "x1"), "unknown_play_session"),
        (CancelOrder("ORD-7-9"), "unknown_order"),
        (ReturnGrant("nobody", "b1", 5), "insufficient_balance"),
    ],
    ids=lambda each: each if isinstance(each, str) else instruction.kind_of(each),
)
def test_what_the_venue_refuses_is_refused_by_the_same_name(ask: instruction.Ask, code: str) -> None:
    script = venue()
    assert len(script.do(told(ask))) == 2
    assert outcome(script) == ("REFUSED", code)


def test_an_errand_is_only_taken() -> None:
    script = venue()
    assert len(script.do(told(AskBackup()))) == 1
    assert outcome(script)[0] == "TAKEN"
    script.do(FinishCommand("c1", "There is no room on the disk.", code="storage_failed"))
    assert outcome(script) == ("REFUSED", "storage_failed")


# ── orders of guests that came during an outage ──────────────────────────────────────────────────────


def test_an_order_that_waited_in_the_cloud_is_held_for_the_staff() -> None:
    script = venue()
    assert len(script.do(told(ORDER, waited_ms=20_000))) == 2
    assert outcome(script)[0] == "HELD"
    script.do(ReleaseCommand("c1", approve=True, by="staff:ann"))
    assert outcome(script)[0] == "TAKEN"


def test_an_order_that_came_at_once_is_not() -> None:
    script = venue()
    script.do(told(ORDER, waited_ms=19_999))
    assert outcome(script)[0] == "TAKEN"


def test_an_order_that_the_staff_declines_is_over() -> None:
    script = venue(told(ORDER, waited_ms=60_000, left_ms=10**6))
    script.do(ReleaseCommand("c1", approve=False, by="staff:ann"))
    assert outcome(script) == ("REFUSED", "declined")


# ── cancelling ───────────────────────────────────────────────────────────────────────────────────────


def test_a_cancel_in_time_takes_the_order_out_as_if_it_had_failed() -> None:
    script = Script(*opening(TILL), join("chinu"), say_word(), add(dish=CAKE), place())
    script.do(told(CancelOrder("ORD-7-1", "closed", "r1")))
    assert (order(script).status, outcome(script)[0]) == ("abandoned", "DONE")
    cart, stock = script.cart("s1"), script.stock(CAKE)
    assert cart is not None
    assert cart.lock is None
    assert stock is not None
    assert stock.qty == 3
    assert not refunds(script)


def test_a_cancel_that_is_too_late_becomes_one_refund_request() -> None:
    script = venue(add(dish=BURGER), place())
    before = order(script)
    for number in (1, 2):
        script.do(told(CancelOrder("ORD-7-1", "changed their mind", "r1"), f"c{number}"))
        assert outcome(script, f"c{number}")[0] == "DONE"
    assert order(script) == before
    (request,) = refunds(script)
    assert (request.status, request.requested.about) == ("pending", "order:ORD-7-1")
    assert request.requested.amount_minor == 950


def test_an_order_that_a_till_may_have_taken_is_not_cancelled_blindly() -> None:
    script = Script(*opening(TILL), join("chinu"), say_word(), add(), place())
    script.do(AskPointOfSale("ORD-7-1", 1))
    script.do(told(CancelOrder("ORD-7-1", "", "r1")))
    assert order(script).doubt is not None
    assert len(refunds(script)) == 1


# ── more time from the cloud ─────────────────────────────────────────────────────────────────────────


def test_local_and_cloud_time_both_count_once_each() -> None:
    script = venue(extend(), told(ExtendSession("play-1", 1800, 500, "x1")))
    assert session(script).entitled_s == 3600 + 1800 + 1800
    script.do(told(ExtendSession("play-1", 1800, 500, "x1"), "c2"))
    script.do(AcceptExtend("play-1", "x1", 1800, 500, "owner:o"))
    assert session(script).entitled_s == 3600 + 1800 + 1800
    assert outcome(script, "c2")[0] == "DONE"


def test_the_same_extend_id_counts_once_whichever_path_it_comes_by() -> None:
    """The counter sold it on the box's own network, and the cloud was asked for it as well."""
    script = venue(extend(entitlement_id="x1"))
    script.do(told(ExtendSession("play-1", 1800, 500, "x1")))
    assert session(script).entitled_s == 3600 + 1800
    assert not refunds(script)


@pytest.mark.parametrize(
    "end",
    [
        play_commands.StopPlay("play-1", "left", "staff:ann"),
        play_commands.ExpirePlay("play-1"),
    ],
    ids=lambda each: type(each).__name__,
)
def test_time_that_comes_after_the_end_is_owed_back_once_and_revives_nothing(end: Any) -> None:
    script = venue()
    script.now = now(3601)
    script.do(end)
    before = session(script)
    for number in (1, 2, 3):
        script.do(told(ExtendSession("play-1", 1800, 500, "x1"), f"c{number}", arrived_ns=script.now.mono_ns))
    assert session(script) == before
    assert [request.requested for request in refunds(script)] == [
        RefundRequested("x1", "play:play-1", 500, "EUR", "more time was paid for after the session had ended")
    ]
    assert outcome(script) == ("REFUSED", "session_ended")


def test_time_that_is_used_up_is_over_before_its_timer_says_so() -> None:
    script = venue()
    script.now = now(3602)
    script.do(told(ExtendSession("play-1", 1800, 500, "x1"), arrived_ns=script.now.mono_ns))
    assert outcome(script) == ("REFUSED", "session_ended")
    assert session(script).entitled_s == 3600


def test_what_was_given_for_nothing_is_not_owed_back() -> None:
    script = venue(play_commands.StopPlay("play-1", "left", "staff:ann"))
    script.do(told(ExtendSession("play-1", 1800, 0, "x1")))
    assert outcome(script) == ("REFUSED", "session_not_active")
    assert not refunds(script)


def test_a_session_that_stands_still_can_be_given_more() -> None:
    script = venue(play_commands.PausePlay("play-1", "rain", "staff:ann"))
    script.do(told(ExtendSession("play-1", 1800, 500, "x1")))
    assert (session(script).status, session(script).entitled_s) == ("PAUSED", 5400)


# ── money from the wallet ────────────────────────────────────────────────────────────────────────────


def test_a_grant_is_what_can_be_spent_here_and_no_more() -> None:
    script = venue(told(CreditGrant("mia", "g1", 1000)))
    script.do(start("pc-1", 60, "play-2", method="BALANCE", amount_minor=600, user_id="mia"))
    code = script.code(start("pc-2", 60, "play-3", method="BALANCE", amount_minor=600, user_id="mia"))
    assert code == "insufficient_balance"
    script.do(told(ReturnGrant("mia", "b1", 1000), "c2"))
    account = script.account("mia")
    assert account is not None
    assert account.balance_minor == 0


def test_a_grant_counts_once() -> None:
    script = venue(told(CreditGrant("mia", "g1", 1000)))
    assert script.do(told(CreditGrant("mia", "g1", 1000))) == []
    account = script.account("mia")
    assert account is not None
    assert account.balance_minor == 1000
