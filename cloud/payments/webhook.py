"""`POST /api/stripe/webhook`: what Stripe tells, taken once, whatever order it comes in.

Rule of the file: verify first, then one transaction writes the event down (`stripe_event_log`, unique by its
id) and lets it take effect; only then comes the 200. A process that is killed in between has done nothing,
and Stripe sends again. What is understood by nobody is kept with its outcome and answered with 200, because
sending it again would not help.
"""

from collections.abc import Callable
from uuid import UUID

import asyncpg
import msgspec
import structlog
from aiohttp import web

from cloud.payments import events
from cloud.payments.cards import Cards
from cloud.payments.events import Event, PaymentWord, PayoutWord, RefundWord, Word
from cloud.payments.gateway import BadSignature
from cloud.payments.refunding import Refunding, TooSoon
from cloud.store.money import card_payments, stripe_events
from cloud.store.money.card_payments import CardPayment
from cloud.web.answers import Handler, answer
from protocol.errors import Refused, refuse
from protocol.http import Route

#: Longer than any event of Stripe's.
MOST_BYTES = 256 * 1024

log = structlog.get_logger()


class Taken(msgspec.Struct, frozen=True):
    """It is on disk; `outcome` says what was made of it."""

    received: bool
    outcome: str


WEBHOOK = Route(
    method="POST",
    path="/api/stripe/webhook",
    summary="An event, signed by Stripe in the header `Stripe-Signature`.",
    response=Taken,
    errors=("bad_signature", "too_large", "method_unavailable"),
)


class WebhookDesk:
    """The handler and what it needs."""

    def __init__(self, cards: Cards, refunding: Refunding, paid_out: Callable[[], None]) -> None:
        self._cards = cards
        self._refunding = refunding
        self._paid_out = paid_out

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(WEBHOOK, self.webhook)]

    async def webhook(self, request: web.Request) -> web.Response:
        """`POST /api/stripe/webhook`."""
        if (request.content_length or 0) > MOST_BYTES:
            raise Refused(refuse("too_large"))
        raw = await request.read()
        if len(raw) > MOST_BYTES:
            raise Refused(refuse("too_large"))
        try:
            body = self._cards.gateway.verified(raw, request.headers.get("Stripe-Signature", ""))
        except BadSignature as error:
            raise Refused(refuse("bad_signature")) from error
        event = events.read(body)
        outcome = "not understood" if event is None else await self.take(event, body.decode())
        log.info("stripe_event", id=event.id if event else None, outcome=outcome)
        return answer(Taken(received=True, outcome=outcome))

    async def take(self, event: Event, body: str) -> str:
        """Let an event take effect, once; what was made of it."""
        try:
            return await self._take(event, body)
        except TooSoon as early:
            # Events overtake each other. What the provider says now is newer than all of them.
            await self._cards.look(early.payment.organisation_id, early.payment.payment_id)
            return await self._take(event, body)

    async def _take(self, event: Event, body: str) -> str:
        async with self._cards.pool.acquire() as connection, connection.transaction():
            if not await stripe_events.keep(connection, event.id, event.type, event.created, body):
                return "known"
            outcome, payment = await self._apply(connection, events.word_of(event))
            about = (payment.organisation_id, payment.payment_id) if payment else None
            await stripe_events.conclude(connection, event.id, outcome, about)
            return outcome

    async def _apply(
        self, connection: asyncpg.Connection, word: Word | None
    ) -> tuple[str, CardPayment | None]:
        match word:
            case PaymentWord():
                known = await _find(connection, word)
                if known is None:
                    return "not ours", None
                after = await self._cards.settle_within(connection, known, word.progress)
                return ("nothing new" if after == known else after.status), after
            case RefundWord():
                payment = await self._refunding.heard(connection, word.returned)
                return ("not ours" if payment is None else "refund noted"), payment
            case PayoutWord():
                self._paid_out()  # what is in it is read from the provider's books
                return "noted", None
            case _:
                return "not for us", None


async def _find(connection: asyncpg.Connection, word: PaymentWord) -> CardPayment | None:
    """The payment, held; by our own id or, for what does not carry it, by the provider's."""
    if word.organisation_id is not None and word.payment_id is not None:
        if not _is_id(word.organisation_id):
            return None
        return await card_payments.lock(connection, word.organisation_id, word.payment_id)
    if word.progress.reference is None:
        return None
    return await card_payments.lock_by_reference(connection, word.progress.reference)


def _is_id(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False
