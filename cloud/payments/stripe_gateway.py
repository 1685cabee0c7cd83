"""Card money by Stripe's official SDK (docs.stripe.com/api).

Rule of the file: Stripe's words come in and go out here and nowhere else. Each request that changes
something carries an idempotency key made from our own id, so it is carried out once. What Stripe refuses for
certain is FAILED; whatever leaves a doubt (no answer, 5xx, 409, 429) is UNKNOWN. The secret key is an
account's; `api_base` names another Stripe, which is how tests reach theirs.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import stripe
import structlog

from cloud.payments import events
from cloud.payments.gateway import (
    BadSignature,
    Progress,
    ProviderSilent,
    Returned,
    Wanted,
)
from cloud.store.money.provider_books import Movement, PaidOut

if TYPE_CHECKING:
    from stripe.params.checkout import SessionCreateParams, SessionCreateParamsLineItem

#: Events older than this are refused: somebody may have recorded them.
_TOLERANCE_S = 300
_PAGE = 100
_AWAY = (stripe.StripeError, aiohttp.ClientError, TimeoutError, OSError)
#: Refusals after which nothing has happened. `IdempotencyError` is none: something did, by that key.
_REFUSED = (
    stripe.CardError,
    stripe.InvalidRequestError,
    stripe.AuthenticationError,
    stripe.PermissionError,
)

log = structlog.get_logger()


class StripeGateway:
    """One account. Made by `opened`."""

    def __init__(self, client: stripe.StripeClient, webhook_secret: str) -> None:
        self._stripe = client
        self._webhook_secret = webhook_secret

    async def begin(self, wanted: Wanted) -> Progress:
        """See the port."""
        options: Any = {"idempotency_key": f"begin:{wanted.organisation_id}:{wanted.payment_id}"}
        metadata = {
            "organisation_id": wanted.organisation_id,
            "payment_id": wanted.payment_id,
            "purpose": wanted.purpose,
            "subject": wanted.subject,
        }
        try:
            if wanted.lines:
                session = await self._stripe.v1.checkout.sessions.create_async(
                    _checkout(wanted, metadata), options
                )
                return events.session_progress(session.to_dict())
            intent = await self._stripe.v1.payment_intents.create_async(
                {
                    "amount": wanted.amount_minor,
                    "currency": wanted.currency.lower(),
                    "description": wanted.description or wanted.subject,
                    "metadata": metadata,
                },
                options,
            )
            return events.intent_progress(intent.to_dict())
        except _AWAY as error:
            return _failed(error, refusal="FAILED")

    async def ask(self, reference: str | None, session: str | None) -> Progress:
        """See the port. A session knows its page; once somebody tried to pay, the intent knows more."""
        try:
            if session is not None:
                found = await self._stripe.v1.checkout.sessions.retrieve_async(session)
                said = events.session_progress(found.to_dict())
                if said.state != "PENDING" or said.reference is None:
                    return said
                tried = await self._intent(said.reference)
                return said if tried.state == "PENDING" and not tried.reason else _both(said, tried)
            if reference is None:
                return Progress(state="UNKNOWN", reason="Stripe has not named it yet.")
            return await self._intent(reference)
        except _AWAY as error:
            return _failed(error, refusal="UNKNOWN")

    async def _intent(self, reference: str) -> Progress:
        return events.intent_progress(
            (await self._stripe.v1.payment_intents.retrieve_async(reference)).to_dict()
        )

    async def cancel(self, reference: str | None, session: str | None) -> Progress:
        """See the port. Stripe refuses where it is too late, and then knows why."""
        try:
            if session is not None:
                await self._stripe.v1.checkout.sessions.expire_async(session)
            elif reference is not None:
                await self._stripe.v1.payment_intents.cancel_async(reference)
        except stripe.InvalidRequestError as error:
            log.info("cancel_too_late", reference=reference, session=session, error=str(error))
        except _AWAY as error:
            return _failed(error, refusal="UNKNOWN")
        return await self.ask(reference, session)

    async def refund(self, reference: str, refund_id: str, amount_minor: int, reason: str) -> Returned:
        """See the port."""
        try:
            made = await self._stripe.v1.refunds.create_async(
                {
                    "payment_intent": reference,
                    "amount": amount_minor,
                    "reason": "requested_by_customer",
                    "metadata": {"refund_id": refund_id, "reason": reason[:500]},
                },
                {"idempotency_key": f"refund:{refund_id}"},
            )
        except _REFUSED as error:
            return Returned(state="FAILED", refund_id=refund_id, reason=_words(error))
        except _AWAY as error:
            return Returned(state="UNKNOWN", refund_id=refund_id, reason=_words(error))
        return events.refund_progress(made.to_dict())

    async def ask_refund(self, reference: str, refund_id: str) -> Returned | None:
        """See the port."""
        try:
            listed = await self._stripe.v1.refunds.list_async({"payment_intent": reference, "limit": _PAGE})
            async for refund in listed.auto_paging_iter():
                said = events.refund_progress(refund.to_dict())
                if said.refund_id == refund_id:
                    return said
        except _AWAY as error:
            return Returned(state="UNKNOWN", refund_id=refund_id, reason=_words(error))
        return None

    def verified(self, body: bytes, signature: str) -> bytes:
        """See the port."""
        if not signature.isascii():  # the SDK compares texts in a way that takes no others
            raise BadSignature
        try:
            stripe.WebhookSignature.verify_header(
                body.decode(), signature, self._webhook_secret, _TOLERANCE_S
            )
        except (stripe.SignatureVerificationError, UnicodeDecodeError) as error:
            raise BadSignature from error
        return body

    async def movements(self, payout_id: str | None, since_s: int) -> AsyncIterator[Movement]:
        """See the port."""
        wanted: Any = {"limit": _PAGE, "created": {"gte": since_s}, "expand": ["data.source"]}
        if payout_id is not None:
            wanted = {"limit": _PAGE, "payout": payout_id, "expand": ["data.source"]}
        try:
            listed = await self._stripe.v1.balance_transactions.list_async(wanted)
            async for each in listed.auto_paging_iter():
                yield _movement(each.to_dict())
        except _AWAY as error:
            raise ProviderSilent(_words(error)) from error

    async def payouts(self, since_s: int) -> AsyncIterator[PaidOut]:
        """See the port."""
        try:
            listed = await self._stripe.v1.payouts.list_async({"limit": _PAGE, "created": {"gte": since_s}})
            async for each in listed.auto_paging_iter():
                yield PaidOut(
                    payout_id=each.id,
                    amount_minor=each.amount,
                    currency=each.currency.upper(),
                    status=each.status,
                    arrives_s=each.arrival_date,
                )
        except _AWAY as error:
            raise ProviderSilent(_words(error)) from error


def _checkout(wanted: Wanted, metadata: dict[str, str]) -> "SessionCreateParams":
    lines: list[SessionCreateParamsLineItem] = [
        {
            "price_data": {
                "currency": wanted.currency.lower(),
                "unit_amount": line.price_minor,
                "product_data": {"name": line.name},
            },
            "quantity": line.qty,
        }
        for line in wanted.lines
    ]
    asked: SessionCreateParams = {
        "mode": "payment",
        "line_items": lines,
        "success_url": wanted.success_url,
        "cancel_url": wanted.cancel_url or wanted.success_url,
        "client_reference_id": wanted.payment_id,
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata, "description": wanted.description or wanted.subject},
    }
    if wanted.expires_s is not None:
        asked["expires_at"] = wanted.expires_s
    if wanted.email is not None:
        asked["customer_email"] = wanted.email
    return asked


def _both(session: Progress, intent: Progress) -> Progress:
    """The intent's word, with the page where another card can be tried."""
    return Progress(
        state=intent.state,
        reference=intent.reference,
        session=session.session,
        url=session.url,
        received_minor=intent.received_minor,
        currency=intent.currency,
        code=intent.code,
        reason=intent.reason,
    )


def _movement(row: dict[str, Any]) -> Movement:
    source = row.get("source")
    expanded = source if isinstance(source, dict) else {}
    intent = expanded.get("payment_intent")
    return Movement(
        movement_id=row["id"],
        kind=row["type"],
        source=str(expanded.get("id") or source or ""),
        payment_reference=intent if isinstance(intent, str) else None,
        amount_minor=row["amount"],
        fee_minor=row["fee"],
        net_minor=row["net"],
        currency=row["currency"].upper(),
        made_s=row["created"],
    )


def _failed(error: BaseException, *, refusal: Any) -> Progress:
    """A definite refusal is `refusal`; anything else is a doubt."""
    if isinstance(error, _REFUSED):
        code = str(getattr(error, "code", None) or "refused")
        return Progress(state=refusal, code=code, reason=_words(error))
    log.warning("provider_silent", error=_words(error))
    return Progress(state="UNKNOWN", code="no_answer", reason=_words(error))


def _words(error: BaseException) -> str:
    return str(getattr(error, "user_message", None) or error or type(error).__name__)[:300]


@asynccontextmanager
async def opened(
    secret: str, webhook_secret: str, api_base: str | None, timeout_s: float
) -> AsyncIterator[StripeGateway]:
    """A gateway with connections of its own for as long as the block lasts."""
    base: Any = {"api": api_base.rstrip("/")} if api_base else {}
    async with aiohttp.ClientSession() as session:
        http = stripe.AIOHTTPClient(timeout=aiohttp.ClientTimeout(total=timeout_s), session=session)
        client = stripe.StripeClient(secret, base_addresses=base, http_client=http, max_network_retries=1)
        yield StripeGateway(client, webhook_secret)
