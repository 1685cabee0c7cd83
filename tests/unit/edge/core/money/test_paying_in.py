"""Money that guests pay in on balances: there once, no sale, handed back as far as it is unspent."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.afar.commands import ReturnPayment, SettleRefund
from edge.core.commands import ConfigureVenue
from edge.core.money.commands import AdvancePayment, RefundPayment, StoreCard
from edge.core.money.slips import as_text, paid_in_slip, report_slip
from edge.core.play.commands import CreditAccount, IssueCode
from protocol.errors import Refusal
from protocol.facts.account import COUNTER
from protocol.facts.card_config import OfflineCards
from protocol.facts.payment import Payment, PaymentCompleted, PaymentInitiated
from protocol.facts.refund_request import RefundRequest
from protocol.facts.shift import Shift, Tally
from tests.sample_venue import PC1, config, start
from tests.unit.edge.core.play.test_play import ANN, Play
from tests.unit.edge.core.script import Script

MIA = "mia"


@pytest.fixture
def venue() -> Play:
    """One second after the start; nobody has a balance."""
    return Play().at(1)


def paid_in(entry: str = "in-1", amount_minor: int = 2000, method: str = "CASH") -> CreditAccount:
    return CreditAccount(MIA, entry, amount_minor, COUNTER, ANN, method=method)


def back(entry: str = "in-1", refund: str = "back-1", amount_minor: int | None = None) -> RefundPayment:
    return RefundPayment(entry, refund, "wrong amount", MIA, ANN, "fresh-shift", amount_minor)


def came(entry: str = "in-1", state: str = "COMPLETED") -> AdvancePayment:
    return AdvancePayment(entry, state, ANN, "fresh-shift", reason="said the terminal")


def balance(venue: Script) -> int:
    holder = venue.account(MIA)
    return holder.balance_minor if holder else 0


def payment(venue: Script, entry: str = "in-1") -> Payment:
    found = venue.payment(entry)
    assert found is not None
    return found


def shift(venue: Script) -> Shift:
    (found,) = [state for state in venue.states.values() if isinstance(state, Shift)]
    return found


def prepaid(venue: Script) -> dict[str, tuple[int, int]]:
    """How often and how much was paid in and given back."""
    told = shift(venue).totals.prepaid_by_kind
    return {kind: (each.count, each.amount_minor) for kind, each in told.items()}


def test_cash_is_on_the_balance_and_in_the_drawer_and_no_sale(venue: Play) -> None:
    venue.do(paid_in())
    assert (balance(venue), payment(venue).status) == (2000, "COMPLETED")
    totals = shift(venue).totals
    assert (totals.expected_minor, totals.receipts, prepaid(venue)) == (2000, Tally(), {"paid_in": (1, 2000)})
    words = as_text(report_slip(shift(venue), config(), 1))
    assert "Balances paid in (1)" in words
    assert venue.code(paid_in(amount_minor=500)) == "mid_reused"


@pytest.mark.parametrize("doubt", ["", "PENDING", "UNKNOWN"])
def test_a_card_is_on_the_balance_when_somebody_says_that_it_came(venue: Play, doubt: str) -> None:
    venue.do(paid_in(method="CARD"))
    if doubt:
        venue.do(came(state=doubt))
    assert (venue.account(MIA), venue.open_shift_at("main")) == (None, None)
    venue.do(came())
    assert venue.do(came()) == []
    assert (balance(venue), prepaid(venue)) == (2000, {"paid_in": (1, 2000)})
    assert shift(venue).totals.expected_minor == 0


def test_a_card_that_is_refused_brings_nothing(venue: Play) -> None:
    venue.do(paid_in(method="CARD"))
    venue.do(came(state="FAILED"))
    assert venue.code(came()) == "payment_final"
    assert (venue.account(MIA), venue.open_shift_at("main")) == (None, None)


def test_what_is_handed_back_leaves_the_balance_and_the_drawer(venue: Play) -> None:
    venue.do(paid_in())
    venue.do(back(amount_minor=500))
    assert (balance(venue), shift(venue).totals.expected_minor) == (1500, 1500)
    venue.do(back(refund="back-2"))
    assert (balance(venue), payment(venue).status) == (0, "REFUNDED")
    assert prepaid(venue) == {"paid_in": (1, 2000), "given_back": (2, 2000)}
    assert venue.code(back(refund="back-3")) == "refund_too_high"


def test_what_was_spent_is_not_handed_back(venue: Play) -> None:
    venue.do(paid_in())
    venue.do(start(PC1, method="BALANCE", user_id=MIA, amount_minor=1200))
    refused = venue.refusal(back())
    assert (refused.code, refused.detail) == ("insufficient_balance", {"balance_minor": 800})
    venue.do(back(amount_minor=800))
    assert (balance(venue), payment(venue).left_minor) == (0, 1200)


def test_an_owner_gives_it_back_by_way_of_the_counter_as_far_as_it_is_there(venue: Play) -> None:
    venue.do(paid_in())
    venue.do(ReturnPayment("in-1", "task-1", None, "moved away", "owner:o", "fresh-shift"))
    assert (balance(venue), venue.refund_request("task-1") is not None) == (2000, True)
    venue.do(start(PC1, method="BALANCE", user_id=MIA, amount_minor=1200))
    settle = SettleRefund("task-1", "granted", "handed out", ANN, "fresh-shift")
    assert venue.code(settle) == "insufficient_balance"
    again = ReturnPayment("in-1", "task-2", None, "moved away", "owner:o", "fresh-shift")
    assert venue.code(again) == "insufficient_balance"
    venue.do(msgspec.structs.replace(settle, decision="declined"))
    venue.do(msgspec.structs.replace(again, amount_minor=800))
    venue.do(msgspec.structs.replace(settle, request_id="task-2"))
    assert (balance(venue), shift(venue).totals.expected_minor) == (0, 1200)
    assert [state.status for state in venue.states.values() if isinstance(state, RefundRequest)] == [
        "declined",
        "granted",
    ]


def test_no_balance_rests_on_a_card_that_may_be_declined() -> None:
    allowed = OfflineCards(allowed=True, most_minor=9000, most_unsent_minor=9000, most_hours=24)
    venue = Script(ConfigureVenue(msgspec.structs.replace(config(), offline_cards=allowed), 1))
    venue.do(paid_in(method="CARD"))
    assert venue.code(StoreCard("in-1", ANN, "fresh-shift", 60.0, False)) == "method_unavailable"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"method": "BALANCE"}, "method_unavailable"),
        ({"tendered_minor": 1999}, "tendered_short"),
        ({"method": "CARD", "tendered_minor": 2000}, "invalid"),
    ],
)
def test_what_cannot_be_paid_in_changes_nothing(venue: Play, change: dict[str, object], code: str) -> None:
    before = dict(venue.states)
    assert venue.code(msgspec.structs.replace(paid_in(), **change)) == code
    assert venue.states == before


def test_a_balance_stays_in_its_currency(venue: Play) -> None:
    venue.do(paid_in())
    venue.do(ConfigureVenue(msgspec.structs.replace(config(), currency="USD"), 99))
    assert venue.code(paid_in("in-2")) == "wrong_currency"


def test_coins_are_rounded_and_the_balance_is_not() -> None:
    swiss = msgspec.structs.replace(config(), currency="CHF", cash_rounding=True)
    venue = Script(ConfigureVenue(swiss, 1))
    venue.do(msgspec.structs.replace(paid_in(amount_minor=1002), tendered_minor=2000))
    assert (balance(venue), shift(venue).totals.expected_minor) == (1002, 1000)
    slip = as_text(paid_in_slip(payment(venue), 1002, swiss))
    assert [line.split()[-1] for line in slip.splitlines() if "change" in line or "rounding" in line] == [
        "-0.02",
        "10.00",
    ]
    venue.do(back())
    assert (balance(venue), shift(venue).totals.expected_minor) == (0, 0)


@pytest.mark.parametrize(("amount_minor", "drawer_minor"), [(1, 0), (2, 0), (3, 5)])
def test_what_no_coin_pays_is_not_credited(amount_minor: int, drawer_minor: int) -> None:
    swiss = msgspec.structs.replace(config(), currency="CHF", cash_rounding=True)
    venue = Script(ConfigureVenue(swiss, 1))
    if not drawer_minor:
        assert venue.code(paid_in(amount_minor=amount_minor)) == "nothing_due"
        assert venue.account(MIA) is None
        return
    venue.do(paid_in(amount_minor=amount_minor))
    assert (balance(venue), shift(venue).totals.expected_minor) == (amount_minor, drawer_minor)


def test_codes_are_given_back_as_before_and_forgotten_owners_are_said(venue: Play) -> None:
    venue.do(IssueCode("KB7T", 1800, 400, "CASH", ANN))
    venue.do(back("code-KB7T"))
    assert shift(venue).totals.expected_minor == 0
    old = paid_in("of-old")
    venue.happened("payment:of-old", PaymentInitiated("of-old", "CASH", "EUR", 700), old)
    venue.happened("payment:of-old", PaymentCompleted(shift(venue).opened.shift_pid), old)
    assert venue.code(back("of-old", "back-9")) == "method_unavailable"


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["cash", "card", "came", "failed", "back", "play"]),
        st.integers(0, 5),
        st.integers(1, 3000),
    ),
    max_size=25,
)


@given(_STEPS)
def test_whatever_happens_every_cent_is_somewhere_once(steps: list[tuple[str, int, int]]) -> None:
    """The balance is what came less what went, and the drawer has the cash of it."""
    venue, spent = Play().at(1), 0
    for number, (what, place, amount_minor) in enumerate(steps):
        command: Any = {
            "cash": paid_in(f"in-{place}", amount_minor),
            "card": paid_in(f"in-{place}", amount_minor, "CARD"),
            "came": came(f"in-{place}"),
            "failed": came(f"in-{place}", "FAILED"),
            "back": back(f"in-{place}", f"back-{number}", amount_minor),
            "play": start(
                PC1, session=f"play-{number}", method="BALANCE", user_id=MIA, amount_minor=600 + amount_minor
            ),
        }[what]
        before = balance(venue)
        try:
            venue.do(command)
        except AssertionError:
            assert isinstance(venue.refusal(command), Refusal)
            assert balance(venue) == before
            continue
        spent += before - balance(venue) if what == "play" else 0
    payments = [
        state
        for state in venue.states.values()
        if isinstance(state, Payment) and state.initiated.balance_of == MIA
    ]
    there = [each for each in payments if each.status in ("COMPLETED", "REFUNDED")]
    left = sum(each.initiated.amount_minor - each.refunded_minor for each in there)
    assert balance(venue) == left - spent
    if not there:
        return
    cash = [each for each in there if each.initiated.method == "CASH"]
    totals = shift(venue).totals
    assert totals.expected_minor == sum(each.initiated.amount_minor - each.refunded_minor for each in cash)
    told = totals.prepaid_by_kind
    assert told["paid_in"] == Tally(len(there), sum(each.initiated.amount_minor for each in there))
    assert told.get("given_back", Tally()).amount_minor == sum(each.refunded_minor for each in there)
    assert totals.receipts.amount_minor == spent
