"""Cards that a terminal stores in an outage: within limits, on somebody's word beyond, and one end each."""

from typing import Any

import msgspec
import pytest

from edge.core.clock import Now
from edge.core.decide import begins, scope
from edge.core.money.commands import NoteCutOff, SettleStoredCard, StoreCard, TakePayment
from edge.core.money.stored_cards import cut_off_s, near_limit
from edge.core.play.commands import StartPlay
from protocol.facts.card_config import OfflineCards
from protocol.facts.fact import ImpossibleFact
from protocol.facts.fold import evolve
from protocol.facts.payment import PaymentCompleted, PaymentRefunded
from protocol.facts.stored_card import StoredCardDeclined
from protocol.facts.terminal import CutOffNoted, Standing, Terminal, UnsentChanged
from tests.sample_venue import PC1, config, now
from tests.unit.edge.core.money.test_payment import receipts_of, step
from tests.unit.edge.core.tables_that_pay import ANN, MIA, TOTAL_MINOR, Table, pay, refund

RULES = OfflineCards(True, most_minor=2000, most_unsent_minor=2500, most_hours=2)
HOUR_S = 3600.0


def venue(rules: OfflineCards = RULES) -> Table:
    """The table with its bill, in a venue with such rules."""
    return Table(venue=msgspec.structs.replace(config(), offline_cards=rules))


def card(amount_minor: int, **more: Any) -> TakePayment:
    """A card held against a terminal of the venue's own."""
    return pay(amount_minor, method="CARD", **more)


def store(payment: TakePayment, cut_off_s: float | None = 60.0, **more: Any) -> StoreCard:
    """The terminal has stored it."""
    pid = payment.payment_pid
    return StoreCard(pid, ANN, f"shift of {pid}", cut_off_s, more.pop("heard_since", False), **more)


def settle(payment: TakePayment, *, sent: bool, by: str = ANN) -> SettleStoredCard:
    """Somebody knows its end."""
    return SettleStoredCard(payment.payment_pid, sent, "no money", by, "shift of the end")


def stored(table: Table, *amounts_minor: int) -> list[TakePayment]:
    """So many stored cards."""
    payments = [card(amount) for amount in amounts_minor]
    for payment in payments:
        table.do(payment)
        table.do(store(payment))
    return payments


def standing(table: Table) -> tuple[int, int]:
    """How many are unsent, and what they come to."""
    terminal = table.terminal()
    assert terminal is not None
    return terminal.stands.unsent, terminal.stands.unsent_minor


def test_a_stored_card_counts_as_paid_and_is_at_risk() -> None:
    table = venue(OfflineCards(True, TOTAL_MINOR + 100, TOTAL_MINOR + 100))
    payment = card(TOTAL_MINOR, tip_minor=100)
    table.do(payment)
    events = table.do(store(payment, reference="auth 7"))
    assert isinstance(events[0], PaymentCompleted)
    assert len(receipts_of(events)) == 1
    assert table.paid.status == "settled"
    assert standing(table) == (1, TOTAL_MINOR + 100)
    assert table.drawer.totals.methods["CARD"].amount_minor == TOTAL_MINOR
    assert table.do(store(payment)) == []
    assert table.code(refund(payment.payment_pid, TOTAL_MINOR + 1)) == "refund_too_high"


@pytest.mark.parametrize(
    ("rules", "away_s", "code"),
    [
        (OfflineCards(), 60.0, "offline_cards_off"),
        (RULES, None, "cloud_reachable"),
    ],
)
def test_nobodys_word_makes_it_possible(rules: OfflineCards, away_s: float | None, code: str) -> None:
    table = venue(rules)
    payment = card(1000)
    table.do(payment)
    said = {"reason": "regulars", "approved_by": MIA}
    assert table.code(store(payment, away_s)) == code
    assert table.code(store(payment, away_s, **said)) == code
    assert table.terminal() is None


def test_only_a_card_under_way_at_the_venues_terminal_is_stored() -> None:
    table = venue()
    cash, gone, online = pay(100), card(100), card(100)
    for each in (cash, gone, online):
        table.do(each)
    table.do(step(gone, "FAILED"))
    table.do(step(online, "PENDING", provider="stripe"))
    codes = [table.code(store(each)) for each in (cash, gone, online, card(1))]
    assert codes == ["method_unavailable", "payment_final", "payment_online", "unknown_payment"]


@pytest.mark.parametrize(
    ("before", "amount_minor", "away_s", "limits"),
    [
        ((), 2001, 60.0, ["payment"]),
        ((1500,), 1001, 60.0, ["total"]),
        ((), 100, 2 * HOUR_S + 1, ["time"]),
        ((2000,), 2001 - 1500, 2 * HOUR_S + 1, ["total", "time"]),
        ((), 2501, 3 * HOUR_S, ["payment", "total", "time"]),
    ],
)
def test_beyond_a_limit_a_manager_answers_for_it(
    before: tuple[int, ...], amount_minor: int, away_s: float, limits: list[str]
) -> None:
    table = venue()
    stored(table, *before)
    payment = card(amount_minor)
    table.do(payment)
    refused = table.refusal(store(payment, away_s))
    assert refused.code == "over_offline_limit"
    assert refused.detail is not None
    assert refused.detail["limits"] == limits
    assert refused.detail["left_minor"] == 2500 - sum(before)
    assert table.code(store(payment, away_s, approved_by=MIA)) == "over_offline_limit"
    assert table.code(store(payment, away_s, reason="regulars")) == "over_offline_limit"
    table.do(store(payment, away_s, reason="regulars", approved_by=MIA))
    kept = table.stored_card(payment.payment_pid)
    assert kept is not None
    assert (list(kept.stored.over), kept.stored.approved_by, kept.stored.reason) == (limits, MIA, "regulars")
    assert standing(table) == (len(before) + 1, sum(before) + amount_minor)


def test_exactly_at_every_limit_nobody_is_asked() -> None:
    table = venue()
    stored(table, 500)
    payment = card(2000)
    table.do(payment)
    table.do(store(payment, 2 * HOUR_S))
    kept = table.stored_card(payment.payment_pid)
    assert kept is not None
    assert (kept.stored.over, kept.stored.approved_by, standing(table)) == ((), "", (2, 2500))


def test_of_two_tills_that_race_for_the_last_of_it_one_is_told() -> None:
    table = venue()
    stored(table, 1000)
    first, second = card(800), card(800)
    table.do(first)
    table.do(second)
    table.do(store(first))
    assert table.code(store(second)) == "over_offline_limit"
    assert standing(table) == (2, 1800)


def test_what_was_sent_is_at_risk_no_more() -> None:
    table = venue()
    first, second = stored(table, 1000, 700)
    before = table.paid
    table.do(settle(first, sent=True))
    assert table.paid == before
    assert standing(table) == (1, 700)
    assert table.do(settle(first, sent=True)) == []
    assert table.code(settle(first, sent=False)) == "payment_final"
    assert table.code(settle(card(1), sent=True)) == "unknown_payment"
    assert table.do(settle(second, sent=True, by="owner:ada"))
    assert standing(table) == (0, 0)


def test_a_decline_is_owed_again_and_takes_nothing_from_the_drawer() -> None:
    table = venue(OfflineCards(True, 10_000, 10_000))
    (payment,) = stored(table, TOTAL_MINOR)
    events = table.do(settle(payment, sent=False))
    assert isinstance(events[0], StoredCardDeclined)
    assert any(isinstance(event, PaymentRefunded) for event in events)
    assert [receipt.total_minor for receipt in receipts_of(events)] == [-TOTAL_MINOR]
    assert (table.paid.status, table.paid.due_minor) == ("open", TOTAL_MINOR)
    assert table.drawer.totals.expected_minor == 0
    assert standing(table) == (0, 0)
    assert table.do(settle(payment, sent=False)) == []
    table.do(pay())
    assert table.paid.status == "settled"


def test_a_decline_of_what_was_given_back_already_owes_nothing_twice() -> None:
    table = venue()
    first, second = stored(table, 1000, 800)
    table.do(refund(first.payment_pid))
    table.do(refund(second.payment_pid, 300))
    due_minor = table.paid.due_minor
    table.do(settle(first, sent=False))
    assert table.paid.due_minor == due_minor
    table.do(settle(second, sent=False))
    assert table.paid.due_minor == due_minor + 500


def test_play_time_begins_with_a_stored_card_and_a_decline_is_owed() -> None:
    table = venue()
    table.do(StartPlay("play-1", "time-1", PC1, 3600, "CARD", None, ANN))
    table.do(StoreCard("time-1", ANN, "shift-1", 60.0, False))
    play, bill = table.play("play-1"), table.bill("play-1")
    assert play is not None
    assert bill is not None
    assert (play.status, bill.status, standing(table)) == ("ACTIVE", "settled", (1, 600))
    table.do(SettleStoredCard("time-1", False, "no money", ANN, "shift-2"))
    bill = table.bill("play-1")
    assert bill is not None
    assert (bill.status, bill.due_minor) == ("open", 600)


def at(second: int, boot: str = "boot-1", *, trusted: bool = True) -> Now:
    """An instant; the wall clock runs on over boots."""
    return msgspec.structs.replace(now(second, boot), clock_trusted=trusted)


def noted(cut_off: int, *, boot: str = "boot-1", second: int = 100, trusted: bool = True) -> Terminal:
    """The last word on disk."""
    then = now(second, boot)
    return Terminal(1, Standing(cut_off_s=cut_off), boot, then.mono_ns, then.wall_ms, trusted)


@pytest.mark.parametrize(
    ("last", "counted_s", "heard", "instant", "expected"),
    [
        (None, 30.0, True, at(100), 30.0),
        (noted(600), None, False, at(100), None),
        (noted(600), 30.0, True, at(200), 30.0),
        # The box was started again within one boot: the clock that nobody can set ran on.
        (noted(600), 30.0, False, at(200), 700.0),
        # It had no power for a while, and knows the time on both sides.
        (noted(600), 30.0, False, at(4100, "boot-2"), 4600.0),
        # It does not know the time: what it has counted in both boots.
        (noted(600), 30.0, False, at(4100, "boot-2", trusted=False), 630.0),
        (noted(600, trusted=False), 30.0, False, at(4100, "boot-2"), 630.0),
        # A wall clock that stepped back makes it no shorter than this run.
        (noted(0, second=5000), 30.0, False, at(10, "boot-2"), 30.0),
    ],
)
def test_an_outage_is_as_long_as_anybody_knows(
    last: Terminal | None, counted_s: float | None, heard: bool, instant: Now, expected: float | None
) -> None:
    assert cut_off_s(last, counted_s, heard, instant) == expected


def test_a_restart_in_an_outage_does_not_count_anew() -> None:
    table = venue()
    table.now = now(1)
    table.do(NoteCutOff(1.9 * HOUR_S, heard_since=False))
    table.now = now(10, "boot-2")
    payment = card(100)
    table.do(payment)
    table.do(store(payment, 5.0))
    table.now = now(1000, "boot-2")
    late = card(100)
    table.do(late)
    assert table.code(store(late, 990.0)) == "over_offline_limit"
    assert table.do(store(late, 990.0, heard_since=True))
    assert standing(table) == (2, 200)


def test_where_no_cards_are_stored_nothing_is_noted() -> None:
    table = venue(OfflineCards())
    assert table.do(NoteCutOff(900.0, heard_since=False)) == []


def test_a_mid_is_remembered_where_each_command_writes_first() -> None:
    table = venue()
    payment = card(1000)
    table.do(payment)
    for command in (store(payment), settle(payment, sent=True), NoteCutOff(900.0, heard_since=False)):
        expected = scope(table, command)
        first, event = table.do(command)[0], table.facts
        assert begins(command, first)
        written = [fact for fact in event if fact.event is first]
        assert [fact.aggregate for fact in written] == [expected]


@pytest.mark.parametrize(("unsent", "most", "near"), [(79, 100, False), (80, 100, True), (0, 0, False)])
def test_near_is_four_fifths(unsent: int, most: int, near: bool) -> None:
    assert near_limit(unsent, most) is near


def test_sums_that_cannot_be_are_no_facts() -> None:
    table = venue()
    stored(table, 1000)
    wrong = msgspec.structs.replace(table.facts[-1], version=table.facts[-1].version + 1)

    for event in (UnsentChanged(Standing(1, 0)), UnsentChanged(Standing(-1, 5)), CutOffNoted(Standing())):
        with pytest.raises(ImpossibleFact):
            evolve(table.terminal(), msgspec.structs.replace(wrong, event=event))
