"""Any evening of bookings: no slot twice, no money lost or doubled, whatever people and clocks do.

Rules ask as tablets and timers do, also for what is long over. After each of them the books are added up.
"""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edge.core.bookings.commands import LapseBooking
from edge.core.commands import Command
from edge.core.decide import decide
from edge.core.money.commands import AdvancePayment, RefundPayment
from edge.core.play.commands import AbandonPlay, CreditAccount, ExpirePlay, StopPlay
from protocol.errors import Refusal
from protocol.facts.account import Account
from protocol.facts.bill import Bill
from protocol.facts.booking import Booking
from protocol.facts.payment import Payment
from protocol.facts.play import PlaySession
from protocol.facts.play_clock import Instant
from protocol.facts.shift import Shift
from tests.depth import so_many
from tests.sample_venue import PC1, PC2, PS5, extend
from tests.unit.edge.core.bookings.diary import (
    ANN,
    MIA,
    OPENS_MS,
    Diary,
    book,
    cancel,
    check_in,
    miss,
    move,
    pay,
    walk_in,
)

BOOKINGS = st.sampled_from([f"b{number}" for number in range(4)])
SESSIONS = st.sampled_from([f"play-{number}" for number in range(4)])
STATIONS = st.sampled_from([PC1, PC2, PS5])
WHERE = STATIONS.map(lambda each: {"station_id": each}) | st.just({"station_id": None, "zone": "hall"})
LATER = st.sampled_from(["CASH", "CARD", "BALANCE", None])
METHODS = st.sampled_from(["CASH", "CARD", "BALANCE"])
CREDIT_MINOR = 3000


class AnyDiary(RuleBasedStateMachine):
    """Four bookings, four sessions, three stations, one evening."""

    def __init__(self) -> None:
        super().__init__()
        self.venue = Diary()
        self.venue.do(CreditAccount("lea", "entry-1", CREDIT_MINOR, "gift", ANN))
        self.minute = 0.0
        self.attempts = 0

    def ask(self, command: Command) -> None:
        """Whatever is asked is done, or refused by name and changes nothing."""
        found = decide(self.venue, command, self.venue.now)
        if isinstance(found, Refusal):
            assert found.code not in ("internal", "invalid"), (command, found)
            return
        for aggregate, event in found:
            self.venue.happened(aggregate, event, command)

    @initialize(methods=st.tuples(LATER, LATER, LATER))
    def opening(self, methods: tuple[str | None, ...]) -> None:
        """Three guests have rung up already."""
        for number, (method, station) in enumerate(zip(methods, (PC1, PC2, PS5), strict=True)):
            self.ask(book(60, 60, f"b{number}", method=method, station_id=station, user_id="lea"))

    @rule(booking=BOOKINGS, slot=st.integers(0, 8), halves=st.integers(1, 4), where=WHERE, method=LATER)
    def book(self, booking: str, slot: int, halves: int, where: dict[str, Any], method: str | None) -> None:
        whose = {"user_id": "lea"} if method == "BALANCE" else {}
        self.ask(book(30 + 30 * slot, 30 * halves, booking, method=method, **where, **whose))

    @rule(booking=BOOKINGS, slot=st.none() | st.integers(0, 8), station=st.none() | STATIONS)
    def move(self, booking: str, slot: int | None, station: str | None) -> None:
        self.ask(move(None if slot is None else 30 + 30 * slot, station, booking))

    @rule(booking=BOOKINGS, method=METHODS)
    def pay(self, booking: str, method: str) -> None:
        self.attempts += 1
        self.ask(pay(booking, method, f"{booking}:{self.attempts}", user_id="lea"))

    @rule(booking=BOOKINGS, state=st.sampled_from(["COMPLETED", "FAILED", "PENDING", "UNKNOWN"]))
    def card(self, booking: str, state: str) -> None:
        found = self.venue.booking(booking)
        if found is not None and found.deposit_pid is not None:
            self.ask(AdvancePayment(found.deposit_pid, state, ANN, "m1", reason="says the terminal"))

    @rule(booking=BOOKINGS, session=SESSIONS, method=st.sampled_from(["CASH", "CARD", "BALANCE", "POSTPAID"]),
          station=st.none() | STATIONS, despite=st.booleans())  # fmt: skip
    def check_in(self, booking: str, session: str, method: str, station: str | None, despite: bool) -> None:
        if self.venue.play(session) is None:
            given = {"amount_minor": 1200, "despite_booking": despite, "user_id": "lea"}
            self.ask(check_in(booking, session, method=method, station_id=station, **given))

    @rule(booking=BOOKINGS, session=SESSIONS, other=BOOKINGS, station=STATIONS, late=st.booleans())
    def sell_the_slot(self, booking: str, session: str, other: str, station: str, late: bool) -> None:
        """The guest sits while the card is under way; somebody else books the slot, and the card fails."""
        found = self.venue.booking(booking)
        if found is None or self.venue.play(session) is not None:
            return
        self.check_in(booking, session, "CARD", station, despite=True)
        minute = (found.made.starts_ms - OPENS_MS) // 60_000
        self.ask(book(minute + 30 * late, 30, other, method=None, station_id=found.made.station_id))
        self.rest_by_card(session, "FAILED")

    @rule(booking=BOOKINGS, late=st.booleans())
    def end(self, booking: str, late: bool) -> None:
        self.ask(miss(booking) if late else cancel(booking))

    @rule(booking=BOOKINGS)
    def lapse(self, booking: str) -> None:
        self.ask(LapseBooking(booking))

    @rule(booking=BOOKINGS, amount=st.none() | st.integers(1, 300))
    def refund(self, booking: str, amount: int | None) -> None:
        found = self.venue.booking(booking)
        if found is not None and found.deposit_pid is not None:
            self.attempts += 1
            self.ask(RefundPayment(found.deposit_pid, f"r{self.attempts}", "why", MIA, ANN, "m1", amount))

    @rule(station=STATIONS, session=SESSIONS, minutes=st.integers(1, 120))
    def walk_in(self, station: str, session: str, minutes: int) -> None:
        if self.venue.play(session) is None:
            self.ask(walk_in(station, minutes, session, amount_minor=1200))

    @rule(session=SESSIONS)
    def more(self, session: str) -> None:
        self.attempts += 1
        self.ask(extend(30, session, amount_minor=1500, entitlement_id=f"more-{self.attempts}"))

    @rule(session=SESSIONS, how=st.sampled_from([StopPlay, ExpirePlay, AbandonPlay]))
    def over(self, session: str, how: Any) -> None:
        found = self.venue.play(session)
        if found is None:
            return
        if how is StopPlay:
            self.ask(StopPlay(session, "left", ANN))
        elif found.ordered_at.mono_ns < self.venue.now.mono_ns:
            self.ask(how(session))

    @rule(session=SESSIONS, state=st.sampled_from(["COMPLETED", "FAILED"]))
    def rest_by_card(self, session: str, state: str) -> None:
        if self.venue.payment(f"{session}:first") is not None:
            self.ask(AdvancePayment(f"{session}:first", state, ANN, "m1", reason="says the terminal"))

    @rule(minutes=st.integers(1, 45), trusted=st.booleans(), stepped=st.sampled_from([0, 0, 0, 300, -300]))
    def later(self, minutes: int, trusted: bool, stepped: int) -> None:
        self.minute += minutes
        self.venue.at(self.minute, trusted=trusted)
        if stepped:
            self.venue.wall(self.minute + stepped)

    # ── the books ────────────────────────────────────────────────────────────────────────────────

    def all(self, kind: type) -> list[Any]:
        return [state for state in self.venue.states.values() if isinstance(state, kind)]

    @invariant()
    def no_slot_is_given_twice(self) -> None:
        standing = [each for each in self.all(Booking) if each.stands]
        for one in standing:
            for other in standing:
                same = one is other or one.station_id != other.station_id
                assert same or not one.overlaps(other.made.starts_ms, other.made.ends_ms)

    @invariant()
    def a_deposit_is_where_its_payment_says(self) -> None:
        for booking in self.all(Booking):
            money = self.venue.payment(booking.deposit_pid or "")
            if booking.deposit in ("paid", "used", "forfeited", "owed"):
                assert money is not None
                assert money.status in ("COMPLETED", "REFUNDED")
            if booking.deposit in ("", "due"):
                assert money is None or money.status in ("INITIATED", "PENDING", "UNKNOWN", "FAILED")
            if booking.deposit == "returned":
                assert money is not None
                assert money.status == "REFUNDED"
            assert not booking.stands or booking.deposit != "owed"

    @invariant()
    def the_drawer_has_what_came_in_less_what_went_out(self) -> None:
        cash = [each for each in self.all(Payment) if each.initiated.method == "CASH" and each.completed_ms]
        came = sum(each.initiated.amount_minor - each.refunded_minor for each in cash)
        assert sum(each.totals.expected_minor for each in self.all(Shift)) == came

    @invariant()
    def a_balance_has_what_was_not_spent(self) -> None:
        spent = [each for each in self.all(Payment) if each.initiated.method == "BALANCE"]
        left = sum(each.initiated.amount_minor - each.refunded_minor for each in spent)
        assert [each.balance_minor for each in self.all(Account)] == [CREDIT_MINOR - left]

    @invariant()
    def takings_are_sales_and_what_is_owed_to_guests(self) -> None:
        """Every cent that came is on a bill, is a deposit that waits, or is owed back; none is twice."""
        came = sum(
            each.initiated.amount_minor - each.refunded_minor
            for each in self.all(Payment)
            if each.completed_ms
        )
        on_bills = sum(each.paid_minor for each in self.all(Bill))
        waiting = [each for each in self.all(Booking) if each.deposit in ("paid", "owed")]
        held = sum(self.venue.paid(each.deposit_pid).left_minor for each in waiting)
        owed = sum(sum(each.refunds.values()) for each in self.all(PlaySession))
        assert came == on_bills + held + owed
        told: dict[str, int] = {}
        for shift in self.all(Shift):
            for kind, each in shift.totals.deposits_by_kind.items():
                told[kind] = told.get(kind, 0) + each.amount_minor
        left = told.pop("taken", 0) - sum(told.values())
        assert left == held

    @invariant()
    def everybody_who_is_checked_in_has_a_session(self) -> None:
        for booking in self.all(Booking):
            if booking.status == "CHECKED_IN":
                session = self.venue.play(booking.session_id or "")
                assert session is not None
                assert session.ordered.booking_id == booking.booking_id
                assert isinstance(session.ordered_at, Instant)
                assert session.status != "ABANDONED"


AnyDiary.TestCase.settings = settings(max_examples=so_many(40, 1500), stateful_step_count=30, deadline=None)
TestAnyDiary = AnyDiary.TestCase
