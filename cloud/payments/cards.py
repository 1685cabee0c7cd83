"""Taking money by card: written down first, asked for then, and settled once by whoever hears of it first.

Rule of the file: `settle` is the only way a payment changes. It holds the row, follows the table of states in
`protocol/facts/payment.py`, and lets what follows happen in the same transaction. Webhook, redirect and the
asking loop may race as they like: the second one finds the state already there.

Money of another amount or currency than was asked for settles nothing; a person is told (`trouble`).
"""

from datetime import timedelta

import asyncpg
import msgspec
import structlog

from cloud.payments.gateway import CardGateway, Progress, Wanted
from cloud.payments.purposes import Purposes
from cloud.store.money import card_payments
from cloud.store.money.card_payments import CardPayment
from protocol.errors import Refused, refuse
from protocol.facts.payment import SUCCESSORS, UNDER_WAY

#: A request of which no answer came is sent again under its key for so long; Stripe forgets keys after a day.
REPEATED_FOR = timedelta(hours=20)
ENDS = ("COMPLETED", "FAILED", "REFUNDED")

log = structlog.get_logger()
_wanted = msgspec.json.Decoder(Wanted)


class Opened(msgspec.Struct, frozen=True):
    """A payment, and how to pay it: the provider's page, or a client secret for an app."""

    payment: CardPayment
    url: str | None = None
    client_secret: str | None = None


class Cards:
    """Everything about card money. `gateway` None: this cloud takes no cards."""

    def __init__(self, pool: asyncpg.Pool, gateway: CardGateway | None) -> None:
        self.pool = pool
        self.purposes = Purposes()
        self._gateway = gateway

    @property
    def gateway(self) -> CardGateway:
        """The provider. Raises `Refused` with `method_unavailable`."""
        if self._gateway is None:
            raise Refused(refuse("method_unavailable", "No card provider is set up."))
        return self._gateway

    @property
    def available(self) -> bool:
        """Whether cards are taken at all."""
        return self._gateway is not None

    async def begin(self, wanted: Wanted) -> Opened:
        """Open a payment; the same again gives the same one, with the way to pay it while it can be paid.

        Raises `Refused` with `method_unavailable`, or `mid_reused` where the id stands for something else.
        """
        gateway = self.gateway
        row = _row(wanted)
        async with self.pool.acquire() as connection, connection.transaction():
            await card_payments.add(connection, row)
            known = await card_payments.lock(connection, row.organisation_id, row.payment_id)
        if known is None or not _same(known, row):
            raise Refused(refuse("mid_reused"))
        if known.status not in UNDER_WAY:
            return Opened(known)
        if known.status == "PENDING":
            progress = await gateway.ask(known.reference, known.session)
        else:
            progress = await gateway.begin(_wanted.decode(known.wanted))
        return await self._opened(known, progress)

    async def _opened(self, known: CardPayment, progress: Progress) -> Opened:
        payment = await self.settle(known.organisation_id, known.payment_id, progress)
        return Opened(payment, progress.url, progress.client_secret)

    async def find(self, organisation_id: str, payment_id: str) -> CardPayment:
        """A payment as it is here. Raises `Refused` with `unknown_payment`."""
        async with self.pool.acquire() as connection:
            found = await card_payments.find(connection, organisation_id, payment_id)
        if found is None:
            raise Refused(refuse("unknown_payment"))
        return found

    async def look(self, organisation_id: str, payment_id: str) -> CardPayment:
        """A payment as the provider has it now, if there is anything left to ask. Raises `Refused`."""
        return (await self.reopen(organisation_id, payment_id)).payment

    async def reopen(self, organisation_id: str, payment_id: str) -> Opened:
        """Ask how far it is, with the way to pay it while it can be paid. Raises `Refused`."""
        known = await self.find(organisation_id, payment_id)
        if known.status not in UNDER_WAY or known.trouble:
            return Opened(known)
        return await self._opened(known, await self._asked(known))

    async def _asked(self, known: CardPayment) -> Progress:
        if known.reference is not None or known.session is not None:
            return await self.gateway.ask(known.reference, known.session)
        async with self.pool.acquire() as connection:
            age_s = await card_payments.age_s(connection, known)
        if age_s > REPEATED_FOR.total_seconds():
            # Whoever never got an answer has shown nobody where to pay.
            return Progress(state="FAILED", code="abandoned", reason="Nobody was shown how to pay it.")
        return await self.gateway.begin(_wanted.decode(known.wanted))

    async def cancel(self, organisation_id: str, payment_id: str) -> CardPayment:
        """Nobody shall pay it any more; COMPLETED where somebody was quicker. Raises `Refused`."""
        known = await self.find(organisation_id, payment_id)
        if known.status not in UNDER_WAY:
            return known
        if known.reference is None and known.session is None:
            # Under the key of the lost request there may be something to pay: find it out first.
            known = await self.look(organisation_id, payment_id)
            if known.status not in UNDER_WAY or known.session is known.reference is None:
                return known
        progress = await self.gateway.cancel(known.reference, known.session)
        return await self.settle(organisation_id, payment_id, progress)

    async def settle(self, organisation_id: str, payment_id: str, progress: Progress) -> CardPayment:
        """Write down how far a payment is, and let follow what follows. Raises `Refused`."""
        async with self.pool.acquire() as connection, connection.transaction():
            known = await card_payments.lock(connection, organisation_id, payment_id)
            if known is None:
                raise Refused(refuse("unknown_payment"))
            return await self.settle_within(connection, known, progress)

    async def settle_within(
        self, connection: asyncpg.Connection, known: CardPayment, progress: Progress
    ) -> CardPayment:
        """The same in the caller's transaction, which holds the row."""
        payment = advanced(known, progress)
        if payment == known:
            return known
        await card_payments.write(connection, payment)
        if payment.trouble:
            log.warning("card_payment_troubled", payment=payment.payment_id, trouble=payment.trouble)
        if payment.status != known.status and payment.status in ENDS:
            await self.purposes.tell(connection, payment)
        elif payment.trouble:
            await self.purposes.note(connection, payment)
        return payment


def _row(wanted: Wanted) -> CardPayment:
    return CardPayment(
        organisation_id=wanted.organisation_id,
        payment_id=wanted.payment_id,
        venue_id=wanted.venue_id,
        purpose=wanted.purpose,
        subject=wanted.subject,
        amount_minor=wanted.amount_minor,
        currency=wanted.currency,
        wanted=msgspec.json.encode(wanted).decode(),
        status="INITIATED",
        reference=None,
        session=None,
        code="",
        failure="",
        trouble="",
        refunded_minor=0,
    )


def _same(known: CardPayment, asked: CardPayment) -> bool:
    """Whether both are about the same money; where the guest comes back to may differ."""
    names = ("purpose", "subject", "amount_minor", "currency", "venue_id")
    return all(getattr(known, name) == getattr(asked, name) for name in names)


def advanced(known: CardPayment, progress: Progress) -> CardPayment:
    """The payment after `progress`; itself where that leads nowhere from where it is. Pure."""
    moves = progress.state in SUCCESSORS[known.status]
    stays = progress.state == known.status and known.status in UNDER_WAY
    if known.trouble or not (moves or stays):
        return known
    named = msgspec.structs.replace(
        known,
        reference=known.reference or progress.reference,
        session=known.session or progress.session,
        code=progress.code,
        failure=progress.reason,
    )
    if progress.state == "COMPLETED":
        wrong = _wrong_money(known, progress)
        if wrong:
            return msgspec.structs.replace(
                named,
                status="UNKNOWN",
                trouble=wrong,
                received_minor=progress.received_minor,
                received_currency=progress.currency or known.currency,
            )
    return msgspec.structs.replace(named, status=progress.state)


def _wrong_money(known: CardPayment, progress: Progress) -> str:
    if progress.currency and progress.currency != known.currency:
        return f"paid in {progress.currency} instead of {known.currency}"
    if progress.received_minor != known.amount_minor:
        return f"{progress.received_minor} came instead of {known.amount_minor}"
    return ""
