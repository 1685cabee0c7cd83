"""Every command from the other end of the link has a decider, a scope for its `mid` and a first event."""

from typing import Any, get_args

import msgspec
import pytest

from edge.core.afar import commands as remote
from edge.core.afar.commands import RemoteCommand
from edge.core.commands import ConfigureVenue
from edge.core.decide import author, begins, decide, scope
from edge.core.money.commands import TakePayment
from protocol.errors import Refusal
from protocol.facts.drill import Finding
from protocol.facts.fold import KINDS
from protocol.instruction import AskBackup, GuestOrder
from tests.sample_venue import BURGER, PC1, add, config, join, opening, place, say_word, start, told
from tests.unit.edge.core.script import Script

OWNER = "owner:o@example.com"
FINDING = Finding("printers", "good", "All printers answered.")

ON_CREDIT: dict[str, Any] = {"method": "BALANCE", "user_id": "ben", "cloud_away": True, "on_credit": True}

EXAMPLES: list[RemoteCommand] = [
    told(AskBackup(), "c9"),
    remote.HoldCommand("c1", "an outage"),
    remote.ReleaseCommand("c2", True, "staff:ann"),
    remote.FinishCommand("c1", "done"),
    remote.DoubtCommand("c1", "the power went"),
    remote.AcceptExtend("play-1", "x1", 1800, 500, OWNER),
    remote.CancelOrder("ORD-7-1", "r1", "late", OWNER),
    remote.SettleRefund("r0", "granted", "given back in cash", "staff:ann"),
    remote.ReturnPayment("p0", "r7", None, "cold", OWNER, "shift-7"),
    remote.LeaveNote("n1", "Hello", OWNER),
    remote.ReadNote("n0", "staff:ann"),
    remote.AcceptGrant("mia", "g1", 500, OWNER),
    remote.GiveBackGrant("mia", "b1", 500, OWNER),
    remote.WriteOffCredit("x9", "never came back", OWNER),
    remote.BeginDrill("d1", 5, OWNER),
    remote.EndDrill("d0", "completed", 300, 12, (FINDING,)),
    remote.DrainDrill("d9", 1.5),
]


def prepared() -> Script:
    """An order that the kitchen has, a session that runs, and something of each kind to go on with."""
    remote_order = GuestOrder("s1", "chinu", "x", "mid-1")
    return Script(
        *(*opening(), join("chinu"), say_word(), add(dish=BURGER), place(), start()),
        told(AskBackup(), "c1"),
        told(remote_order, "c2", waited_ms=30_000),
        remote.CancelOrder("ORD-7-1", "r0", "late", OWNER),
        TakePayment("s1", "p0", "CASH", "staff:ann", "shift-0", amount_minor=100),
        remote.LeaveNote("n0", "Hello", OWNER),
        remote.AcceptGrant("mia", "g0", 500, OWNER),
        remote.AcceptGrant("ben", "g9", 500, OWNER),
        ConfigureVenue(msgspec.structs.replace(config(), wallet_credit_cap_minor=5000), 2),
        start(PC1, session="play-7", entitlement_id="x9", amount_minor=900, **ON_CREDIT),
        remote.BeginDrill("d0", 5, OWNER),
        remote.BeginDrill("d9", 5, OWNER),
        remote.EndDrill("d9", "completed", 300, 0, ()),
    )


def test_the_examples_are_all_commands_there_are() -> None:
    assert {type(each) for each in EXAMPLES} == set(get_args(RemoteCommand))


@pytest.mark.parametrize("command", EXAMPLES, ids=lambda each: type(each).__name__)
def test_a_mid_is_remembered_where_the_command_writes_first(command: RemoteCommand) -> None:
    venue = prepared()
    proposals = decide(venue, command, venue.now)
    assert not isinstance(proposals, Refusal), proposals
    aggregate, event = proposals[0]
    if not isinstance(command, remote.CancelOrder):  # a late one writes a record of its own
        assert aggregate == scope(venue, command)
    assert begins(command, event)
    assert aggregate.partition(":")[0] == KINDS[type(event)]


def test_the_box_speaks_for_what_it_finds_out() -> None:
    assert author(remote.FinishCommand("c1", "done")) is None
    assert author(remote.EndDrill("d0", "completed", 300, 12, ())) == "box"
    assert author(told(AskBackup())) == OWNER


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (remote.HoldCommand("c0", ""), "unknown_command"),
        (remote.HoldCommand("c2", ""), "command_settled"),
        (remote.ReleaseCommand("c1", False, "staff:ann"), "command_settled"),
        (remote.ReleaseCommand("c0", True, "staff:ann"), "unknown_command"),
        (remote.FinishCommand("c2", "done"), "command_settled"),
        (remote.DoubtCommand("c2", "?"), "command_settled"),
        (remote.AcceptExtend("play-9", "x1", 1800, 0, OWNER), "unknown_play_session"),
        (remote.CancelOrder("ORD-7-9", "r1", "late", OWNER), "unknown_order"),
        (remote.SettleRefund("r9", "granted", "", "staff:ann"), "unknown_request"),
        (remote.ReadNote("n9", "staff:ann"), "unknown_note"),
        (remote.GiveBackGrant("nobody", "b1", 500, OWNER), "insufficient_balance"),
        (remote.EndDrill("d8", "completed", 300, 12, ()), "unknown_drill"),
    ],
    ids=lambda each: each if isinstance(each, str) else type(each).__name__,
)
def test_what_cannot_be_is_refused_by_name(command: RemoteCommand, code: str) -> None:
    assert prepared().code(command) == code


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (remote.ReleaseCommand("c2", True, "staff:ann"), remote.ReleaseCommand("c2", True, "staff:mia")),
        (remote.ReleaseCommand("c2", False, "staff:ann"), remote.ReleaseCommand("c2", False, "staff:mia")),
        (remote.SettleRefund("r0", "declined", "", "a"), remote.SettleRefund("r0", "declined", "", "b")),
        (remote.ReadNote("n0", "staff:ann"), remote.ReadNote("n0", "staff:mia")),
        (remote.BeginDrill("d1", 5, OWNER), remote.BeginDrill("d1", 9, OWNER)),
        (remote.EndDrill("d0", "completed", 1, 0, ()), remote.EndDrill("d0", "stopped", 1, 0, ())),
        (remote.DrainDrill("d9", 1.5), remote.DrainDrill("d9", 2.5)),
        (remote.LeaveNote("n1", "Hello", OWNER), remote.LeaveNote("n1", "Hello", OWNER)),
    ],
    ids=lambda each: type(each).__name__,
)
def test_the_same_again_changes_nothing(first: RemoteCommand, again: RemoteCommand) -> None:
    venue = prepared()
    assert venue.do(first)
    assert venue.do(again) == []


def test_what_was_decided_one_way_is_not_decided_the_other_way() -> None:
    venue = prepared()
    venue.do(remote.SettleRefund("r0", "granted", "in cash", "staff:ann"))
    assert venue.code(remote.SettleRefund("r0", "declined", "", "staff:mia")) == "request_settled"
    venue.do(remote.ReleaseCommand("c2", True, "staff:ann"))
    assert venue.code(remote.ReleaseCommand("c2", False, "staff:mia")) == "command_settled"
