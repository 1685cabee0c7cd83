"""The counter: money is taken in cash, from balances and by card, and given back.

A card goes through the venue's own terminal. While the cloud is away the terminal stores it, if the box lets
it; beyond the owner's limits a manager answers for it now and then, or the guest pays in another way. What
owners ask to have given back lies here until somebody hands it out or says no.
"""

from edge.core.afar.commands import SettleRefund
from edge.core.commands import Command
from edge.core.money.commands import AdvancePayment, RefundPayment, SettleStoredCard, StoreCard, TakePayment
from edge.journal.writer import Accepted
from protocol.errors import Refusal
from protocol.facts.bill import Bill
from tests.simulation import menus
from tests.simulation.shift import Shift
from tests.simulation.wifi import Device

_BY = f"staff:{menus.MANAGER}"
_UNSENT = "SELECT payment_pid FROM stored_cards WHERE status = 'unsent'"
_TO_GIVE = "SELECT request_id FROM refund_requests WHERE status = 'pending' AND about LIKE 'payment:%'"
_METHODS = ("CASH", "CASH", "CARD", "CARD", "CARD", "BALANCE")


class Cashier:
    """Whoever takes the money of one party."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._dice = device.dice

    async def settle(self, session_pid: str) -> None:
        """The bill, in up to three parts; now and then something is given back at once."""
        for part in range(self._dice.choice((0, 1, 1, 2, 3))):
            bill = self._bill(session_pid)
            if bill is None or not bill.due_minor:
                return
            parts = (None, None, max(1, bill.due_minor // 2), bill.due_minor + 1)
            amount = None if part else self._dice.choice(parts)
            payment_pid = f"pay-{self._dice.getrandbits(64):x}"
            if not await self._pay(session_pid, payment_pid, amount):
                return
            if self._dice.random() < 0.2:
                await self._give_back(payment_pid)

    def _bill(self, session_pid: str) -> Bill | None:
        hot = self._device.premises.hot
        bill = hot.committed(f"bill:{session_pid}") if hot is not None else None
        return bill if isinstance(bill, Bill) else None

    def _shift(self) -> str:
        return f"shift-{self._dice.getrandbits(64):x}"

    async def _pay(self, session_pid: str, payment_pid: str, amount_minor: int | None) -> bool:
        method = self._dice.choice(_METHODS)
        if method == "BALANCE" and await self._from_balance(session_pid, payment_pid):
            return True
        method = "CASH" if method == "BALANCE" else method
        tip_minor = self._dice.choice((0, 0, 150)) if method == "CARD" else 0
        paying = TakePayment(
            session_pid, payment_pid, method, _BY, self._shift(), amount_minor, tip_minor,
            mid=self._device.mid("pay"),
        )  # fmt: skip
        if not isinstance(await self._device.ask(paying), Accepted):
            return False
        return method != "CARD" or await self._by_card(payment_pid)

    async def _from_balance(self, session_pid: str, payment_pid: str) -> bool:
        """A little of it, if the regular guest has as much here."""
        little = TakePayment(
            session_pid, f"{payment_pid}:b", "BALANCE", _BY, self._shift(), self._dice.choice((100, 400)),
            user_id=menus.REGULAR, mid=self._device.mid("pay"),
        )  # fmt: skip
        return isinstance(await self._device.ask(little), Accepted)

    # ── cards ────────────────────────────────────────────────────────────────────────────────────

    async def _by_card(self, payment_pid: str) -> bool:
        """At the terminal; whether the guest has paid with it in the end."""
        await self._device.think(2.0)
        if self._device.premises.cut_off_s is not None:
            stored = await self._store(payment_pid, "", "")
            if (
                isinstance(stored, Refusal)
                and stored.code == "over_offline_limit"
                and self._dice.random() < 0.5
            ):
                stored = await self._store(payment_pid, "a regular", menus.MANAGER)
            if isinstance(stored, Accepted):
                return True
            if stored.code != "cloud_reachable":
                await self._end(payment_pid, "FAILED")
                return False
        return await self._end(payment_pid, "FAILED" if self._dice.random() < 0.15 else "COMPLETED")

    async def _store(self, payment_pid: str, reason: str, approved_by: str) -> Accepted | Refusal:
        """As the web's handler does it: what the box knows of the outage is looked up for every attempt."""
        mid, shift_pid = self._device.mid("store"), self._shift()

        def now(_before: Command | None = None) -> StoreCard:
            away_s, heard_since = self._device.premises.cut_off_s, self._device.premises.heard_since
            return StoreCard(
                payment_pid, _BY, shift_pid, away_s, heard_since, None, reason, approved_by, mid
            )  # fmt: skip

        return await self._device.ask(now(), now)

    async def _end(self, payment_pid: str, state: str) -> bool:
        mid = self._device.mid("card")
        told = AdvancePayment(payment_pid, state, _BY, self._shift(), "slip", "no", mid=mid)
        return isinstance(await self._device.ask(told), Accepted) and state == "COMPLETED"

    async def _give_back(self, payment_pid: str) -> None:
        """A manager gives back all of it, or some, and too much now and then."""
        amount_minor = self._dice.choice((None, 100, 100_000))
        back = RefundPayment(
            payment_pid, f"back-{self._dice.getrandbits(64):x}", "complained", menus.MANAGER, _BY,
            self._shift(), amount_minor, mid=self._device.mid("back"),
        )  # fmt: skip
        await self._device.ask(back)


async def terminal_keeper(device: Device, shift: Shift) -> None:
    """Once the terminal has sent what it stored, say of each card how that ended; some are said twice."""
    terminal = device.premises.venue.terminal
    while True:
        await device.think(12.0)
        open_ones = device.premises.listed(_UNSENT)
        if not open_ones and not shift.open:
            return
        if device.premises.cut_off_s is not None:
            continue
        for payment_pid in open_ones:
            for _ in range(2 if device.dice.random() < 0.2 else 1):
                sent = terminal.sends(payment_pid)
                mid, shift_pid = device.mid("sent"), f"shift-{device.dice.getrandbits(64):x}"
                await device.ask(SettleStoredCard(payment_pid, sent, "declined", _BY, shift_pid, mid=mid))


async def drawer(device: Device, shift: Shift) -> None:
    """Hand out what owners have asked to be given back, or say that it cannot be done."""
    while True:
        await device.think(30.0)
        open_ones = device.premises.listed(_TO_GIVE)
        if not open_ones and not shift.open:
            return
        for request_id in open_ones:
            given = device.dice.random() < 0.7
            settled = SettleRefund(
                request_id, "granted" if given else "declined", "at the counter", _BY,
                f"shift-{device.dice.getrandbits(64):x}", device.mid("settle"),
            )  # fmt: skip
            outcome = await device.ask(settled)
            if given and isinstance(outcome, Refusal) and outcome.code == "refund_too_high":
                declined = SettleRefund(request_id, "declined", "gone already", _BY, "", device.mid("settle"))
                await device.ask(declined)
