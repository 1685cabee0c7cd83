"""What a Stripe account holds, and what happens to it: intents, sessions, charges, refunds, payouts, events.

Rule of the file: objects are dicts in Stripe's own words, so they go out as they are and into a file as they
are. Whatever happens leaves an event behind; who is told of it is `deliveries.py`'s business.

A payment intent (docs.stripe.com/payments/paymentintents/lifecycle):

    requires_payment_method --confirm--> succeeded | requires_action --authenticate--> succeeded
            ^---- declined ----'             `cancel from any but succeeded--> canceled
"""

import secrets
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from firmware_profiles.emulators.stripe import refusals
from firmware_profiles.emulators.stripe.cards import Fate, fate_of

Thing = dict[str, Any]

#: What a European card costs: 1.5 % and 25 cents.
FEE_BP, FEE_FIXED_MINOR = 150, 25
_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
_KINDS = ("payment_intent", "session", "charge", "refund", "balance_transaction", "payout", "event")


def fresh(prefix: str) -> str:
    """A new id in Stripe's manner."""
    return f"{prefix}_{secrets.token_hex(12)}"


class Books:
    """One account. `now_s` is its wall clock in Unix seconds; `tell` hears of every event."""

    def __init__(self, now_s: Callable[[], float], tell: Callable[[Thing], None]) -> None:
        self._now_s = now_s
        self._tell = tell
        self.things: dict[str, dict[str, Thing]] = {kind: {} for kind in _KINDS}
        self.cards: dict[str, str] = {}

    def find(self, kind: str, name: str) -> Thing:
        """One object. Raises `StripeRefusal`."""
        found = self.things[kind].get(name)
        if found is None:
            raise refusals.missing(kind, name)
        return found

    def newest(self, kind: str) -> list[Thing]:
        """All of a kind, newest first."""
        return list(reversed(self.things[kind].values()))

    def _made(self, kind: str, prefix: str, **fields: Any) -> Thing:
        thing = {
            "id": fresh(prefix),
            "object": "checkout.session" if kind == "session" else kind,
            "created": int(self._now_s()),
            "livemode": False,
            **fields,
        }
        self.things[kind][thing["id"]] = thing
        return thing

    def _happened(self, name: str, thing: Thing) -> None:
        event = self._made(
            "event",
            "evt",
            api_version="2025-03-31.basil",
            type=name,
            data={"object": deepcopy(thing)},
            pending_webhooks=1,
            request={"id": None, "idempotency_key": None},
        )
        self._tell(event)

    def intend(self, amount: int, currency: str, metadata: Thing, **fields: Any) -> Thing:
        """A new payment intent."""
        intent = self._made(
            "payment_intent",
            "pi",
            amount=amount,
            amount_received=0,
            amount_capturable=0,
            currency=currency,
            metadata=metadata,
            status="requires_payment_method",
            payment_method=None,
            payment_method_types=["card"],
            capture_method="automatic",
            confirmation_method="automatic",
            last_payment_error=None,
            latest_charge=None,
            next_action=None,
            cancellation_reason=None,
            canceled_at=None,
            **fields,
        )
        intent["client_secret"] = f"{intent['id']}_secret_{secrets.token_hex(8)}"
        self._happened("payment_intent.created", intent)
        return intent

    def confirm(self, name: str, card: str, origin: str) -> Thing:
        """Charge the card. Raises `StripeRefusal` with 402 when it is declined."""
        intent = self.find("payment_intent", name)
        if intent["status"] not in _OPEN:
            raise _unexpected(intent, "confirm")
        fate = fate_of(card)
        intent["payment_method"] = fresh("pm")
        self.cards[name] = card
        if fate.authentication:
            intent["status"] = "requires_action"
            url = f"{origin}/authenticate/{name}"
            intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": {"url": url}}
            self._happened("payment_intent.requires_action", intent)
            return intent
        if fate.code:
            self._decline(intent, fate)
            raise refusals.declined(deepcopy(intent))
        return self._charge(intent)

    def authenticate(self, name: str, *, agreed: bool) -> Thing:
        """The card's owner has answered their bank."""
        intent = self.find("payment_intent", name)
        if intent["status"] != "requires_action":
            raise _unexpected(intent, "authenticate")
        intent["next_action"] = None
        if agreed:
            return self._charge(intent)
        refused = Fate(
            "payment_intent_authentication_failure",
            message="The provided PaymentMethod has failed authentication.",
        )
        self._decline(intent, refused)
        return intent

    def _decline(self, intent: Thing, fate: Fate) -> None:
        charge = self._charged(intent, "failed")
        charge["failure_code"], charge["failure_message"] = fate.code, fate.message
        error = {"type": "card_error", "code": fate.code, "message": fate.message, "charge": charge["id"]}
        if fate.decline_code:
            error["decline_code"] = fate.decline_code
        intent |= {"status": "requires_payment_method", "payment_method": None, "last_payment_error": error}
        intent["latest_charge"] = charge["id"]
        self._happened("charge.failed", charge)
        self._happened("payment_intent.payment_failed", intent)

    def _charged(self, intent: Thing, status: str) -> Thing:
        return self._made(
            "charge",
            "ch",
            amount=intent["amount"],
            amount_refunded=0,
            currency=intent["currency"],
            metadata=dict(intent["metadata"]),
            payment_intent=intent["id"],
            balance_transaction=None,
            paid=status == "succeeded",
            captured=status == "succeeded",
            refunded=False,
            status=status,
        )

    def _charge(self, intent: Thing) -> Thing:
        charge = self._charged(intent, "succeeded")
        amount = intent["amount"]
        fee = (amount * FEE_BP + 5000) // 10_000 + FEE_FIXED_MINOR
        charge["balance_transaction"] = self._moved("charge", charge, amount, fee)
        intent |= {"status": "succeeded", "amount_received": amount, "latest_charge": charge["id"]}
        intent["last_payment_error"] = None
        self._happened("charge.succeeded", charge)
        self._happened("payment_intent.succeeded", intent)
        return intent

    def _moved(self, kind: str, source: Thing, amount: int, fee: int) -> str:
        moved = self._made(
            "balance_transaction",
            "txn",
            amount=amount,
            fee=fee,
            net=amount - fee,
            currency=source["currency"],
            source=source["id"],
            type=kind,
            reporting_category=kind,
            status="available",
            available_on=int(self._now_s()),
        )
        return str(moved["id"])

    def cancel(self, name: str, reason: str | None) -> Thing:
        """Nobody can pay it any more. Raises `StripeRefusal` when it is paid."""
        intent = self.find("payment_intent", name)
        if intent["status"] not in _OPEN:
            raise _unexpected(intent, "cancel")
        intent |= {"status": "canceled", "canceled_at": int(self._now_s()), "cancellation_reason": reason}
        self._happened("payment_intent.canceled", intent)
        return intent

    def open_session(self, origin: str, **fields: Any) -> Thing:
        """A new Checkout session; its intent is made when somebody pays."""
        session = self._made(
            "session",
            "cs_test",
            mode="payment",
            status="open",
            payment_status="unpaid",
            payment_intent=None,
            **fields,
        )
        session["url"] = f"{origin}/c/pay/{session['id']}"
        return session

    def pay_session(self, name: str, card: str, origin: str) -> Thing:
        """Somebody filled the hosted page in. Raises `StripeRefusal` when the card is declined."""
        session = self.find("session", name)
        if session["status"] != "open":
            raise refusals.StripeRefusal(400, "invalid_request_error", "This Checkout Session is not open.")
        if session["payment_intent"] is None:
            metadata = session["_intent_metadata"]
            intent = self.intend(session["amount_total"], session["currency"], metadata)
            session["payment_intent"] = intent["id"]
        intent = self.confirm(session["payment_intent"], card, origin)
        if intent["status"] == "succeeded":
            self.complete_session(session)
        return session

    def complete_session(self, session: Thing) -> None:
        """Its intent is paid."""
        session |= {"status": "complete", "payment_status": "paid", "url": None}
        self._happened("checkout.session.completed", session)

    def expire_session(self, name: str) -> Thing:
        """Nobody can pay on its page any more."""
        session = self.find("session", name)
        if session["status"] != "open":
            raise refusals.StripeRefusal(
                400,
                "invalid_request_error",
                'Only Checkout Sessions with a status in ["open"] can be expired.',
            )
        session |= {"status": "expired", "url": None}
        intent = self.things["payment_intent"].get(session["payment_intent"] or "")
        if intent is not None and intent["status"] in _OPEN:
            self.cancel(intent["id"], "abandoned")
        self._happened("checkout.session.expired", session)
        return session

    def refund(self, name: str, amount: int | None, reason: str | None, metadata: Thing) -> Thing:
        """Give some of a paid intent back. Raises `StripeRefusal` when there is not so much left."""
        intent = self.find("payment_intent", name)
        charge = self.things["charge"].get(intent["latest_charge"] or "")
        if charge is None or intent["status"] != "succeeded":
            raise refusals.invalid(
                "This PaymentIntent does not have a successful charge to refund.",
                "payment_intent",
                "charge_not_refundable",
            )
        left = charge["amount"] - charge["amount_refunded"]
        if left == 0:
            raise refusals.invalid(
                f"Charge {charge['id']} has already been refunded.", "charge", "charge_already_refunded"
            )
        wanted = left if amount is None else amount
        if wanted > left:
            raise refusals.invalid(
                f"Refund amount ({wanted}) is greater than unrefunded amount on charge ({left})",
                "amount",
                "amount_too_large",
            )
        status = fate_of(self.cards[name]).refund
        refund = self._made(
            "refund",
            "re",
            amount=wanted,
            currency=charge["currency"],
            charge=charge["id"],
            payment_intent=name,
            metadata=metadata,
            reason=reason,
            status="succeeded" if status == "failed" else status,
            balance_transaction=None,
        )
        refund["balance_transaction"] = self._moved("refund", refund, -wanted, 0)
        charge["amount_refunded"] += wanted
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        self._happened("refund.created", refund)
        self._happened("charge.refunded", charge)
        if status == "failed":
            self._refund_failed(refund, charge)
        return refund

    def settle_refund(self, name: str) -> None:
        """A refund that was pending has arrived."""
        refund = self.find("refund", name)
        refund["status"] = "succeeded"
        self._happened("refund.updated", refund)

    def _refund_failed(self, refund: Thing, charge: Thing) -> None:
        refund |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
        charge["amount_refunded"] -= refund["amount"]
        charge["refunded"] = False
        self._moved("refund_failure", refund, refund["amount"], 0)
        self._happened("refund.failed", refund)

    def pay_out(self) -> list[Thing]:
        """Everything available goes to the bank, one payout a currency."""
        made: list[Thing] = []
        waiting = [each for each in self.things["balance_transaction"].values() if "_payout" not in each]
        for currency in sorted({each["currency"] for each in waiting}):
            moved = [each for each in waiting if each["currency"] == currency]
            total = sum(each["net"] for each in moved)
            if total <= 0:
                continue
            payout = self._made(
                "payout",
                "po",
                amount=total,
                currency=currency,
                arrival_date=int(self._now_s()),
                automatic=True,
                status="paid",
            )
            self._moved("payout", payout, -total, 0)
            mine = list(self.things["balance_transaction"].values())[-1]
            for each in [*moved, mine]:
                each["_payout"] = payout["id"]
            self._happened("payout.created", payout)
            self._happened("payout.paid", payout)
            made.append(payout)
        return made


def _unexpected(intent: Thing, verb: str) -> refusals.StripeRefusal:
    return refusals.StripeRefusal(
        400,
        "invalid_request_error",
        f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}.",
        code="payment_intent_unexpected_state",
        payment_intent=deepcopy(intent),
    )
