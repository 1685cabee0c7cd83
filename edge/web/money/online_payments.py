"""Card payments by way of the cloud: opened, looked at, called off; the journal follows the provider's word.

Rule of the file: that a payment goes online is on disk before the cloud is asked, and from then on nobody at
the counter can say how it went. What could not even be sent, and was not begun before, is FAILED at once and
its amount free again. Where the box died just before it would have asked, the cloud says that it never heard
of the payment; a restored cloud says so too, so that counts only once no page can be open any more.
Counterparts: `edge/core/money/cards.py`, `edge/core/money/payment.py`.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from edge.core.money.cards import CardPort, NeverHeard, NotSent
from edge.core.money.commands import AdvancePayment
from edge.journal.writer import Committed
from edge.web.counter import Counter
from protocol.card import PROVIDER, CardAnswer, OnlinePayment
from protocol.errors import Refused, refuse
from protocol.facts.payment import UNDER_WAY, Payment

CARD = "CARD"
#: Longer than any payment page stays open (`OPEN_FOR_S` in `cloud/ingest/card_calls.py`).
UNHEARD_FOR_S = 45 * 60
Asked = Callable[[Payment], Awaitable[CardAnswer]]


class OnlinePayments:
    """Used by the desks of guests and staff. `cards` is None on a box that nobody has claimed."""

    def __init__(self, counter: Counter, cards: CardPort | None, live: Callable[[], bool]) -> None:
        self._counter = counter
        self._cards = cards
        self._live = live
        #: Payments under way that may have a page by this life's asking.
        self._begun: set[str] = set()
        self._unheard_since_ns: dict[str, int] = {}

    @property
    def possible(self) -> bool:
        """Whether it is worth trying now."""
        return self._cards is not None and self._live()

    @property
    def asked_about(self) -> set[str]:
        """Payments of which something is remembered beside the journal: none that has come to its end."""
        return self._begun | self._unheard_since_ns.keys()

    def check(self) -> CardPort:
        """The way to the provider. Raises `Refused` with `cloud_away`."""
        if self._cards is None or not self._live():
            raise Refused(refuse("cloud_away"))
        return self._cards

    def known(self, payment_pid: str) -> Payment:
        """A payment as it is on disk. Raises `Refused`."""
        payment = self._counter.hot.committed(f"payment:{payment_pid}")
        if not isinstance(payment, Payment):
            raise Refused(refuse("unknown_payment"))
        return payment

    def hear(self, batch: list[Committed]) -> None:
        """A journal listener: nobody asks about a payment again that has come to its end, whoever said so."""
        for each in batch:
            if isinstance(each.state, Payment) and each.state.status not in UNDER_WAY:
                self._begun.discard(each.state.initiated.payment_pid)
                self._unheard_since_ns.pop(each.state.initiated.payment_pid, None)

    async def open(self, payment_pid: str, words: str, return_url: str, by: str) -> OnlinePayment:
        """Have it paid on the provider's page, or show the page again. Raises `Refused`."""
        payment = self.known(payment_pid)
        if payment.initiated.method != CARD:
            raise Refused(refuse("method_unavailable", "Only card payments go online."))
        if payment.status not in UNDER_WAY:
            return _told(payment, None)
        cards, fresh = self.check(), not payment.provider
        self._begun.add(payment_pid)
        if fresh:
            await self._advance(payment_pid, "PENDING", by)
        try:
            answer = await cards.begin(payment, words, return_url)
        except NotSent as error:
            if fresh:
                await self._advance(payment_pid, "FAILED", by, reason=str(error))
            raise Refused(refuse("cloud_away", str(error))) from error
        return await self._followed(payment_pid, answer, by)

    async def look(self, payment_pid: str, return_url: str, by: str) -> OnlinePayment:
        """Ask the provider how far it is; as it is on disk while nobody can be asked. Raises `Refused`."""
        return await self._asked(payment_pid, by, lambda payment: self.check().look(payment, return_url))

    async def cancel(self, payment_pid: str, return_url: str, by: str) -> OnlinePayment:
        """Call it off, unless somebody has paid meanwhile. Raises `Refused` with `cloud_away`."""
        self.check()
        return await self._asked(payment_pid, by, lambda payment: self.check().cancel(payment, return_url))

    async def _asked(self, payment_pid: str, by: str, ask: Asked) -> OnlinePayment:
        payment = self.known(payment_pid)
        if not payment.provider:
            raise Refused(refuse("unknown_payment"))
        if payment.status not in UNDER_WAY or not self.possible:
            return _told(payment, None)
        try:
            answer = await ask(payment)
        except NeverHeard as error:
            if self.known(payment_pid).status in UNDER_WAY and self._never_opened(payment_pid):
                await self._advance(payment_pid, "FAILED", by, reason=str(error))
            return _told(self.known(payment_pid), None)
        except NotSent:
            return _told(payment, None)
        return await self._followed(payment_pid, answer, by)

    def _never_opened(self, payment_pid: str) -> bool:
        """Whether the cloud has gone on for long enough saying that it never heard of it."""
        now_ns = self._counter.clock().mono_ns
        since_ns = self._unheard_since_ns.setdefault(payment_pid, now_ns)
        return payment_pid not in self._begun and now_ns - since_ns >= UNHEARD_FOR_S * 1_000_000_000

    async def _followed(self, payment_pid: str, answer: CardAnswer, by: str) -> OnlinePayment:
        """An end is written down; what is still open is only told."""
        if answer.state in ("COMPLETED", "FAILED"):
            await self._advance(payment_pid, answer.state, by, answer.reference, answer.reason)
        return _told(self.known(payment_pid), answer)

    async def _advance(
        self, payment_pid: str, state: str, by: str, reference: str | None = None, reason: str = ""
    ) -> None:
        command = AdvancePayment(
            payment_pid, state, by, self._counter.new_id(), reference, reason, provider=PROVIDER
        )
        try:
            await self._counter.do(command)
        except Refused as refused:
            # The same word may have come down the stream in the same moment.
            if refused.refusal.code != "payment_final":
                raise


def _told(payment: Payment, answer: CardAnswer | None) -> OnlinePayment:
    first = payment.initiated
    status: Any = payment.status
    open_still = answer is not None and status in UNDER_WAY
    return OnlinePayment(
        payment_pid=first.payment_pid,
        status=status,
        amount_minor=first.amount_minor,
        tip_minor=first.tip_minor,
        currency=first.currency,
        url=answer.url if answer is not None and open_still else None,
        code=answer.code if answer is not None else "",
        reason=(answer.reason if answer is not None else "") or payment.failure or "",
    )
