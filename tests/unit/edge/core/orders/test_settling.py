"""An order under way: asked, declined, taken, failed, tried again, given up (seed 002 §4 and §7)."""

from typing import Any

import pytest

from edge.core.commands import (
    AddItem,
    AdoptMenu,
    AskPointOfSale,
    ChangeItem,
    CloseTable,
    Command,
    ConfigureVenue,
    ConfirmOrder,
    CountStock,
    FailOrder,
    PlaceOrder,
    ReleaseLock,
    SettleOrder,
    TakeItemOff,
)
from edge.core.orders.order import LOCK_NS
from edge.core.orders.settling import AUTOMATIC_RETRIES, retry_delay_s
from protocol.facts.bill_events import BillOpened, LinesCharged
from protocol.facts.cart import CartLocked, CartUnlocked, ItemsOrdered, cart_hash
from protocol.facts.order import (
    Order,
    OrderAbandoned,
    OrderConfirmed,
    OrderFailed,
    OrderPlaced,
    OrderRetried,
    PosAsked,
    PosDeclined,
)
from protocol.facts.stock import StockReturned, StockTaken
from protocol.facts.ticket import TicketFired
from tests.sample_venue import (
    BURGER,
    CAKE,
    TILL,
    add,
    config,
    join,
    menu,
    now,
    opening,
    place,
    say_word,
)
from tests.unit.edge.core.script import Script

ID = "ORD-7-1"
SEATED: list[Command] = [*opening(TILL), join("chinu"), join("anshu"), say_word(), add(qty=2), add(dish=CAKE)]


def asked(attempt: int = 1) -> AskPointOfSale:
    """The box is about to call."""
    return AskPointOfSale(ID, attempt)


def declined(attempt: int = 1, *, final: bool = False) -> FailOrder:
    """The till said no."""
    return FailOrder(ID, attempt, "pos_unavailable", "POS system unavailable", final)


def placed(*commands: Command) -> Script:
    """Chinu has ordered two burgers and a cake, and the till is slow."""
    return Script(*SEATED, place(), *commands)


def failed(*commands: Command) -> Script:
    """The till was asked as often as the box does by itself, and said no each time."""
    tries = [each for attempt in range(1, 5) for each in (asked(attempt), declined(attempt))]
    return placed(*tries, *commands)


def order(venue: Script, order_id: str = ID) -> Order:
    """How the order is."""
    found = venue.order(order_id)
    assert found is not None
    return found


def cake_left(venue: Script) -> int | None:
    """Three cakes were counted at first."""
    stock = venue.stock(CAKE)
    assert stock is not None
    return stock.qty


def kinds(events: list[Any]) -> list[type]:
    """What happened, by name."""
    return [type(event) for event in events]


def test_with_a_till_placing_only_locks_and_takes_stock() -> None:
    venue = Script(*SEATED)
    assert kinds(venue.do(place())) == [CartLocked, OrderPlaced, StockTaken]
    assert order(venue).status == "processing"
    assert venue.code(add()) == "cart_locked"
    assert venue.refusal(place("anshu")).detail == {"order_id": ID}


def test_a_call_is_recorded_before_it_is_made() -> None:
    venue = placed()
    assert venue.do(asked()) == [PosAsked(1, TILL)]
    assert order(venue).doubt == PosAsked(1, TILL)
    assert venue.code(asked(2)) == "pos_in_doubt"


@pytest.mark.parametrize("attempt", [0, 2, 9])
def test_calls_are_counted(attempt: int) -> None:
    assert placed().code(asked(attempt)) == "pos_in_doubt"


def test_yes_confirms_fires_and_empties_the_cart() -> None:
    venue = placed(asked())
    events = venue.do(ConfirmOrder(ID, 1, "till-99"))
    assert kinds(events)[:-2] == [OrderConfirmed, TicketFired, TicketFired, ItemsOrdered]
    assert kinds(events)[-2:] == [BillOpened, LinesCharged]
    assert (order(venue).status, order(venue).pos_reference) == ("confirmed", "till-99")
    cart = venue.cart("s1")
    assert cart is not None
    assert (cart.live(), cart.lock) == ([], None)


def test_a_yes_that_comes_twice_changes_nothing() -> None:
    venue = placed(asked(), ConfirmOrder(ID, 1, "till-99"))
    assert venue.do(ConfirmOrder(ID, 1, "till-99")) == []


def test_a_late_yes_to_an_earlier_attempt_is_a_yes() -> None:
    venue = placed(asked(), declined(), asked(2))
    assert OrderConfirmed in kinds(venue.do(ConfirmOrder(ID, 1)))


def test_a_no_is_followed_by_three_tries_and_then_by_failure() -> None:
    venue = placed()
    for attempt in range(1, AUTOMATIC_RETRIES + 1):
        venue.do(asked(attempt))
        no = PosDeclined(attempt, "pos_unavailable", "POS system unavailable")
        assert venue.do(declined(attempt)) == [no]
    venue.do(asked(4))
    assert venue.do(declined(4)) == [
        OrderFailed("pos_unavailable", "POS system unavailable", allow_retry=True),
        StockReturned(CAKE, 1, ID),
        CartUnlocked(ID, "pos_unavailable"),
    ]
    assert [retry_delay_s(tries) for tries in (1, 2, 3)] == [2, 4, 8]
    assert cake_left(venue) == 3
    assert venue.do(add())


def test_a_final_no_is_not_tried_again() -> None:
    venue = placed(asked())
    refused = venue.do(declined(final=True))
    assert refused[0] == OrderFailed("pos_unavailable", "POS system unavailable", allow_retry=False)
    venue.do(place())
    assert (order(venue).status, order(venue, "ORD-7-2").status) == ("abandoned", "processing")


@pytest.mark.parametrize(
    ("before", "command", "code"),
    [
        ([], ConfirmOrder(ID, 1), "stale_answer"),
        ([], declined(), "stale_answer"),
        ([asked()], declined(2), "stale_answer"),
        ([asked()], ConfirmOrder(ID, 2), "stale_answer"),
        ([asked(), declined(), asked(2)], declined(1), "stale_answer"),
        ([asked(), ConfirmOrder(ID, 1)], declined(), "stale_answer"),
        ([asked(), declined(final=True)], ConfirmOrder(ID, 1), "stale_answer"),
        ([asked(), declined(final=True)], asked(2), "stale_answer"),
        ([asked()], ReleaseLock(ID, owner_gone=True), "pos_in_doubt"),
        ([], ReleaseLock(ID), "lock_held"),
        ([], SettleOrder(ID, True, "staff:ann"), "stale_answer"),
        ([], ConfirmOrder("ORD-7-9", 1), "unknown_order"),
        ([asked()], CloseTable("s1", "left", "staff:ann"), "order_in_progress"),
    ],
)
def test_what_comes_at_the_wrong_moment_changes_nothing(
    before: list[Command], command: Command, code: str
) -> None:
    venue = placed(*before)
    facts = len(venue.facts)
    assert venue.code(command) == code
    assert len(venue.facts) == facts


# ── tried again by people ────────────────────────────────────────────────────────────────────────


def test_ordering_the_same_again_is_the_same_order() -> None:
    venue = failed()
    assert venue.do(place("anshu")) == [
        CartLocked(ID, "anshu", now(1).mono_ns + LOCK_NS),
        OrderRetried("anshu"),
        StockTaken(CAKE, 1, ID),
    ]
    assert (order(venue).attempts, order(venue).asked, order(venue).tries) == (2, 4, 0)
    venue.do(asked(5))
    assert kinds(venue.do(declined(5))) == [PosDeclined]
    venue.do(asked(6))
    venue.do(ConfirmOrder(ID, 6))
    assert order(venue).status == "confirmed"


def test_the_same_hash_may_be_ordered_again_after_failure_only() -> None:
    venue = Script(*SEATED)
    cart = venue.cart("s1")
    assert cart is not None
    pressed = place(cart_hash=cart_hash(cart.live()))
    venue.do(pressed)
    assert venue.code(pressed) == "order_in_progress"
    venue.do(asked())
    venue.do(declined(final=True))
    assert OrderPlaced in kinds(venue.do(pressed))


@pytest.mark.parametrize(
    ("change", "again"),
    [
        (add("anshu"), place()),
        (ChangeItem("s1", "chinu", 1, 1, qty=1), place()),
        (ChangeItem("s1", "chinu", 1, 1, note="rare"), place()),
        (None, PlaceOrder("s1", "chinu", special_instructions="by the window")),
    ],
)
def test_ordering_anything_else_gives_the_failed_order_up(change: Command | None, again: PlaceOrder) -> None:
    venue = failed(*([change] if change else []))
    events = venue.do(again)
    assert kinds(events)[:3] == [CartLocked, OrderAbandoned, OrderPlaced]
    assert (order(venue).status, order(venue, "ORD-7-2").status) == ("abandoned", "processing")
    assert cake_left(venue) == 2


def test_numbers_of_confirmed_orders_have_no_gaps_where_orders_were_given_up() -> None:
    venue = failed(add("anshu"), place(), AskPointOfSale("ORD-7-2", 1), ConfirmOrder("ORD-7-2", 1))
    venue.do(add())
    venue.do(place())
    venue.do(AskPointOfSale("ORD-7-3", 1))
    venue.do(ConfirmOrder("ORD-7-3", 1))
    numbers = [order(venue, each).ticket_number for each in (ID, "ORD-7-2", "ORD-7-3")]
    assert numbers == [None, 1, 2]


@pytest.mark.parametrize(
    ("meanwhile", "code"),
    [
        (CountStock(CAKE, 0, "ann"), "sold_out"),
        (TakeItemOff(BURGER, True, "cook"), "sold_out"),
        (AdoptMenu(menu(2, without=(BURGER,))), "recalled"),
    ],
)
def test_a_retry_is_refused_like_any_order(meanwhile: Command, code: str) -> None:
    venue = failed(meanwhile)
    assert venue.code(place()) == code
    assert order(venue).status == "failed"


def test_what_a_failed_order_gave_back_others_may_have() -> None:
    venue = failed(join("bela", "s2", "TABLE2"), say_word("bela", "s2"))
    venue.do(AddItem("s2", "bela", CAKE, 3))
    venue.do(PlaceOrder("s2", "bela"))
    assert venue.refusal(place()).detail == {"menu_item": CAKE, "left": 0}


def test_closing_a_table_gives_its_failed_order_up() -> None:
    venue = failed()
    venue.do(CloseTable("s1", "left", "staff:ann"))
    assert order(venue).status == "abandoned"


def test_a_venue_that_decides_itself_by_now_confirms_a_retry_at_once() -> None:
    venue = failed(ConfigureVenue(config()))
    assert kinds(venue.do(place()))[-3:] == [ItemsOrdered, BillOpened, LinesCharged]
    assert order(venue).status == "confirmed"


# ── the lock ─────────────────────────────────────────────────────────────────────────────────────


def later(venue: Script, seconds: int, boot: str = "boot-1") -> Script:
    """So many seconds after the order, maybe after a reboot."""
    venue.now = now(1 + seconds, boot)
    return venue


def test_a_lock_that_ran_out_gives_the_cart_back() -> None:
    venue = placed()
    assert later(venue, 59).code(ReleaseLock(ID)) == "lock_held"
    assert later(venue, 60).code(asked()) == "stale_answer"
    assert venue.do(ReleaseLock(ID)) == [
        OrderFailed("expired", "It took too long", True, 2),
        StockReturned(CAKE, 1, ID),
        CartUnlocked(ID, "expired"),
    ]


def test_a_lock_from_before_a_reboot_is_void() -> None:
    venue = later(placed(), 0, "boot-2")
    assert venue.code(asked()) == "stale_answer"
    assert venue.do(ReleaseLock(ID))[0] == OrderFailed("interrupted", "The box was restarted", True, 2)


def test_neither_time_nor_reboot_releases_what_may_have_been_taken() -> None:
    venue = placed(asked())
    assert later(venue, 6000).code(ReleaseLock(ID)) == "pos_in_doubt"
    assert later(venue, 6000, "boot-2").code(ReleaseLock(ID, owner_gone=True)) == "pos_in_doubt"
    assert OrderConfirmed in kinds(venue.do(ConfirmOrder(ID, 1)))


def test_a_no_that_comes_after_the_lock_ran_out_is_the_last() -> None:
    venue = later(placed(asked()), 61)
    assert kinds(venue.do(declined()))[0] is OrderFailed


def test_an_owner_who_has_gone_gives_the_cart_back() -> None:
    venue = placed(asked(), declined())
    gone = venue.do(ReleaseLock(ID, owner_gone=True))
    assert gone[0] == OrderFailed("owner_gone", "POS system unavailable", True)
    assert venue.do(add("anshu"))


def test_a_phone_tries_by_itself_only_what_the_box_has_not_tried_and_only_three_times() -> None:
    venue = placed()
    told = []
    for attempt in range(5):
        later(venue, 60 + attempt * 60)
        failure = venue.do(ReleaseLock(ID))[0]
        assert isinstance(failure, OrderFailed)
        told.append(failure.retry_after_s)
        venue.do(place())
    assert told == [2, 4, 8, None, None]
    tried = later(placed(asked(), declined(), asked(2), declined(2)), 60)
    failure = tried.do(ReleaseLock(ID))[0]
    assert isinstance(failure, OrderFailed)
    assert (failure.message, failure.retry_after_s) == ("POS system unavailable", None)


@pytest.mark.parametrize(("taken", "status"), [(True, "confirmed"), (False, "failed")])
def test_a_person_can_end_the_doubt(taken: bool, status: str) -> None:
    venue = placed(asked())
    venue.do(SettleOrder(ID, taken, "staff:ann"))
    assert order(venue).status == status
    assert venue.facts[-1].by == "staff:ann"
    assert venue.do(add("anshu"))
