"""Asking the point of sale: every order under way is seen through to a yes or a certain no.

Rule of the file: nothing is remembered here that the journal does not know. An order is asked about because
its status is `processing`; each call is recorded before it is made, so after a crash an unanswered one is
found again and asked about, never repeated blindly. The same order always goes by the same id. What an
answer means is decided in `edge/core/orders/settling.py`; here are the calls, the pauses between them, and
the watch over locks that nobody will end any more.

Counterparts: `edge/core/orders/point_of_sale.py` is the port, `edge/journal/under_way.py` knows the orders.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

import msgspec

from edge.core.clock import Now
from edge.core.commands import AskPointOfSale, Command, ConfirmOrder, FailOrder, ReleaseLock
from edge.core.orders.point_of_sale import PointOfSale, PosRefused, PosUnavailable, PosUnknown, Taken
from edge.core.orders.settling import retry_delay_s, void
from edge.effects.alarms import Alarm, Alarms
from edge.journal.hot import Hot
from edge.journal.under_way import OrdersUnderWay
from edge.journal.writer import Accepted, Outcome, Writer
from protocol.errors import Refusal
from protocol.facts.cart import Cart, CartLock
from protocol.facts.order import Order, PosAsked
from protocol.facts.venue import PosConfig

log = logging.getLogger(__name__)


class Limits(msgspec.Struct, frozen=True):
    """Seconds. A member without any sign of life for `owner_grace_s` has gone, their lock with them.

    While an order is in doubt it is asked about after `first_doubt_s`, twice that and so on up to
    `most_doubt_s`; after `doubt_alarm_s` the staff is told. `pace` shortens the pauses between calls.
    """

    owner_grace_s: float = 15.0
    first_doubt_s: float = 1.0
    most_doubt_s: float = 30.0
    doubt_alarm_s: float = 20.0
    disk_s: float = 1.0
    pace: float = 1.0


class Surroundings(msgspec.Struct, frozen=True):
    """What every errand needs. `away_s` says for how long a member has given no sign of life."""

    under_way: OrdersUnderWay
    hot: Hot
    writer: Writer
    alarms: Alarms
    clock: Callable[[], Now]
    pos_of: Callable[[PosConfig], PointOfSale]
    away_s: Callable[[str], float]
    limits: Limits = Limits()


class PointOfSaleCalls:
    """Make it after the read model; run `run` beside the writer."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._errands: dict[str, _Errand] = {}
        self._wake = asyncio.Event()
        around.under_way.listen(self._moved)

    def _moved(self, order_id: str) -> None:
        errand = self._errands.get(order_id)
        if errand is not None:
            errand.moved.set()
        self._wake.set()

    async def run(self) -> None:
        """See every order through, each in a task of its own, until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._wake.clear()
                for order_id in self._around.under_way.ids():
                    if order_id not in self._errands:
                        errand = self._errands[order_id] = _Errand(self._around, order_id)
                        group.create_task(self._see_through(errand), name=f"order {order_id}")
                await self._wake.wait()

    async def _see_through(self, errand: "_Errand") -> None:
        try:
            await errand.run()
        except Exception:
            # Most likely the disk could not be read. The order is still there, and is looked at again.
            log.exception("seeing %s through failed", errand.order_id)
            await asyncio.sleep(self._around.limits.disk_s)
            self._wake.set()
        finally:
            # No await between the errand's last look and this, so a retry starts a new errand.
            del self._errands[errand.order_id]


class _Errand:
    """One order, until it is no longer under way."""

    def __init__(self, around: Surroundings, order_id: str) -> None:
        self._around = around
        self.order_id = order_id
        self.moved = asyncio.Event()
        self._next_s = 0.0
        self._answered = 0
        self._doubts = 0
        self._doubted_s: float | None = None

    async def run(self) -> None:
        """Step by step; every step begins with how things are on the disk."""
        while (order := self._around.under_way.get(self.order_id)) is not None:
            self.moved.clear()
            await self._step(order)
        self._sure()

    async def _step(self, order: Order) -> None:
        if order.doubt is not None:
            await self._doubt(order.doubt)
            return
        self._sure()
        lock = self._lock(order)
        gone = lock is not None and self._around.away_s(lock.member_pid) >= self._around.limits.owner_grace_s
        if lock is None or gone or void(lock, self._around.clock()):
            await self._attempt(ReleaseLock(self.order_id, gone))
        elif (wait_s := self._wait_s(order, lock)) > 0:
            await self._pause(wait_s)
        else:
            await self._ask(order)

    # ── asking ───────────────────────────────────────────────────────────────────────────────────

    async def _ask(self, order: Order) -> None:
        attempt = order.asked + 1
        recorded = await self._attempt(AskPointOfSale(self.order_id, attempt))
        if isinstance(recorded, Accepted):
            (fact,) = recorded.facts
            assert isinstance(fact.event, PosAsked)
            pos = self._around.pos_of(fact.event.pos)
            await self._hear(attempt, pos.place(order.placed, attempt))

    async def _doubt(self, asked: PosAsked) -> None:
        """Ask what became of a call, at once and then ever less often."""
        self._doubted_s = self._doubted_s or self._now_s()
        if self._now_s() - self._doubted_s >= self._around.limits.doubt_alarm_s:
            self._alarm("pos_in_doubt", f"Nobody knows whether the till has {self.order_id}; please look.")
        pos = self._around.pos_of(asked.pos)
        if not await self._hear(asked.attempt, pos.find_out(self.order_id, asked.attempt)):
            limits = self._around.limits
            wait_s = min(limits.first_doubt_s * 2**self._doubts, limits.most_doubt_s)
            self._doubts += 1
            await self._pause(limits.pace * wait_s)

    async def _hear(self, attempt: int, call: Awaitable[Taken]) -> bool:
        """Record the answer; False if there was none that means anything."""
        try:
            taken = await call
        except PosUnknown as unknown:
            log.warning("%s: attempt %d is in doubt: %s", self.order_id, attempt, unknown.reason)
            return False
        except (PosUnavailable, PosRefused) as error:
            final = isinstance(error, PosRefused)
            log.warning("%s: attempt %d: %s", self.order_id, attempt, error.reason)
            await self._attempt(FailOrder(self.order_id, attempt, error.code, error.reason, final))
            return True
        except Exception:
            log.exception("%s: asking the point of sale failed", self.order_id)
            return False
        if isinstance(await self._attempt(ConfirmOrder(self.order_id, attempt, taken.reference)), Refusal):
            self._alarm("pos_has_failed_order", f"The till has {self.order_id}, which was given up here.")
        return True

    async def _attempt(self, command: Command) -> Outcome:
        """What becomes of a command, however long the disk cannot be written: an answer is not forgotten."""
        while True:
            outcome = await self._around.writer.execute(command)
            if isinstance(outcome, Accepted):
                return outcome
            log.warning("%s: %s: %s", self.order_id, type(command).__name__, outcome.code)
            await asyncio.sleep(self._around.limits.disk_s)
            if outcome.code not in ("storage_failed", "rate_limited"):
                return outcome

    # ── waiting ──────────────────────────────────────────────────────────────────────────────────

    def _now_s(self) -> float:
        return self._around.clock().mono_ns / 1e9

    def _lock(self, order: Order) -> CartLock | None:
        cart = self._around.hot.committed(f"cart:{order.placed.session_pid}")
        lock = cart.lock if isinstance(cart, Cart) else None
        return lock if lock is not None and lock.order_id == self.order_id else None

    def _wait_s(self, order: Order, lock: CartLock) -> float:
        """Until it is time to ask again, or to look after the lock; not above 0 if that is now."""
        now_s, limits = self._now_s(), self._around.limits
        if order.asked > self._answered:
            self._answered = order.asked
            self._next_s = now_s + limits.pace * retry_delay_s(order.tries) if order.tries else now_s
        if self._next_s <= now_s:
            return 0.0
        goes_s = now_s + limits.owner_grace_s - self._around.away_s(lock.member_pid)
        return min(self._next_s, lock.expires_mono_ns / 1e9, goes_s) - now_s

    async def _pause(self, wait_s: float) -> None:
        """So long, or until something happens to the order."""
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self.moved.wait()

    # ── telling the staff ────────────────────────────────────────────────────────────────────────

    def _alarm(self, code: str, words: str) -> None:
        detail = {"order_id": self.order_id}
        key = f"{code}:{self.order_id}"
        self._around.alarms.raise_(Alarm(key, code, words, self._around.clock().wall_ms, detail))

    def _sure(self) -> None:
        self._doubts, self._doubted_s = 0, None
        self._around.alarms.clear(f"pos_in_doubt:{self.order_id}")
