"""Every command has a decider, a scope for its `mid`, an author, and a first event."""

from typing import get_args

import msgspec
import pytest

from edge.core import commands
from edge.core.afar.commands import RemoteCommand
from edge.core.bookings.commands import BookingCommand
from edge.core.commands import AdoptMenu, ConfigureVenue, CountStock, TakeItemOff
from edge.core.decide import author, begins, decide, scope
from edge.core.devices.commands import AdoptDevice, BindMachine, DeviceCommand, ReleaseDevice
from edge.core.money import commands as till
from edge.core.play.commands import PlayCommand
from edge.core.shop.commands import ShopCommand
from edge.core.tables import commands as floor
from protocol.errors import Refusal
from protocol.facts.bill_events import Share
from protocol.facts.fold import KINDS
from protocol.facts.printout import Slip, SlipLine
from tests.sample_venue import (
    BUILTIN,
    BURGER,
    CAKE,
    PC1,
    SOUP,
    T1,
    T2,
    TILL,
    add,
    config,
    coursed_menu,
    join,
    menu,
    opening,
    place,
    say_word,
)
from tests.unit.edge.core import tables_that_pay as money
from tests.unit.edge.core.devices.test_fitting import CONSOLE, MIA, PLUG, PRINTER, ROUTER
from tests.unit.edge.core.script import Script
from tests.unit.edge.core.tables_that_pay import ANN

RECEIPT = Slip("The Harbour", (SlipLine("Burger", "9.50"),))

EXAMPLES: list[commands.Command] = [
    join("anshu", mid="mid-of-join"),
    say_word(),
    commands.CloseTable("s1", "left", "staff:ann"),
    add(),
    commands.ChangeItem("s1", "chinu", 1, 1, qty=2),
    commands.RemoveItem("s1", "chinu", 1, 1),
    place(),
    commands.AskPointOfSale("ORD-7-1", 1),
    commands.ConfirmOrder("ORD-7-1", 1),
    commands.FailOrder("ORD-7-1", 1, "pos_down", "The till is down"),
    commands.ReleaseLock("ORD-7-1", owner_gone=True),
    commands.SettleOrder("ORD-7-1", True, "staff:ann"),
    commands.AdvanceTicket("K-1", "grill", "ready", "device:grill"),
    commands.BumpLine("K-1", "grill", 1, True, "cook"),
    commands.FireCourse("ORD-7-1", "main", "staff:ann"),
    floor.AttendTable(T1, "s9", "Ann", ANN, seat=True),
    floor.MoveTable("s1", T2, ANN),
    floor.MergeTables("s1", "s2", ANN),
    floor.SplitTable("s1", T2, "s2", ("chinu",), ANN),
    money.void(),
    money.comp(),
    money.discount(1000),
    money.takeaway(),
    till.SplitBill("s1", "guest", (Share(1, "Chinu", member="chinu"),), ANN),
    money.pay(),
    till.AdvancePayment("card", "COMPLETED", ANN, "m9"),
    money.refund("cash"),
    till.OpenShift("m2", "bar", 100, ANN),
    till.MoveCash("m1", "c1", 500, "change", ANN),
    till.CloseShift("m1", 0, ANN),
    TakeItemOff(BURGER, True, "cook"),
    CountStock(CAKE, 5, "ann"),
    commands.AskPrint("R-1", "receipt", RECEIPT, "staff:ann"),
    commands.BeginPrint("K-1@grill", "ticket", "Grill printer"),
    commands.FinishPrint("R-0", "Till printer"),
    commands.DropPrint("R-0", "not wanted", "staff:ann"),
    AdoptMenu(menu(2)),
    ConfigureVenue(config("The Pier")),
    AdoptDevice(msgspec.structs.replace(PLUG, id="FFEEDD000002"), MIA, replaces=PLUG.id),
    AdoptDevice(PRINTER, MIA),
    ReleaseDevice(PLUG.id, "broken", MIA),
    BindMachine(ROUTER.id, PC1, CONSOLE, MIA),
]


def test_the_examples_are_all_commands_there_are() -> None:
    # `test_booking_rules.py`, `test_play_rules.py`, `test_remote_rules.py`, `test_shop.py` and
    # `test_stored_cards.py` have the others.
    stored = {till.StoreCard, till.SettleStoredCard, till.NoteCutOff}
    elsewhere = {*get_args(PlayCommand), *get_args(BookingCommand), *get_args(RemoteCommand)}
    elsewhere |= {*get_args(ShopCommand), *stored}
    assert {type(each) for each in EXAMPLES} | elsewhere == set(get_args(commands.Command))


@pytest.mark.parametrize("command", EXAMPLES, ids=lambda each: type(each).__name__)
def test_a_mid_is_remembered_where_the_command_writes_first(command: commands.Command) -> None:
    """A repeat is looked up in the aggregate of the first fact, or it would not be found."""
    venue = _prepared(command)
    expected = scope(venue, command)
    proposals = decide(venue, command, venue.now)
    assert not isinstance(proposals, Refusal), proposals
    aggregate, event = proposals[0]
    assert aggregate == expected
    assert begins(command, event)
    assert aggregate.partition(":")[0] == KINDS[type(event)]


UNDER_WAY = (commands.AskPointOfSale, commands.ConfirmOrder, commands.FailOrder, commands.ReleaseLock)


def _courses(command: commands.Command) -> list[commands.Command]:
    """Soup before a main, for whoever fires a course."""
    if not isinstance(command, commands.FireCourse):
        return []
    return [AdoptMenu(coursed_menu(2)), say_word(), add(), add(dish=SOUP), place()]


def _prepared(command: commands.Command) -> Script:
    under_way = isinstance(command, (*UNDER_WAY, commands.SettleOrder))
    venue = Script(*opening(TILL if under_way else BUILTIN), join("chinu"), *_courses(command))
    if isinstance(command, DeviceCommand):
        venue.do(AdoptDevice(PLUG, MIA))
        venue.do(AdoptDevice(ROUTER, MIA))
    if not isinstance(command, commands.ValidatePass):
        venue.do(say_word())
        venue.do(add())
    if under_way:
        venue.do(place())
    if under_way and not isinstance(command, commands.AskPointOfSale | commands.ReleaseLock):
        venue.do(commands.AskPointOfSale("ORD-7-1", 1))
    if isinstance(command, commands.AdvanceTicket | commands.BumpLine):
        venue.do(place())
        venue.do(commands.AdvanceTicket("K-1", "grill", "preparing", "cook"))
    if isinstance(command, commands.FinishPrint | commands.DropPrint):
        venue.do(commands.AskPrint("R-0", "receipt", RECEIPT, "staff:ann"))
        venue.do(commands.BeginPrint("R-0", "receipt", "Till printer"))
    if isinstance(command, get_args(till.TillCommand)):
        venue.do(place())
        venue.do(till.OpenShift("m1", "main", 0, ANN))
        for payment_pid, method in (("cash", "CASH"), ("card", "CARD")):
            taken = money.pay(100, method=method)
            venue.do(msgspec.structs.replace(taken, payment_pid=payment_pid))
    if isinstance(command, floor.MergeTables):
        venue.do(join("bela", "s2", T2))
    return venue


def test_a_join_that_opens_a_table_begins_there_too() -> None:
    venue = Script(*opening())
    command = join("chinu")
    assert scope(venue, command) is None
    proposals = decide(venue, command, venue.now)
    assert not isinstance(proposals, Refusal)
    assert all(begins(command, event) for _, event in proposals)


def test_another_kind_of_request_does_not_begin_like_this() -> None:
    venue = Script(*opening(), join("chinu"), say_word())
    (added,) = venue.do(add())
    assert begins(add(), added)
    assert not begins(place(), added)
    assert not begins(commands.RemoveItem("s1", "chinu", 1, 1), added)


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (add(), "member:chinu"),
        (place("anshu"), "member:anshu"),
        (commands.CloseTable("s1", "left", "staff:ann"), "staff:ann"),
        (commands.AdvanceTicket("K-1", "grill", "ready", "device:grill"), "device:grill"),
        (CountStock(CAKE, 5, "staff:ann"), "staff:ann"),
        (commands.AskPrint("R-1", "receipt", RECEIPT, "staff:ann"), "staff:ann"),
        (commands.FinishPrint("R-1", "Till printer"), "printer:Till printer"),
        (commands.AskPointOfSale("ORD-7-1", 1), "box"),
        (commands.ReleaseLock("ORD-7-1"), "box"),
        (commands.ConfirmOrder("ORD-7-1", 1), "pos"),
        (commands.FailOrder("ORD-7-1", 1, "pos_down", "down"), "pos"),
        (commands.SettleOrder("ORD-7-1", True, "staff:ann"), "staff:ann"),
        (money.pay(), "staff:ann"),
        (msgspec.structs.replace(add(), by=ANN), "staff:ann"),
        (join("chinu"), None),
        (AdoptMenu(menu()), None),
    ],
)
def test_authors(command: commands.Command, name: str | None) -> None:
    assert author(command) == name
