"""Who books a station, and who walks in and would like to play at one of those.

Guests of bookings pay their deposit at once, later, by a card that comes too late or never; they come, early
or late, stay away, or call it off. What a booking lets happen is up to the box: each guest looks at it as the
staff's page shows it, which may be old by then. Whose clock is meant is not always certain either.
"""

import asyncio

from edge.core.bookings.commands import (
    CancelBooking,
    CheckInBooking,
    LapseBooking,
    MakeBooking,
    MissBooking,
    MoveBooking,
    PayDeposit,
)
from edge.core.money.commands import AdvancePayment, RefundPayment
from edge.core.play.commands import ExtendPlay, StartPlay, StopPlay
from edge.journal.writer import Accepted, Outcome
from protocol.errors import Refusal
from protocol.facts.booking import Booking
from protocol.facts.play_events import Method, PlayBegun
from tests.simulation import menus, sometimes
from tests.simulation.booking_check import DESPITE
from tests.simulation.clocks import true_ms
from tests.simulation.shift import Shift
from tests.simulation.staff import cloud_away, live
from tests.simulation.wifi import Device

_BY = f"staff:{menus.MANAGER}"
#: Nobody waits longer for the hour of a booking.
_LONGEST_S = 150.0
_PLAY_BY: tuple[Method, ...] = ("CASH", "CARD", "CARD", "CARD", "BALANCE", "POSTPAID")


async def reception(device: Device, seldom_s: float, shift: Shift) -> None:
    """Somebody comes to the desk every so many seconds, until it is closed."""
    async with asyncio.TaskGroup() as guests:
        while shift.open:
            await device.think(seldom_s)
            if shift.open:
                books = device.dice.random() < 0.7
                guests.create_task(Guest(device, shift).story() if books else _walks_in(device, shift))


async def _walks_in(device: Device, shift: Shift) -> None:
    """Play now, where somebody else may have booked; whoever serves may know of that."""
    despite = device.dice.random() < 0.3
    session_id = device.mid(DESPITE if despite else "walk-in")
    begun = await device.ask(
        StartPlay(
            session_id, f"{session_id}:1", device.dice.choice(menus.BOOKED), device.dice.randrange(15, 60),
            "CASH", None, _BY, mid=device.mid("play"), despite_booking=despite,
        )
    )  # fmt: skip
    if isinstance(begun, Accepted):
        await _plays(device, session_id, shift)


async def _plays(device: Device, session_id: str, shift: Shift, longer: bool = True) -> None:
    """Until the time is up or the guest has had enough; a little longer now and then."""
    if device.dice.random() < 0.3:
        await device.think(8.0)
        more = f"{session_id}:2", device.dice.randrange(10, 40)
        await device.ask(ExtendPlay(session_id, *more, _BY, "CASH", mid=device.mid("extend")))
    while live(device, session_id):
        await device.think(8.0)
        if not longer or not shift.open or device.dice.random() < 0.15:
            await device.ask(StopPlay(session_id, "left", _BY, device.mid("stop")))


class Guest:
    """Of one booking."""

    def __init__(self, device: Device, shift: Shift) -> None:
        self._device = device
        self._dice = device.dice
        self._shift = shift
        self._booking_id = self._id("booking")
        self._starts_ms = 0

    def _id(self, what: str) -> str:
        return f"{what}-{self._dice.getrandbits(64):x}"

    @property
    def _booking(self) -> Booking | None:
        """As the staff's page shows it, while the box is up."""
        hot = self._device.premises.hot
        found = hot.committed(f"booking:{self._booking_id}") if hot is not None else None
        return found if isinstance(found, Booking) else None

    @property
    def _stands(self) -> bool:
        """As far as anybody knows."""
        booking = self._booking
        return booking is None or booking.stands

    async def story(self) -> None:
        """All of it: the booking, its deposit, and what becomes of both."""
        by, payment = self._dice.choice((None, "CASH", "CARD", "CARD", "BALANCE")), self._id("deposit")
        if isinstance(await self._book(by, payment), Refusal):
            return
        way = self._dice.choice((self._comes, self._comes, self._comes, self._calls_off, self._stays_away))
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pays(by, payment))
            if self._dice.random() < 0.25:
                group.create_task(self._moves())
            group.create_task(way())
        await self._settles(0.85)

    async def _book(self, by: str | None, payment: str) -> Outcome:
        venue = self._device.premises.venue
        screen_ms = venue.clock().wall_ms if self._dice.random() < 0.9 else true_ms(venue.loop)
        self._starts_ms = screen_ms + int(self._dice.uniform(-40.0, 70.0) * 1000)
        station = self._dice.choice(menus.BOOKED) if self._dice.random() < 0.7 else None
        return await self._device.ask(
            MakeBooking(
                self._booking_id, "Anna", self._starts_ms, self._dice.choice((30, 60, 90, 120)), _BY, payment,
                self._id("shift"), station, menus.LOUNGE, method=by, waived=self._dice.random() < 0.05,
                user_id=menus.REGULAR if by == "BALANCE" else None, mid=self._device.mid("book"),
            )
        )  # fmt: skip

    # ── the deposit ──────────────────────────────────────────────────────────────────────────────

    async def _pays(self, by: str | None, payment: str) -> None:
        """At once, later, or by a card that may fail or come when nobody waits any more."""
        await self._device.think(10.0)
        if by == "CARD" and not await self._card(payment, 0.25):
            by = None
        if by is None and self._shift.open and self._dice.random() < 0.6:
            payment, by = self._id("deposit"), self._dice.choice(("CASH", "CARD", "BALANCE"))
            name, user_id = self._booking_id, menus.REGULAR if by == "BALANCE" else None
            paying = PayDeposit(
                name, payment, by, _BY, self._id("shift"), user_id, self._device.mid("deposit")
            )
            if isinstance(await self._device.ask(paying), Accepted) and by == "CARD":
                await self._card(payment, 0.25)
        if self._dice.random() < 0.15:  # somebody is kind, as long as it is the guest's money
            await self._give_back(self._dice.choice((1, 100, None)))

    async def _card(self, payment: str, late: float, fails: float = 0.3) -> bool:
        """At the terminal, which tells after a while how it went; whether the money came."""
        await self._device.think(40.0 if self._dice.random() < late else 3.0)
        if self._dice.random() < 0.1:
            await self._tell(payment, "UNKNOWN")
            await self._device.think(10.0)
        return await self._tell(payment, "FAILED" if self._dice.random() < fails else "COMPLETED")

    async def _tell(self, payment: str, state: str) -> bool:
        mid, shift = self._device.mid("card"), self._id("shift")
        told = AdvancePayment(payment, state, _BY, shift, "slip", "no", mid=mid)
        return isinstance(await self._device.ask(told), Accepted) and state == "COMPLETED"

    async def _give_back(self, amount_minor: int | None) -> Outcome | None:
        booking = self._booking
        if booking is None or booking.deposit not in ("paid", "owed"):
            return None
        back = RefundPayment(
            booking.deposit_pid or "", self._id("back"), "kindness", menus.MANAGER, _BY, self._id("shift"),
            amount_minor, mid=self._device.mid("back"),
        )  # fmt: skip
        return await self._device.ask(back)

    async def _settles(self, odds: float) -> None:
        """What is owed to the guest is given back, mostly."""
        booking = self._booking
        if booking is not None and booking.deposit == "owed" and self._dice.random() < odds:
            await self._give_back(None)

    # ── what becomes of it ───────────────────────────────────────────────────────────────────────

    async def _moves(self) -> None:
        """To another hour, another station, or both."""
        await self._device.think(8.0)
        starts_ms = self._starts_ms + int(self._dice.uniform(-20.0, 60.0) * 1000)
        await self._device.ask(
            MoveBooking(
                self._booking_id, _BY, self._dice.choice((None, *menus.BOOKED)),
                self._dice.choice((None, starts_ms)), self._device.mid("move"),
            )
        )  # fmt: skip

    async def _calls_off(self) -> None:
        await self._device.think(20.0)
        cancel = CancelBooking(
            self._booking_id, "ill", _BY, self._id("back"), self._id("shift"), self._device.mid("cancel")
        )
        await self._device.ask(cancel)

    async def _stays_away(self) -> None:
        """Until the box has noticed, or everybody goes home; somebody may be too quick to say so."""
        await self._device.think(15.0)
        if self._dice.random() < 0.3:
            missed = MissBooking(self._booking_id, self._id("shift"), _BY, self._device.mid("missed"))
            await self._device.ask(missed)
        if self._dice.random() < 0.3:  # as a timer does that was overtaken by the deposit
            await self._device.ask(LapseBooking(self._booking_id, self._device.mid("lapse")))
        while self._stands and self._shift.open:
            await self._device.think(10.0)
        if self._stands and self._dice.random() < 0.5:
            await self._calls_off()

    async def _comes(self) -> None:
        """When it is time, more or less; a card that fails sends one to the desk again."""
        booking = self._booking
        starts_ms = booking.made.starts_ms if booking else self._starts_ms
        wait_s = (starts_ms - self._device.premises.venue.clock().wall_ms) / 1000
        await asyncio.sleep(min(_LONGEST_S, max(0.0, wait_s + self._dice.uniform(-20.0, 10.0))))
        for _ in range(3):
            session_id = self._id("booked")
            outcome = await self._check_in(session_id)
            if isinstance(outcome, Accepted):
                if await self._begins(session_id, outcome):
                    await _plays(self._device, session_id, self._shift, self._dice.random() < 0.8)
                    return
            elif outcome.code == "booking_over":
                return
            await self._device.think(8.0)

    async def _check_in(self, session_id: str) -> Outcome:
        by = self._dice.choice(_PLAY_BY)
        return await self._device.ask(
            CheckInBooking(
                self._booking_id, session_id, f"{session_id}:1", by, _BY,
                self._dice.choice(menus.BOOKED) if self._dice.random() < 0.5 else None,
                self._dice.randrange(15, 100), user_id=menus.REGULAR if by == "BALANCE" else None,
                mid=self._device.mid("check-in"), cloud_away=cloud_away(self._device),
                on_credit=self._dice.random() < 0.9,
            )
        )  # fmt: skip

    async def _begins(self, session_id: str, outcome: Accepted) -> bool:
        """At once, or once the card for the rest is there; meanwhile the deposit stays where it is."""
        if any(isinstance(fact.event, PlayBegun) for fact in outcome.facts):
            return True
        if self._dice.random() < 0.3:
            refused = await self._give_back(self._dice.choice((100, None)))
            if isinstance(refused, Refusal) and refused.code == "deposit_pending":
                self._device.premises.venue.chronicle.saw(sometimes.PROMISED)
        return await self._card(f"{session_id}:1", 0.5, 0.5)
