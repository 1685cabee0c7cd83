"""A venue that takes bookings, with a hand on both of its clocks.

It opens on Friday 2023-11-17 at 18:00 in Berlin. The hall has two PCs at 6.00 an hour, PS5-1 is alone.
"""

from typing import Any

import msgspec

from edge.core.bookings.commands import (
    CancelBooking,
    CheckInBooking,
    MakeBooking,
    MissBooking,
    MoveBooking,
    PayDeposit,
)
from edge.core.clock import Now
from edge.core.commands import AdoptMenu, ConfigureVenue
from edge.core.play.commands import StartPlay
from protocol.facts.booking import Booking
from protocol.facts.booking_config import BookingRules
from protocol.facts.payment import Payment
from protocol.facts.play import NS
from protocol.facts.shift import Shift, Totals
from tests.sample_venue import PC1, config, menu, play_config
from tests.unit.edge.core.script import Script

ANN, MIA = "staff:ann", "mia"
OPENS_MS = 1_700_240_400_000
HOUR_MS = 3_600_000
RULES = BookingRules(deposit_minor=500, free_cancel_hours=2, grace_minutes=15, hold_minutes=60)


class Diary(Script):
    """The venue; `at` sets both clocks, `wall` one of them."""

    def __init__(self, rules: BookingRules = RULES) -> None:
        play = msgspec.structs.replace(play_config(), bookings=rules, tax_rate_bp=1900)
        venue = msgspec.structs.replace(config(), play=play, timezone="Europe/Berlin")
        super().__init__(ConfigureVenue(venue), AdoptMenu(menu()))
        self.at(0)

    def at(self, minute: float, *, trusted: bool = True, boot: str = "boot-1") -> "Diary":
        """So many minutes after six."""
        self.now = Now(boot, int((minute + 60) * 60 * NS), OPENS_MS + int(minute * 60_000), trusted)
        return self

    def wall(self, minute: float) -> "Diary":
        """Somebody sets the wall clock; the other one does not care."""
        self.now = msgspec.structs.replace(self.now, wall_ms=OPENS_MS + int(minute * 60_000))
        return self

    def noted(self, booking: str = "b1") -> Booking:
        found = self.booking(booking)
        assert found is not None
        return found

    def stands(self, booking: str = "b1") -> tuple[str, str]:
        """Its status, and its deposit's."""
        found = self.noted(booking)
        return found.status, found.deposit

    def paid(self, pid: str) -> Payment:
        found = self.payment(pid)
        assert found is not None
        return found

    def totals(self) -> Totals:
        """Of all shifts that there were; the tests have one."""
        (shift,) = (state for state in self.states.values() if isinstance(state, Shift))
        return shift.totals

    def deposits(self) -> dict[str, int]:
        """What became of deposits, by the shift."""
        return {kind: each.amount_minor for kind, each in self.totals().deposits_by_kind.items()}


def book(minute: int = 180, minutes: int = 120, booking: str = "b1", **given: Any) -> MakeBooking:
    """PC-1 for Anna at nine for two hours, unless something else is said; the deposit in cash."""
    asked = {"station_id": PC1, "method": "CASH", "name": "Anna", "by": ANN, "mid": f"mid-{booking}"}
    return MakeBooking(
        booking_id=booking,
        starts_ms=OPENS_MS + minute * 60_000,
        seconds=minutes * 60,
        payment_pid=f"{booking}:paid",
        shift_pid="m1",
        **{**asked, **given},
    )


def pay(booking: str = "b1", method: str = "CASH", pid: str = "", **given: Any) -> PayDeposit:
    return PayDeposit(booking, pid or f"{booking}:later", method, ANN, "m1", **given)


def move(minute: int | None = None, station: str | None = None, booking: str = "b1") -> MoveBooking:
    """To so many minutes after six, to another station, or both."""
    starts_ms = None if minute is None else OPENS_MS + minute * 60_000
    return MoveBooking(booking, ANN, station, starts_ms)


def check_in(booking: str = "b1", session: str = "play-1", **given: Any) -> CheckInBooking:
    asked = {"method": "CASH", "by": ANN, "entitlement_id": f"{session}:first"}
    return CheckInBooking(booking_id=booking, session_id=session, **{**asked, **given})


def cancel(booking: str = "b1") -> CancelBooking:
    return CancelBooking(booking, "rang up", ANN, f"{booking}:back", "m1")


def miss(booking: str = "b1", by: str | None = None) -> MissBooking:
    return MissBooking(booking, "m1", by)


def walk_in(station: str = PC1, minutes: int = 60, session: str = "walk-1", **given: Any) -> StartPlay:
    asked: dict[str, Any] = {"method": "CASH", "amount_minor": None, "entitlement_id": f"{session}:first"}
    return StartPlay(
        session_id=session, station_id=station, seconds=minutes * 60, by=ANN, **{**asked, **given}
    )
