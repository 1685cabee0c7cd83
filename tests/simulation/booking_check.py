"""Bookings and their deposits, as a journal tells them (invariant 3, for money that has bought nothing yet).

Two bookings that stand never have an instant of one station in common, and nobody begins to play into one
unless whoever serves says so. A deposit is at one place at any time: with the guest, held, used, kept, given
back or owed. Where it is follows from payments, receipts and refunds alone; after every transaction the
booking's own events have to say the same, and the shift has to have counted it the same.
"""

from collections import Counter
from typing import ClassVar

import msgspec

from tests.simulation.reading import Complaints, Json, Reader

#: Play sessions that begin although a booking is in the way are named like this.
DESPITE = "despite-"
LAPSED = "the deposit was not paid in time"
GIVEN_AWAY = "its slot was given away meanwhile"
_STANDING = ("held", "confirmed")


class Kept(msgspec.Struct):
    """A booking. `place` is where its own events say that the deposit is."""

    name: str
    made: Json
    fact: Json
    status: str = "held"
    place: str = "with the guest"
    payments: list[str] = []

    def overlaps(self, station: str, starts_ms: int, ends_ms: int) -> bool:
        """Whether it keeps the station for some of that span."""
        here = self.status in _STANDING and self.made["station_id"] == station
        return bool(here and self.made["starts_ms"] < ends_ms and starts_ms < self.made["ends_ms"])


class Money(msgspec.Struct):
    """A payment of a deposit, in minor units; `sold_on` is the bill that it paid for."""

    amount: int
    came: int = 0
    back: int = 0
    sold: int = 0
    sold_on: str = ""
    counted: Counter[str] = msgspec.field(default_factory=Counter)


class BookingReader(Reader):
    """Reads who keeps which station, and where the deposits are."""

    EVENTS: ClassVar = {
        "BookingMade": "_made",
        "BookingMoved": "_moved",
        "BookingConfirmed": "_confirmed",
        "BookingCheckedIn": "_checked_in",
        "BookingReopened": "_reopened",
        "BookingCancelled": "_cancelled",
        "BookingMissed": "_missed",
        "DepositUsed": "_told",
        "DepositOwed": "_told",
        "DepositReturned": "_told",
        "DepositCounted": "_counted",
        "PaymentInitiated": "_initiated",
        "PaymentCompleted": "_completed",
        "PaymentRefunded": "_returned",
        "PaymentPartlyRefunded": "_returned",
        "PaymentBegun": "_sold",
        "PlayOrdered": "_played",
    }
    _PLACES: ClassVar = {"DepositUsed": "used", "DepositOwed": "owed", "DepositReturned": "given back"}

    def __init__(self, said: Complaints) -> None:
        super().__init__(said)
        self._bookings: dict[str, Kept] = {}
        self._money: dict[str, Money] = {}
        self._touched: dict[str, None] = {}
        self.rarities: set[str] = set()

    # ── stations ─────────────────────────────────────────────────────────────────────────────────

    def _made(self, name: str, event: Json, fact: Json) -> None:
        self._say(name not in self._bookings, f"DOUBLED: {name} was made twice")
        booking = self._bookings[name] = Kept(name, event, fact, payments=[])
        self._stands_alone(booking)
        self.rarities.add("BookingMade")

    def _moved(self, name: str, event: Json, _fact: Json) -> None:
        booking = self._bookings[name]
        self._say(booking.status in _STANDING, f"{name} was moved while it was {booking.status}")
        before, after = booking.made, {**booking.made, **event}
        long = [each["ends_ms"] - each["starts_ms"] for each in (before, after)]
        self._say(long[0] == long[1], f"{name} is {long[1]} ms long after it was moved, before {long[0]}")
        booking.made = after
        self._stands_alone(booking)
        self.rarities.add("BookingMoved")

    def _stands_alone(self, booking: Kept) -> None:
        made = booking.made
        for other in self._bookings.values():
            both = other.overlaps(made["station_id"], made["starts_ms"], made["ends_ms"])
            alone = other is booking or not both
            self._say(alone, f"{booking.name} and {other.name} both stand at {made['station_id']}")

    def _played(self, session: str, event: Json, fact: Json) -> None:
        """Nobody is sent away from where they play by a booking that was known of."""
        if session.startswith(DESPITE) or not fact.get("clock_trusted", True):
            return
        ends_ms = fact["wall_ms"] + max(1, event["entitlement"]["seconds"] * 1000)
        for each in self._bookings.values():
            blocks = each.overlaps(event["station_id"], fact["wall_ms"], ends_ms)
            self._say(not blocks, f"{session} plays into {each.name}")

    def _confirmed(self, name: str, _event: Json, _fact: Json) -> None:
        booking = self._bookings[name]
        booking.status = "confirmed"
        if booking.made.get("deposit_minor"):
            self._put(booking, "held")

    def _checked_in(self, name: str, event: Json, _fact: Json) -> None:
        self._ended(name, "checked in", event)

    def _reopened(self, name: str, event: Json, _fact: Json) -> None:
        booking = self._bookings[name]
        self._say(booking.status == "checked in", f"{name} stands again and was {booking.status}")
        booking.status = "confirmed"
        self._stands_alone(booking)
        self.rarities.add(event["type"])

    def _missed(self, name: str, event: Json, fact: Json) -> None:
        booking = self._bookings[name]
        known = fact.get("clock_trusted", True)
        waited = fact["wall_ms"] >= booking.made["starts_ms"] + booking.made["grace_s"] * 1000
        looked = not known and fact.get("by")
        self._say(bool(looked or (known and waited)), f"{name} was missed before its guest was late")
        self._ended(name, "missed", event)
        self._over(booking, "kept")

    def _cancelled(self, name: str, event: Json, fact: Json) -> None:
        booking, reason = self._bookings[name], event["reason"]
        forfeited, held = event.get("forfeited", False), booking.place == "held"
        if reason == LAPSED:
            self._lapsed(booking, fact)
        elif reason == GIVEN_AWAY:
            self._say(not forfeited, f"{name} was given away, and its deposit is kept")
            self.rarities.add("given away")
        else:
            late = fact.get("clock_trusted", True) and fact["wall_ms"] > booking.made["free_until_ms"]
            self._say(forfeited == (late and held), f"{name} was cancelled, too late: {late}; {forfeited=}")
        expected = "checked in" if reason == GIVEN_AWAY else "standing"
        self._ended(name, "cancelled", event, expected)
        self._over(booking, "kept" if forfeited else "owed")

    def _lapsed(self, booking: Kept, fact: Json) -> None:
        """The time of one boot is certain; over a restart it is held as long again at the most."""
        held_ns = fact["mono_ns"]
        if fact["boot"] == booking.fact["boot"]:
            held_ns -= booking.fact["mono_ns"]
        enough = held_ns >= booking.made["hold_s"] * 1_000_000_000
        self._say(enough, f"{booking.name} lapsed after {held_ns} ns")
        self._say(booking.place == "with the guest", f"{booking.name} lapsed and is paid")
        self.rarities.add("lapsed")

    def _ended(self, name: str, status: str, event: Json, before: str = "standing") -> None:
        booking = self._bookings[name]
        was = "standing" if booking.status in _STANDING else booking.status
        self._say(was == before, f"{name} is {status} and was {booking.status}")
        booking.status = status
        self._touched[name] = None
        self.rarities.add(event["type"] if event["type"] != "BookingCancelled" else "BookingMade")

    # ── deposits ─────────────────────────────────────────────────────────────────────────────────

    def _put(self, booking: Kept, place: str) -> None:
        booking.place = place
        self._touched[booking.name] = None

    def _over(self, booking: Kept, place: str) -> None:
        """What is held is the venue's or the guest's now."""
        if booking.place == "held":
            self._put(booking, place)
            if place == "kept":
                self.rarities.add("deposit kept")

    def _told(self, name: str, event: Json, _fact: Json) -> None:
        self._put(self._bookings[name], self._PLACES[event["type"]])
        if event["type"] != "DepositUsed":
            self.rarities.add(event["type"])

    def _initiated(self, payment: str, event: Json, _fact: Json) -> None:
        booking = self._bookings.get(event.get("session_pid") or "")
        if booking is not None:
            self._money[payment] = Money(event["amount_minor"])
            booking.payments.append(payment)
            asked = booking.made.get("deposit_minor", 0)
            self._say(
                event["amount_minor"] == asked, f"{payment} is no deposit of {asked} for {booking.name}"
            )

    def _of(self, payment: str) -> Money | None:
        """The money of a deposit, looked at when the transaction is over."""
        money = self._money.get(payment)
        if money is not None:
            self._touched |= {each.name: None for each in self._bookings.values() if payment in each.payments}
        return money

    def _completed(self, payment: str, _event: Json, _fact: Json) -> None:
        if (money := self._of(payment)) is not None:
            money.came += money.amount

    def _returned(self, payment: str, event: Json, _fact: Json) -> None:
        if (money := self._of(payment)) is not None and not money.sold:
            money.back += event["amount_minor"]

    def _sold(self, bill: str, event: Json, _fact: Json) -> None:
        payment = event["payment_pid"]
        if (money := self._of(payment)) is not None:
            self._say(not money.sold, f"DOUBLED: the deposit {payment} was sold twice")
            left = money.came - money.back
            self._say(
                event["amount_minor"] == left, f"{event['amount_minor']} of {payment} is sold of {left}"
            )
            money.sold, money.sold_on = event["amount_minor"], bill

    def _counted(self, _shift: str, event: Json, _fact: Json) -> None:
        money = self._of(event["payment_pid"])
        self._say(money is not None, f"{event['payment_pid']} is counted and no deposit")
        if money is not None:
            money.counted[event["kind"]] += event["amount_minor"]

    def rest(self) -> None:
        """A transaction is over: what was touched in it is at one place, and counted there."""
        for name in self._touched:
            booking = self._bookings[name]
            found = self._found(booking)
            self._say(found == booking.place, f"the deposit of {name} is {found}, told as {booking.place}")
        self._touched = {}

    def _found(self, booking: Kept) -> str:
        """Where the deposit is, by its money."""
        came = [payment for payment in booking.payments if self._money[payment].came]
        self._say(len(came) < 2, f"DOUBLED: {booking.name} has the deposits {came}")
        if not came:
            return "with the guest"
        money = self._money[came[0]]
        kind = "kept" if money.sold_on == booking.name else "used"
        right = Counter({"taken": money.came, "returned": money.back, kind: money.sold})
        self._say(+money.counted == +right, f"shifts count {came[0]} as {money.counted}, it is {right}")
        if money.sold:
            return kind
        if money.back == money.came:
            return "given back"
        return "owed" if booking.status in ("cancelled", "missed") else "held"

    @property
    def held_minor(self) -> int:
        """What guests have left at the venue and have got nothing for."""
        return sum(each.came - each.back for each in self._money.values() if not each.sold)
